"""The capacity model: a larger load needs more, and the results are consistent."""

from dataclasses import asdict, replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from operations import capacity
from operations.capacity import Load, Machines, needs
from timelines import fanout

SITE = Load(people=1_000_000)
MACHINES = Machines()


def test_twice_the_accounts_need_twice_as_much() -> None:
    one, two = needs(SITE, MACHINES), needs(replace(SITE, people=2_000_000), MACHINES)
    for name in ("warm", "deliveries_per_second", "redis_gib", "postgres_cores", "tweets_gib"):
        assert getattr(two, name) == pytest.approx(2 * getattr(one, name), rel=1e-6)


@pytest.mark.parametrize("field", ["active", "follows", "posts", "reads", "peak", "length"])
def test_a_larger_parameter_never_needs_less(field: str) -> None:
    less = asdict(needs(SITE, MACHINES))
    more = asdict(needs(replace(SITE, **{field: getattr(SITE, field) * 2}), MACHINES))
    assert all(more[name] >= less[name] for name in less)
    assert more != less


def test_if_all_authors_are_pulled_there_are_no_deliveries() -> None:
    assert needs(replace(SITE, pulled=1.0), MACHINES).deliveries_per_second == 0


def test_followers_who_never_read_cost_no_memory() -> None:
    few = needs(replace(SITE, active=0.01), MACHINES)
    per_timeline = capacity.TIMELINE + SITE.length * capacity.ENTRY
    assert few.redis_gib * capacity.GIB == pytest.approx(10_000 * per_timeline)


def test_a_small_site_still_needs_one_of_each() -> None:
    small = needs(Load(people=10), MACHINES)
    assert (small.redis_masters, small.fanout_workers, small.web_processes) == (1, 1, 1)
    assert small.postgres_replicas == 0


def test_the_command_prints_the_results_of_the_model() -> None:
    out = StringIO()
    call_command("capacity", "--people", "100000000", "--follows", "200", stdout=out)
    expected = needs(Load(people=100_000_000, follows=200), MACHINES)
    assert f"{expected.deliveries_per_second:,.0f} a second" in out.getvalue()
    assert f"{expected.redis_masters:,} masters of 24 GiB" in out.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        ["--people", "0"],
        ["--people", "-5"],
        ["--active", "1.5"],
        ["--pulled", "nan"],
        ["--reads", "-1"],
        ["--peak", "inf"],
        ["--redis-gib", "0"],
        ["--people", "many"],
    ],
)
def test_a_value_out_of_range_is_refused(options: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("capacity", *options)


def test_the_model_uses_the_range_size_of_the_fan_out() -> None:
    assert capacity.RANGE_FOLLOWERS == fanout.RANGE_SIZE
