"""Concurrent writes, in threads that each have their own connection, like workers."""

import random
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import TokenFamily, User
from outbox.models import Event
from people import counters
from people import services as edges
from people.models import Block, Follow
from people.profile import update_profile
from tests.helpers.threads import Job, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def follow(one: User, other: User) -> Job:
    """A job in which the first account follows the second."""
    return lambda: edges.follow(follower=one, followee=other)


def unfollow(one: User, other: User) -> Job:
    """A job in which the first account unfollows the second."""
    return lambda: edges.unfollow(follower=one, followee=other)


def block(one: User, other: User) -> Job:
    """A job in which the first account blocks the second."""
    return lambda: edges.block(blocker=one, blocked=other)


def unblock(one: User, other: User) -> Job:
    """A job in which the first account unblocks the second."""
    return lambda: edges.unblock(blocker=one, blocked=other)


def events(topic: str, task: str) -> int:
    """The number of events of a topic that a task has to consume."""
    return Event.objects.filter(topic=topic, consumers__contains=[task]).count()


@pytest.fixture
def readers(person: Callable[[str], User], transactional_db: None) -> list[User]:
    """Fifty accounts."""
    return [person(f"reader{number}") for number in range(50)]


def test_concurrent_follows_and_unfollows_keep_the_count_right(
    alice: User, readers: list[User]
) -> None:
    assert at_once([follow(reader, alice) for reader in readers]) == []
    alice.refresh_from_db()
    assert alice.followers_count == 50
    # Half of them unfollow and the others follow again, so 25 remain.
    jobs = [
        (unfollow if number % 2 else follow)(reader, alice) for number, reader in enumerate(readers)
    ]
    assert at_once(jobs) == []
    alice.refresh_from_db()
    assert alice.followers_count == Follow.objects.count() == 25
    assert counters.check() == []
    assert events("follow.ended", "timelines.unmerge") == 25


def test_concurrent_repeats_of_a_follow_count_once(alice: User, bob: User) -> None:
    assert at_once([follow(bob, alice)] * 50) == []
    alice.refresh_from_db()
    assert alice.followers_count == Follow.objects.count() == 1
    assert events("follow.accepted", "timelines.merge") == 1


def test_concurrent_follows_and_blocks_do_not_deadlock(
    person: Callable[[str], User],
) -> None:
    people = [person(f"friend{number}") for number in range(6)]
    rng = random.Random(7)
    jobs: list[Job] = []
    for _ in range(48):
        one, other = rng.sample(people, 2)
        jobs.append(rng.choice([follow, unfollow, block, unblock])(one, other))
    assert [error for error in at_once(jobs) if not isinstance(error, edges.Blocked)] == []
    assert counters.check() == []
    for row in Block.objects.all():
        pair = [row.blocker_id, row.blocked_id]
        assert not Follow.objects.filter(follower_id__in=pair, followee_id__in=pair).exists()


def test_no_request_stays_pending_when_an_account_becomes_public(
    alice: User, readers: list[User]
) -> None:
    update_profile(user=alice, changes={"private": True})
    for reader in readers[:10]:
        edges.follow(follower=reader, followee=alice)
    jobs: list[Job] = [lambda: update_profile(user=alice, changes={"private": False})]
    jobs += [follow(reader, alice) for reader in readers[10:30]]
    jobs += [unfollow(reader, alice) for reader in readers[:5]]
    assert at_once(jobs) == []
    assert not Follow.objects.filter(since_id=None).exists()
    alice.refresh_from_db()
    assert alice.followers_count == 25
    assert counters.check() == []


def test_concurrent_use_of_a_refresh_token_revokes_its_family(alice: User) -> None:
    pair = tokens.issue(user=alice, now=timezone.now())
    raised = at_once([lambda: tokens.rotate(refresh=pair.refresh, now=timezone.now())] * 8)
    assert [type(error) for error in raised] == [tokens.BadToken] * 7
    assert not TokenFamily.objects.exists()


def test_a_repair_during_follows_leaves_the_counts_right(alice: User, readers: list[User]) -> None:
    for reader in readers[:20]:
        edges.follow(follower=reader, followee=alice)
    User.objects.filter(pk__in=[alice.pk, readers[0].pk]).update(followers_count=40)
    jobs: list[Job] = [counters.repair]
    jobs += [follow(reader, alice) for reader in readers[20:40]]
    assert at_once(jobs) == []
    assert counters.check() == []
