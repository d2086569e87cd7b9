"""Tweets in the admin."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.admin import act, address, asserts_flat, browser, logged, shown
from tests.helpers.tweets import post, row, tweets_of
from tweets import counters, deleting, marks, moderation
from tweets.models import Tweet
from tweets.read.hydrate import hydrate


@pytest.fixture
def mod(person: Callable[..., User]) -> User:
    """Who moderates."""
    return person("mod")


@pytest.fixture
def desk(mod: User) -> Client:
    """Where the moderator sits."""
    return browser(mod, "tweets.change_tweet", "tweets.delete_tweet")


def test_it_finds_tweets_by_text_author_and_id(desk: Client, alice: User, bob: User) -> None:
    one = post(alice, "The quick brown fox")
    other = post(bob, "A lazy dog")
    assert shown(desk, Tweet, "?q=fox+QUICK") == [one.pk]
    assert shown(desk, Tweet, "?q=@BOB") == [other.pk]
    assert shown(desk, Tweet, f"?q={one.pk}") == [one.pk]
    assert shown(desk, Tweet, "?q=@nobody") == []
    assert shown(desk, Tweet) == [other.pk, one.pk]


def test_it_filters(desk: Client, mod: User, alice: User, bob: User) -> None:
    tweet = post(alice)
    reply = post(bob, "re", reply_to_id=tweet.pk)
    quote = post(bob, "look", quote_of_id=tweet.pk)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    moderation.hide_tweet(tweet_id=reply.pk, by=mod)
    deleting.delete_tweet(author=bob, tweet_id=quote.pk)
    assert shown(desk, Tweet, "?kind=reply") == [reply.pk]
    assert shown(desk, Tweet, "?kind=quote") == [quote.pk]
    assert shown(desk, Tweet, "?kind=repost") == [repost.pk]
    assert shown(desk, Tweet, "?state=hidden") == [reply.pk]
    assert shown(desk, Tweet, "?state=deleted") == [quote.pk]
    assert shown(desk, Tweet, "?state=standing") == [repost.pk, tweet.pk]


@pytest.mark.parametrize("query", ["?q=%00", f"?q={'9' * 40}", "?q=@", "?kind=junk", "?q=%22("])
def test_junk_in_the_address_is_no_error(desk: Client, alice: User, query: str) -> None:
    post(alice)
    assert desk.get(f"{address(Tweet)}{query}", follow=True).status_code == 200


def test_it_hides_through_the_service_and_logs_it(desk: Client, mod: User, alice: User) -> None:
    tweet = post(alice)
    assert act(desk, "hide", [tweet]) == ["Hidden: 1."]
    assert hydrate([tweet.pk], viewer_id=None)[0].gone
    assert logged() == [(mod.pk, str(tweet.pk), "Hidden")]


def test_it_brings_back_what_was_hidden(desk: Client, mod: User, alice: User) -> None:
    tweet = post(alice)
    moderation.hide_tweet(tweet_id=tweet.pk, by=mod)
    assert act(desk, "unhide", [tweet]) == ["Brought back: 1."]
    assert not hydrate([tweet.pk], viewer_id=None)[0].gone
    assert logged() == [(mod.pk, str(tweet.pk), "Brought back")]


def test_it_asks_before_it_deletes_and_names_only_the_tweets(
    desk: Client, alice: User, bob: User
) -> None:
    tweet = post(alice, "to be deleted")
    marks.like(user=bob, tweet_id=tweet.pk)
    data = {"action": "delete_selected", "_selected_action": [tweet.pk]}
    page = desk.post(address(Tweet), data).content.decode()
    assert "@alice: to be deleted" in page
    assert "Like" not in page
    assert row(tweet).deleted_at is None


def test_it_deletes_through_the_service_and_logs_it(
    desk: Client, mod: User, alice: User, bob: User
) -> None:
    tweet, other = post(alice), post(bob)
    act(desk, "delete_selected", [tweet, other], post="yes")
    assert row(tweet).deleted_at is not None, "the row stays"
    assert (tweets_of(alice), tweets_of(bob)) == (0, 0)
    assert counters.check() == []
    assert {entry[:2] for entry in logged()} == {
        (mod.pk, str(tweet.pk)),
        (mod.pk, str(other.pk)),
    }


def test_it_deletes_one_from_its_page(desk: Client, alice: User) -> None:
    tweet = post(alice, "<b>bold</b>")
    page = desk.get(address(Tweet, "change", tweet.pk)).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    desk.post(address(Tweet, "delete", tweet.pk), {"post": "yes"})
    assert row(tweet).deleted_at is not None
    assert tweets_of(alice) == 0


def test_deleting_again_changes_nothing(desk: Client, alice: User) -> None:
    tweet = post(alice)
    for _ in range(2):
        act(desk, "delete_selected", [tweet], post="yes")
    assert tweets_of(alice) == 0
    assert counters.check() == []


def test_tweets_are_neither_written_nor_changed_by_hand(desk: Client, alice: User) -> None:
    tweet = post(alice)
    assert desk.get(address(Tweet, "add")).status_code == 403
    response = desk.post(address(Tweet, "change", tweet.pk), {"text": "forged"})
    assert response.status_code == 403
    assert row(tweet).text == "hello"


def test_who_may_only_look_changes_nothing(bob: User, alice: User) -> None:
    tweet = post(alice)
    viewer = browser(bob, "tweets.view_tweet")
    for action in ("hide", "delete_selected"):
        act(viewer, action, [tweet], post="yes")
    assert row(tweet).hidden_at is None
    assert row(tweet).deleted_at is None


def test_the_list_takes_as_many_queries_for_many_tweets(
    desk: Client, person: Callable[..., User]
) -> None:
    first = post(person("first"))

    def grow() -> None:
        for number in range(9):
            author = person(f"author{number}")
            post(author, "re", reply_to_id=first.pk)
            marks.repost(user=author, tweet_id=first.pk)

    asserts_flat(desk, Tweet, grow)
