"""The table of docs/moderation.md: what each role may see and do in the admin, and in the API."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from drf_spectacular.generators import SchemaGenerator

from accounts.joining.models import Waiting
from accounts.models import User
from moderation import roles
from tests.helpers.admin import address
from tests.helpers.api_client import Api
from tests.helpers.tweets import post

DOCS = (Path(settings.BASE_DIR) / "docs" / "moderation.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (\w+) \| (\w+) \| (\w+) \|$", re.MULTILINE)
API_ROW = re.compile(
    r"^\| `((?:GET|POST) /api/\S+)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE
)
NAMES = ("nobody", roles.MODERATORS, roles.ADMINISTRATORS, "superuser")


@pytest.fixture
def staff(person: Any) -> dict[str, User]:
    """An account of staff for each role, and one without a role."""
    made = {name: person(f"worker{number}") for number, name in enumerate(NAMES)}
    for name, user in made.items():
        user.is_staff, user.is_superuser = True, name == "superuser"
        user.save()
        for group in Group.objects.filter(name=name):
            group.user_set.add(user.pk)
    return {name: User.objects.get(pk=user.pk) for name, user in made.items()}


def _may(user: User, client: Client, admin: Any) -> str:
    """What an account may do with the rows of an admin."""
    answer = client.get(address(admin.model))
    assert answer.status_code in (200, 302, 403), (admin, answer.status_code)
    request = RequestFactory().get("/")
    request.user = user
    has_forms = bool(admin.actions) or "change_view" in vars(type(admin))
    acts = (
        (has_forms and getattr(admin, "has_moderate_permission", lambda _: False)(request))
        or admin.has_change_permission(request)
        or admin.has_delete_permission(request)
    )
    if answer.status_code == 403:
        assert not acts
        return "no"
    return "acts" if acts else "reads"


def test_the_table_is_what_each_role_may_do_in_the_admin(staff: dict[str, User]) -> None:
    found: dict[str, tuple[str, ...]] = {}
    for name, user in staff.items():
        client = Client()
        client.force_login(user)
        assert client.get("/admin/").status_code == 200
        for model, admin in site._registry.items():
            found[model._meta.label_lower] = (
                *found.get(model._meta.label_lower, ()),
                _may(user, client, admin),
            )
        for path in ("/admin/operations/live/", "/admin/operations/statements/"):
            expected = 200 if name in (roles.ADMINISTRATORS, "superuser") else 403
            assert client.get(path).status_code == expected, (path, name)
    assert {nobody for nobody, *_ in found.values()} == {"no"}
    assert {label: tuple(rest) for label, *rest in ROW.findall(DOCS)} == {
        label: tuple(rest) for label, (_, *rest) in sorted(found.items())
    }


def test_roles_give_nothing_in_the_api(staff: dict[str, User], alice: User, bob: User) -> None:
    post(alice, "to all")
    direct = post(alice, "@bob psst", visibility="direct")
    paths = (f"/api/tweets/{direct.pk}", "/api/reports", "/api/timelines/public", "/api/me/strikes")
    answers = [[Api(user).get(path) for path in paths] for user in staff.values()]
    first, *others = ([(a.status_code, a.content) for a in each] for each in answers)
    assert all(each == first for each in others)
    assert first[0][0] == 404
    edit = f"/api/tweets/{post(alice, 'mine').pk}"
    assert {Api(user).delete(edit).status_code for user in staff.values()} == {403}


def test_the_table_is_what_roles_give_in_the_api(
    staff: dict[str, User], alice: User, person: Any
) -> None:
    roles_of = {"member": alice, **{name: user for name, user in staff.items() if name != "nobody"}}
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    paths = schema["paths"]
    reads = [path for path, methods in paths.items() if "get" in methods and "{" not in path]
    assert len(reads) > 30
    found: dict[str, tuple[int, ...]] = {}
    for path in reads:
        found[f"GET {path}"] = tuple(Api(user).get(path).status_code for user in roles_of.values())
    for act in ("approve", "reject"):
        statuses: list[int] = []
        for user in roles_of.values():
            waits = person(f"new{act}{len(statuses)}")
            User.objects.filter(pk=waits.pk).update(deactivated_at=waits.created_at)
            Waiting.objects.create(user=waits, what=Waiting.For.APPROVAL)
            path = f"/api/staff/applications/{waits.pk}/{act}"
            statuses.append(Api(user).post(path, {}).status_code)
        found[f"POST /api/staff/applications/{{application_id}}/{act}"] = tuple(statuses)
    invited = [Api(user).post("/api/invitations", {}).status_code for user in roles_of.values()]
    found["POST /api/invitations"] = tuple(invited)
    differ = {name: given for name, given in found.items() if len(set(given)) > 1}
    rows = API_ROW.findall(DOCS)
    assert {name: tuple(map(int, given)) for name, *given in rows} == differ
    staff_paths = {name for name in paths if name.startswith("/api/staff/")}
    assert staff_paths <= {name.partition(" ")[2] for name, *_ in rows}
