"""Cached pieces of pages: everything that they depend on is in their key, and holes are filled."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import set_script_prefix
from django.utils import timezone, translation
from jinja2 import ChoiceLoader, DictLoader

from accounts.models import User
from people import services as people
from tweets.marks import like
from tweets.posting import post_tweet
from web.presenters.tweets import Card
from web.templating import cached_fragment
from web.templating.cached_fragment import fragment
from web.templating.components import engine
from web.templating.composer import empty_composer
from web.templating.holes import CSRF_HOLE, HERE_HOLE, fill, pieces_of
from web.templating.render import feed
from web.templating.visit import Visit

TOKEN = re.compile(r'<input type="hidden" name="csrfmiddlewaretoken" value="(\w{64})">')
EVENING = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
# Components of these tests, which show what rendering depends on.
PROBES = {
    "month": "{% macro month(visit, at) %}{{ at|month }}{% endmacro %}",
    "hour": "{% macro hour(visit, at) %}{{ at|exact }}{% endmacro %}",
    "door": "{% macro door(visit) %}{{ url('login') }}{% endmacro %}",
    "holes": "{% macro holes(visit) %}{{ visit.here }} {{ visit.quoted_here }}{% endmacro %}",
    "curious": "{% macro curious(visit) %}{{ visit.viewer }}{% endmacro %}",
    "number": "{% macro number() %}{{ 5000|intcomma }}{% endmacro %}",
    "tweet": "{% macro tweet(visit, card) %}{{ card|month }}{% endmacro %}",
    "composer": "{% macro composer(visit, form, writer, next) %}{{ 5000|intcomma }}{% endmacro %}",
}


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site's templates, with PROBES before them."""
    environment = engine().env
    assert environment.loader is not None
    assert environment.cache is not None
    texts = {f"components/{name}.html": text for name, text in PROBES.items()}
    loader = ChoiceLoader([DictLoader(texts), environment.loader])
    monkeypatch.setattr(environment, "loader", loader)
    environment.cache.clear()
    yield
    environment.cache.clear()


def visit_of(user: User | AnonymousUser, path: str = "/") -> Visit:
    """A visit that needs no database."""
    request = RequestFactory().get(path)
    request.user = user
    return Visit(request)


def anonymous(path: str = "/") -> Visit:
    """A visit without a signed-in user."""
    return visit_of(AnonymousUser(), path)


def home(user: User) -> str:
    """The home page of a user."""
    browser = Client()
    browser.force_login(user)
    return browser.get("/").content.decode()


# --- What the key holds ------------------------------------------------------------------------

MONTHS, NUMBERS = ("March 2026", "März 2026"), ("5,000", "5.000")
CACHED: dict[str, tuple[Callable[[], str], tuple[str, str]]] = {
    "a fragment": (lambda: fragment("month", anonymous(), at=EVENING), MONTHS),
    "a fixed one": (lambda: engine().env.from_string("{{ fixed('number') }}").render(), NUMBERS),
    "a tweet": (lambda: feed(anonymous(), [cast(Card, EVENING)]), MONTHS),
    "the composer": (lambda: empty_composer(visit_of(User(handle="ada")), next="/"), NUMBERS),
}


@pytest.mark.usefixtures("probes")
@pytest.mark.parametrize("what", list(CACHED))
def test_the_language_is_part_of_the_key(what: str) -> None:
    render, (english, german) = CACHED[what]
    for language, shown in (("en", english), ("de", german), ("en", english)):
        with translation.override(language):
            assert render() == shown


@pytest.mark.usefixtures("probes")
def test_the_time_zone_is_part_of_the_key() -> None:
    for zone, hour in (("UTC", "23:30"), ("Asia/Tokyo", "08:30"), ("UTC", "23:30")):
        with timezone.override(zone):
            assert hour in fragment("hour", anonymous(), at=EVENING)


