"""Tweets of the past are where they belong in every timeline, and nobody is notified."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chirp.pagination import PageRequest
from notifications.models import Notification
from people.services import follow
from search.tweets import search_tweets
from tests.helpers.timelines import Drain, Person, held, make_celebrity, post, read, right
from tweets import counters, history
from tweets.history import PastTweet
from tweets.models import Tweet
from tweets.read.facts import Facts

LONG_AGO = datetime(2012, 3, 4, 5, 6, 7, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("redis")


def write(author: User, *moments: datetime, text: str = "of the past", **more: Any) -> list[int]:
    """Write tweets of these moments, and return their ids."""
    ids = history.ids_for(moments)
    with transaction.atomic():
        tweets = [
            PastTweet(id=id_, text=text, written_at=moment, **more)
            for id_, moment in zip(ids, moments, strict=True)
        ]
        history.write(author=author, tweets=tweets)
        history.end(author_id=author.pk)
    return ids


def days_ago(number: int) -> datetime:
    """A moment of the past."""
    return timezone.now() - timedelta(days=number)


def test_they_are_in_home_at_their_dates(
    alice: User, bob: User, charlie: User, person: Person, drain: Drain, settings: Any
) -> None:
    settings.HOME_MAX_LENGTH = 4
    follow(follower=bob, followee=alice)
    follow(follower=bob, followee=charlie)
    (between,) = write(charlie, days_ago(5))
    drain()
    newest = post(charlie)
    drain()
    assert read(bob) == [newest, between], "the timeline is warm now"
    ids = write(alice, days_ago(9), days_ago(4), LONG_AGO)
    drain(times=2)
    assert read(bob) == [newest, ids[1], between, ids[0], ids[2]]
    assert held(bob) == [newest, ids[1], between, ids[0]]
    right(alice, bob)
    make_celebrity(charlie, drain)
    assert read(bob)[0] == newest, "the set of the pulled author is warm too"
    write(charlie, days_ago(3), days_ago(20), LONG_AGO)
    drain()
    right(alice, bob, charlie)


def test_followers_in_many_steps_get_them_all(
    alice: User, person: Person, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timelines.history.AT_ONCE", 2)
    followers = [person(f"f{number}") for number in range(5)]
    for follower in followers:
        follow(follower=follower, followee=alice)
    first = post(alice)
    drain()
    assert [read(follower) for follower in followers] == [[first]] * 5
    (past,) = write(alice, days_ago(1))
    drain()
    assert [held(follower) for follower in followers] == [[first, past]] * 5


def test_with_backfill_off_followers_do_not_have_them(
    alice: User, bob: User, drain: Drain, settings: Any
) -> None:
    settings.TIMELINE_BACKFILL_ON_FOLLOW = False
    follow(follower=bob, followee=alice)
    write(alice, days_ago(1))
    drain()
    assert read(bob) == []
    right(bob)


def test_nobody_is_notified_and_names_mention_nobody(alice: User, bob: User, drain: Drain) -> None:
    follow(follower=bob, followee=alice, notify=True)
    drain()
    before = Notification.objects.count()
    (id_,) = write(alice, days_ago(1), text="hello @bob #chirp")
    drain()
    assert Notification.objects.count() == before
    assert not Tweet.objects.get(pk=id_).mention_rows.exists()
    assert Tweet.objects.get(pk=id_).hashtag_rows.count() == 1


def test_they_are_counted_found_by_their_date_and_have_it(alice: User, drain: Drain) -> None:
    old, hidden = write(alice, LONG_AGO), write(alice, LONG_AGO, visibility="followers")
    reply = write(alice, LONG_AGO + timedelta(hours=1), reply_to_id=old[0])
    drain()
    alice.refresh_from_db()
    tweet = Tweet.objects.get(pk=old[0])
    assert (alice.tweets_count, tweet.replies_count, tweet.created_at) == (2, 1, LONG_AGO)
    assert counters.check() == []
    assert Tweet.objects.get(pk=reply[0]).conversation_id == tweet.pk
    assert found(alice, "past since:2012-03-04 until:2012-03-05") == {*old, *hidden, *reply}
    assert found(alice, "past since:2012-03-06") == set()
    assert old[0] < post(alice)


def found(viewer: User, query: str) -> set[int]:
    """The ids of the tweets that a search finds."""
    page = search_tweets(viewer=viewer, query=query, page=PageRequest())
    results: list[Facts] = list(page.results)
    return {tweet.id for tweet in results}


def test_ids_of_the_same_moment_are_different_and_in_order(alice: User, bob: User) -> None:
    moments = [LONG_AGO] * 30
    first, second = write(alice, *moments), write(bob, *moments)
    assert len({*first, *second}) == 60
    assert history.ids_for([datetime(1970, 1, 1, tzinfo=UTC)])[0] >= 1


def test_ids_of_before_2006_are_found_with_few_queries(alice: User) -> None:
    """They all count as of the first moment of 2006, so each one finds others in its place."""
    old = [datetime(1999, 1, 1 + day % 28, tzinfo=UTC) for day in range(60)]
    write(alice, *old)
    with CaptureQueriesContext(connection) as queries:
        more = history.ids_for(old)
    assert more == sorted(more)
    assert len(queries) <= 2 * len(old) + 5  # and not one for each that is passed over
    write(alice, *old)
    assert Tweet.objects.filter(pk__lt=130).count() == 120


def test_a_reply_to_somebody_elses_tweet_is_a_tweet_of_its_own(alice: User, bob: User) -> None:
    (id_,) = write(alice, LONG_AGO, reply_to_id=post(bob))
    assert Tweet.objects.get(pk=id_).reply_to_id is None
