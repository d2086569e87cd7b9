"""Counts are checked against rows, and set right."""

import pytest

from accounts.models import User
from tests.helpers.tweets import post, row
from tweets import counters, deleting, marks, moderation
from tweets.models import Tweet


@pytest.fixture
def lively(alice: User, bob: User) -> Tweet:
    """A tweet of alice with everything that is counted, some of it taken back."""
    tweet = post(alice)
    post(bob, reply_to_id=tweet.pk, quote_of_id=tweet.pk)
    marks.repost(user=bob, tweet_id=tweet.pk)
    marks.like(user=bob, tweet_id=tweet.pk)
    deleting.delete_tweet(author=bob, tweet_id=post(bob, reply_to_id=tweet.pk).pk)
    marks.repost(user=alice, tweet_id=tweet.pk)
    marks.undo_repost(user=alice, tweet_id=tweet.pk)
    moderation.hide_tweet(tweet_id=post(bob, quote_of_id=tweet.pk).pk, by=alice)
    return tweet


def test_what_the_services_leave_is_right(lively: Tweet, alice: User) -> None:
    assert counters.check() == []
    deleting.delete_tweet(author=alice, tweet_id=lively.pk)
    assert counters.check() == []
    assert counters.repair() == 0


def test_every_wrong_count_is_found_and_set_right(lively: Tweet, bob: User) -> None:
    right = row(lively)
    User.objects.filter(pk=bob.pk).update(tweets_count=8, likes_count=9)
    Tweet.objects.filter(pk=lively.pk).update(
        likes_count=0, reposts_count=5, quotes_count=6, replies_count=7
    )
    assert [str(mismatch) for mismatch in counters.check()] == [
        f"user {bob.pk}: tweets is 8, should be 3",
        f"user {bob.pk}: likes is 9, should be 1",
        f"tweet {lively.pk}: likes is 0, should be 1",
        f"tweet {lively.pk}: reposts is 5, should be 1",
        f"tweet {lively.pk}: quotes is 6, should be 2",
        f"tweet {lively.pk}: replies is 7, should be 1",
    ]
    assert counters.repair() == 2
    assert counters.check() == []
    assert row(lively).likes_count == right.likes_count
