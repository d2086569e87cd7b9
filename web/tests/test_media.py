"""Files of media: who gets them, and how; and pictures on the site."""

import re
import time
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from media import links, storage
from media.models import Media
from people import services as people
from people.profile import update_profile
from tests.helpers.api_client import Api
from tests.helpers.pages import code_in, page
from tests.helpers.pictures import bomb, named, picture, ready
from tests.helpers.tweets import post
from tweets.deleting import delete_tweet
from tweets.models import Tweet
from tweets.moderation import hide_tweet, unhide_tweet

pytestmark = pytest.mark.django_db


def url_for(viewer: User | None, tweet: Tweet) -> str:
    """The address of the tweet's picture, as the API gives it to this viewer."""
    (media,) = Api(viewer).get(f"/api/tweets/{tweet.pk}").json()["media"]
    return str(media["url"]).removeprefix("http://testserver")


def status(url: str, **headers: str) -> int:
    """What an anonymous client gets."""
    return int(Client().get(url, headers=headers).status_code)


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Where alice is signed in."""
    client.force_login(alice)
    return client


# --- Who gets a file ----------------------------------------------------------------------------


def test_a_public_picture_has_a_stable_address_until_it_is_hidden(alice: User, bob: User) -> None:
    tweet = post(alice, media_ids=[ready(alice).pk])
    url = url_for(None, tweet)
    assert "?" not in url
    assert url_for(alice, tweet) == url
    response = Client().get(url)
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=3600, immutable"

    hide_tweet(tweet_id=tweet.pk, by=alice)
    assert status(url) == 404
    unhide_tweet(tweet_id=tweet.pk, by=alice)
    assert status(url) == 200
    accounts.suspend(user=alice, by=bob, now=timezone.now())
    assert status(url) == 404
    accounts.unsuspend(user=alice, by=bob)
    update_profile(user=alice, changes={"private": True})
    assert status(url) == 404
    update_profile(user=alice, changes={"private": False})
    delete_tweet(author=alice, tweet_id=tweet.pk)
    assert status(url) == 404


def test_a_link_to_a_picture_for_few_is_for_one_viewer_and_stops_with_them(
    alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=bob, followee=alice)
    tweet = post(alice, media_ids=[ready(alice).pk], visibility="followers")
    assert Api(charlie).get(f"/api/tweets/{tweet.pk}").status_code == 404
    url = url_for(bob, tweet)
    response = Client().get(url)
    assert response.status_code == 200
    assert response["Cache-Control"].startswith("private")
    assert status(url.partition("?")[0]) == 404
    assert status(url_for(alice, tweet)) == 200
    assert status(url.replace(f"for={bob.pk}", f"for={alice.pk}")) == 404

    people.unfollow(follower=bob, followee=alice)
    assert status(url) == 404
    people.follow(follower=bob, followee=alice)
    assert status(url) == 200
    accounts.suspend(user=bob, by=alice, now=timezone.now())
    assert status(url) == 404


def test_a_direct_tweet_and_a_private_account_keep_their_pictures(
    alice: User, bob: User, charlie: User
) -> None:
    tweet = post(alice, "for @bob", media_ids=[ready(alice).pk], visibility="direct")
    url = url_for(bob, tweet)
    assert status(url) == 200
    assert status(url.partition("?")[0]) == 404
    people.block(blocker=alice, blocked=bob)
    assert status(url) == 404

    update_profile(user=alice, changes={"private": True})
    public = post(alice, media_ids=[ready(alice).pk])
    assert "sig=" in url_for(alice, public)
    assert Api(charlie).get(f"/api/tweets/{public.pk}").status_code == 404


def test_a_link_expires(alice: User) -> None:
    media = ready(alice)
    now = time.time()
    for ago, expected in ((0, 200), (1700, 200), (3700, 404)):
        url = links.signed(media.key, "large.webp", viewer_id=alice.pk, now=now - ago)
        assert status(f"/{url}") == expected


@pytest.mark.parametrize(
    "change",
    [
        ("large.webp", "small.webp"),
        ("until=1", "until=2"),
        ("sig=", "sig=x"),
        ("&sig=", "&sig=&x="),
        ("for=", "for=-"),
        ("until=", "until=\u0661"),
    ],
)
def test_a_link_that_was_changed_is_refused(change: tuple[str, str], alice: User) -> None:
    url = links.signed(ready(alice).key, "large.webp", viewer_id=alice.pk, now=time.time())
    assert status(f"/{url}") == 200
    assert status("/" + url.replace(*change)) == 404


def test_an_upload_without_a_tweet_is_for_its_owner(alice: User, bob: User) -> None:
    media = ready(alice)
    mine = Api(alice).get(f"/api/media/{media.pk}").json()["url"]
    assert status(mine.removeprefix("http://testserver")) == 200
    assert status(f"/media/{media.key}/large.webp") == 404
    other = links.signed(media.key, "large.webp", viewer_id=bob.pk, now=time.time())
    assert status(f"/{other}") == 404


@pytest.mark.parametrize("path", ["x/large.webp", "{key}/x", "{key}/original", "{key}/..%2fx"])
def test_other_names_lead_nowhere(path: str, alice: User) -> None:
    media = ready(alice)
    post(alice, media_ids=[media.pk])
    assert status("/media/" + path.format(key=media.key)) == 404


# --- How it is sent -----------------------------------------------------------------------------


@pytest.fixture
def url(alice: User) -> str:
    """The address of a public picture."""
    return url_for(None, post(alice, media_ids=[ready(alice).pk]))


def test_a_file_cannot_become_a_page(url: str) -> None:
    response = Client().get(url)
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == "inline"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Cookie" not in response.get("Vary", "")


def test_parts_of_a_file(url: str) -> None:
    whole = b"".join(Client().get(url).streaming_content)  # type: ignore[attr-defined]
    size = len(whole)
    for wanted, part, said in (
        ("bytes=0-3", whole[:4], f"bytes 0-3/{size}"),
        ("bytes=4-", whole[4:], f"bytes 4-{size - 1}/{size}"),
        ("bytes=-4", whole[-4:], f"bytes {size - 4}-{size - 1}/{size}"),
        (f"bytes=0-{size * 9}", whole, f"bytes 0-{size - 1}/{size}"),
    ):
        response: Any = Client().get(url, headers={"Range": wanted})
        assert (response.status_code, response["Content-Range"]) == (206, said)
        assert b"".join(response.streaming_content) == part
        assert response["Content-Length"] == str(len(part))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("bytes=99999999-", 416),
        ("bytes=-0", 416),
        ("bytes=5-2", 416),
        ("bytes=-", 200),
        ("bytes=0-1,3-4", 200),
        ("lines=1-2", 200),
        ("bytes=" + "9" * 19 + "-", 200),
    ],
)
def test_ranges_that_cannot_be_served(wanted: str, expected: int, url: str) -> None:
    assert status(url, Range=wanted) == expected


def test_what_a_client_has_is_not_sent_again(url: str) -> None:
    etag = Client().get(url)["ETag"]
    assert status(url, **{"If-None-Match": etag}) == 304
    assert status(url, **{"Range": "bytes=0-1", "If-Range": etag}) == 206
    assert status(url, **{"Range": "bytes=0-1", "If-Range": '"other"'}) == 200
    head = Client().head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head["Content-Length"]) > 0
    assert Client().post(url).status_code == 405


def test_requests_for_files_have_a_limit_of_their_own(url: str, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "file": (2, 60), "read": (1, 60)}
    assert [status(url) for _ in range(3)] == [200, 200, 429]


def test_a_proxy_can_send_it(url: str, settings: Any) -> None:
    settings.MEDIA_ACCEL = "/protected/"
    response = Client().get(url)
    key = url.split("/")[2]
    assert response["X-Accel-Redirect"].startswith(f"/protected/{storage.directory(key)}/")
    assert response["Content-Type"] == "image/webp"
    assert response.content == b""


def test_a_file_that_is_gone_is_not_an_error(url: str) -> None:
    storage.remove_all(url.split("/")[2])
    assert status(url) == 404


# --- On pages -----------------------------------------------------------------------------------


def form(**more: Any) -> dict[str, Any]:
    """What a composer sends."""
    return {"text": "", "visibility": "public", "next": "/@alice", **more}


def test_the_composer_posts_pictures_without_scripts(browser: Client, drain: Any) -> None:
    sent = form(file1=named(picture()), alt1='A "red" <b>', file3=named(picture("JPEG")))
    response = browser.post("/compose", sent)
    assert response.headers["Location"] == "/@alice"
    assert "Still being processed" in page(browser.get("/@alice"))
    drain()
    html = page(Client().get("/@alice/media"))
    assert 'alt="A &#34;red&#34; &lt;b&gt;"' in html
    assert html.count('width="64" height="48"') == 2
    assert 'class="media media-2"' in html
    assert code_in(html) == []
    for url in re.findall(r'src="(/media/[^"]+)"', html):
        assert status(url) == 200


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"", "The file is empty"),
        (b"<svg/>", "no file that can be shown"),
        (bomb(), "too many pixels"),
        (b"GIF89a", "cut short"),
    ],
)
def test_a_refused_file_loses_neither_text_nor_other_files(
    bad: bytes, said: str, browser: Client, alice: User
) -> None:
    sent = form(text="My <words>", file1=named(picture()), alt1="Good one", file2=named(bad))
    response = browser.post("/compose", sent)
    html = page(response)
    assert response.status_code in (400, 413, 415)
    assert said in html
    assert "My &lt;words&gt;</textarea>" in html
    kept = Media.objects.get()
    assert f'name="media_ids" value="{kept.pk}" checked' in html
    assert "Good one" in html

    browser.post("/compose", form(text="My <words>", media_ids=[kept.pk]))
    assert Tweet.objects.get().media_count == 1
    assert Media.objects.get(pk=kept.pk).tweet_id == Tweet.objects.get().pk


def test_a_refused_text_keeps_the_files(browser: Client) -> None:
    response = browser.post("/compose", form(text="x" * 501, file1=named(picture())))
    assert response.status_code == 400
    assert f'name="media_ids" value="{Media.objects.get().pk}" checked' in page(response)


@pytest.mark.parametrize("ids", [["x"], ["5"], ["9" * 30]])
def test_other_ids_are_refused(ids: list[str], browser: Client) -> None:
    response = browser.post("/compose", form(text="words", media_ids=ids))
    assert response.status_code == 400
    assert "words</textarea>" in page(response)


def test_the_same_form_twice_is_one_tweet(browser: Client) -> None:
    for _ in range(2):
        browser.post("/compose", form(text="x", key="k", file1=named(picture())))
    browser.post("/compose", form(text="x", key="k", file1=named(picture("JPEG"))))
    assert Tweet.objects.count() == 2


def test_files_of_an_expired_form_and_of_a_visitor_have_to_be_chosen_again(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    strict.post("/compose", form(text="My words", file1=named(picture())))
    html = page(strict.get("/compose"))
    assert "My words</textarea>" in html
    assert "Files have to be chosen again." in html

    visitor = Client()
    response = visitor.post("/compose", form(text="My words", file1=named(picture())))
    assert "Files have to be chosen again." in page(visitor.get(response["Location"]))
    assert not Media.objects.exists()


def test_too_much_at_once_says_what_to_do(browser: Client, settings: Any) -> None:
    settings.BODY_LIMITS = [("/compose", 1000)]
    response = browser.post("/compose", form(text="words", file1=named(picture() + b"0" * 999)))
    assert response.status_code == 413
    assert "Go back" in page(response)


def test_sensitive_pictures_are_hidden_and_the_words_are_not(browser: Client, alice: User) -> None:
    browser.post("/compose", form(text="Look", sensitive="on", file1=named(picture())))
    html = page(Client().get("/@alice"))
    assert html.index("Look") < html.index('<details class="warned">') < html.index("media-1")
    post(alice, "words", spoiler="Careful", media_ids=[ready(alice).pk])
    html = page(Client().get("/@alice"))
    assert html.index("Careful") < html.index("words") < html.index("media-1")
    assert html.count('<details class="warned">') == 2


def test_pictures_for_few_load_on_pages(browser: Client, alice: User) -> None:
    post(alice, media_ids=[ready(alice).pk], visibility="followers")
    html = page(browser.get("/@alice")).replace("&amp;", "&")
    (url,) = re.findall(r'src="(/media/[^"]+)"', html)
    assert "sig=" in url
    assert status(url) == 200


def test_storage_holds_nothing_of_a_refused_upload(browser: Client) -> None:
    browser.post("/compose", form(file1=named(b"<svg/>")))
    assert not Media.objects.exists()
    assert not default_storage.exists("original")
