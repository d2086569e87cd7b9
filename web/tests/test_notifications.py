"""Notifications on the site, as a browser without scripts reads them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notifications import markers, preferences, services
from notifications.models import Marker, Request
from people import services as people
from tests.helpers.pages import HTMX, older, page
from tests.helpers.tweets import post
from tweets import marks
from web.presenters.read_position import line_before

Drain = Callable[..., int]
LINE = "New since you last read"


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


def badge(browser: Client) -> str:
    """The number of unread notifications in the navigation; empty without one."""
    shown = page(browser.get("/settings"))
    return shown.partition('id="unread">')[2].partition("<")[0]


def test_every_kind_has_a_sentence(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    tweet = post(alice, "my tweet")
    for user in (bob, charlie):
        marks.like(user=user, tweet_id=tweet.pk)
        people.follow(follower=user, followee=alice)
    marks.repost(user=bob, tweet_id=tweet.pk)
    post(bob, "an answer", reply_to_id=tweet.pk)
    post(bob, "a quote", quote_of_id=tweet.pk)
    post(bob, "hey @alice")
    services.poll_ended(tweet_id=tweet.pk, voters=[])
    services.moderated(recipient_id=alice.pk, reference=1, note="Be <kind>.")
    drain()
    shown = page(browser.get("/notifications"))
    for sentence in (
        *("liked your tweet", "followed you", "reposted your tweet", "replied to you"),
        *("quoted your tweet", "mentioned you", "Your poll has ended", "Be &lt;kind&gt;."),
    ):
        assert sentence in shown, sentence
    assert "my tweet" in shown
    assert "an answer" in shown
    mentions = page(browser.get("/notifications/mentions"))
    assert "mentioned you" in mentions
    assert "liked your tweet" not in mentions


def test_many_accounts_are_counted(
    browser: Client, alice: User, person: Callable[[str], User], drain: Drain
) -> None:
    tweet = post(alice)
    for number in range(4):
        marks.like(user=person(f"liker{number}"), tweet_id=tweet.pk)
    drain()
    shown = page(browser.get("/notifications"))
    assert ">liker3</a>" in shown
    assert "and 3 others" in shown


def test_pages_lead_to_older_ones(browser: Client, bob: User, drain: Drain) -> None:
    for number in range(25):
        post(bob, f"@alice number {number}")
    drain()
    first = page(browser.get("/notifications"))
    assert "number 24<" in first
    assert "number 4<" not in first
    fragment = page(browser.get(older(first), headers=HTMX))
    assert "number 4<" in fragment
    assert "<html" not in fragment


def test_only_a_post_marks_them_as_read(
    browser: Client, alice: User, bob: User, drain: Drain
) -> None:
    post(bob, "@alice")
    drain()
    for _ in range(2):
        shown = page(browser.get("/notifications"))
        assert "notification-unread" in shown
        assert badge(browser) == "1"
    up_to = shown.partition('name="up_to" value="')[2].partition('"')[0]
    assert browser.get("/notifications/read").status_code == 405
    assert browser.post("/notifications/read", {"up_to": up_to}).status_code == 302
    assert "notification-unread" not in page(browser.get("/notifications"))
    assert 'name="up_to"' not in page(browser.get("/notifications"))
    assert badge(browser) == ""
    post(bob, "@alice again")
    drain()
    answer = browser.post("/notifications/read", {"up_to": up_to}, headers=HTMX)
    assert 'id="unread"' in page(answer)
    assert badge(browser) == "1"


@pytest.mark.parametrize("path", ["/notifications/read", "/home/read"])
@pytest.mark.parametrize("up_to", [None, "", "x", "-1", "9" * 40])
def test_a_position_that_is_none_is_refused(
    browser: Client, alice: User, path: str, up_to: str | None
) -> None:
    assert browser.post(path, {} if up_to is None else {"up_to": up_to}).status_code == 400
    assert not Marker.objects.exists()


def test_the_badge_takes_one_query(browser: Client, bob: User, drain: Drain) -> None:
    post(bob, "@alice")
    drain()
    browser.get("/settings")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/settings")
    assert len([q for q in queries if "notifications_" in q["sql"]]) == 1


def test_anonymous_visitors_sign_in_first(client: Client, alice: User) -> None:
    for path in (
        *("/notifications", "/notifications/mentions", "/notifications/requests"),
        "/settings/notifications",
    ):
        assert client.get(path).headers["Location"].startswith("/login?next=")
    for path in ("/notifications/read", "/home/read", "/notifications/requests/alice/accept"):
        assert client.post(path).headers["Location"].startswith("/login")


def test_settings_are_shown_and_saved(browser: Client, alice: User) -> None:
    shown = page(browser.get("/settings/notifications"))
    assert 'name="site_like"' in shown
    assert "checked" in shown
    sent = {"site_mention": "on", "email_like": "on", "strangers": "filter", "digest": "daily"}
    assert browser.post("/settings/notifications", sent).status_code == 302
    saved = preferences.preferences(user=alice)
    assert (saved.strangers, saved.digest, saved.mailed) == ("filter", "daily", ["like"])
    assert "mention" not in saved.off
    assert {"like", "repost", "follow"} <= set(saved.off)
    assert "moderation" not in saved.off
    refused = browser.post("/settings/notifications", {**sent, "strangers": "shout"})
    assert refused.status_code == 400
    assert "shout" in page(refused)


def test_requests_are_accepted_and_dismissed(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    assert "/notifications/requests" not in page(browser.get("/notifications"))
    preferences.change(user=alice, strangers="filter")
    for user in (bob, charlie):
        post(user, "@alice hello")
    drain()
    assert "mentioned you" not in page(browser.get("/notifications"))
    shown = page(browser.get("/notifications/requests"))
    assert "@bob" in shown
    assert "@charlie" in shown
    browser.post("/notifications/requests/bob/accept")
    browser.post("/notifications/requests/charlie/dismiss")
    assert "No requests" in page(browser.get("/notifications/requests"))
    assert page(browser.get("/notifications")).count("mentioned you") == 1
    assert Request.objects.get(actor=bob).accepted
    assert browser.post("/notifications/requests/nobody/accept").status_code == 404


# --- Home ----------------------------------------------------------------------------------------


def test_home_has_a_line_above_what_was_read_before(browser: Client, alice: User) -> None:
    old = post(alice, "old")
    shown = page(browser.get("/"))
    assert LINE not in shown
    assert f'name="up_to" value="{old.pk}"' in shown
    browser.post("/home/read", {"up_to": str(old.pk)})
    assert 'name="up_to"' not in page(browser.get("/"))
    new = post(alice, "new")
    shown = page(browser.get("/"))
    assert shown.index(f't{new.pk}"') < shown.index(LINE) < shown.index(f't{old.pk}"')


def test_the_line_is_on_a_later_page_although_the_position_has_moved(
    browser: Client, alice: User
) -> None:
    read = post(alice, "read")
    markers.move(user=alice, name="home", last_read_id=read.pk)
    newest = [post(alice, f"number {number}") for number in range(20)][-1]
    first = page(browser.get("/"))
    assert LINE not in first
    browser.post("/home/read", {"up_to": str(newest.pk)}, headers=HTMX)
    fragment = page(browser.get(older(first), headers=HTMX))
    assert fragment.index(LINE) < fragment.index(f't{read.pk}"')


@pytest.mark.parametrize(
    ("ids", "read", "above", "index"),
    [
        ([9, 8, 7], 8, None, 1),
        ([9, 8, 7], 9, None, None),  # nothing is new
        ([9, 8, 7], 0, None, None),  # nothing was ever read
        ([9, 8, 7], 6, None, None),  # it is further down
        ([9, 8, 7], 10, 11, 0),  # the line is between two pages
        ([9, 8, 7], 10, 10, None),
        ([], 5, None, None),
    ],
)
def test_where_the_line_is(ids: list[int], read: int, above: int | None, index: int | None) -> None:
    assert line_before(ids, read=read, above=above) == index


def test_tabs_show_a_kind_of_them(
    browser: Client, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    tweet = post(alice, "my tweet")
    marks.like(user=bob, tweet_id=tweet.pk)
    post(charlie, "Hello @alice")
    people.follow(follower=charlie, followee=alice)
    drain()
    said = {
        "mentions": "mentioned you",
        "reactions": "liked your tweet",
        "followers": "followed you",
    }
    everything = page(browser.get("/notifications"))
    assert "<title>Notifications (3) · Chirp</title>" in everything
    for tab, sentence in said.items():
        html = page(browser.get(f"/notifications/{tab}"))
        assert [text for text in said.values() if text in html] == [sentence], tab
        assert sentence in everything
        assert f'href="/notifications/{tab}" aria-current="page"' in html
        assert html.count('aria-current="page"') == 2, "the tab, and the page of the navigation"
