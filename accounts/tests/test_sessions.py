"""Where an account is signed in, on the site and through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.devices import device_name
from accounts.models import SiteSession, TokenFamily, User
from conftest import PASSWORD
from tests.helpers.api_client import Api
from tests.helpers.pages import page
from web import sessions as web_sessions

pytestmark = pytest.mark.django_db
CREDENTIALS = {"login": "alice", "password": PASSWORD}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36"
)


def browser(agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    """A browser where alice is signed in."""
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    client.post("/login", CREDENTIALS)
    return client


def listed(api: Api) -> list[dict[str, Any]]:
    """The sign-ins that the API lists."""
    body = api.get("/api/me/sessions").json()
    assert (body["next"], body["previous"]) == (None, None)
    results: list[dict[str, Any]] = body["results"]
    return results


def test_a_device_has_a_name() -> None:
    assert device_name(FIREFOX) == "Firefox on Linux"
    assert device_name(CHROME) == "Chrome on Android"
    assert device_name("Tusky/27.0 (okhttp)") == "Tusky"
    assert device_name("\x00<b>") == "Unknown device"


def test_each_place_is_listed_and_can_be_signed_out(alice: User, bob: User) -> None:
    here, there = browser(), browser(CHROME, "2001:db8::7")
    tusky = {"User-Agent": "Tusky/27.0"}
    tokens = Api().post("/api/auth/token", CREDENTIALS, **tusky).json()
    api = Api(access=tokens["access"])
    rows = listed(api)
    assert [row["current"] for row in rows] == [True, False, False]
    assert [row["device"] for row in rows] == ["Tusky", "Chrome on Android", "Firefox on Linux"]
    assert [row["kind"] for row in rows] == ["api", "site", "site"]
    assert rows[1]["address"] == "2001:db8::7"

    html = page(here.get("/settings/sessions"))
    for shown in ("Firefox on Linux", "This one", "Chrome on Android", "Tusky", "2001:db8::7"):
        assert shown in html
    for one in (rows[1]["id"], "0", "x", "9" * 30, tokens["refresh"][:36]):
        assert Api(bob).delete(f"/api/me/sessions/{one}").status_code == 404
    assert api.delete(f"/api/me/sessions/{rows[1]['id']}").status_code == 204
    assert api.delete(f"/api/me/sessions/{rows[1]['id']}").status_code == 404
    assert there.get("/settings").status_code == 302
    assert here.post("/settings/sessions/end", {"id": rows[0]["id"]}).status_code == 302
    refreshed = Api().post("/api/auth/refresh", {"refresh": tokens["refresh"]})
    assert refreshed.status_code == 401
    assert here.post("/settings/sessions/end", {"id": rows[0]["id"]}).status_code == 404
    assert here.get("/settings").status_code == 200
    assert Api().get("/api/me/sessions").status_code == 401


def test_all_other_places_are_signed_out_at_once(alice: User) -> None:
    here, there = browser(), browser()
    tokens = Api().post("/api/auth/token", CREDENTIALS).json()
    here.post("/settings/sessions/end-others")
    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 302
    assert not TokenFamily.objects.exists()
    assert SiteSession.objects.count() == Session.objects.count() == 1
    access = Api(access=tokens["access"])  # lives out its ten minutes
    assert access.delete("/api/me/sessions").status_code == 204
    assert here.get("/settings").status_code == 302
    kinds = alice.security_events.order_by("-pk").values_list("kind", flat=True)
    assert list(kinds)[:2] == ["others_revoked", "others_revoked"]


def test_a_place_is_forgotten_when_it_signs_out_and_kept_when_the_password_changes(
    alice: User,
) -> None:
    here, there = browser(), browser()
    there.post("/logout")
    assert SiteSession.objects.count() == 1
    browser(CHROME)
    here.post("/settings/password", {"old": PASSWORD, "new": "another good phrase"})
    (row,) = listed_on(here)
    assert row == "Firefox on Linux"


def listed_on(client: Client) -> list[str]:
    """The devices that the page lists."""
    html = page(client.get("/settings/sessions"))
    return [part.partition("<")[0].strip() for part in html.split('settings-row-title">')[1:]]


def test_it_is_noted_now_and_then_when_a_place_was_used(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser()
    old = timezone.now() - timedelta(days=1)
    SiteSession.objects.update(last_seen_at=old)
    client.get("/settings")
    assert SiteSession.objects.get().last_seen_at == old
    monkeypatch.setattr(web_sessions, "SEEN_SECONDS", -1)
    client.get("/settings", REMOTE_ADDR="192.0.2.9")
    row = SiteSession.objects.get()
    assert row.last_seen_at > old
    assert row.address == "192.0.2.9"
