"""The newest report of each client, for as long as it counts."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from herd.locations import Locations
from herd.messages import Report

LIFETIME = 100


def report(client: str = "kiwi", when: int = 0, taken: int | None = None) -> Report:
    skew = (when if taken is None else taken) - when
    return Report(client, "+34-118", str(when), "Hill", skew, when)


def store(most: int = 10) -> Locations:
    return Locations(most=most, lifetime=LIFETIME)


def test_only_a_newer_report_is_stored() -> None:
    locations = store()
    assert locations.add(report(when=5), now=5)
    assert not locations.add(report(when=5), now=6)
    assert not locations.add(report(when=4), now=6)
    assert locations.get("kiwi", now=6) == report(when=5)
    assert locations.add(report(when=6), now=6)
    assert locations.get("kiwi", now=6) == report(when=6)
    assert len(locations) == 1


def test_a_report_is_over_so_long_after_a_server_took_it() -> None:
    locations = store()
    locations.add(report(when=0, taken=50), now=50)
    assert locations.get("kiwi", now=149)
    assert locations.get("kiwi", now=150) is None
    locations.expire(now=149)
    assert len(locations) == 1
    locations.expire(now=150)
    assert (len(locations), locations.expired) == (0, 1)


def test_what_is_over_already_is_not_stored() -> None:
    locations = store()
    assert not locations.add(report(taken=0), now=LIFETIME)
    assert len(locations) == 0


def test_beyond_the_cap_the_oldest_go() -> None:
    locations = store(most=2)
    for taken, client in enumerate(["a", "b", "c"]):
        locations.add(report(client, taken), now=5)
    assert locations.clients() == ["b", "c"]
    assert locations.evicted == 1
    # Not stored, so that it is not flooded either.
    assert not locations.add(report("d", 0), now=5)
    assert locations.clients() == ["b", "c"]


def test_a_client_that_reports_again_is_not_the_oldest_any_more() -> None:
    locations = store(most=2)
    for taken, client in enumerate(["a", "b", "a", "c"]):
        locations.add(report(client, taken), now=5)
    assert sorted(locations.clients()) == ["a", "c"]


def test_one_client_that_reports_all_the_time_takes_no_more_room() -> None:
    locations = store()
    for when in range(10_000):
        locations.add(report(when=when), now=when)
    assert len(locations) == 1
    assert len(locations._oldest) < 100


REPORTS = st.lists(
    st.builds(
        report,
        client=st.sampled_from("abcde"),
        when=st.integers(0, 60),
        taken=st.integers(0, 60),
    ),
    max_size=30,
)


@given(REPORTS, st.randoms(use_true_random=False))
def test_the_order_in_which_reports_come_does_not_matter(
    reports: list[Report], chance: Random
) -> None:
    one, other = store(), store()
    for each in reports:
        one.add(each, now=60)
    for each in chance.sample(reports, len(reports)):
        other.add(each, now=60)
    for client in "abcde":
        assert one.get(client, now=60) == other.get(client, now=60)


@given(REPORTS, st.integers(1, 5))
def test_memory_is_bounded_whatever_comes(reports: list[Report], most: int) -> None:
    locations = store(most=most)
    for each in reports:
        locations.add(each, now=60)
        assert len(locations) <= most
        assert len(locations._oldest) <= 2 * most + 64
    locations.expire(now=1000)
    assert len(locations) == 0
    assert locations._oldest == []
