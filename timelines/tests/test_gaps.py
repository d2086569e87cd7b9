"""No gaps and no duplicates: ids, builds, trimming, and crossing the threshold."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from chirp.redis.client import RedisAway, client
from outbox.models import Event
from people import services as people
from tests.helpers.faults import embedded_servers, frozen
from tests.helpers.timelines import Drain, Person, deliver, held, make_celebrity, post, read, right
from timelines import celebrities, oracle, services, store
from timelines.models import PulledAuthor
from timelines.store import Span
from tweets import marks
from tweets.deleting import delete_tweet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bob_follows_alice(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()
    services.populate(viewer_id=bob.pk)


# --- 1: ids and doubles ------------------------------------------------------------------------


def test_the_floor_of_a_full_timeline_is_exact_for_large_ids(
    charlie: User, settings: Settings
) -> None:
    settings.HOME_MAX_LENGTH = 2
    largest = 2**53 - 1
    services.populate(viewer_id=charlie.pk)
    for id_ in range(largest - 8, largest + 1):
        store.push({store.home(charlie.pk): [id_]})
    assert store.peek(store.home(charlie.pk)) == (largest - 2, [largest, largest - 1])


# --- 2: gaps ------------------------------------------------------------------------------------


def test_a_merge_of_part_of_an_author_leaves_no_gap_below_it(
    bob: User, charlie: User, drain: Drain, settings: Settings
) -> None:
    settings.HOME_MAX_LENGTH = 4
    old = [post(charlie) for _ in range(6)]
    drain()
    people.follow(follower=bob, followee=charlie)
    drain()
    assert held(bob) == old[:1:-1]
    delete_tweet(author=charlie, tweet_id=old[-1])
    drain()  # there is room now, but the older tweets are below the floor
    right(bob)


def test_a_fan_out_after_the_merge_of_its_author_leaves_no_gap(
    alice: User, bob: User, charlie: User, drain: Drain, settings: Settings
) -> None:
    settings.HOME_MAX_LENGTH = 4
    for _ in range(3):
        post(alice)
        post(charlie)
    people.follow(follower=bob, followee=charlie)
    deliver("timelines.merge")
    assert len(held(bob)) == 3
    drain()
    right(bob)


def test_what_is_posted_just_before_a_build_begins_is_in_it(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.drop([store.home(bob.pk)])
    announce, posted = store.announce, []

    def post_and_announce(sources: list[store.Source]) -> dict[store.Source, str]:
        posted.append(post(alice))
        deliver("timelines.fan_out")
        return announce(sources)

    monkeypatch.setattr(store, "announce", post_and_announce)
    assert services.populate(viewer_id=bob.pk)
    assert held(bob) == posted


def test_a_timeline_that_is_finished_while_all_are_dropped_is_dropped_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Timelines are dropped after an import, and the builder may have read Postgres before it."""
    for owner in range(2_000):
        client().zadd(store.home(10_000 + owner).key, {"floor": 0})
    builders = store.announce([store.home(20_000 + owner) for owner in range(200)])
    send = store._send

    def finish_builds_and_send(*arguments: Any) -> list[Any]:
        if builders:
            store.finish(dict.fromkeys(builders, Span([], 0)), builders)
            builders.clear()
        return send(*arguments)

    monkeypatch.setattr(store, "_send", finish_builds_and_send)
    services.make_all_cold()
    assert builders == {}
    assert client().keys("home:*") == []


def test_one_busy_author_among_many_is_not_cut_short(
    bob: User, person: Person, drain: Drain, settings: Settings
) -> None:
    settings.HOME_MAX_LENGTH = 8
    authors = [person(f"author{n}") for n in range(12)]
    for author in authors:
        people.follow(follower=bob, followee=author)
    ids = [post(authors[7]) for _ in range(20)]
    store.drop([store.home(bob.pk)])
    assert read(bob) == ids[::-1]
    assert held(bob) == ids[:-9:-1]
    right(bob)


def test_many_own_entries_that_may_not_be_shown_are_not_the_end(
    bob: User, charlie: User, drain: Drain
) -> None:
    mine = post(bob)
    for _ in range(40):
        marks.repost(user=bob, tweet_id=post(charlie))
    drain()
    people.mute(muter=bob, muted=charlie)
    assert read(bob) == [mine]
    right(bob)


