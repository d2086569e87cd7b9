"""Checking stored counts against the rows, and repairing them."""

import pytest

from accounts.models import User
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
    moderation.hide_tweet(tweet_id=post(bob, quote_of_id=tweet.pk).pk, by=alice)
    return tweet


def test_services_keep_the_counts_correct(counted_tweet: Tweet, alice: User) -> None:
    assert counters.check() == []
    deleting.delete_tweet(author=alice, tweet_id=counted_tweet.pk)
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
