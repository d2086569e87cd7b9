"""The security log: what it records, who sees it, and how long it is kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import security_log, services
from accounts.models import SecurityEvent, User
from accounts.tasks import forget_expired
from conftest import PASSWORD
from tests.helpers.admin import address as admin_address
from tests.helpers.admin import asserts_flat, browser, shown
from tests.helpers.api_client import Api
from tests.helpers.pages import older, page

HOME = "192.0.2.1"
NEW = "another good phrase"
Kind = SecurityEvent.Kind
pytestmark = pytest.mark.django_db


def log_of(user: User) -> list[tuple[str, str]]:
    """The kinds and addresses of the events of an account, the oldest first."""
    return list(user.security_events.order_by("pk").values_list("kind", "address"))


def post(path: str, data: dict[str, str], access: str = "") -> Any:
    """A request to the API from HOME."""
    headers = {"Authorization": f"Bearer {access}"} if access else {}
    client = Client(REMOTE_ADDR=HOME)
    return client.post(path, data, content_type="application/json", headers=headers)


def test_the_api_records_what_happens_to_an_account() -> None:
    dora = {"handle": "dora", "email": "dora@example.org", "password": PASSWORD}
    post("/api/auth/register", dora)
    post("/api/auth/token", {"login": "dora", "password": "wrong"})
    pair = post("/api/auth/token", {"login": "dora", "password": PASSWORD}).json()
    post("/api/auth/logout", {"refresh": pair["refresh"]})
    post("/api/auth/logout", {"refresh": pair["refresh"]})
    pair = post("/api/auth/token", {"login": "dora", "password": PASSWORD}).json()
    post("/api/auth/refresh", {"refresh": pair["refresh"]})
    post("/api/auth/refresh", {"refresh": pair["refresh"]})
    post("/api/me/deactivate", {"password": "wrong"}, pair["access"])
    post("/api/me/deactivate", {"password": PASSWORD}, pair["access"])
    post("/api/auth/token", {"login": "dora", "password": PASSWORD})
    assert log_of(User.objects.get()) == [
        (kind, HOME)
        for kind in (
            *(Kind.REGISTERED, Kind.SIGN_IN_FAILED, Kind.SIGNED_IN, Kind.SIGNED_OUT),
            *(Kind.SIGNED_IN, Kind.SESSION_ENDED, Kind.WRONG_PASSWORD, Kind.DEACTIVATED),
            *(Kind.SIGNED_IN, Kind.REACTIVATED),
        )
    ]


def test_the_site_records_what_happens_to_an_account() -> None:
    client = Client(REMOTE_ADDR=HOME)
    client.post("/register", {"handle": "dora", "email": "d@example.org", "password": PASSWORD})
    client.post("/settings/password", {"old": "wrong", "new": NEW})
    client.post("/settings/password", {"old": PASSWORD, "new": NEW})
    client.post("/logout")
    client.post("/logout")
    client.post("/login", {"login": "dora", "password": PASSWORD})
    client.post("/login", {"login": "dora", "password": NEW})
    client.post("/settings/account", {"password": NEW})
    assert log_of(User.objects.get()) == [
        (kind, HOME)
        for kind in (
            *(Kind.REGISTERED, Kind.WRONG_PASSWORD, Kind.PASSWORD_CHANGED, Kind.SIGNED_OUT),
            *(Kind.SIGN_IN_FAILED, Kind.SIGNED_IN, Kind.DEACTIVATED),
        )
    ]


def test_what_operators_do_is_recorded_without_an_address(alice: User, bob: User) -> None:
    SecurityEvent.objects.all().delete()
    services.set_password(user=alice, new=NEW)
    for _ in range(2):
        services.suspend(user=alice, by=bob, now=timezone.now())
    for _ in range(2):
        services.unsuspend(user=alice, by=bob)
    assert log_of(alice) == [
        (Kind.PASSWORD_SET, ""),
        (Kind.SUSPENDED, ""),
        (Kind.UNSUSPENDED, ""),
    ]


def test_a_change_that_fails_is_not_recorded(alice: User) -> None:
    before = log_of(alice)
    with pytest.raises(Exception, match="too common"):
        services.change_password(user=alice, old=PASSWORD, new="password", now=timezone.now())
    assert log_of(alice) == before


def test_the_daily_clean_up_removes_what_is_older_than_ninety_days(alice: User) -> None:
    now = timezone.now()
    for age in (timedelta(days=90, minutes=1), timedelta(days=89)):
        security_log.record(Kind.SIGNED_IN, user_id=alice.pk, address=HOME)
        newest = SecurityEvent.objects.latest("pk")
        SecurityEvent.objects.filter(pk=newest.pk).update(created_at=now - age)
    for _ in range(2):
        forget_expired()
    assert [kind for kind, _ in log_of(alice)] == [Kind.REGISTERED, Kind.SIGNED_IN]


# --- For the owner -----------------------------------------------------------------------------


@pytest.fixture
def history(alice: User, bob: User) -> list[SecurityEvent]:
    """25 failed sign-ins of alice, the latest first; bob has one."""
    for number in range(25):
        security_log.record(Kind.SIGN_IN_FAILED, user_id=alice.pk, address=f"198.51.100.{number}")
    security_log.record(Kind.SIGN_IN_FAILED, user_id=bob.pk, address="203.0.113.7")
    return list(alice.security_events.order_by("-pk"))


def test_the_api_shows_ones_own_log_page_by_page(alice: User, history: list[SecurityEvent]) -> None:
    api = Api(alice)
    first = api.get("/api/me/security").json()
    second = api.get(first["next"]).json()
    rows = first["results"] + second["results"]
    assert [row["id"] for row in rows] == [str(event.pk) for event in history]
    assert second["next"] is None
    assert api.get(second["previous"]).json()["results"] == first["results"]
    newest = rows[0]
    assert newest["kind"] == "sign_in_failed"
    assert newest["address"] == "198.51.100.24"
    assert newest["created_at"].endswith("Z")
    assert rows[-1]["address"] is None
    assert len(api.get("/api/me/security?limit=3").json()["results"]) == 3
    for query in ("limit=0", "limit=101", "cursor=x"):
        assert api.get(f"/api/me/security?{query}").status_code == 400


def test_the_log_is_only_for_its_owner(history: list[SecurityEvent]) -> None:
    assert Api().get("/api/me/security").status_code == 401
    assert Client().get("/settings/security").status_code == 302


def test_the_settings_show_ones_own_log(alice: User, history: list[SecurityEvent]) -> None:
    client = Client()
    client.force_login(alice)
    assert 'href="/settings/security"' in page(client.get("/settings"))
    html = page(client.get("/settings/security"))
    assert html.count("Failed login: wrong password") == 20
    assert "from 198.51.100.24" in html
    assert "203.0.113.7" not in html
    rest = page(client.get(older(html)))
    assert rest.count("Failed login: wrong password") == 5
    assert "Account created" in rest
    fragment = page(client.get(older(html), headers={"HX-Request": "true"}))
    assert "Account created" in fragment
    assert "<html" not in fragment
    assert client.post("/settings/security").status_code == 405


def test_an_empty_log_says_what_it_is_for(alice: User) -> None:
    SecurityEvent.objects.all().delete()
    client = Client()
    client.force_login(alice)
    assert "Nothing yet" in page(client.get("/settings/security"))


# --- For operators -----------------------------------------------------------------------------


def test_operators_search_the_log_by_handle_and_address(
    history: list[SecurityEvent], bob: User, person: Callable[..., User]
) -> None:
    client = browser(person("boss"), superuser=True)
    of_bob = list(bob.security_events.order_by("-pk").values_list("pk", flat=True))
    assert shown(client, SecurityEvent, "?q=@BOB") == of_bob
    assert shown(client, SecurityEvent, "?q=203.0.113.7") == of_bob[:1]
    assert shown(client, SecurityEvent, "?q=nobody") == []
    assert len(shown(client, SecurityEvent, "?kind__exact=sign_in_failed")) == 26


def test_operators_cannot_change_the_log(
    history: list[SecurityEvent], person: Callable[..., User]
) -> None:
    client = browser(person("boss"), superuser=True)
    event = history[0]
    url = admin_address(SecurityEvent, "change", event.pk)
    assert client.get(url).status_code == 200
    assert client.post(url, {"kind": "signed_in"}).status_code == 403
    assert client.get(admin_address(SecurityEvent, "add")).status_code == 403
    assert client.post(admin_address(SecurityEvent, "delete", event.pk)).status_code == 403


def test_the_list_of_operators_takes_as_many_queries_for_many_rows(
    alice: User, person: Callable[..., User]
) -> None:
    client = browser(person("boss"), superuser=True)

    def grow() -> None:
        for _ in range(30):
            security_log.record(Kind.SIGNED_IN, user_id=alice.pk, address=HOME)

    asserts_flat(client, SecurityEvent, grow)
