"""The newest report of each client, until it expires or is evicted."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from herd.locations import Locations
from herd.messages import Report

LIFETIME = 100


def report(client: str = "kiwi", when: int = 0, taken: int | None = None) -> Report:
    skew = (when if taken is None else taken) - when
    return Report(client, "+34-118", str(when), "Hill", skew, when)


def store(max_reports: int = 10) -> Locations:
    return Locations(max_reports=max_reports, lifetime=LIFETIME)


def test_only_a_newer_report_is_stored() -> None:
    locations = store()
    assert locations.add(report(when=5), now=5)
    assert not locations.add(report(when=5), now=6)
    assert not locations.add(report(when=4), now=6)
    assert locations.get("kiwi", now=6) == report(when=5)
    assert locations.add(report(when=6), now=6)
    assert locations.get("kiwi", now=6) == report(when=6)
    assert len(locations) == 1


def test_a_report_expires_after_its_lifetime() -> None:
    locations = store()
    locations.add(report(when=0, taken=50), now=50)
    assert locations.get("kiwi", now=149)
    assert locations.get("kiwi", now=150) is None
    locations.expire(now=149)
    assert len(locations) == 1
    locations.expire(now=150)
    assert (len(locations), locations.expired) == (0, 1)


def test_an_expired_report_is_not_stored() -> None:
    locations = store()
    assert not locations.add(report(taken=0), now=LIFETIME)
    assert len(locations) == 0


def test_beyond_the_limit_the_oldest_reports_are_evicted() -> None:
    locations = store(max_reports=2)
    for taken, client in enumerate(["a", "b", "c"]):
        locations.add(report(client, taken), now=5)
    assert locations.clients() == ["b", "c"]
    assert locations.evicted == 1
    # A report that is not stored is not flooded either.
    assert not locations.add(report("d", 0), now=5)
    assert locations.clients() == ["b", "c"]


def test_a_client_that_reports_again_is_no_longer_the_oldest() -> None:
    locations = store(max_reports=2)
    for taken, client in enumerate(["a", "b", "a", "c"]):
        locations.add(report(client, taken), now=5)
    assert sorted(locations.clients()) == ["a", "c"]


def test_many_reports_of_one_client_need_no_more_memory() -> None:
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
def test_the_order_of_reports_does_not_matter(reports: list[Report], chance: Random) -> None:
    one, other = store(), store()
    for each in reports:
        one.add(each, now=60)
    for each in chance.sample(reports, len(reports)):
        other.add(each, now=60)
    for client in "abcde":
        assert one.get(client, now=60) == other.get(client, now=60)


@given(REPORTS, st.integers(1, 5))
def test_memory_is_bounded(reports: list[Report], max_reports: int) -> None:
    locations = store(max_reports=max_reports)
    for each in reports:
        locations.add(each, now=60)
        assert len(locations) <= max_reports
        assert len(locations._oldest) <= 2 * max_reports + 64
    locations.expire(now=1000)
    assert len(locations) == 0
    assert locations._oldest == []
