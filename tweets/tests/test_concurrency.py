"""Concurrent changes by one account or by many: counts stay correct, and nothing deadlocks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import transaction

from accounts.models import User
from chirp.errors import NotFound
from tests.helpers.tweets import at_once, post, row, topics, tweets_of, wait_for_a_waiter
from tweets import deleting, marks
from tweets.models import Like, Tweet

FIFTY = 50
pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_concurrent_likes_of_one_user_count_once(alice: User, bob: User) -> None:
    tweet = post(alice)
    at_once([partial(marks.like, user=bob, tweet_id=tweet.pk)] * FIFTY)
    bob.refresh_from_db()
    assert (row(tweet).likes_count, bob.likes_count, Like.objects.count()) == (1, 1, 1)


def test_fifty_concurrent_reposts_of_one_user_create_one(alice: User, bob: User) -> None:
    tweet = post(alice)
    reposts = at_once([partial(marks.repost, user=bob, tweet_id=tweet.pk)] * FIFTY)
    assert len({repost.pk for repost in reposts if isinstance(repost, Tweet)}) == 1
    assert (row(tweet).reposts_count, tweets_of(bob)) == (1, 1)
    assert len(topics()) == 3


def test_fifty_concurrent_deletes_of_one_tweet_count_once(alice: User, bob: User) -> None:
    tweet = post(alice)
    reply = post(bob, reply_to_id=tweet.pk)
    at_once([partial(deleting.delete_tweet, author=bob, tweet_id=reply.pk)] * FIFTY)
    assert (row(tweet).replies_count, tweets_of(bob)) == (0, 0)
    assert len(topics()) == 4


def test_concurrent_likes_and_unlikes_leave_counts_that_match_the_rows(
    alice: User, bob: User
) -> None:
    tweet = post(alice)
    actions = [marks.like, marks.unlike] * (FIFTY // 2)
    at_once([partial(action, user=bob, tweet_id=tweet.pk) for action in actions])
    bob.refresh_from_db()
    assert row(tweet).likes_count == bob.likes_count == Like.objects.count()


def test_many_users_like_and_repost_one_tweet(alice: User, person: Callable[..., User]) -> None:
    tweet = post(alice)
    users = [person(f"p{number}") for number in range(12)]
    actions: list[Callable[..., object]] = [marks.like, marks.repost]
    at_once([partial(act, user=user, tweet_id=tweet.pk) for user in users for act in actions])
    assert (row(tweet).likes_count, row(tweet).reposts_count) == (12, 12)


def test_concurrent_replies_quotes_and_deletes_never_deadlock(
    alice: User, bob: User, charlie: User
) -> None:
    one, two = post(alice), post(bob)
    to_delete = [post(user, reply_to_id=one.pk, quote_of_id=two.pk) for user in (alice, bob)] * 2
    calls: list[Callable[[], object]] = []
    for user in (alice, bob, charlie):
        calls += [
            partial(post, user, reply_to_id=one.pk, quote_of_id=two.pk),
            partial(post, user, reply_to_id=two.pk, quote_of_id=one.pk),
            partial(marks.like, user=user, tweet_id=two.pk),
            partial(marks.repost, user=user, tweet_id=one.pk),
        ] * 3
    calls += [partial(deleting.delete_tweet, author=t.author, tweet_id=t.pk) for t in to_delete]
    at_once(calls)
    for tweet, other in ((one, two), (two, one)):
        existing = Tweet.objects.filter(deleted_at=None)
        assert row(tweet).replies_count == existing.filter(reply_to=tweet).count() == 9
        assert row(tweet).quotes_count == existing.filter(quote_of=tweet).count() == 9
        assert tweet.author_id != other.author_id
    for user in (alice, bob, charlie):
        assert tweets_of(user) == Tweet.objects.filter(author=user, deleted_at=None).count()


def test_a_like_that_races_a_delete_is_either_counted_or_refused(
    alice: User, person: Callable[..., User]
) -> None:
    tweet = post(alice)
    users = [person(f"p{number}") for number in range(10)]

    def like(user: User) -> bool:
        try:
            marks.like(user=user, tweet_id=tweet.pk)
        except NotFound:
            return False
        return True

    calls: list[Callable[[], object]] = [partial(like, user) for user in users]
    calls.insert(5, partial(deleting.delete_tweet, author=alice, tweet_id=tweet.pk))
    liked = at_once(calls)
    assert row(tweet).likes_count == Like.objects.count() == liked.count(True)


def test_the_tweets_of_one_author_are_committed_in_the_order_of_their_ids(alice: User) -> None:
    tweets = at_once([partial(post, alice)] * 10)
    commits = [pk for topic, pk in topics() if topic == "tweet.posted"]
    assert commits == sorted(commits)
    assert len(tweets) == len(commits) == 10


@pytest.mark.parametrize("change", ["post", "delete"])
def test_tweets_are_locked_in_the_order_of_their_ids(alice: User, bob: User, change: str) -> None:
    low, high = post(alice), post(alice)
    reply = post(bob, reply_to_id=high.pk, quote_of_id=low.pk)
    calls: dict[str, Callable[[], object]] = {
        "post": partial(post, bob, reply_to_id=high.pk, quote_of_id=low.pk),
        "delete": partial(deleting.delete_tweet, author=bob, tweet_id=reply.pk),
    }
    unlocked = {"post": high, "delete": reply}[change]
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            Tweet.objects.select_for_update(no_key=True).get(pk=low.pk)
            running = thread.submit(at_once, [calls[change]])
            wait_for_a_waiter()
            # The change waits for the lower id, so it must not hold the lock on the higher one.
            Tweet.objects.select_for_update(no_key=True, nowait=True).get(pk=unlocked.pk)
        running.result()
