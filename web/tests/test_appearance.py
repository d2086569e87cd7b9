"""Theme, contrast, size of texts and motion, as browsers without scripts choose them."""

import pytest
from django.test import Client

from accounts.models import User
from conftest import PASSWORD
from tests.helpers.pages import page

pytestmark = pytest.mark.django_db
CHOSEN = {"theme": "dark", "contrast": "more", "text_size": "large", "motion": "less"}
ATTRIBUTES = 'data-theme="dark" data-contrast="more" data-text-size="large" data-motion="less"'


def head(browser: Client, path: str = "/explore") -> str:
    """The <html> element of a page."""
    return page(browser.get(path)).partition("<html")[2].partition(">")[0]


def test_an_anonymous_visitor_chooses_for_this_browser(client: Client, db: None) -> None:
    assert "data-" not in head(client)
    saved = client.post("/settings/appearance", CHOSEN, follow=True)
    assert saved.redirect_chain == [("/settings/appearance", 302)]
    assert "Saved." in page(saved)
    shown = page(client.get("/explore"))
    assert ATTRIBUTES in shown
    assert '<meta name="color-scheme" content="dark">' in shown
    assert ATTRIBUTES in head(client, "/nothing/here")  # errors ask no database
    assert "data-" not in head(Client())
    client.post("/settings/appearance", {})
    assert "data-" not in head(client)


def test_an_account_chooses_for_all_its_browsers(client: Client, alice: User, bob: User) -> None:
    client.post("/login", {"login": "alice", "password": PASSWORD})
    client.post("/settings/appearance", CHOSEN)
    elsewhere, other = Client(), Client()
    elsewhere.force_login(alice)
    other.force_login(bob)
    assert ATTRIBUTES in head(elsewhere)
    assert ATTRIBUTES in head(elsewhere, "/nothing/here")
    assert "data-" not in head(other)  # although the fragments of the page are cached
    User.objects.filter(pk=alice.pk).update(theme="light")
    assert 'data-theme="light"' in head(client)
    client.post("/logout")
    assert 'data-theme="light"' in head(client)  # the browser has kept it


def test_the_page_shows_what_is_ticked_and_not_what_was_saved(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(**CHOSEN)
    client.force_login(alice)
    shown = page(client.get("/settings/appearance"))
    assert "preview.css" in shown
    assert "preview.css" not in page(client.get("/settings/profile"))
    assert shown.count(" checked") == len(CHOSEN)


def test_what_is_no_choice_changes_nothing(client: Client, alice: User) -> None:
    client.cookies["look"] = 'dark"><script>.more.huge.less'
    assert "script" not in head(client)
    client.cookies["look"] = "purple.more.huge"
    assert "data-" not in head(client)
    for browser_of_alice in (False, True):
        if browser_of_alice:
            client.force_login(alice)
        for name in CHOSEN:
            refused = client.post("/settings/appearance", {**CHOSEN, name: "purple"})
            assert refused.status_code == 400
            assert "look" not in refused.cookies
    alice.refresh_from_db()
    assert alice.theme == ""


def test_a_response_for_all_carries_no_choice(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(**CHOSEN)
    client.force_login(alice)
    feed = client.get("/@alice.rss")
    assert (feed.status_code, "look" in feed.cookies) == (200, False)
    assert "look" in client.get("/explore").cookies
