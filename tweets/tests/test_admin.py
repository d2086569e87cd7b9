"""Tweets in the admin."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from chirp import admin
from tests.helpers.admin import act, address, asks, asserts_flat, browser, logged, shown
from tests.helpers.tweets import post, row, tweets_of
from tweets import counters, deleting, marks, moderation
from tweets.models import Tweet
from tweets.places import NewPlace
from tweets.read.hydrate import hydrate


@pytest.fixture
def mod(person: Callable[..., User]) -> User:
    """A moderator."""
    return person("warden")


@pytest.fixture
def mod_client(mod: User) -> Client:
    """A client that the moderator is signed in with."""
    return browser(mod, "tweets.change_tweet", "tweets.delete_tweet")


def test_it_finds_tweets_by_text_author_and_id(mod_client: Client, alice: User, bob: User) -> None:
    one = post(alice, "The quick brown fox")
    other = post(bob, "A lazy dog")
    assert shown(mod_client, Tweet, "?q=fox+QUICK") == [one.pk]
    assert shown(mod_client, Tweet, "?q=@BOB") == [other.pk]
    assert shown(mod_client, Tweet, f"?q={one.pk}") == [one.pk]
    assert shown(mod_client, Tweet, "?q=@nobody") == []
    assert shown(mod_client, Tweet) == [other.pk, one.pk]


def test_it_finds_all_tweets_of_an_author_and_all_hidden_and_deleted_ones(
    mod_client: Client, mod: User, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, deleted, existing = post(alice, "one"), post(alice, "two"), post(alice, "three")
    newest = post(bob, "four")
    moderation.hide_tweet(tweet_id=hidden.pk, by=mod)
    deleting.delete_tweet(author=alice, tweet_id=deleted.pk)
    monkeypatch.setattr(admin, "LOOKED_THROUGH", 1)
    assert shown(mod_client, Tweet, "?q=@alice") == [existing.pk, deleted.pk, hidden.pk]
    assert shown(mod_client, Tweet, "?state=hidden") == [hidden.pk]
    assert shown(mod_client, Tweet, "?state=deleted") == [deleted.pk]
    assert shown(mod_client, Tweet, "?q=o") == [newest.pk]


def test_it_does_not_show_direct_tweets_and_places(mod_client: Client, alice: User) -> None:
    place = NewPlace(52.5162746, 13.3777041, name="At the gate", exact=True)
    direct = post(alice, "psst @mod secret", visibility="direct", spoiler="hush", location=place)
    assert shown(mod_client, Tweet, "?q=secret") == []
    assert shown(mod_client, Tweet) == [direct.pk]
    for path in (address(Tweet), f"{address(Tweet)}{direct.pk}/change/"):
        found = mod_client.get(path).content.decode()
        assert "a direct tweet" in found
        assert not [word for word in ("secret", "hush", "52.5", "the gate") if word in found]


def test_it_filters(mod_client: Client, mod: User, alice: User, bob: User) -> None:
    tweet = post(alice)
    reply = post(bob, "re", reply_to_id=tweet.pk)
    quote = post(bob, "look", quote_of_id=tweet.pk)
    repost = marks.repost(user=bob, tweet_id=tweet.pk)
    moderation.hide_tweet(tweet_id=reply.pk, by=mod)
    deleting.delete_tweet(author=bob, tweet_id=quote.pk)
    assert shown(mod_client, Tweet, "?kind=reply") == [reply.pk]
    assert shown(mod_client, Tweet, "?kind=quote") == [quote.pk]
    assert shown(mod_client, Tweet, "?kind=repost") == [repost.pk]
    assert shown(mod_client, Tweet, "?state=hidden") == [reply.pk]
    assert shown(mod_client, Tweet, "?state=deleted") == [quote.pk]
    assert shown(mod_client, Tweet, "?state=standing") == [repost.pk, tweet.pk]


@pytest.mark.parametrize("query", ["?q=%00", f"?q={'9' * 40}", "?q=@", "?kind=junk", "?q=%22("])
def test_junk_in_the_address_is_no_error(mod_client: Client, alice: User, query: str) -> None:
    post(alice)
    assert mod_client.get(f"{address(Tweet)}{query}", follow=True).status_code == 200


def test_it_hides_through_the_service_and_logs_it(
    mod_client: Client, mod: User, alice: User
) -> None:
    tweet = post(alice)
    assert act(mod_client, "hide", [tweet]) == ["Hidden: 1."]
    assert hydrate([tweet.pk], viewer_id=None)[0].gone
    assert logged() == [(mod.pk, str(tweet.pk), "Hidden")]


def test_hiding_is_asked_about_first(mod_client: Client, alice: User, bob: User) -> None:
    tweets = [post(alice, "<b>bold</b>"), post(bob, "@alice psst", visibility="direct")]
    data = {"action": "hide", "_selected_action": [tweet.pk for tweet in tweets]}
    question = mod_client.post(address(Tweet), data)
    assert asks(question)
    page = question.content.decode()
    assert "Hide: 2 tweets?" in page
    assert f"@alice: &lt;b&gt;bold&lt;/b&gt; ({tweets[0].pk})" in page
    assert "psst" not in page, "operators may not read direct tweets"
    assert row(tweets[0]).hidden_at is None


def test_it_restores_a_hidden_tweet(mod_client: Client, mod: User, alice: User) -> None:
    tweet = post(alice)
    moderation.hide_tweet(tweet_id=tweet.pk, by=mod)
    assert act(mod_client, "unhide", [tweet]) == ["Restored: 1."]
    assert not hydrate([tweet.pk], viewer_id=None)[0].gone
    assert logged() == [(mod.pk, str(tweet.pk), "Restored")]


def test_the_confirmation_page_lists_only_the_tweets(
    mod_client: Client, alice: User, bob: User
) -> None:
    tweet = post(alice, "to be deleted")
    marks.like(user=bob, tweet_id=tweet.pk)
    data = {"action": "delete_selected", "_selected_action": [tweet.pk]}
    page = mod_client.post(address(Tweet), data).content.decode()
    assert "@alice: to be deleted" in page
    assert "Like" not in page
    assert row(tweet).deleted_at is None


def test_it_deletes_through_the_service_and_logs_it(
    mod_client: Client, mod: User, alice: User, bob: User
) -> None:
    tweet, other = post(alice), post(bob)
    act(mod_client, "delete_selected", [tweet, other], post="yes")
    assert row(tweet).deleted_at is not None, "the row is kept"
    assert (tweets_of(alice), tweets_of(bob)) == (0, 0)
    assert counters.check() == []
    assert {entry[:2] for entry in logged()} == {
        (mod.pk, str(tweet.pk)),
        (mod.pk, str(other.pk)),
    }


def test_it_deletes_a_tweet_from_its_page(mod_client: Client, alice: User) -> None:
    tweet = post(alice, "<b>bold</b>")
    page = mod_client.get(address(Tweet, "change", tweet.pk)).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    mod_client.post(address(Tweet, "delete", tweet.pk), {"post": "yes"})
    assert row(tweet).deleted_at is not None
    assert tweets_of(alice) == 0


def test_deleting_again_changes_nothing(mod_client: Client, alice: User) -> None:
    tweet = post(alice)
    for _ in range(2):
        act(mod_client, "delete_selected", [tweet], post="yes")
    assert tweets_of(alice) == 0
    assert counters.check() == []


def test_tweets_cannot_be_added_or_changed(mod_client: Client, alice: User) -> None:
    tweet = post(alice)
    assert mod_client.get(address(Tweet, "add")).status_code == 403
    response = mod_client.post(address(Tweet, "change", tweet.pk), {"text": "forged"})
    assert response.status_code == 403
    assert row(tweet).text == "hello"


def test_the_view_permission_allows_no_change(bob: User, alice: User) -> None:
    tweet = post(alice)
    viewer = browser(bob, "tweets.view_tweet")
    for action in ("hide", "delete_selected"):
        act(viewer, action, [tweet], post="yes")
    assert row(tweet).hidden_at is None
    assert row(tweet).deleted_at is None


def test_the_number_of_queries_does_not_depend_on_the_number_of_tweets(
    mod_client: Client, person: Callable[..., User]
) -> None:
    first = post(person("first"))

    def add_tweets() -> None:
        for number in range(9):
            author = person(f"author{number}")
            post(author, "re", reply_to_id=first.pk)
            marks.repost(user=author, tweet_id=first.pk)

    asserts_flat(mod_client, Tweet, add_tweets)
