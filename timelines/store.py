"""Timelines in Redis. Every key and every command of theirs is in this module.

A timeline is a sorted set whose members are ids of tweets, each its own score (ids fit a double).
One more member, `floor`, has as its score the id above which the timeline is complete: nothing that
belongs above the floor is missing, and nothing at or below it is kept. A timeline with a floor is
warm; one without a key is cold. An empty timeline is a floor and nothing else.

A timeline is built beside its key, in `...:build`, and renamed when it is complete. Pushes go to
whichever of the two exists, so nothing that is posted during the build is missed: announce first,
then read Postgres, then finish. The build holds a random token with the score +inf; a builder
whose token is gone (its lease ended, Redis was emptied) has lost, and must not finish.

The same holds for both kinds of timelines: what a person reads, and what a pulled author wrote.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from django.conf import settings

from chirp.iteration import batched
from chirp.redis import client, guarded

FLOOR = b"floor"
DAY_SECONDS = 86_400
LEASE_MS = 15_000  # a builder needs well under a second; one that died blocks nobody for longer
KEYS_PER_CALL = 100  # a script blocks every reader while it runs: 100 keys take about a millisecond
OWNERS_PER_PIPELINE = 20

# Both scripts find the live key of an owner: the timeline, else the one being built, else none.
# `extra` counts the members that are not ids. Scores come back as strings: ids stay exact.
_TRIM = """
local function trim(key, extra, most)
    local over = redis.call('ZCARD', key) - extra - most
    if over > 0 then
        -- The floor is the lowest member, so ranks 1 to `over` are the oldest ids.
        local oldest = redis.call('ZRANGE', key, 1, over)
        redis.call('ZREMRANGEBYRANK', key, 1, over)
        redis.call('ZADD', key, oldest[#oldest], 'floor')
    end
end
local function live(key, build)
    local floor = redis.call('ZSCORE', key, 'floor')
    if floor then return key, tonumber(floor), 1 end
    floor = redis.call('ZSCORE', build, 'floor')
    if floor then return build, tonumber(floor), 2 end
end
"""
# KEYS: n timelines, then their n builds. ARGV: most, id.
PUSH = (
    _TRIM
    + """
local n, most, id, pushed = #KEYS / 2, tonumber(ARGV[1]), tonumber(ARGV[2]), 0
for i = 1, n do
    local key, floor, extra = live(KEYS[i], KEYS[n + i])
    if key and id > floor and redis.call('ZADD', key, ARGV[2], ARGV[2]) == 1 then
        trim(key, extra, most)
        pushed = pushed + 1
    end
end
return pushed
"""
)
_ADD = """
local function raise(key, floor, to)
    if to > floor then
        redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[2])
        redis.call('ZADD', key, ARGV[2], 'floor')
        return to
    end
    return floor
end
local function add(key, floor, first)
    for i = first, #ARGV do
        if tonumber(ARGV[i]) > floor then redis.call('ZADD', key, ARGV[i], ARGV[i]) end
    end
end
"""
# KEYS: timeline, build. ARGV: most, floor of what is added, ids.
ADD = (
    _TRIM
    + _ADD
    + """
local key, floor, extra = live(KEYS[1], KEYS[2])
if not key then return 0 end
add(key, raise(key, floor, tonumber(ARGV[2])), 3)
trim(key, extra, tonumber(ARGV[1]))
return 1
"""
)
# KEYS: timeline, build. ARGV: token, lease in milliseconds.
ANNOUNCE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 'warm' end
if redis.call('EXISTS', KEYS[2]) == 1 then return 'busy' end
redis.call('ZADD', KEYS[2], 0, 'floor', '+inf', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 'build'
"""
# KEYS: timeline, build. ARGV: most, floor, token, seconds to live, ids.
FINISH = (
    _TRIM
    + _ADD
    + """
if not redis.call('ZSCORE', KEYS[2], ARGV[3]) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[3])
local floor = tonumber(redis.call('ZSCORE', KEYS[2], 'floor'))
add(KEYS[2], raise(KEYS[2], floor, tonumber(ARGV[2])), 5)
trim(KEYS[2], 1, tonumber(ARGV[1]))
redis.call('RENAME', KEYS[2], KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""
)


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a timeline: `ids`, newest first, which are all there are above `bottom`."""

    ids: list[int]
    bottom: int


@dataclass(frozen=True, slots=True)
class Span:
    """Ids to add to a timeline: all there are above `floor`."""

    ids: Sequence[int]
    floor: int


@dataclass(frozen=True, slots=True)
class Source:
    """One timeline: its kind, and whose it is."""

    kind: str
    owner: int

    @property
    def key(self) -> str:
        """The key of the timeline. The braces keep it and its build on one node of a cluster."""
        return f"{self.kind}:{{{self.owner}}}"

    @property
    def build(self) -> str:
        """The key under which it is built."""
        return f"{self.key}:build"


def home(viewer_id: int) -> Source:
    """What `viewer_id` reads: tweets of everybody they follow who is pushed."""
    return Source("home", viewer_id)


def author(author_id: int) -> Source:
    """What `author_id` wrote, for readers who pull it."""
    return Source("author", author_id)


def push(tweet_id: int, sources: Iterable[Source]) -> int:
    """Add one id to each timeline that is warm or being built, and trim. How many were added.

    A push never creates a timeline: a cold one would look complete with one entry.
    """
    most, pushed = settings.HOME_MAX_LENGTH, 0
    with guarded():
        for some in batched(sources, KEYS_PER_CALL):
            pushed += _eval(PUSH, [*_keys(some)], [most, tweet_id])
    return pushed


def add(span: Span, sources: Iterable[Source]) -> int:
    """Merge `span` into each timeline that is warm or being built. How many there were."""
    arguments = [settings.HOME_MAX_LENGTH, span.floor, *span.ids]
    added = 0
    with guarded():
        for some in batched(sources, OWNERS_PER_PIPELINE):
            pipe = client().pipeline(transaction=False)
            for source in some:
                pipe.eval(ADD, 2, source.key, source.build, *arguments)
            added += sum(pipe.execute())
    return added


def remove(ids: Sequence[int], sources: Iterable[Source]) -> None:
    """Take ids out of timelines. What lies around them stays complete."""
    if not ids:
        return
    with guarded():
        for some in batched(sources, KEYS_PER_CALL):
            pipe = client().pipeline(transaction=False)
            for key in _keys(some):
                pipe.zrem(key, *ids)
            pipe.execute()


def announce(sources: Sequence[Source]) -> dict[Source, str]:
    """Begin to build those that are cold and that nobody else builds: a token for each of them."""
    tokens = {source: secrets.token_hex(8) for source in sources}
    with guarded():
        pipe = client().pipeline(transaction=False)
        for source, token in tokens.items():
            pipe.eval(ANNOUNCE, 2, source.key, source.build, token, LEASE_MS)
        answers = pipe.execute()
    return {s: tokens[s] for s, answer in zip(sources, answers, strict=True) if answer == b"build"}


def finish(spans: dict[Source, Span], tokens: dict[Source, str]) -> bool:
    """Make what was announced warm, with what Postgres said since. Whether all of it became so."""
    ttl = settings.HOME_TTL_DAYS * DAY_SECONDS
    with guarded():
        pipe = client().pipeline(transaction=False)
        for source, span in spans.items():
            head: list[int | str] = [settings.HOME_MAX_LENGTH, span.floor, tokens[source], ttl]
            pipe.eval(FINISH, 2, source.key, source.build, *head, *span.ids)
        return all(pipe.execute())


def read(sources: Sequence[Source], *, below: int, limit: int) -> dict[Source, Slice | None]:
    """The newest ids below `below` of each timeline, at most `limit` of each. None where cold.

    One round trip. Reading a timeline keeps it warm for another HOME_TTL_DAYS.
    """
    ttl = settings.HOME_TTL_DAYS * DAY_SECONDS
    with guarded():
        pipe = client().pipeline(transaction=False)
        for source in sources:
            pipe.zscore(source.key, FLOOR)
            pipe.zrange(source.key, f"({below}", "(0", desc=True, byscore=True, offset=0, num=limit)
            pipe.expire(source.key, ttl)
        answers = pipe.execute()
    triples = zip(answers[::3], answers[1::3], strict=True)
    return {s: _slice(*pair, limit) for s, pair in zip(sources, triples, strict=True)}


def peek(source: Source) -> tuple[int | None, list[int]]:
    """The floor (None when cold) and every id of one timeline, newest first. Keeps nothing warm."""
    with guarded():
        pipe = client().pipeline(transaction=False)
        pipe.zscore(source.key, FLOOR)
        pipe.zrange(source.key, 0, -1, desc=True)
        floor, members = pipe.execute()
    ids = [int(member) for member in members if member != FLOOR]
    return (None if floor is None else int(floor)), ids


def _slice(floor: float | None, members: list[bytes], limit: int) -> Slice | None:
    if floor is None:
        return None
    ids = [int(member) for member in members if member != FLOOR]
    # As many as were asked for: there may be more just below the last one.
    truncated = len(members) == limit and members[-1] != FLOOR
    return Slice(ids, ids[-1] - 1 if truncated else int(floor))


def warm(sources: Sequence[Source]) -> list[Source]:
    """Those that are warm or being built, for callers with something large to add."""
    with guarded():
        pipe = client().pipeline(transaction=False)
        for source in sources:
            pipe.exists(source.key, source.build)
        return [s for s, there in zip(sources, pipe.execute(), strict=True) if there]


def drop(sources: Iterable[Source]) -> None:
    """Make timelines cold. They come back from Postgres when they are read."""
    with guarded():
        for some in batched(sources, KEYS_PER_CALL):
            pipe = client().pipeline(transaction=False)
            for key in _keys(some):
                pipe.unlink(key)
            pipe.execute()


def drop_all_homes() -> int:
    """Make every home timeline cold, and return how many keys went."""
    with guarded():
        # Builds first: one that is finished meanwhile is then found among the timelines.
        return _unlink_all("home:*:build") + _unlink_all("home:*")


def _unlink_all(pattern: str) -> int:
    found = client().scan_iter(match=pattern, count=1000)
    return sum(client().unlink(*some) for some in batched(found, 1000))


@dataclass(frozen=True, slots=True)
class Size:
    """What timelines take up: how many there are, their entries, and their bytes."""

    timelines: int
    entries: int
    bytes: int


def size(kind: str) -> Size:
    """Measure all timelines of a kind (`home` or `author`) by walking their keys."""
    timelines = entries = taken = 0
    with guarded():
        for key in client().scan_iter(match=f"{kind}:*", count=1000):
            if not key.endswith(b":build"):
                timelines += 1
                entries += max(client().zcard(key) - 1, 0)
                taken += client().memory_usage(key) or 0
    return Size(timelines, entries, taken)


def _keys(sources: Iterable[Source]) -> list[str]:
    some = list(sources)
    return [s.key for s in some] + [s.build for s in some]


def _eval(script: str, keys: list[str], arguments: Iterable[int]) -> int:
    return cast(int, client().eval(script, len(keys), *keys, *arguments))
