"""Who may register: each mode on each face, invitations, and accounts that wait."""

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.joining import invitations
from accounts.joining.models import Arrival, Invitation, Terms, Waiting
from accounts.models import OutgoingMail, User
from accounts.oauth import services as oauth
from conftest import PASSWORD
from moderation import roles
from moderation.models import AuditEntry
from people.models import Follow
from tests.helpers.admin import act, browser
from tests.helpers.api_client import Api
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.pages import page
from tests.helpers.smtp import Mailbox, path_in
from tests.helpers.threads import at_once

pytestmark = pytest.mark.django_db
DORA = {"handle": "Dora", "email": "dora@example.org", "password": PASSWORD}


def terms(mode: str, **more: Any) -> None:
    """Choose who may register."""
    Terms.objects.all().delete()
    Terms.objects.create(mode=mode, **more)


def by_api(**changes: Any) -> Any:
    return Api().post("/api/auth/register", {**DORA, **changes})


def by_page(**changes: Any) -> Any:
    return Client().post("/register", {**DORA, **changes})


def app_client() -> Mastodon:
    app = oauth.register_app(name="App", redirect_uris=["https://app.example/"], wanted=["write"])
    return Mastodon(token=oauth.app_token(app=app.app, wanted=["write"]).token)


def by_app(status: int, **changes: Any) -> Any:
    body = {**DORA, "username": DORA["handle"], "agreement": True, **changes}
    return app_client().post("accounts", "", body, status=status)


@pytest.fixture
def keeper(warden: User) -> User:
    """A moderator."""
    User.objects.filter(pk=warden.pk).update(is_staff=True)
    Group.objects.get(name=roles.MODERATORS).user_set.add(warden.pk)
    warden.refresh_from_db()
    return warden


def test_each_mode_holds_on_each_face() -> None:
    refused = [
        ({"mode": "closed"}, "registration_closed", "does not take new accounts"),
        ({"mode": "invitation"}, "invitation_needed", "need an invitation"),
        (
            {"mode": "domains", "domains": "Bücher.example\n@corp.example"},
            "email_domain_not_allowed",
            "xn--bcher-kva.example",
        ),
        ({"mode": "approval"}, "reason_needed", "in a few words"),
    ]
    for chosen, code, said in refused:
        terms(**chosen)
        answer = by_api()
        expected = 400 if code == "reason_needed" else 403
        assert (answer.status_code, answer.json()["error"]) == (expected, code)
        shown = by_page()
        assert (shown.status_code, said in page(shown)) == (expected, True), code
        status = 403 if code in ("registration_closed", "invitation_needed") else 422
        assert said in by_app(status)["error"], code
        assert not User.objects.filter(handle="Dora").exists()
    terms("closed", message="Ask at the desk.")
    assert "Ask at the desk." in page(Client().get("/register"))
    assert 'name="reason"' not in page(Client().get("/register"))
    terms("open")
    assert by_api().status_code == 201


def test_the_default_comes_from_the_environment(settings: Any) -> None:
    settings.REGISTRATION = "closed"
    assert by_api().json()["error"] == "registration_closed"
    call_command("createsuperuser", interactive=False, handle="op", email="op@example.org")


def test_an_invitation_lets_in_as_often_as_it_says(alice: User, keeper: User) -> None:
    terms("invitation")
    member, staff = Api(alice), Api(keeper)
    assert member.post("/api/invitations", {}).json()["error"] == "may_not_invite"
    for wrong in ({"uses": 0}, {"uses": "1"}, {"days": 366}, {"note": "x" * 101}, {"follow": 1}):
        assert staff.post("/api/invitations", wrong).status_code == 400, wrong
    made = staff.post("/api/invitations", {"uses": 2, "note": "For D.", "follow": True})
    assert made.status_code == 201
    code, id_ = made.json()["code"], made.json()["id"]
    assert made.json()["url"] == f"http://testserver/register?invitation={code}"
    assert "@warden" in page(Client().get("/register", {"invitation": code}))
    assert by_api(invitation="nonsense").json()["fields"].keys() == {"invitation"}
    assert Client().get("/register", {"invitation": "\0"}).status_code == 200
    assert by_api(invitation=code).status_code == 201
    twice = {"handle": "eve", "email": "eve@example.org", "invitation": code, "name": ""}
    client = Client()
    assert [client.post("/register", DORA | twice).status_code for _ in "ab"] == [302, 302]
    wrong = by_app(422, username="f", email="f@example.org", invite_code=code)
    assert wrong["details"]["invite_code"]
    sent = staff.get(f"/api/invitations/{id_}").json()
    assert (sent["open"], sent["uses_left"], sent["joined_count"]) == (False, 0, 2)
    assert sent["joined"] == ["Dora", "eve"]
    assert Follow.objects.filter(followee=keeper, since_id__isnull=False).count() == 2
    assert member.get(f"/api/invitations/{id_}").status_code == 404
    assert member.delete(f"/api/invitations/{id_}").status_code == 404
    assert Api().get("/api/invitations").status_code == 401


