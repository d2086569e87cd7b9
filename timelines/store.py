"""Timelines in Redis. All of their keys and commands are in this module and in timelines/lua.py.

A timeline is a sorted set. Its members are ids of tweets, and each id is also its score (ids fit
into a double). One more member is the floor. Its score is the id above which the timeline is
complete: nothing that belongs above the floor is missing, and nothing at or below it is kept. A
timeline with a floor is warm; a timeline without one is cold. An empty timeline has only a floor.

The name of the floor contains the incarnation of the server in which the timeline was built. A
server that restarts with old data, or a replica that takes over and lags, is another incarnation.
None of its timelines has a floor of the new name, so all are cold and are rebuilt when read.

A timeline is built under a second key, `...:build`, which is renamed when it is complete. Pushes go
to whichever of the two keys exists, so no tweet posted during the build is missed. The order is:
announce, then read Postgres, then finish. The build contains a random token with the score +inf. A
builder whose token is gone (its lease ended, or Redis was emptied) must not finish.

There are two kinds of timelines: `home`, which a viewer reads, and `author`, the tweets of a pulled
author. Everything above applies to both.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from django.conf import settings

from chirp.itertools import batched
from chirp.observability import traces
from chirp.redis.client import Command, Node, collect_failures, guarded, is_cluster, node_of, nodes
from timelines import lua

DAY_SECONDS = 86_400
ORDER_SECONDS = 1_800
# A builder needs well under a second. One that died blocks other builders for this long at most.
LEASE_MS = 15_000
# A script blocks every reader while it runs. With these limits it takes half a millisecond at most.
# With twice as many pushes in a call, fan-outs are no faster, and concurrent readers are slower by
# a third.
KEYS_PER_CALL = 100
PUSHES_PER_CALL = 50
IDS_PER_CALL = 200
OWNERS_PER_PIPELINE = 20
# Owners are distributed over this many hash tags, and so over the nodes of a cluster. Owners in one
# bucket share a slot, and can share a call. Changing the number only makes every timeline cold.
BUCKETS = 256
PER_AUTHOR_LEAST = 2
PER_AUTHOR_FACTOR = 4  # how unevenly authors may post before a second call is needed
Ids = Sequence[int]


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a timeline: `ids`, newest first, which are complete above `bottom`."""

    ids: list[int]
    bottom: int


@dataclass(frozen=True, slots=True)
class Span:
    """Ids to add to a timeline, which are complete above `floor`."""

    ids: Ids
    floor: int


class Source(NamedTuple):
    """One timeline: its kind (`home` or `author`), and the id of its owner."""

    kind: str
    owner: int

    @property
    def key(self) -> str:
        """The key of the timeline. The part in braces decides its slot in a cluster."""
        return f"{self.kind}:{{{self.owner % BUCKETS}}}:{self.owner}"

    @property
    def build(self) -> str:
        """The key under which the timeline is built."""
        return f"{self.key}:build"


def home(viewer_id: int) -> Source:
    """Return the home timeline of a viewer: the tweets of their followees who are pushed."""
    return Source("home", viewer_id)


def homes(viewer_ids: Iterable[int]) -> list[Source]:
    """Return the home timelines of many viewers."""
    return list(map(Source, repeat("home"), viewer_ids))


def author(author_id: int) -> Source:
    """Return the timeline of an author's own tweets, for readers who pull it."""
    return Source("author", author_id)


def push(ids: Mapping[Source, Ids]) -> int:
    """Push ids to each timeline that is warm or being built, and trim it.

    Returns how many ids were added. A push never creates a timeline, because one with a single
    entry would look complete. Several ids for one timeline cost little more than one, so it is
    cheap to catch up with a backlog. If one master of a cluster is not available, the timelines on
    the others are still updated before RedisAway is raised.
    """
    ascending = {source: tuple(sorted(new_ids)) for source, new_ids in ids.items()}
    # Timelines that get the same ids are put next to each other, so that the ids are sent once.
    ordered = sorted(ascending, key=ascending.__getitem__)
    most = max(map(len, ascending.values()), default=1)
    pushed = 0
    with guarded(), traces.span("timelines.push", timelines=len(ids)), collect_failures() as part:
        for node, batch in _script_batches(ordered, _pushes_per_call(most)):
            groups: list[int] = []
            for same, members in groupby(batch, key=ascending.__getitem__):
                groups += (len(list(members)), len(same), *same)
            with part():
                pushed += _call(node, lua.PUSH, batch, settings.HOME_MAX_LENGTH, *groups)
    return pushed


