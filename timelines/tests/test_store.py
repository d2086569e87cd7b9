"""The store on a real server: floors, trimming, builds and concurrent builders."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from chirp.redis.client import client
from timelines import store
from timelines.store import Slice, Source, Span

pytestmark = pytest.mark.usefixtures("redis")

HOME = store.home(7)
BIG = 2**53 - 10  # near the largest id that a double holds exactly


@pytest.fixture(autouse=True)
def _short(settings: Settings) -> None:
    settings.HOME_MAX_LENGTH = 5


def warm(ids: list[int], floor: int = 0, source: Source = HOME) -> None:
    tokens = store.announce([source])
    assert store.finish({source: Span(ids, floor)}, tokens)


def read(below: int = 2**53, limit: int = 10) -> Slice | None:
    return store.read([HOME], below=below, limit=limit)[HOME]


def test_an_unknown_timeline_is_cold() -> None:
    assert read() is None


def test_an_empty_timeline_can_be_warm() -> None:
    warm([])
    assert read() == Slice([], 0)


def test_a_push_never_creates_a_timeline() -> None:
    assert store.push({HOME: [5]}) == 0
    assert client().keys() == []
    assert read() is None


def test_a_push_to_a_warm_timeline_can_be_read() -> None:
    warm([3, 1])
    assert store.push({HOME: [5]}) == 1
    assert read() == Slice([5, 3, 1], 0)


def test_the_same_push_twice_changes_nothing() -> None:
    warm([1])
    store.push({HOME: [5]})
    assert store.push({HOME: [5]}) == 0
    assert read() == Slice([5, 1], 0)


def test_ids_near_the_limit_of_doubles_stay_apart() -> None:
    ids = [BIG + offset for offset in range(5)]
    warm([])
    for id_ in ids:
        store.push({HOME: [id_]})
    assert read() == Slice(ids[::-1], 0)
    assert read(below=BIG + 3) == Slice([BIG + 2, BIG + 1, BIG], 0)


def test_a_full_timeline_keeps_exactly_the_newest_and_raises_its_floor() -> None:
    warm([10, 20, 30, 40, 50])
    assert read() == Slice([50, 40, 30, 20, 10], 0)
    store.push({HOME: [60]})
    assert read() == Slice([60, 50, 40, 30, 20], 10)
    store.push({HOME: [70]})
    assert read() == Slice([70, 60, 50, 40, 30], 20)
    assert store.peek(HOME) == (20, [70, 60, 50, 40, 30]), "there are ids that a read leaves out"


def test_a_late_push_below_the_floor_adds_nothing() -> None:
    warm([20, 30, 40, 50, 60], floor=15)
    assert store.push({HOME: [12]}) == 0
    assert store.push({HOME: [15]}) == 0
    assert read() == Slice([60, 50, 40, 30, 20], 15)


def test_a_late_push_is_inserted_in_order() -> None:
    warm([20, 40])
    store.push({HOME: [30]})
    assert read() == Slice([40, 30, 20], 0)


def test_a_slice_that_was_cut_ends_with_its_last_id() -> None:
    warm([1, 2, 3, 4])
    assert read(limit=2) == Slice([4, 3], 2)
    assert read(below=3, limit=2) == Slice([2, 1], 0)
    assert read(below=3, limit=3) == Slice([2, 1], 0)


def test_below_the_floor_there_is_nothing_to_read() -> None:
    warm([20, 30], floor=15)
    assert read(below=15) == Slice([], 15)


def test_a_merge_raises_the_floor_to_the_floor_of_its_span() -> None:
    warm([10, 50])
    store.add(Span([40, 30], floor=29), [HOME])
    assert read() == Slice([50, 40, 30], 29)


def test_merged_ids_are_trimmed_like_pushed_ones() -> None:
    warm([10, 50])
    store.add(Span([60, 40, 30, 20], floor=0), [HOME])
    assert read() == Slice([60, 50, 40, 30, 20], 10)


def test_nothing_is_merged_into_a_cold_timeline() -> None:
    assert store.add(Span([1], 0), [HOME]) == 0
    assert client().keys() == []


def test_removing_an_id_leaves_the_others_and_the_floor() -> None:
    warm([10, 20, 30])
    store.remove([20], [HOME])
    assert read() == Slice([30, 10], 0)


def test_pushes_during_a_build_are_in_the_result() -> None:
    tokens = store.announce([HOME])
    assert read() is None
    store.push({HOME: [30]})
    store.add(Span([25], 0), [HOME])
    assert store.finish({HOME: Span([20, 10], 0)}, tokens)
    assert read() == Slice([30, 25, 20, 10], 0)


def test_a_merge_into_a_build_can_raise_the_floor_of_the_result() -> None:
    tokens = store.announce([HOME])
    store.add(Span([25], floor=24), [HOME])
    assert store.finish({HOME: Span([30, 20], 0)}, tokens)
    assert read() == Slice([30, 25], 24)


def test_a_build_is_trimmed_exactly() -> None:
    tokens = store.announce([HOME])
    for id_ in range(10, 80, 10):
        store.push({HOME: [id_]})
    assert store.finish({HOME: Span([5], 0)}, tokens)
    assert read() == Slice([70, 60, 50, 40, 30], 20)


def test_only_one_builder_gets_the_lease() -> None:
    assert store.announce([HOME])
    assert store.announce([HOME]) == {}


def test_a_warm_timeline_needs_no_builder() -> None:
    warm([1])
    assert store.announce([HOME]) == {}


def test_a_dead_builder_blocks_no_other_and_cannot_finish_late() -> None:
    first = store.announce([HOME])
    client().delete(HOME.build)  # as at the end of the lease
    second = store.announce([HOME])
    store.push({HOME: [30]})
    assert not store.finish({HOME: Span([1], 0)}, first)
    assert read() is None
    assert store.finish({HOME: Span([20], 0)}, second)
    assert read() == Slice([30, 20], 0)


def test_the_lease_of_a_builder_ends() -> None:
    store.announce([HOME])
    assert 0 < client().pttl(HOME.build) <= store.LEASE_MS


def test_a_builder_cannot_finish_after_redis_was_emptied() -> None:
    tokens = store.announce([HOME])
    client().flushall()
    assert not store.finish({HOME: Span([1], 0)}, tokens)
    assert client().keys() == []


def test_an_unread_timeline_expires(settings: Settings) -> None:
    settings.HOME_TTL_DAYS = 2
    warm([1])
    assert 0 < client().ttl(HOME.key) <= 2 * store.DAY_SECONDS
    client().expire(HOME.key, 100)
    store.push({HOME: [5]})
    assert client().ttl(HOME.key) <= 100  # a push does not extend the life
    read()
    assert client().ttl(HOME.key) > 100


def test_a_push_to_many_timelines_takes_several_calls() -> None:
    sources = [store.home(owner) for owner in range(250)]
    for source in sources:
        warm([1], source=source)
    assert store.push(dict.fromkeys(sources, (9,))) == 250
    assert all(
        s is not None and s.ids == [9, 1] for s in store.read(sources, below=100, limit=5).values()
    )


def test_peek_returns_all_ids_without_extending_the_life() -> None:
    assert store.peek(HOME) == (None, [])
    warm([10, 20], floor=3)
    client().expire(HOME.key, 100)
    assert store.peek(HOME) == (3, [20, 10])
    assert client().ttl(HOME.key) <= 100


def test_dropping_all_homes_keeps_author_sets() -> None:
    warm([1])
    warm([2], source=store.author(7))
    assert store.drop_all_homes() == 1
    assert read() is None
    assert store.read([store.author(7)], below=100, limit=5)[store.author(7)] == Slice([2], 0)


def test_sizes_count_entries_not_floors() -> None:
    warm([1, 2, 3])
    size = store.size("home")
    assert (size.timelines, size.entries) == (1, 3)
    assert size.bytes > 0


# --- several ids, several timelines ------------------------------------------------------------


def homes(count: int) -> list[Source]:
    return [store.home(100 + n) for n in range(count)]


def test_each_timeline_gets_its_own_ids() -> None:
    one, two, three, cold = homes(4)
    for source in (one, two, three):
        warm([10], source=source)
    pushed = store.push({one: [20, 30], two: [30, 20], three: [5], cold: [20]})
    assert pushed == 5
    assert [store.peek(source) for source in (one, two, three, cold)] == [
        (0, [30, 20, 10]),
        (0, [30, 20, 10]),
        (0, [10, 5]),
        (None, []),
    ]


def test_only_ids_above_the_floor_are_added() -> None:
    warm([40, 50], floor=30)
    assert store.push({HOME: [35, 20, 30, 45]}) == 2
    assert store.peek(HOME) == (30, [50, 45, 40, 35])


def test_pushing_more_ids_than_fit_keeps_the_newest() -> None:
    warm([1])
    assert store.push({HOME: range(10, 20)}) == 10
    assert store.peek(HOME) == (14, [19, 18, 17, 16, 15])


def test_many_timelines_with_their_own_ids_take_several_calls() -> None:
    many = homes(3 * store.KEYS_PER_CALL + 7)
    spans = dict.fromkeys(many, Span([], 0))
    assert store.finish(spans, store.announce(many))
    assert store.push(dict.fromkeys(many, (7,))) == len(many)
    assert store.push({source: [8, 9, source.owner + 1000] for source in many}) == 3 * len(many)
    assert all(store.peek(s) == (0, [s.owner + 1000, 9, 8, 7]) for s in many)


def test_the_same_ids_are_pushed_to_many_timelines_but_not_to_cold_ones() -> None:
    many = homes(3 * store.PUSHES_PER_CALL + 7)
    assert store.push_to_all([9, 8], many) == 0
    spans = dict.fromkeys(many[1:], Span([20, 8], 7))
    assert store.finish(spans, store.announce(many[1:]))
    assert store.push_to_all([9, 8, 7], many) == len(many) - 1
    assert store.peek(many[0]) == (None, [])
    assert all(store.peek(source) == (7, [20, 9, 8]) for source in many[1:])


def test_a_large_timeline_is_trimmed_in_batches_and_never_exceeds_its_maximum(
    settings: Settings,
) -> None:
    settings.HOME_MAX_LENGTH = 32
    warm(list(range(1, 33)))
    sizes = []
    for id_ in range(33, 60):
        store.push({HOME: [id_]})
        floor, ids = store.peek(HOME)
        assert ids == list(range(id_, floor or 0, -1))
        sizes.append(len(ids))
    assert max(sizes) == 32
    assert min(sizes) == 30  # up to a sixteenth is trimmed at once


def test_timelines_filled_at_the_same_time_are_trimmed_at_different_times(
    settings: Settings,
) -> None:
    settings.HOME_MAX_LENGTH = 160
    many = homes(50)
    spans = dict.fromkeys(many, Span(range(1, 161), 0))
    assert store.finish(spans, store.announce(many))
    store.push(dict.fromkeys(many, (161,)))
    sizes = {len(store.peek(source)[1]) for source in many}
    assert sizes == {150, 151, 152, 153, 154, 155}


def test_the_newest_ids_of_many_authors_are_all_read(settings: Settings) -> None:
    settings.HOME_MAX_LENGTH = 50
    authors = [store.author(n) for n in range(40)]
    busy = authors[3]
    for author in authors:
        warm([author.owner + 1] if author != busy else list(range(1000, 1030)), source=author)
    found = store.read([HOME, *authors], below=2**53, limit=20)
    assert found.pop(HOME) is None
    assert found[busy] == Slice(list(range(1029, 1009, -1)), 1009)
    bottoms = {piece.bottom for piece in found.values() if piece}
    assert bottoms == {0, 1009}


# --- another incarnation of the server ----------------------------------------------------------


@pytest.fixture
def other_incarnation(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that simulates a restart of the server, or a failover to its replica."""

    def change() -> None:
        monkeypatch.setattr("timelines.store._floor", lambda incarnation: f"floor@x{incarnation}")

    return change


