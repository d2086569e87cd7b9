"""Bytes in Redis: of an entry, as skip list and as listpack, and of accounts that do not read."""

from bench import engine, world
from bench.context import Bench
from bench.delivery import seconds_of
from bench.report import Group, Row
from bench.rounds import Sample, interleave, number
from chirp import ids

LENGTH = 800
SETTING = "zset-max-listpack-entries"
LISTPACK = 1_000  # more than a timeline holds
OWNERS = 1_000


def measure(bench: Bench) -> Group:
    """Measure the bytes of an entry and the time of a push in both encodings."""
    engine.filler().flushdb()
    group = Group("Memory")
    owners = world.create_accounts(50 if bench.smoke else OWNERS)
    configured = str(engine.filler().config_get(SETTING)[SETTING])
    bytes_, push = {}, {}
    try:
        for name, entries in (("as configured", configured), ("as a listpack", str(LISTPACK))):
            engine.filler().config_set(SETTING, entries)
            bytes_[name], push[name] = _encoded(bench, owners)
    finally:
        engine.filler().config_set(SETTING, configured)
    first, second = bytes_
    group.rows.append(
        Row(
            f"Bytes of an entry, timelines of {LENGTH}, {SETTING} {configured}",
            f"{number(bytes_[first] / LENGTH)} B, {push[first].summary(' µs')} a push",
            f"{second} ({SETTING} {LISTPACK:,}): {number(bytes_[second] / LENGTH)} B, "
            f"{push[second].summary(' µs')} a push",
            f"{bytes_[first] / bytes_[second]:.1f}× the bytes, "
            f"{push[first].median / push[second].median:.2f}× the time",
            "the choice shown",
        )
    )
    group.rows.append(_inactive(owners))
    group.notes.append(
        "Bytes by MEMORY USAGE of the whole key, divided by its ids; a push is one id into each of "
        f"{len(owners):,} full timelines, including the work of the client."
    )
    return group


def _encoded(bench: Bench, owners: list[int]) -> tuple[int, Sample]:
    """The bytes of one full timeline, and the microseconds of a push into it."""
    engine.forget(owners)
    engine.warm(owners[0], ids.draw(LENGTH))
    taken = engine.taken(owners[0])
    engine.copy(owners[0], owners[1:])

    def push() -> float:
        return 1e6 * seconds_of(lambda: engine.push(ids.draw(), owners)) / len(owners)

    interleave({"push": push}, rounds=1)
    return taken, interleave({"push": push}, rounds=bench.scale.rounds)["push"]


def _inactive(owners: list[int]) -> Row:
    """Check that pushes to accounts that never read leave no keys."""
    engine.forget(owners)
    before = engine.filler().dbsize()
    engine.push(ids.draw(3), owners)
    keys = engine.filler().dbsize() - before
    return Row(
        f"Keys in Redis of {len(owners):,} people who do not read, after 3 pushes to each",
        f"{keys} keys, so {'0 B' if keys == 0 else 'some bytes'}",
        "nothing: 0",
        "",
        "0",
        keys == 0,
    )