def push_to_all(ids: Ids, sources: Sequence[Source]) -> int:
    """Push the same ids to each timeline, as `push` does, without arranging them by their ids."""
    ascending, most = sorted(ids), settings.HOME_MAX_LENGTH
    pushed = 0
    span = traces.span("timelines.push", timelines=len(sources))

    def command(batch: Sequence[Source], incarnation: str) -> Command:
        arguments = (most, len(batch), len(ascending), *ascending)
        return _eval(lua.PUSH, batch, incarnation, arguments)

    with guarded(), span, collect_failures() as part:
        batches = _script_batches(sources, _pushes_per_call(len(ascending)))
        for node, on_node in groupby(batches, key=itemgetter(0)):
            own = [batch for _, batch in on_node]
            with part():
                pushed += sum(node.run_each(lambda run, own=own: (command(b, run) for b in own)))
    return pushed


def _pushes_per_call(ids: int) -> int:
    """Return how many timelines one call serves, each of which gets at most so many ids."""
    return min(PUSHES_PER_CALL, max(IDS_PER_CALL // ids, 1))


def add(span: Span, sources: Iterable[Source]) -> int:
    """Merge `span` into each timeline that is warm or being built. Returns how many there were."""
    arguments = [settings.HOME_MAX_LENGTH, span.floor, *sorted(span.ids)]
    added = 0
    with guarded():
        for node, batch in _node_batches(sources, OWNERS_PER_PIPELINE):
            added += sum(_call_each(node, lua.ADD, batch, lambda _: arguments))
    return added


def remove(ids: Ids, sources: Iterable[Source]) -> None:
    """Remove ids from timelines. Floors do not change."""
    if not ids:
        return
    with guarded():
        for node, batch in _node_batches(sources, KEYS_PER_CALL):
            _send(node, [("ZREM", key, *ids) for source in batch for key in _keys(source)])


def announce(sources: Sequence[Source]) -> dict[Source, str]:
    """Begin to build the timelines that are cold and not being built by another process.

    Returns a token for each of them, which `finish` needs. The lease ends after LEASE_MS.
    """
    tokens = {source: secrets.token_hex(8) for source in sources}
    begun: dict[Source, str] = {}
    with guarded():
        for node, batch in _node_batches(sources, KEYS_PER_CALL):
            answers = _call_each(node, lua.ANNOUNCE, batch, lambda s: [tokens[s], LEASE_MS])
            answered = zip(batch, answers, strict=True)
            begun |= {source: tokens[source] for source, answer in answered if answer == b"build"}
    return begun


def finish(spans: Mapping[Source, Span], tokens: Mapping[Source, str]) -> bool:
    """Make announced timelines warm, with spans that were read from Postgres after `announce`.

    Returns whether all of them are warm now. One whose lease has ended is not.
    """
    most, ttl = settings.HOME_MAX_LENGTH, settings.HOME_TTL_DAYS * DAY_SECONDS

    def arguments(source: Source) -> Sequence[str | int]:
        span = spans[source]
        return [most, span.floor, tokens[source], ttl, *sorted(span.ids)]

    done: list[int] = []
    with guarded():
        for node, batch in _node_batches(spans, OWNERS_PER_PIPELINE):
            done += _call_each(node, lua.FINISH, batch, arguments)
    return all(done)


def read(sources: Sequence[Source], *, below: int, limit: int) -> dict[Source, Slice | None]:
    """Return the newest ids below `below` of each timeline, at most `limit` each. None if cold.

    Together the slices contain at least the newest `limit` ids of all timelines. Reading a
    timeline keeps it warm for another HOME_TTL_DAYS.

    With many authors, the first call reads a few ids of each, which gives a lower bound for the
    result. The second reads more ids of only those authors who may have more above that bound, as
    timelines.candidates.below does.
    """
    few = min(limit, max(PER_AUTHOR_LEAST, PER_AUTHOR_FACTOR * limit // max(len(sources), 1)))
    found = _read({s: limit if s.kind == "home" else few for s in sources}, below)
    if few == limit:
        return found
    return found | _read(dict.fromkeys(_to_deepen(found, few, limit), limit), below)


def _to_deepen(found: Mapping[Source, Slice | None], few: int, limit: int) -> list[Source]:
    """Return the authors who may have more ids among the newest `limit` than were read."""
    pieces = {source: piece for source, piece in found.items() if piece is not None}
    newest = sorted((id_ for piece in pieces.values() for id_ in piece.ids), reverse=True)
    bound = newest[limit - 1] if len(newest) >= limit else 0
    return [
        source
        for source, piece in pieces.items()
        if source.kind != "home" and len(piece.ids) == few and piece.ids[-1] > bound
    ]


def _read(wanted: Mapping[Source, int], below: int) -> dict[Source, Slice | None]:
    """Return the newest ids of each timeline below `below`, at most `wanted[source]` of each."""
    found: dict[Source, Slice | None] = {}
    ttl = settings.HOME_TTL_DAYS * DAY_SECONDS
    with traces.span("timelines.read", timelines=len(wanted)), guarded():
        for node, some in _script_batches(wanted, KEYS_PER_CALL):
            answers = _call(node, lua.READ, some, below, ttl, *map(wanted.__getitem__, some))
            answered = zip(some, answers, strict=True)
            found.update((source, _slice(answer, wanted[source])) for source, answer in answered)
    return found


def _slice(answer: list[bytes], limit: int) -> Slice | None:
    if not answer:
        return None
    *ids, floor = map(int, answer)
    # With as many ids as the limit allows, there may be more just below the last one.
    return Slice(ids, ids[-1] - 1 if len(ids) == limit else floor)


def peek(source: Source) -> tuple[int | None, list[int]]:
    """Return the floor (None if cold) and all ids of one timeline, newest first.

    Unlike `read`, this does not extend the life of the timeline.
    """
    with guarded():
        floor, members = node_of(source.key).run(
            lambda incarnation: [
                ("ZSCORE", source.key, _floor(incarnation)),
                ("ZRANGE", source.key, 0, -1, "REV"),
            ]
        )
    if floor is None:
        return None, []
    return int(floor), [int(member) for member in members if member.isdigit()]


def save_order(viewer_id: int, name: int, order: Sequence[Sequence[int]]) -> None:
    """Keep the order of a ranked timeline for its further pages, for ORDER_SECONDS."""
    key, value = _order(viewer_id, name), ",".join("+".join(map(str, ids)) for ids in order)
    with guarded():
        node_of(key).run(lambda _: [("SET", key, value, "EX", ORDER_SECONDS)])


def load_order(viewer_id: int, name: int) -> list[list[int]] | None:
    """Return an order that was kept, or None if there is none any more."""
    key = _order(viewer_id, name)
    with guarded():
        (found,) = node_of(key).run(lambda _: [("GET", key)])
    if found is None:
        return None
    return [[int(id_) for id_ in ids.split(b"+")] for ids in found.split(b",") if ids]


def _order(viewer_id: int, name: int) -> str:
    return f"order:{{{viewer_id % BUCKETS}}}:{viewer_id}:{name}"


def warm(sources: Sequence[Source]) -> list[Source]:
    """Return the timelines that are warm or being built.

    Callers with a lot to add use this to skip cold timelines before they read Postgres.
    """
    found: list[Source] = []
    with guarded():
        for node, batch in _script_batches(sources, KEYS_PER_CALL):
            answered = zip(batch, _call(node, lua.WARM, batch), strict=True)
            found += [source for source, is_live in answered if is_live]
    return found


def drop(sources: Iterable[Source]) -> None:
    """Make timelines cold. The next read rebuilds them from Postgres."""
    with guarded():
        for node, batch in _node_batches(sources, KEYS_PER_CALL):
            _send(node, [("UNLINK", *_keys(source)) for source in batch])


def drop_all_homes() -> int:
    """Make every home timeline cold, and return how many keys were deleted."""
    with guarded():
        # Builds first: a build that finishes in between is then found among the timelines.
        return sum(_unlink_all(pattern) for pattern in ("home:*:build", "home:*"))


def _unlink_all(pattern: str) -> int:
    deleted = 0
    for node in nodes():
        for keys in batched(node.client.scan_iter(match=pattern, count=1000), 1000):
            deleted += sum(_send(node, [("UNLINK", key) for key in keys]))
    return deleted


@dataclass(frozen=True, slots=True)
class Size:
    """The size of all timelines of a kind: their number, entries and bytes."""

    timelines: int
    entries: int
    bytes: int


def size(kind: str) -> Size:
    """Measure all timelines of a kind (`home` or `author`) by scanning their keys."""
    timelines = entries = bytes_used = 0
    with guarded():
        for node in nodes():
            found = node.client.scan_iter(match=f"{kind}:*", count=1000)
            for keys in batched((key for key in found if not key.endswith(b":build")), 100):
                lengths = _send(node, [("ZCARD", key) for key in keys])
                timelines += len(keys)
                entries += sum(max(length - 1, 0) for length in lengths)
                bytes_used += sum(_send(node, [("MEMORY", "USAGE", key) for key in keys]))
    return Size(timelines, entries, bytes_used)


def _keys(source: Source) -> tuple[str, str]:
    return source.key, source.build


def _floor(incarnation: str) -> str:
    """Return the name of the floor in an incarnation of the server.

    Timelines from another incarnation have a floor of another name.
    """
    return f"floor@{incarnation}"


def _script_batches(
    sources: Iterable[Source], most: int
) -> Iterator[tuple[Node, Sequence[Source]]]:
    """Divide timelines into batches for one script call each: on one node, and in one slot."""
    if not is_cluster():
        for batch in batched(sources, most):
            yield node_of(batch[0].key), batch
        return
    by_bucket: dict[int, list[Source]] = {}
    for source in sources:
        by_bucket.setdefault(source.owner % BUCKETS, []).append(source)
    for bucket in by_bucket.values():
        for batch in batched(bucket, most):
            yield node_of(batch[0].key), batch


def _node_batches(sources: Iterable[Source], most: int) -> Iterator[tuple[Node, Sequence[Source]]]:
    """Divide timelines into batches for one round trip to one node each."""
    by_node: dict[int, tuple[Node, list[Source]]] = {}
    for source in sources:
        node = node_of(source.key)
        by_node.setdefault(id(node), (node, []))[1].append(source)
    for node, on_node in by_node.values():
        for batch in batched(on_node, most):
            yield node, batch


def _send(node: Node, commands: list[Command]) -> list[Any]:
    return node.run(lambda _: commands)


def _call(node: Node, script: str, sources: Sequence[Source], *arguments: str | int) -> Any:
    """Run a script once for several timelines, which must be on this node and in one slot."""
    (answer,) = node.run(lambda incarnation: [_eval(script, sources, incarnation, arguments)])
    return answer


def _call_each(
    node: Node,
    script: str,
    sources: Sequence[Source],
    arguments: Callable[[Source], Sequence[str | int]],
) -> list[Any]:
    """Run a script for each timeline, with `arguments(source)`, in one round trip."""
    return node.run(
        lambda incarnation: [_eval(script, [s], incarnation, arguments(s)) for s in sources]
    )


def _eval(
    script: str, sources: Sequence[Source], incarnation: str, arguments: Sequence[str | int]
) -> Command:
    keys = [source.key for source in sources]
    return ("EVAL", script, len(keys), *keys, _floor(incarnation), *arguments)