def test_an_invitation_ends(alice: User, keeper: User) -> None:
    terms("invitation", members_invite=True)
    now = timezone.now()
    old = invitations.create(by=alice, now=now - timedelta(days=8))
    assert by_api(invitation=old.code).json()["error"] == "bad_invitation"
    mine = Api(alice).post("/api/invitations", {"days": None, "uses": None}).json()
    assert (mine["uses_left"], mine["expires_at"]) == (None, None)
    terms("invitation")  # members may not invite any more, and what they sent is void
    assert by_api(invitation=mine["code"]).json()["error"] == "bad_invitation"
    terms("open", members_invite=True)
    services.suspend(user=alice, by=keeper, now=now)
    assert by_api(invitation=mine["code"]).json()["error"] == "bad_invitation"
    services.unsuspend(user=alice, by=keeper)
    for _ in "ab":
        assert Api(alice).delete(f"/api/invitations/{mine['id']}").status_code == 204
    assert by_api(invitation=mine["code"]).json()["error"] == "bad_invitation"
    for _ in range(invitations.MAX_OPEN):
        invitations.create(by=alice, now=now)
    assert Api(alice).post("/api/invitations", {}).json()["error"] == "too_many_invitations"
    assert act(browser(keeper, "accounts.change_invitation"), "revoke", Invitation.objects.all())
    assert not Invitation.objects.filter(revoked_at=None).exists()


def test_the_settings_page_makes_and_revokes(
    keeper: User, django_assert_num_queries: Any, capsys: Any
) -> None:
    client = Client()
    client.force_login(keeper)
    for _ in range(2):
        client.post("/settings/invitations", {"uses": "", "days": "7", "note": "<b>"})
    assert client.post("/settings/invitations", {"uses": "0"}).status_code == 400
    first, second = Invitation.objects.all()
    shown = page(client.get("/settings/invitations"))
    assert f"invitation={first.code}" in shown
    assert "For any number of people" in shown
    for name in ("x", "y"):
        new = {"handle": name, "email": f"{name}@example.org", "invitation": first.code}
        assert by_page(**new).status_code == 302
    client.post(f"/settings/invitations/{second.pk}/revoke")
    assert "Revoked" in page(client.get("/settings/invitations"))
    assert "@x" in page(client.get("/settings/invitations"))
    call_command("invite", "--uses", "3")
    link = capsys.readouterr().out.strip()
    assert by_api(invitation=link.rpartition("=")[2]).status_code == 201


