"""Checking stored counts against the rows, and repairing them."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import User
from conftest import PASSWORD
from people import counters as people_counters
from people import services as people
from people.profile import update_profile
from tests.helpers.tweets import post, row
from tweets import counters, deleting, marks, moderation
from tweets.models import Tweet


@pytest.fixture
def counted_tweet(alice: User, bob: User) -> Tweet:
    """A tweet of alice with every kind of count, after some of the changes were undone."""
    tweet = post(alice)
    post(bob, reply_to_id=tweet.pk, quote_of_id=tweet.pk)
    marks.repost(user=bob, tweet_id=tweet.pk)
    marks.like(user=bob, tweet_id=tweet.pk)
    deleting.delete_tweet(author=bob, tweet_id=post(bob, reply_to_id=tweet.pk).pk)
    marks.repost(user=alice, tweet_id=tweet.pk)
    marks.undo_repost(user=alice, tweet_id=tweet.pk)
    post(bob, quote_of_id=tweet.pk)
    moderation.hide_tweet(tweet_id=post(bob, quote_of_id=tweet.pk).pk, by=alice)
    return tweet


def test_services_keep_the_counts_correct(
    counted_tweet: Tweet, alice: User, drain: Callable[..., int]
) -> None:
    assert counters.check() == []
    deleting.delete_tweet(author=alice, tweet_id=counted_tweet.pk)
    drain()
    assert counters.check() == []
    assert counters.repair() == 0


def test_every_wrong_count_is_found_and_repaired(counted_tweet: Tweet, bob: User) -> None:
    correct = row(counted_tweet)
    User.objects.filter(pk=bob.pk).update(tweets_count=8, likes_count=9)
    Tweet.objects.filter(pk=counted_tweet.pk).update(
        likes_count=0, reposts_count=5, quotes_count=6, replies_count=7
    )
    assert [str(mismatch) for mismatch in counters.check()] == [
        f"user {bob.pk}: tweets is 8, should be 3",
        f"user {bob.pk}: likes is 9, should be 1",
        f"tweet {counted_tweet.pk}: likes is 0, should be 1",
        f"tweet {counted_tweet.pk}: reposts is 5, should be 1",
        f"tweet {counted_tweet.pk}: quotes is 6, should be 2",
        f"tweet {counted_tweet.pk}: replies is 7, should be 1",
    ]
    assert counters.repair() == 2
    assert counters.check() == []
    assert row(counted_tweet).likes_count == correct.likes_count


def counts_of(tweet: Tweet, *accounts: User) -> tuple[list[int], list[int]]:
    """Replies, quotes, reposts and likes of the tweet, and the numbers of tweets of accounts."""
    found = row(tweet)
    counts = [found.replies_count, found.quotes_count, found.reposts_count, found.likes_count]
    return counts, [User.objects.get(pk=account.pk).tweets_count for account in accounts]


def react(user: User, tweet: Tweet) -> None:
    """Reply to a tweet, quote, repost and like it."""
    post(user, reply_to_id=tweet.pk)
    post(user, quote_of_id=tweet.pk)
    marks.repost(user=user, tweet_id=tweet.pk)
    marks.like(user=user, tweet_id=tweet.pk)


@pytest.mark.parametrize("visibility", ["followers", "direct"])
def test_only_what_everyone_sees_is_counted(alice: User, bob: User, visibility: str) -> None:
    tweet = post(alice)
    post(bob, "for few", reply_to_id=tweet.pk, quote_of_id=tweet.pk, visibility=visibility)
    post(bob, "for all", reply_to_id=tweet.pk, visibility="unlisted")
    assert counts_of(tweet, bob) == ([1, 0, 0, 0], [1])
    assert counters.check() == []


def test_a_private_account_counts_its_own_tweets_only(alice: User, bob: User) -> None:
    tweet = post(alice)
    update_profile(user=bob, changes={"private": True})
    react(bob, tweet)
    assert counts_of(tweet, bob) == ([0, 0, 0, 0], [3])
    marks.unlike(user=bob, tweet_id=tweet.pk)
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    assert counts_of(tweet, bob) == ([0, 0, 0, 0], [2])
    assert counters.check() == []


GO_AND_RETURN: dict[str, tuple[Callable[[User], object], Callable[[User], object]]] = {
    "private": (
        lambda user: update_profile(user=user, changes={"private": True}),
        lambda user: update_profile(user=user, changes={"private": False}),
    ),
    "deactivated": (
        lambda user: services.deactivate(user=user, password=PASSWORD, now=timezone.now()),
        lambda user: services.reactivate(user=user),
    ),
    "suspended": (
        lambda user: services.suspend(user=user, by=user, now=timezone.now()),
        lambda user: services.unsuspend(user=user, by=user),
    ),
}


@pytest.mark.parametrize("how", GO_AND_RETURN)
@pytest.mark.parametrize("times", [1, 2])
def test_counts_follow_an_account_that_goes_and_returns(
    alice: User, bob: User, drain: Callable[..., int], how: str, times: int
) -> None:
    go, come_back = GO_AND_RETURN[how]
    tweet, theirs = post(alice), post(bob)
    react(bob, tweet)
    marks.repost(user=alice, tweet_id=theirs.pk)
    people.follow(follower=alice, followee=bob)
    before = ([1, 1, 1, 1], [2])
    assert counts_of(tweet, alice) == before
    go(bob)
    drain(times=times)
    assert counts_of(tweet, alice) == ([0, 0, 0, 0], [1])
    assert User.objects.get(pk=alice.pk).following_count == (1 if how == "private" else 0)
    assert [*counters.check(), *people_counters.check()] == []
    come_back(bob)
    drain(times=times)
    assert counts_of(tweet, alice) == before
    assert User.objects.get(pk=alice.pk).following_count == 1
    assert [*counters.check(), *people_counters.check()] == []


def test_undoing_before_counts_are_redone_counts_once(
    alice: User, bob: User, drain: Callable[..., int]
) -> None:
    """Back and forth, so that what is stored is right for neither state."""
    tweet = post(alice)
    react(bob, tweet)
    reply = Tweet.objects.get(reply_to=tweet)
    people.follow(follower=alice, followee=bob)
    go, come_back = GO_AND_RETURN["private"]
    go(bob)
    drain()
    come_back(bob)  # nothing is counted again yet
    marks.unlike(user=bob, tweet_id=tweet.pk)
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    deleting.delete_tweet(author=bob, tweet_id=reply.pk)
    services.suspend(user=bob, by=alice, now=timezone.now())
    people.unfollow(follower=alice, followee=bob)
    drain()
    services.unsuspend(user=bob, by=alice)
    drain()
    assert counts_of(tweet) == ([0, 1, 0, 0], [])
    assert [*counters.check(), *people_counters.check()] == []


def test_reposts_of_a_deleted_tweet_leave_every_count(
    alice: User, bob: User, drain: Callable[..., int]
) -> None:
    tweet = post(alice)
    marks.repost(user=bob, tweet_id=tweet.pk)
    deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
    drain()
    assert counts_of(tweet, bob)[1] == [0]
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    assert counts_of(tweet, bob)[1] == [0]
    assert counters.check() == []