def test_a_timeline_of_another_incarnation_is_cold(other_incarnation: Callable[[], None]) -> None:
    warm([3, 1])
    other_incarnation()
    assert read() is None
    assert store.peek(HOME) == (None, [])
    assert store.warm([HOME]) == []
    assert store.push({HOME: [5]}) == 0
    assert store.add(Span([5], 0), [HOME]) == 0


def test_a_timeline_of_another_incarnation_is_rebuilt(
    other_incarnation: Callable[[], None],
) -> None:
    warm([3, 1])
    other_incarnation()
    warm([7])
    assert store.peek(HOME) == (0, [7])


def test_a_build_of_another_incarnation_does_not_block_a_new_one(
    other_incarnation: Callable[[], None],
) -> None:
    old = store.announce([HOME])
    other_incarnation()
    new = store.announce([HOME])
    assert list(new) == [HOME]
    assert not store.finish({HOME: Span([1], 0)}, old)
    assert store.finish({HOME: Span([2], 0)}, new)
    assert store.peek(HOME) == (0, [2])


def test_a_build_cannot_be_finished_in_another_incarnation(
    other_incarnation: Callable[[], None],
) -> None:
    tokens = store.announce([HOME])
    other_incarnation()
    assert not store.finish({HOME: Span([1], 0)}, tokens)
    assert read() is None
