"""Link previews of tweets: what is fetched, from where, and who sees it."""

import gzip
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import certifi
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chirp.outbound import connections
from media.models import Media
from media.previews import services
from media.previews.models import BlockedHost, Preview, TweetLink
from outbox.models import Event
from people import services as people
from people.profile import update_profile
from tests.helpers import admin
from tests.helpers.api_client import Api
from tests.helpers.certificates import Authority, by_name
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.pictures import picture
from tests.helpers.tweets import at_once, post
from tests.helpers.web_server import WebServer, web_server
from tweets import links
from tweets.events import LinkChanged
from tweets.models import Tweet

Drain = Callable[..., int]
TITLE = "<title>A page</title>"


@pytest.fixture
def web(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """A server of strangers, which alone may be requested although it is not public."""
    with web_server() as server:
        settings.LINK_PREVIEWS = True
        settings.OUTBOUND_TEST_SERVERS = (server.address,)
        yield server


def card_of(tweet: Tweet, viewer: User | None = None) -> Any:
    """The card of a tweet, as the API shows it."""
    return Api(viewer).get(f"/api/tweets/{tweet.pk}").json()["card"]


@pytest.mark.django_db
def test_a_tweet_shows_what_the_page_of_its_first_link_says(
    alice: User, web: WebServer, drain: Drain, client: Client
) -> None:
    web.page("/cat.png", picture(size=(900, 471)), "image/png")
    head = """<head><title>Plain title</title><meta property="og:title" content="Cats &amp; tea">
        <meta name="twitter:title" content="Not this"><meta name="description" content=" About
        cats\u202e. "><meta property="og:image" content="cat.png">
        <meta property="og:image:alt" content="A cat"></head>"""
    url = web.page("/a/page?x=1", head)
    web.page("/a/cat.png", picture(size=(900, 471)), "image/png")
    tweet = post(alice, f"see {url}#part and {web.url('/second')}")
    assert card_of(tweet) is None
    drain(times=2)
    card = card_of(tweet)
    image = card.pop("image")
    assert card == {
        "url": url,
        "title": "Cats & tea",
        "description": "About cats.",
        "site": "127.0.0.1",
    }
    assert (image["width"], image["height"], image["alt"]) == (800, 419, "A cat")
    assert image["blurhash"]
    file = client.get(image["url"].removeprefix("http://testserver"))
    assert (file.status_code, file["Content-Type"]) == (200, "image/webp")
    assert web.seen == ["/a/page?x=1", "/a/cat.png"]
    assert "http" in web.agents[0]
    assert "Chirp" in web.agents[0]

    as_entity = Mastodon().get(f"statuses/{tweet.pk}", "Status")["card"]
    assert (as_entity["url"], as_entity["image"]) == (url, image["url"])
    assert Mastodon().get(f"statuses/{tweet.pk}/card", "PreviewCard") == as_entity

    html = client.get(f"/@alice/{tweet.pk}").content.decode()
    assert "Cats &amp; tea" in html
    assert "link-card" in html
    quote = post(alice, "look", quote_of_id=tweet.pk)
    assert "link-card" in client.get(f"/@alice/{quote.pk}").content.decode()
    assert Api().get(f"/api/tweets/{quote.pk}").json()["quote_of"]["card"]["url"] == url

    services.delete(preview_id=Preview.objects.get().pk)
    assert client.get(image["url"].removeprefix("http://testserver")).status_code == 404
    assert card_of(tweet) is None


@pytest.mark.django_db
def test_an_edit_and_a_deletion_take_the_card_along(
    alice: User, web: WebServer, drain: Drain
) -> None:
    first, second = web.page("/1", TITLE), web.page("/2", "<title>Another</title>")
    tweet = post(alice, first)
    drain()
    api = Api(alice)
    body = api.patch(f"/api/tweets/{tweet.pk}", {"text": f"rather {second}"}).json()
    assert body["card"] is None
    drain()
    assert card_of(tweet)["title"] == "Another"
    api.patch(f"/api/tweets/{tweet.pk}", {"text": "Nothing."})
    drain()
    assert card_of(tweet) is None
    api.patch(f"/api/tweets/{tweet.pk}", {"text": first})
    drain()
    assert card_of(tweet)["title"] == "A page"
    assert web.seen == ["/1", "/2"]
    api.delete(f"/api/tweets/{tweet.pk}")
    assert not TweetLink.objects.exists()
    Preview.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert services.clean(now=timezone.now()) == 2
    assert not Preview.objects.exists()


@pytest.mark.django_db
def test_a_text_whose_dots_only_end_sentences_asks_for_no_card(alice: User, settings: Any) -> None:
    settings.LINK_PREVIEWS = True
    for text in ("Good morning.", "Well ... this is it. Or not.", "3. done"):
        post(alice, text)
    assert not Event.objects.filter(topic=LinkChanged.topic).exists()
    post(alice, "see chirp.example.com")
    assert Event.objects.filter(topic=LinkChanged.topic).count() == 1


@pytest.mark.django_db
def test_only_tweets_for_everybody_are_fetched_and_only_those_without_more(
    alice: User, web: WebServer, drain: Drain, settings: Any
) -> None:
    url = web.page("/", TITLE)
    for visibility in ("followers", "direct"):
        post(alice, url, visibility=visibility)
    other = post(alice, "other")
    post(alice, url, quote_of_id=other.pk)
    update_profile(user=alice, changes={"private": True})
    post(alice, url)
    update_profile(user=alice, changes={"private": False})
    settings.LINK_PREVIEWS = False
    off = post(alice, url)
    drain()
    assert web.seen == []
    settings.LINK_PREVIEWS = True
    shown = post(alice, url, visibility="unlisted")
    drain()
    assert card_of(shown)["title"] == "A page"
    assert card_of(off) is None
    settings.LINK_PREVIEWS = False
    assert card_of(shown) is None


def slow(request: BaseHTTPRequestHandler) -> None:
    """Send one byte of the headers after the other, for ever."""
    never = threading.Event()
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not never.wait(0.02):
        request.wfile.write(b"x")


def endless(request: BaseHTTPRequestHandler) -> None:
    """Send a page without an end."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    request.wfile.write(TITLE.encode())
    while True:
        request.wfile.write(b"x" * 10_000)


@pytest.mark.django_db
def test_bad_pages_have_no_card_and_harm_nobody(
    alice: User, web: WebServer, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PAGE_SECONDS", 0.5)
    monkeypatch.setattr(services, "PER_HOST", 100)
    bomb = gzip.compress(b"\0" * 50_000_000)
    elsewhere = "It is no address of the public internet."
    expected = {
        web.on("/slow", slow): "It took too long.",
        web.page("/bomb", bomb, Content_Encoding="gzip"): "It has no title.",
        web.page("/br", b"..", Content_Encoding="br"): "compressed in a way",
        web.page("/broken", b"..", Content_Encoding="gzip"): "damaged",
        web.page("/type", TITLE, "text/plain"): "The type is text/plain.",
        web.page("/blank", "<title> \u200b\x00</title>"): "It has no title.",
        web.page("/nothing", ""): "It has no title.",
        web.url("/404"): "The status is 404.",
        web.redirect("/loop", "/loop"): "redirects too often",
        web.redirect("/file", "file:///etc/passwd"): "no web address",
        web.redirect("/none", ""): "redirects too often",
        web.redirect("/user", "http://me:secret@example.com/"): "no web address",
        web.redirect("/private", "http://10.0.0.1/"): elsewhere,
        web.redirect("/local", "http://127.0.0.1/"): elsewhere,
        web.redirect("/metadata", "http://169.254.169.254/latest"): elsewhere,
        web.redirect("/number", "http://0x7f.1/"): elsewhere,
        web.redirect("/port", "http://127.0.0.1:5432/"): "Only the ports",
        web.redirect("/unknown", "http://no-such-host.invalid/"): "The name has no address.",
    }
    tweets = {url: post(alice, url) for url in expected}
    drain()
    for url, error in expected.items():
        preview = Preview.objects.get(url=url)
        assert (preview.state, error in preview.error) == ("failed", True), (url, preview.error)
        assert card_of(tweets[url]) is None


@pytest.mark.django_db
def test_odd_pages_have_a_card(
    alice: User, web: WebServer, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PER_HOST", 100)
    russian = "<title>Привет</title>"
    expected = {
        web.page("/header", russian.encode("koi8-r"), "text/html; charset=KOI8-R"): "Привет",
        web.page(
            "/meta", b"<meta charset='windows-1251'>" + russian.encode("windows-1251")
        ): "Привет",
        web.page("/bom", russian.encode("utf-16"), "text/html; charset=utf-8"): "Привет",
        web.page("/odd", russian, "text/html; charset=rot13"): "Привет",
        web.page("/none", b"<title>caf\xe9</title>"): "caf\ufffd",
        web.page("/zip", gzip.compress(TITLE.encode()), Content_Encoding="gzip"): "A page",
        web.page("/huge", f"<title>{'word ' * 100_000}"): f"{'word ' * 39}word…",
        web.page("/nul", "<title>a\x00b\x07\ud83d</title>".encode(errors="replace")): "ab?",
        web.on("/endless", endless): "A page",
        web.redirect("/moved", "/header"): "Привет",
        web.page("/image", f"{TITLE}<meta property=og:image content='http://10.1.1.1/'>"): "A page",
        web.page("/text", f"{TITLE}<meta property=og:image content='/header'>"): "A page",
        web.page("/body", f"<title></title>{TITLE}<body><title>Not</title>"): "A page",
    }
    tweets = {url: post(alice, url) for url in expected}
    drain()
    found = {url: (card_of(tweet) or {}).get("title") for url, tweet in tweets.items()}
    assert found == expected, list(Preview.objects.exclude(error="").values_list("url", "error"))
    assert not Media.objects.exists()


@pytest.mark.django_db
def test_a_name_that_resolves_anew_leads_where_it_was_checked(
    alice: User, web: WebServer, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(web.address.rpartition(":")[2])
    asked: list[str] = []
    answers = {"two.example": ["127.0.0.1", "10.0.0.1"], "none.example": []}

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        first = "127.0.0.1" if asked.count(host) == 1 else "10.0.0.1"
        return answers.get(host, [first])

    monkeypatch.setattr(connections, "resolve", resolve)
    web.page("/", TITLE)
    tweets = {name: post(alice, f"http://{name}:{port}/") for name in ("a.example", *answers)}
    drain()
    assert card_of(tweets["a.example"])["title"] == "A page"
    assert asked.count("a.example") == 1
    assert card_of(tweets["two.example"]) is None  # one of its addresses is private
    assert web.seen == ["/"]


@pytest.mark.django_db
def test_over_https_only_a_host_that_proves_its_name_has_a_card(
    alice: User, drain: Drain, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, theirs = Authority(tmp_path), Authority(tmp_path, "theirs")
    contexts = {
        "good.example": ours.context("good.example"),
        "wrong.example": ours.context("another.example"),
        "expired.example": ours.context("expired.example", days=-1),
        "unknown.example": theirs.context("unknown.example"),
    }
    monkeypatch.setattr(connections, "resolve", lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(certifi, "where", lambda: str(ours.path))
    with web_server(by_name(contexts)) as web:
        settings.LINK_PREVIEWS, settings.OUTBOUND_TEST_SERVERS = True, (web.address,)
        port = web.address.rpartition(":")[2]
        web.page("/", TITLE)
        web.redirect("/onward", f"https://wrong.example:{port}/")
        urls = [f"https://{name}:{port}/" for name in contexts]
        tweets = {url: post(alice, url) for url in (*urls, f"{urls[0]}onward")}
        drain()
    cards = [card_of(tweet) for tweet in tweets.values()]
    assert [card and card["title"] for card in cards] == ["A page", None, None, None, None]
    errors = Preview.objects.filter(state="failed").values_list("error", flat=True)
    assert [each for each in errors if "certificate" not in each.lower()] == []
    assert len(errors) == 4
    assert web.seen == ["/", "/onward"]


@pytest.mark.django_db
def test_who_may_not_see_the_tweet_does_not_see_its_card(
    alice: User, bob: User, charlie: User, web: WebServer, drain: Drain, client: Client
) -> None:
    people.follow(follower=bob, followee=alice)
    url = web.page("/", "<title>Only between us</title>")
    tweet = post(alice, f"{url} #cards")
    quote = post(charlie, "look", quote_of_id=tweet.pk)
    drain()
    everywhere = (
        *(f"/api/tweets/{tweet.pk}", f"/api/tweets/{quote.pk}", "/api/timelines/public"),
        *("/api/users/alice/tweets", "/api/timelines/hashtag/cards", "/api/search?q=cards"),
        *(f"/@alice/{tweet.pk}", f"/@charlie/{quote.pk}", "/@alice", "/hashtag/cards"),
    )

    def shown(viewer: User | None) -> list[str]:
        """The addresses that show the card."""
        client.logout()
        if viewer:
            client.force_login(viewer)
        return [path for path in everywhere if b"Only between us" in client.get(path).content]

    assert len(shown(None)) == len(everywhere)
    update_profile(user=alice, changes={"private": True})
    assert shown(None) == shown(charlie) == []
    assert f"/api/tweets/{tweet.pk}" in shown(bob)
    people.unfollow(follower=bob, followee=alice)
    assert shown(bob) == []


@pytest.mark.django_db
def test_a_failure_is_tried_again_later_and_a_page_after_a_week(
    alice: User, web: WebServer, drain: Drain
) -> None:
    url, now = web.url("/"), timezone.now()
    tweet = post(alice, url)
    drain()
    post(alice, url)
    drain()
    assert services.fetch_due(now=now + timedelta(minutes=1)) == 0
    assert web.seen == ["/"]
    web.page("/", TITLE)
    assert services.fetch_due(now=now + timedelta(minutes=6)) == 1
    assert card_of(tweet)["title"] == "A page"

    later = now + timedelta(days=8)
    web.answers.clear()
    post(alice, url)
    drain()
    assert len(web.seen) == 2
    links.preview_link(tweet_id=tweet.pk, now=later)
    assert services.fetch(preview_id=Preview.objects.get().pk, now=later)
    assert len(web.seen) == 3
    assert card_of(tweet)["title"] == "A page"  # the old one is better than none
    for days in range(9, 20):
        services.fetch_due(now=now + timedelta(days=days))
    assert len(web.seen) == 7
    web.page("/", "<title>New</title>")
    call_command("media", "previews", "--refetch", url)
    drain()
    assert card_of(tweet)["title"] == "New"


@pytest.mark.django_db
def test_a_host_is_not_requested_all_the_time(
    alice: User, web: WebServer, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PER_HOST", 2)
    for number in range(4):
        post(alice, web.page(f"/{number}", TITLE))
    drain()
    assert len(web.seen) == 2
    assert services.fetch_due(now=timezone.now() + timedelta(minutes=2)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_tweets_with_one_link_at_once_request_it_once(
    alice: User, bob: User, web: WebServer, drain: Drain
) -> None:
    url, now = web.page("/", TITLE), timezone.now()
    tweets = [post(alice, url), post(bob, url)]
    at_once([partial(links.preview_link, tweet_id=t.pk, now=now) for t in tweets])
    preview = Preview.objects.get()
    tried = at_once([partial(services.fetch, preview_id=preview.pk, now=now)] * 4)
    assert sorted(map(bool, tried)) == [False, False, False, True]
    drain(times=2)
    assert web.seen == ["/"]
    assert [card_of(tweet)["title"] for tweet in tweets] == ["A page"] * 2


@pytest.mark.django_db
def test_moderators_delete_previews_and_block_hosts(
    alice: User, bob: User, web: WebServer, drain: Drain
) -> None:
    tweet = post(alice, web.page("/", TITLE))
    drain()
    assert browser_status(alice) == 403
    moderator = admin.browser(bob, "media.change_preview", "media.change_blockedhost")
    assert "A page" in moderator.get(admin.address(Preview)).content.decode()
    assert moderator.get(admin.address(Preview, "changelist") + "?q=127.0.0.1").status_code == 200
    admin.act(moderator, "fetch_again", Preview.objects.all())
    drain()
    assert len(web.seen) == 2
    admin.act(moderator, "block_hosts", Preview.objects.all())
    assert card_of(tweet) is None
    post(alice, web.url("/"))
    drain()
    assert len(web.seen) == 2
    assert not Preview.objects.exists()
    admin.act(moderator, "unblock", BlockedHost.objects.all())
    post(alice, web.url("/"))
    drain()
    assert len(web.seen) == 3
    admin.act(moderator, "delete_previews", Preview.objects.all())
    assert not Preview.objects.exists()


def browser_status(person: User) -> int:
    """What a staff member without the permission gets."""
    return int(admin.browser(person).get(admin.address(Preview)).status_code)


@pytest.mark.django_db
def test_a_redirect_to_a_blocked_host_is_not_followed(
    alice: User, web: WebServer, drain: Drain
) -> None:
    call_command("media", "previews", "--block", "Example.com")
    assert services.is_blocked("https://www.example.com/")
    assert not services.is_blocked("https://anexample.com/")
    post(alice, web.redirect("/", "https://www.example.com/"))
    drain()
    assert "blocked" in Preview.objects.get().error


@pytest.mark.django_db
def test_cards_take_no_further_query(alice: User, web: WebServer, drain: Drain) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            assert Api().get("/api/users/alice/tweets").status_code == 200
        return len(context)

    post(alice, "no link")
    without = queries()
    for number in range(5):
        post(alice, web.page(f"/{number}", TITLE))
    drain()
    assert queries() == without
