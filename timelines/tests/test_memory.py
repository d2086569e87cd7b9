"""Building and expiry: each timeline is built once, and unused ones do not stay in memory."""

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts import services as accounts
from accounts.models import User
from chirp.redis.client import client
from conftest import PASSWORD
from people import services as people
from tests.helpers.timelines import Drain, Person, is_warm, make_celebrity, post, read
from timelines import celebrities, services, store
from timelines.store import Span
from tweets import marks
from tweets.deleting import delete_tweet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bob_follows_alice(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()
    services.populate(viewer_id=bob.pk)


# --- 13 and 14: building ------------------------------------------------------------------------


def test_a_reader_does_not_wait_until_the_lease_of_a_dead_builder_ends(
    alice: User, bob: User, drain: Drain
) -> None:
    newest = post(alice)
    drain()
    store.drop([store.home(bob.pk)])
    assert store.announce([store.home(bob.pk)])  # the builder dies
    assert read(bob) == [newest]
    assert not is_warm(bob)
    assert client().exists(store.home(bob.pk).build), "the read did not wait for the lease to end"


def test_a_rebuild_without_visible_tweets_is_not_repeated(
    alice: User, bob: User, drain: Drain
) -> None:
    for _ in range(3):
        post(alice)
    drain()
    people.mute(muter=bob, muted=alice)
    store.drop([store.home(bob.pk)])
    assert read(bob) == []
    assert not services.populate(viewer_id=bob.pk), "the timeline is already warm"


def test_a_timeline_without_followees_is_built_once(charlie: User) -> None:
    assert read(charlie) == []
    assert is_warm(charlie)


def test_after_redis_was_emptied_homes_and_celebrities_are_built_again(
    alice: User, bob: User, drain: Drain
) -> None:
    make_celebrity(alice, drain)
    newest = post(alice)
    drain()
    client().flushall()
    assert read(bob) == [newest]
    assert is_warm(bob)
    assert store.peek(store.author(alice.pk)) == (0, [newest])


# --- 15: memory ---------------------------------------------------------------------------------


def test_nothing_but_reading_keeps_a_timeline_in_memory(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    client().expire(store.home(bob.pk).key, 100)
    theirs = post(charlie)
    people.follow(follower=bob, followee=charlie)
    post(alice)
    drain()
    delete_tweet(author=charlie, tweet_id=theirs)
    people.unfollow(follower=bob, followee=charlie)
    make_celebrity(alice, drain)
    post(alice)
    celebrities.set_override(author=alice, decision="push")
    drain()
    assert 0 < client().ttl(store.home(bob.pk).key) <= 100


def test_a_timeline_in_use_lives_as_long_as_the_setting_says(bob: User, settings: Settings) -> None:
    settings.HOME_TTL_DAYS = 2
    least = store.DAY_SECONDS
    services.rebuild(viewer_id=bob.pk)
    assert least < client().ttl(store.home(bob.pk).key) <= 2 * store.DAY_SECONDS
    client().expire(store.home(bob.pk).key, 100)
    read(bob)
    assert least < client().ttl(store.home(bob.pk).key) <= 2 * store.DAY_SECONDS


def test_after_expiry_nothing_is_stored_for_a_deactivated_account(
    alice: User, bob: User, drain: Drain
) -> None:
    accounts.deactivate(user=bob, password=PASSWORD, now=timezone.now())
    store.drop([store.home(bob.pk)])  # the timeline expires
    post(alice)
    people.follow(follower=bob, followee=alice)
    make_celebrity(alice, drain)
    celebrities.set_override(author=alice, decision="push")
    drain()
    kept = client().keys()
    assert [key for key in kept if "guesses:" not in str(key)] == []


def test_an_account_that_never_reads_costs_no_memory(
    alice: User, charlie: User, drain: Drain, person: Person
) -> None:
    client().flushall()
    dora = person("dora")
    for followee in (alice, dora):
        people.follow(follower=charlie, followee=followee)
    original = post(alice)
    marks.repost(user=dora, tweet_id=original)
    drain()
    people.unfollow(follower=charlie, followee=dora)
    delete_tweet(author=alice, tweet_id=original)
    drain()
    assert client().keys() == []


def test_an_unfinished_build_leaves_nothing(bob: User) -> None:
    store.drop([store.home(bob.pk)])
    store.announce([store.home(bob.pk)])
    store.push({store.home(bob.pk): [7]})
    store.add(Span([5], 0), [store.home(bob.pk)])
    assert 0 < client().pttl(store.home(bob.pk).build) <= store.LEASE_MS