# --- 6: below the window ------------------------------------------------------------------------


def test_the_entry_at_the_floor_is_neither_skipped_nor_repeated(
    alice: User, bob: User, drain: Drain, settings: Settings
) -> None:
    settings.HOME_MAX_LENGTH = 5
    ids = [post(alice) for _ in range(8)]
    drain()
    assert store.peek(store.home(bob.pk)) == (ids[2], ids[:2:-1])
    for limit in (1, 5, 6, 20):
        assert [id_ for page in oracle.read_to_the_end(bob, limit) for id_ in page] == ids[::-1]


# --- 7: crossing the threshold ------------------------------------------------------------------


def test_a_timeline_built_in_the_middle_of_a_demotion_has_the_author(
    alice: User, bob: User, charlie: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celebrities, "STEP", 1)
    people.follow(follower=charlie, followee=alice)
    make_celebrity(alice, drain)
    unpushed = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    deliver("timelines.demote_range")  # merges for bob, and not yet for charlie
    store.drop_all_homes()
    assert read(bob) == read(charlie) == [unpushed]
    drain()
    assert not PulledAuthor.objects.exists()
    assert held(bob) == [unpushed]
    right(bob, charlie)


def test_a_new_follower_during_a_demotion_gets_the_author(
    alice: User, bob: User, charlie: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celebrities, "STEP", 1)
    people.follow(follower=charlie, followee=alice)
    people.unfollow(follower=bob, followee=alice)
    make_celebrity(alice, drain)
    unpushed = post(alice)
    drain()
    services.populate(viewer_id=bob.pk)
    celebrities.set_override(author=alice, decision="push")
    deliver("timelines.demote_range")  # merges for charlie, whose id is higher than bob's
    people.follow(follower=bob, followee=alice)
    deliver("timelines.merge")
    drain()
    assert not PulledAuthor.objects.exists()
    assert held(bob) == [unpushed]
    right(bob, charlie)


def test_the_last_step_of_an_earlier_demotion_does_not_end_a_later_one(
    alice: User, bob: User, charlie: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paused worker may run an old step, when the author already has another row."""
    monkeypatch.setattr(celebrities, "STEP", 2)
    people.follow(follower=charlie, followee=alice)
    make_celebrity(alice, drain)
    celebrities.set_override(author=alice, decision="push")
    deliver("timelines.demote_range")
    last = Event.objects.get(consumers=["timelines.demote_range"]).payload
    drain()
    make_celebrity(alice, drain)
    unpushed = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    celebrities.demote_range(**last)
    assert read(bob) == [unpushed]
    drain()
    assert held(bob) == [unpushed]


@pytest.mark.django_db(transaction=True)
def test_a_demotion_that_redis_interrupts_leaves_readers_pulling(
    alice: User, bob: User, drain: Drain
) -> None:
    make_celebrity(alice, drain)
    unpushed = post(alice)
    drain()
    celebrities.set_override(author=alice, decision="push")
    step = Event.objects.get(consumers=["timelines.demote_range"]).payload
    with frozen(embedded_servers().valkey), pytest.raises(RedisAway):
        celebrities.demote_range(**step)
    assert read(bob) == [unpushed]
    assert held(bob) == []
    drain()
    assert held(bob) == [unpushed]


# --- 16: trimming -------------------------------------------------------------------------------


def test_trimming_several_at_once_raises_the_floor_to_the_newest_of_them(
    alice: User, bob: User, drain: Drain, settings: Settings
) -> None:
    ids = [post(alice) for _ in range(6)]
    drain()
    settings.HOME_MAX_LENGTH = 3
    ids.append(post(alice))
    drain()
    assert store.peek(store.home(bob.pk)) == (ids[3], ids[:3:-1])
    right(bob)


def test_what_a_build_read_and_what_was_pushed_meanwhile_are_trimmed_together(
    charlie: User, settings: Settings
) -> None:
    settings.HOME_MAX_LENGTH = 5
    home = store.home(charlie.pk)
    tokens = store.announce([home])
    for id_ in (60, 70, 80):
        store.push({home: [id_]})
    assert store.finish({home: Span([50, 40, 30, 20, 10], 9)}, tokens)
    assert store.peek(home) == (30, [80, 70, 60, 50, 40])