@pytest.mark.usefixtures("probes")
def test_where_the_site_is_mounted_is_part_of_the_key() -> None:
    try:
        for prefix in ("/", "/chirp/", "/"):
            set_script_prefix(prefix)
            assert fragment("door", anonymous()) == f"{prefix}login"
    finally:
        set_script_prefix("/")


@pytest.mark.usefixtures("probes")
def test_a_piece_is_rendered_once() -> None:
    cached_fragment._pieces.cache_clear()
    for _ in range(3):
        fragment("month", anonymous(), at=EVENING)
    assert cached_fragment._pieces.cache_info().misses == 1


@pytest.mark.usefixtures("probes")
def test_a_piece_cannot_show_the_viewer_unless_they_are_in_the_key() -> None:
    with pytest.raises(Exception, match="has no attribute 'viewer'"):
        fragment("curious", anonymous())


# --- Holes ---------------------------------------------------------------------------------------


def test_html_is_cut_at_its_holes() -> None:
    pieces = pieces_of(f"<i>{CSRF_HOLE}</i>{HERE_HOLE}")
    assert pieces == ("<i>", CSRF_HOLE, "</i>", HERE_HOLE, "")
    assert fill(pieces, {CSRF_HOLE: "a", HERE_HOLE: "b"}) == "<i>a</i>b"
    assert fill(pieces_of("no hole"), {}) == "no hole"


@pytest.mark.usefixtures("probes")
def test_what_fills_a_hole_is_escaped() -> None:
    assert fragment("holes", anonymous('/?a="&b')) == "/?a=%22&amp;b %2F%3Fa%3D%2522%26b"


def test_a_page_that_asks_for_no_token_sets_no_cookie(client: Client, db: None) -> None:
    assert "csrftoken" not in client.get("/explore").cookies
    assert "csrftoken" in client.get("/login").cookies


# --- Pages ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_two_users_in_one_process_never_see_what_is_the_others(alice: User, bob: User) -> None:
    for one, other in ((alice, bob), (bob, alice)):
        people.follow(follower=one, followee=other)
    tweet = post_tweet(author=alice, text="Hello")
    like(user=bob, tweet_id=tweet.pk)

    for _ in range(2):
        for person, mine in ((alice, True), (bob, False)):
            shown = home(person)
            assert f'class="nav-me" href="/@{person.handle}"' in shown
            assert (f"/@alice/{tweet.pk}/delete" in shown) is mine
            assert (f"/@alice/{tweet.pk}/unlike" in shown) is not mine
            assert "\0" not in shown


@pytest.mark.django_db
def test_every_form_has_the_token_of_its_request(alice: User) -> None:
    for number in range(3):
        post_tweet(author=alice, text=f"tweet {number}")
    browser = Client()
    browser.force_login(alice)

    pages = [browser.get("/").content.decode() for _ in range(2)]

    tokens = [TOKEN.findall(shown) for shown in pages]
    for shown, found in zip(pages, tokens, strict=True):
        assert len(set(found)) == 1
        assert len(found) == shown.count('method="post"') >= 5
    assert tokens[0][0] != tokens[1][0]
    keys = [re.findall(r'name="key" value="(\w{32})"', shown) for shown in pages]
    assert [len(found) for found in keys] == [1, 1]
    assert keys[0] != keys[1]


@pytest.mark.django_db
def test_what_is_remembered_changes_with_what_it_shows(alice: User, bob: User) -> None:
    people.follow(follower=alice, followee=bob)
    tweet = post_tweet(author=bob, text="Hello")
    assert 'aria-label="Like: 0"' in home(alice)

    like(user=alice, tweet_id=tweet.pk)
    bob.name = "Bobby <3"
    bob.save()
    alice.name = "Alix"
    alice.save()

    shown = home(alice)
    assert 'aria-pressed="true" aria-label="Like: 1"' in shown
    assert '<strong dir="auto">Bobby &lt;3</strong>' in shown
    assert '<strong dir="auto">Alix</strong>' in shown
