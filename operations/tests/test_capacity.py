"""The capacity model: a larger load needs more, and the results are consistent."""

from dataclasses import asdict, replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from operations import capacity
from operations.capacity import Load, Machines, limits, needs
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
    assert (small.redis_masters, small.postgres_replicas) == (1, 0)
    out = StringIO()
    call_command("capacity", "--people", "10", stdout=out)
    for part in ("fan-out workers", "relays", "web"):
        assert f"\n{part:<22}1 process\n" in out.getvalue()
    assert " 1 master of 24 GiB, and its replicas\n" in out.getvalue()
    assert " 0 replicas of 16 cores\n" in out.getvalue()


@pytest.mark.parametrize("options", [["--people", "1"], ["--people", "10", "--active", "0.0001"]])
def test_the_limits_are_there_however_small_the_site(options: list[str]) -> None:
    out = StringIO()
    call_command("capacity", *options, stdout=out)
    text, _, enough = out.getvalue().partition("\nOne of each is enough")
    assert "warm timelines        1\n" in text
    assert len(enough.splitlines()) > len(limits(replace(SITE, posts=0), MACHINES))


def test_one_of_a_thing_is_not_plural() -> None:
    out = StringIO()
    call_command("capacity", "--postgres-cores", "1", "--people", "5000000", stdout=out)
    assert "and 1 replica of 1 core\n" in out.getvalue()
    assert "a Postgres of 1 core " in out.getvalue()


def test_one_of_each_is_enough_up_to_its_limit_and_not_beyond() -> None:
    for limit in limits(SITE, MACHINES):
        exactly = needs(replace(SITE, people=round(limit.people)), MACHINES)
        used = (
            exactly.redis_gib / MACHINES.redis_gib,
            *(exactly.redis_cores, exactly.web_cores, exactly.fanout_cores, exactly.relay_cores),
            exactly.broker_cores,
            exactly.postgres_cores / MACHINES.postgres_cores,
            exactly.postgres_write_cores / MACHINES.postgres_cores,
            exactly.tweets / capacity.TABLE_ROWS,
        )
        assert any(share == pytest.approx(1, rel=1e-3) for share in used), limit


def test_limits_do_not_depend_on_the_number_of_people_and_come_in_order() -> None:
    found = limits(SITE, MACHINES)
    assert [limit.people for limit in found] == sorted(limit.people for limit in found)
    small = limits(replace(SITE, people=50), MACHINES)
    one = limits(replace(SITE, people=1), MACHINES)
    for other in (*zip(small, found, strict=True), *zip(one, found, strict=True)):
        assert other[0].part == other[1].part
        assert other[0].people == pytest.approx(other[1].people)
    assert "one relay" not in [limit.part for limit in limits(replace(SITE, posts=0), MACHINES)]


def test_the_command_prints_the_results_of_the_model() -> None:
    out = StringIO()
    call_command("capacity", "--people", "100000000", "--follows", "200", stdout=out)
    expected = needs(Load(people=100_000_000, follows=200), MACHINES)
    assert f"{expected.deliveries_per_second:,.0f} a second" in out.getvalue()
    assert f"{expected.redis_masters:,} masters of 24 GiB" in out.getvalue()
    lines = out.getvalue().splitlines()
    for limit in limits(Load(people=100_000_000, follows=200), MACHINES):
        (line,) = (line for line in lines if line.startswith(f"{limit.part} "))
        people = line.removeprefix(limit.part).removesuffix(limit.remedy).replace(",", "")
        assert int(people) == pytest.approx(limit.people, rel=0.05)


@pytest.mark.parametrize(
    "options",
    [
        ["--people", "0"],
        ["--people", "-5"],
        ["--active", "1.5"],
        ["--pulled", "nan"],
        ["--reads", "-1"],
        ["--peak", "inf"],
        ["--peak", "0.5"],
        ["--active", "0"],
        ["--length", "0"],
        ["--redis-gib", "0"],
        ["--people", "many"],
    ],
)
def test_a_value_out_of_range_is_refused(options: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("capacity", *options)


@pytest.mark.parametrize(
    ("option", "range_"),
    [
        ("--people", "1 to 1,000,000,000,000"),
        ("--active", "0.000001 to 1"),
        ("--pulled", "0 to 1"),
        ("--peak", "1 to 1,000,000,000,000"),
        ("--redis-gib", "0.000001 to 1,000,000,000,000"),
    ],
)
def test_a_refusal_says_the_range_in_plain_numbers(option: str, range_: str) -> None:
    with pytest.raises(CommandError, match=f"^{option} must be from {range_}.$"):
        call_command("capacity", option, "-1")


def test_the_model_uses_the_range_size_of_the_fan_out() -> None:
    assert capacity.RANGE_FOLLOWERS == fanout.RANGE_SIZE
