"""Who may reply and quote, and quotes that were detached."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from chirp.errors import NotFound
from people import services as people
from tests.helpers.tweets import at_once, post, row, walk
from tweets import deleting, marks, moderation, quotes
from tweets.models import Tweet
from tweets.posting import QuotesLimited, RepliesLimited, UnknownReference
from tweets.read.lists import quotes as quotes_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(person: Callable[..., User]) -> User:
    """An account that alice mentions."""
    return person("dora")


@pytest.fixture(autouse=True)
def _follows(alice: User, bob: User, charlie: User) -> None:
    people.follow(follower=alice, followee=bob)
    people.follow(follower=charlie, followee=alice)


def can_reply(tweet: Tweet, *users: User) -> list[str]:
    """The handles of the users who can reply to the tweet."""
    able = []
    for user in users:
        try:
            deleting.delete_tweet(author=user, tweet_id=post(user, reply_to_id=tweet.pk).pk)
        except RepliesLimited:
            continue
        able.append(user.handle)
    return able


def can_quote(tweet: Tweet, *users: User) -> list[str]:
    """The handles of the users who can quote the tweet."""
    able = []
    for user in users:
        try:
            post(user, quote_of_id=tweet.pk)
        except QuotesLimited:
            continue
        able.append(user.handle)
    return able


@pytest.mark.parametrize(
    ("replies_from", "able"),
    [
        ("everyone", ["alice", "bob", "charlie", "dora"]),
        ("followed", ["alice", "bob", "dora"]),
        ("mentioned", ["alice", "dora"]),
        ("nobody", ["alice"]),
    ],
)
def test_who_may_reply(
    alice: User, bob: User, charlie: User, dora: User, replies_from: str, able: list[str]
) -> None:
    everyone = (alice, bob, charlie, dora)
    root = post(alice, "Hi @dora", replies_from=replies_from)
    assert can_reply(root, *everyone) == able
    # The rule of the first tweet is that of the whole conversation, also when it is gone.
    second = post(alice, "More", reply_to_id=root.pk)
    assert row(second).replies_from == replies_from
    deleting.delete_tweet(author=alice, tweet_id=root.pk)
    assert can_reply(second, *everyone) == able


def test_a_request_to_follow_is_not_a_follow(alice: User, dora: User) -> None:
    User.objects.filter(pk=dora.pk).update(private=True)
    people.follow(follower=alice, followee=dora)
    root = post(alice, replies_from="followed")
    assert can_reply(root, dora) == []
    people.accept_request(followee=dora, follower=alice)
    assert can_reply(root, dora) == ["dora"]


def test_the_rule_is_that_of_the_first_author_for_replies_of_others(
    alice: User, bob: User, charlie: User
) -> None:
    people.follow(follower=bob, followee=charlie)
    reply = post(bob, reply_to_id=post(alice, replies_from="followed").pk)
    assert can_reply(reply, alice, bob, charlie) == ["alice", "bob"]


def test_a_repost_is_replied_to_as_its_original(alice: User, bob: User, charlie: User) -> None:
    repost = marks.repost(user=bob, tweet_id=post(alice, replies_from="nobody").pk)
    assert can_reply(repost, alice, bob, charlie) == ["alice"]


@pytest.mark.parametrize(
    ("quotes_from", "able"),
    [
        ("everyone", ["alice", "bob", "charlie"]),
        ("followers", ["alice", "charlie"]),
        ("nobody", ["alice"]),
    ],
)
def test_who_may_quote(
    alice: User, bob: User, charlie: User, quotes_from: str, able: list[str]
) -> None:
    tweet = post(alice, quotes_from=quotes_from)
    assert can_quote(tweet, alice, bob, charlie) == able
    marks.repost(user=bob, tweet_id=tweet.pk)  # is not limited


class TestDetaching:
    """quotes.detach_quote."""

    def test_the_count_and_the_list_follow(self, alice: User, bob: User, charlie: User) -> None:
        tweet = post(alice)
        one, two = post(bob, quote_of_id=tweet.pk), post(charlie, quote_of_id=tweet.pk)
        quotes.detach_quote(author=alice, quote_id=one.pk)
        quotes.detach_quote(author=alice, quote_id=one.pk)
        assert row(tweet).quotes_count == 1
        assert walk(quotes_of, viewer=bob, tweet_id=tweet.pk) == [two.pk]
        # Later changes of the detached quote leave the count alone.
        moderation.hide_tweet(tweet_id=one.pk, by=alice)
        moderation.unhide_tweet(tweet_id=one.pk, by=alice)
        deleting.delete_tweet(author=bob, tweet_id=one.pk)
        assert row(tweet).quotes_count == 1
        deleting.delete_tweet(author=charlie, tweet_id=two.pk)
        assert row(tweet).quotes_count == 0

    def test_it_works_across_a_block(self, alice: User, bob: User) -> None:
        tweet = post(alice)
        quote = post(bob, quote_of_id=tweet.pk)
        people.block(blocker=bob, blocked=alice)
        assert quotes.detach_quote(author=alice, quote_id=quote.pk) == tweet.pk

    @pytest.mark.django_db(transaction=True)
    def test_detaching_and_deleting_at_once_count_once(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        tweet = post(alice)
        posted = [post(bob, quote_of_id=tweet.pk) for _ in range(4)]
        calls: list[Callable[[], Any]] = []
        for quote in posted:
            calls.append(partial(_detach, alice, quote))
            calls.append(partial(deleting.delete_tweet, author=bob, tweet_id=quote.pk))
        calls.append(partial(post, charlie, quote_of_id=tweet.pk, reply_to_id=posted[0].pk))
        calls += [partial(post, charlie, quote_of_id=tweet.pk)] * 2
        at_once([partial(_unless_gone, call) for call in calls])
        left = Tweet.objects.filter(quote_of=tweet, deleted_at=None, quote_detached=False)
        assert row(tweet).quotes_count == left.count()


def _detach(author: User, quote: Tweet) -> None:
    quotes.detach_quote(author=author, quote_id=quote.pk)


def _unless_gone(call: Callable[[], object]) -> None:
    with suppress(NotFound, UnknownReference):
        call()