def test_the_lists_make_as_many_queries_for_many_as_for_one(
    keeper: User, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    for number in range(5):
        made = invitations.create(by=keeper, now=now)
        by_api(handle=f"i{number}", email=f"i{number}@example.org", invitation=made.code)
    terms("approval")
    for number in range(5):
        by_api(handle=f"w{number}", email=f"w{number}@example.org", reason="Please.")
    staff = Api(keeper)
    with django_assert_max_num_queries(8):
        assert len(staff.get("/api/invitations").json()["results"]) == 5
    with django_assert_max_num_queries(8):
        assert len(staff.get("/api/staff/applications").json()["results"]) == 5


def test_an_approval(keeper: User, alice: User, drain: Any, mail: Mailbox) -> None:
    terms("approval")
    answer = by_api(reason="  I write.\x20")
    assert (answer.status_code, answer.json()["waits"]) == (202, "approval_pending")
    login = {"login": "dora", "password": PASSWORD}
    refused = Api().post("/api/auth/token", login)
    assert (refused.status_code, refused.json()["error"]) == (403, "approval_pending")
    shown = page(Client().post("/login", login))
    assert "waits for approval" in shown
    assert not Client().login(username="dora", password=PASSWORD)
    assert Client().get("/@Dora").status_code == 404
    again = Client().post("/register", {**DORA, "reason": "I write."}, follow=True)
    assert "waits for approval" in page(again)
    token = by_app(200, username="finn", email="finn@example.org", reason="Me too.")
    waits = Mastodon(token=token["access_token"])
    assert "waits for approval" in waits.get("accounts/verify_credentials", status=403)["error"]

    queue = Api(keeper).get("/api/staff/applications").json()["results"]
    assert [(row["handle"], row["reason"]) for row in queue] == [
        ("finn", "Me too."),
        ("Dora", "I write."),
    ]
    for nobody, status in ((Api(alice), 403), (Api(), 401)):
        assert nobody.get("/api/staff/applications").status_code == status
        path = f"/api/staff/applications/{queue[0]['id']}/approve"
        assert nobody.post(path).status_code == status
    finn, dora = (f"/api/staff/applications/{row['id']}" for row in queue)
    assert Api(keeper).post(f"{dora}/approve").status_code == 204
    assert Api(keeper).post(f"{dora}/approve").status_code == 404
    assert Api(keeper).post(f"{finn}/reject", {"answer": "Not \x00"}).status_code == 400
    assert Api(keeper).post(f"{finn}/reject", {"answer": "Not now."}).status_code == 204
    assert Api(keeper).post(f"{finn}/reject", {}).status_code == 404
    assert Api().post("/api/auth/token", login).status_code == 200
    assert Client().get("/@Dora").status_code == 200
    assert not User.objects.filter(handle="finn").exists()
    assert AuditEntry.objects.filter(actor_id=keeper.pk, subject="accounts.waiting").count() == 2
    drain()
    subjects = {(to, message["Subject"]) for message in mail.messages for to in [message["To"]]}
    assert ("dora@example.org", "Your account is ready") in subjects
    assert ("finn@example.org", "Your account was not approved") in subjects
    assert ("warden@example.org", "Somebody would like to have an account") in subjects
    assert not OutgoingMail.objects.exists()


def test_the_queue_in_the_admin(keeper: User) -> None:
    terms("approval")
    for name in ("x", "y"):
        by_api(handle=name, email=f"{name}@example.org", reason="Please.")
    x, y = Waiting.objects.order_by("pk")
    client = browser(keeper)
    assert "Please." in page(client.get("/admin/accounts/waiting/"))
    assert act(client, "approve", [x]) == ["Approved: 1."]
    assert act(client, "reject", [y], answer="No.") == ["Rejected: 1."]
    assert list(User.objects.filter(handle__in="xy").values_list("handle", flat=True)) == ["x"]
    assert "They wrote: No." in OutgoingMail.objects.get(to="y@example.org").text


def test_a_domain_needs_a_confirmed_address(alice: User, drain: Any, mail: Mailbox) -> None:
    terms("domains", domains="corp.example")
    corp = "dora@corp.example"
    assert by_api(email="dora@sub.corp.example").status_code == 403
    answer = by_api(email=corp)
    assert (answer.status_code, answer.json()["waits"]) == (202, "confirmation_pending")
    login = {"login": corp, "password": PASSWORD}
    assert Api().post("/api/auth/token", login).json()["error"] == "confirmation_pending"
    drain()
    sent = {"token": unquote(path_in(mail.messages[-1]).partition("token=")[2])}
    assert Client().post("/settings/email/link", sent).status_code == 302
    assert Api().post("/api/auth/token", login).status_code == 200
    change = {"email": "a@elsewhere.example", "password": PASSWORD}
    answer = Api(alice).put("/api/me/email", change)
    assert answer.json()["error"] == "email_domain_not_allowed"


def test_who_waits_too_long_is_forgotten() -> None:
    terms("approval")
    by_api(reason="Please.")
    now = timezone.now()
    services.forget_expired(now=now + timedelta(days=29))
    assert User.objects.filter(handle="Dora").exists()
    services.forget_expired(now=now + timedelta(days=31))
    assert not User.objects.filter(handle="Dora").exists()


@pytest.mark.django_db(transaction=True)
def test_the_last_use_is_taken_once(person: Any) -> None:
    terms("invitation")
    made = invitations.create(by=None, now=timezone.now())
    answers: list[int] = []

    def come(number: int) -> None:
        new = {"handle": f"d{number}", "email": f"d{number}@example.org", "invitation": made.code}
        answers.append(by_api(**new).status_code)

    assert at_once([lambda number=n: come(number) for n in range(20)]) == []  # type: ignore[misc]
    assert sorted(answers) == [201] + [400] * 19
    assert (Arrival.objects.count(), User.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_invitations_made_at_once_as_many_count_as_there_may_be(alice: User) -> None:
    terms("open", members_invite=True)
    now = timezone.now()
    for _ in range(invitations.MAX_OPEN - 1):
        invitations.create(by=alice, now=now)
    refused = at_once([lambda: invitations.create(by=alice, now=now)] * 8)
    assert {type(error) for error in refused} == {invitations.TooManyInvitations}
    assert Invitation.objects.count() == invitations.MAX_OPEN


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_handle_or_address_one_is_told(db: None) -> None:
    for clash in ("handle", "email"):
        answers: list[Any] = []

        def come(name: str, clash: str = clash, answers: list[Any] = answers) -> None:
            new = {"handle": f"{name}_{clash}", "email": f"{name}@{clash}.example"}
            same = {"handle": "same", "email": "same@example.org"}[clash]
            answers.append(by_api(**{**new, clash: same}))

        assert at_once([lambda: come("a"), lambda: come("b")]) == []
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        (told,) = [answer.json()["fields"] for answer in answers if answer.status_code == 409]
        assert list(told) == [clash]
