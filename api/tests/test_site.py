"""The site, its rules and announcements through the API and on pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import User
from moderation import roles
from moderation.site import services
from moderation.site.models import Announcement, Dismissal, Rule, Site
from tests.helpers.admin import address, browser
from tests.helpers.api_client import Api
from tests.helpers.pages import page


@pytest.fixture
def editor(warden: User) -> Client:
    """A client that an administrator is signed in with."""
    Group.objects.get(name=roles.ADMINISTRATORS).user_set.add(warden.pk)
    return browser(warden)


def announce(text: str, start: int, end: int | None = None) -> Announcement:
    """An announcement, by hours from now."""
    now = timezone.now()
    made = Announcement.objects.create(
        text=text,
        starts_at=now + timedelta(hours=start),
        ends_at=None if end is None else now + timedelta(hours=end),
    )
    services.forget()
    return made


def test_the_site_is_edited_in_the_admin(
    editor: Client, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    empty = Api().get("/api/site").json()
    assert empty["registration"] == {
        "mode": "open",
        "domains": [],
        "message": "",
        "invitations": "staff",
        "url": "http://testserver/register",
    }
    assert (empty["name"], empty["rules"], empty["terms_url"]) == ("Chirp", [], None)
    assert empty["limits"] == {"tweet_length": 500, "pictures": 4, "thread_length": 25}
    assert client.get("/terms").status_code == 404
    assert "no written rules" in page(client.get("/about"))
    (where,) = {editor.get(address(Site)).headers["Location"] for _ in range(2)}
    texts = {"name": "Nest", "description": "Ours", "contact": "a@example.org", "terms": "Be <b>"}
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(where, texts)
        for position, text in ((2, "Second"), (1, "First")):
            editor.post(address(Rule, "add"), {"position": position, "text": text})
    site = Api().get("/api/site").json()
    assert [site[name] for name in ("name", "description", "contact")] == [
        *("Nest", "Ours", "a@example.org")
    ]
    assert [rule["text"] for rule in site["rules"]] == ["First", "Second"]
    assert (site["terms_url"], site["privacy_url"]) == ("http://testserver/terms", None)
    assert "Be &lt;b&gt;" in page(client.get("/terms"))
    assert "<title>Log in · Nest</title>" in page(client.get("/login"))
    assert '<a class="nav-brand" href="/" aria-label="Nest, home">' in page(client.get("/explore"))
    assert "<title>Nest</title>" in page(client.get("/"))
    assert "<title>Nothing here · Nest</title>" in page(client.get("/none"))
    assert ">Nest</a>" in page(editor.get("/admin/"))
    about = page(client.get("/about"))
    assert about.index("First") < about.index("Second")
    refused = editor.post(where, {**texts, "name": ""})
    assert "This field is required." in page(refused)
    assert editor.get(address(Site, "add")).status_code == 403


def test_announcements_hold_for_a_time_until_they_are_dismissed(alice: User, bob: User) -> None:
    announce("Over", -2, -1)
    announce("Later", 1)
    one, two = announce("Maintenance tonight", -1, 1), announce("Welcome", -2)
    texts = [row["text"] for row in Api().get("/api/announcements").json()["results"]]
    assert texts == ["Welcome", "Maintenance tonight"]
    client = Client()
    assert "Maintenance tonight" in page(client.get("/explore"))
    client.force_login(alice)
    assert "Maintenance tonight" in page(client.get("/explore"))
    where = f"/announcements/{one.pk}/dismiss"
    assert client.get(where).status_code == 405
    for _ in range(2):
        assert client.post(where, {"next": "/explore"}).headers["Location"] == "/explore"
    shown = page(client.get("/explore"))
    assert ("Maintenance tonight" in shown, "Welcome" in shown) == (False, True)
    put = f"/api/announcements/{two.pk}/dismissed"
    assert [Api(alice).put(put).status_code for _ in range(2)] == [204, 204]
    rows = Api(alice).get("/api/announcements").json()["results"]
    assert [row["dismissed"] for row in rows] == [True, True]
    assert "/dismiss" not in page(client.get("/explore"))
    rows = Api(bob).get("/api/announcements").json()["results"]
    assert [row["dismissed"] for row in rows] == [False, False]
    assert Dismissal.objects.count() == 2
    later = Announcement.objects.get(text="Later").pk
    for id_, status in ((later, 404), (999, 404), ("x", 404)):
        assert Api(alice).put(f"/api/announcements/{id_}/dismissed").status_code == status, id_
    assert Api().put(put).status_code == 401


def test_an_announcement_ends_after_it_starts(editor: Client) -> None:
    times = {"starts_at_0": "2026-11-28", "starts_at_1": "10:00", "ends_at_1": "10:00"}
    form = {"text": "Hello", **times, "ends_at_0": "2026-11-27"}
    refused = editor.post(address(Announcement, "add"), form)
    assert "It must end after it starts." in page(refused)
    editor.post(address(Announcement, "add"), {**form, "ends_at_0": "2026-11-29"})
    assert Announcement.objects.get().text == "Hello"
