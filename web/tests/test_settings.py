"""The index of the settings, the search in it, and pages that are there only for settings."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.joining.models import Mode, Terms
from accounts.models import User
from people import services
from tests.helpers.pages import HTMX, older, page
from web import settings_pages
from web.settings_pages import GROUPS, PAGES


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def titles(html: str) -> list[str]:
    """The titles of the pages that an index lists."""
    return [part.partition("</strong>")[0] for part in html.split('class="settings-page"')[1:]]


def found(*words: str) -> list[str]:
    groups = settings_pages.shown(query=" ".join(words))
    return [each.name for group in groups for each in group.pages]


def test_every_page_of_the_index_is_there(browser: Client) -> None:
    index = page(browser.get("/settings"))
    absent = {"settings_invitations", "settings_sso"}
    for name in [name for name in PAGES if name not in absent]:
        each = next(e for g in settings_pages.shown() for e in g.pages if e.name == name)
        assert f'href="{each.address}"' in index
        answer = browser.get(each.address)
        if answer.status_code == 302:  # asks for the password again
            continue
        html = page(answer)
        assert f"<h1>{each.title}</h1>" in html, each
        if name != "lists":
            assert f'href="{each.address}" aria-current="page"' in html, "beside the page"
            assert f"<title>{each.title} · Settings · Chirp</title>" in html
            assert 'href="/settings" aria-label="Settings"' in html, "the way back"
    assert "/settings/invitations" not in index, "not for her"
    Terms.objects.create(mode=Mode.OPEN, members_invite=True)
    assert "/settings/invitations" in page(browser.get("/settings"))


def test_a_search_finds_pages_and_fields() -> None:
    assert found("PASSWORD") == ["settings_password", "settings_security"]
    assert found("2fa") == ["two_step"]
    assert found("private", "account") == ["settings_privacy"]
    assert found("notifications", "digest") == ["settings_notifications"]
    assert found("x" * 99) == []
    assert len(found()) == sum(len(group.pages) for group in GROUPS)
    (group,) = settings_pages.shown(query="time zone")
    assert group.pages[0].fields == [("Time zone", "/settings/language#id_time_zone")]
    with translation.override("fr"):
        assert settings_pages.plain("Déjà Vu") == "deja vu"


def test_a_search_works_as_a_form_and_as_one_types(browser: Client) -> None:
    whole = page(browser.get("/settings?q=muted%20people"))
    assert 'value="muted people"' in whole
    part = page(browser.get("/settings?q=muted%20people", headers=HTMX))
    assert "<html" not in part
    assert [*map(len, (titles(whole), titles(part)))] == [1, 1]
    for odd in ("%00", "%3Cscript%3E", "x" * 3000):
        answer = browser.get(f"/settings?q={odd}")
        assert answer.status_code == 200
        assert "<script>" not in page(answer)
    assert "No such setting" in page(browser.get("/settings?q=%3Cscript%3E"))


def test_a_visitor_signs_in_first(client: Client, db: None) -> None:
    for path in ("", "/privacy", "/language", "/blocked", "/muted"):
        answer = client.get(f"/settings{path}")
        assert answer["Location"].startswith("/login?next=")
    form = {"private": "on", "quotes_from": "followers"}
    assert client.post("/settings/privacy", form).status_code == 302


def test_blocked_and_muted_people_are_listed_and_let_go(
    browser: Client, alice: User, bob: User, charlie: User
) -> None:
    services.block(blocker=alice, blocked=bob)
    services.mute(muter=alice, muted=charlie)
    for path, handle, undo in (
        ("/settings/blocked", "bob", "unblock"),
        ("/settings/muted", "charlie", "unmute"),
    ):
        html = page(browser.get(path))
        assert f'action="/@{handle}/{undo}"' in html
        assert ("@bob" in html, "@charlie" in html) == (handle == "bob", handle == "charlie")
        answer = browser.post(f"/@{handle}/{undo}", {"next": path}, follow=True)
        assert "Nobody" in page(answer)


def test_many_blocked_people_take_no_more_queries(
    browser: Client, alice: User, person: Any
) -> None:
    for number in range(25):
        services.block(blocker=alice, blocked=person(f"foe{number}"))
        if number == 0:
            browser.get("/settings/blocked")
            few = _queries(browser)
    assert _queries(browser) == few
    assert older(page(browser.get("/settings/blocked")))


def _queries(browser: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        browser.get("/settings/blocked")
    return len(captured)


def test_language_and_time_zone_have_a_page(browser: Client, alice: User) -> None:
    sent = {"language": "", "time_zone": "Asia/Tokyo"}
    assert "Saved." in page(browser.post("/settings/language", sent, follow=True))
    alice.refresh_from_db()
    assert (alice.time_zone, alice.language) == ("Asia/Tokyo", "")
    for wrong in ({"time_zone": "Mars/Base"}, {"language": "xx"}):
        refused = browser.post("/settings/language", {**sent, **wrong})
        assert refused.status_code == 400
        assert "Select a valid choice" in page(refused)
