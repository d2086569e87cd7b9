"""Timelines in Redis. Every key and every command of theirs is here and in timelines/lua.py.

A timeline is a sorted set whose members are ids of tweets, each its own score (ids fit a double).
One more member, the floor, has as its score the id above which the timeline is complete: nothing
that belongs above the floor is missing, and nothing at or below it is kept. A timeline with a
floor is warm; one without is cold. An empty timeline is a floor and nothing else.

The floor's name holds the incarnation of the server in which the timeline was made. A server that
comes back with old data, or a replica that takes over and lags, is another incarnation: all that
it holds has lost its floor, so it is cold, and is built anew when it is read.

A timeline is built beside its key, in `...:build`, and renamed when it is complete. Pushes go to
whichever of the two exists, so nothing that is posted during the build is missed: announce first,
then read Postgres, then finish. The build holds a random token with the score +inf; a builder
whose token is gone (its lease ended, Redis was emptied) has lost, and must not finish.

The same holds for both kinds of timelines: what a person reads, and what a pulled author wrote.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings

from chirp.itertools import batched
from chirp.redis.client import Command, Node, collect_failures, guarded, is_cluster, node_of, nodes
from timelines import lua

DAY_SECONDS = 86_400
LEASE_MS = 15_000  # a builder needs well under a second; one that died blocks nobody for longer
# A script blocks every reader while it runs: so many take half a millisecond at most. With twice as
# many pushes in a call fan-outs are no faster, and readers meanwhile slower by a third.
KEYS_PER_CALL = 100
PUSHES_PER_CALL = 50
IDS_PER_CALL = 200
OWNERS_PER_PIPELINE = 20
# Owners are spread over so many hash tags, and so over the nodes of a cluster. Owners of one
# bucket share a slot, and can share a call. Another number makes every timeline cold, no more.
BUCKETS = 256
PER_AUTHOR_LEAST = 2
PER_AUTHOR_FACTOR = 4  # how uneven authors may be before a second look is needed
Ids = Sequence[int]


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a timeline: `ids`, newest first, which are all there are above `bottom`."""

    ids: list[int]
    bottom: int


@dataclass(frozen=True, slots=True)
class Span:
    """Ids to add to a timeline: all there are above `floor`."""

    ids: Ids
    floor: int


class Source(NamedTuple):
    """One timeline: its kind, and whose it is."""

    kind: str
    owner: int

    @property
    def key(self) -> str:
        """The key of the timeline. What is in braces decides the slot of a cluster."""
        return f"{self.kind}:{{{self.owner % BUCKETS}}}:{self.owner}"

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


def push(ids: Mapping[Source, Ids]) -> int:
    """Add ids to each timeline that is warm or being built, and trim. How many were added.

    A push never creates a timeline: a cold one would look complete with one entry. Several ids for
    one timeline cost little more than one, which is the way to catch up with a backlog. When one
    master of a cluster is away, the timelines on the others get theirs before RedisAway is raised.
    """
    upwards = {source: tuple(sorted(some)) for source, some in ids.items()}
    # Timelines that get the same ids stand together, and name them once.
    ordered = sorted(upwards, key=upwards.__getitem__)
    most = max(map(len, upwards.values()), default=1)
    per_call = min(PUSHES_PER_CALL, max(IDS_PER_CALL // most, 1))
    pushed = 0
    with guarded(), collect_failures() as part:
        for node, some in _lots(ordered, per_call):
            groups: list[int] = []
            for same, members in groupby(some, key=upwards.__getitem__):
                groups += (len(list(members)), len(same), *same)
            with part():
                pushed += _call(node, lua.PUSH, some, settings.HOME_MAX_LENGTH, *groups)
    return pushed


def add(span: Span, sources: Iterable[Source]) -> int:
    """Merge `span` into each timeline that is warm or being built. How many there were."""
    arguments = [settings.HOME_MAX_LENGTH, span.floor, *sorted(span.ids)]
    added = 0
    with guarded():
        for node, some in _pipelines(sources, OWNERS_PER_PIPELINE):
            added += sum(_call_each(node, lua.ADD, some, lambda _: arguments))
    return added


def remove(ids: Ids, sources: Iterable[Source]) -> None:
    """Take ids out of timelines. What lies around them stays complete."""
    if not ids:
        return
    with guarded():
        for node, some in _pipelines(sources, KEYS_PER_CALL):
            _send(node, [("ZREM", key, *ids) for source in some for key in _keys(source)])


def announce(sources: Sequence[Source]) -> dict[Source, str]:
    """Begin to build those that are cold and that nobody else builds: a token for each of them."""
    tokens = {source: secrets.token_hex(8) for source in sources}
    begun: dict[Source, str] = {}
    with guarded():
        for node, some in _pipelines(sources, KEYS_PER_CALL):
            answers = _call_each(node, lua.ANNOUNCE, some, lambda s: [tokens[s], LEASE_MS])
            both = zip(some, answers, strict=True)
            begun |= {source: tokens[source] for source, answer in both if answer == b"build"}
    return begun


def finish(spans: Mapping[Source, Span], tokens: Mapping[Source, str]) -> bool:
    """Make what was announced warm, with what Postgres said since. Whether all of it became so."""
    most, ttl = settings.HOME_MAX_LENGTH, settings.HOME_TTL_DAYS * DAY_SECONDS

    def arguments(source: Source) -> Sequence[str | int]:
        span = spans[source]
        return [most, span.floor, tokens[source], ttl, *sorted(span.ids)]

    done: list[int] = []
    with guarded():
        for node, some in _pipelines(spans, OWNERS_PER_PIPELINE):
            done += _call_each(node, lua.FINISH, some, arguments)
    return all(done)


def read(sources: Sequence[Source], *, below: int, limit: int) -> dict[Source, Slice | None]:
    """The newest ids below `below` of each timeline, at most `limit` of each. None where cold.

    Together the slices reach at least as deep as the newest `limit` ids of all timelines. Reading
    a timeline keeps it warm for another HOME_TTL_DAYS.

    Of many authors it first reads a few ids each, which bounds the page from below, and then more
    of those only who may have more above that bound (as timelines.candidates.below does).
    """
    few = min(limit, max(PER_AUTHOR_LEAST, PER_AUTHOR_FACTOR * limit // max(len(sources), 1)))
    found = _read({s: limit if s.kind == "home" else few for s in sources}, below)
    if few == limit:
        return found
    return found | _read(dict.fromkeys(_to_deepen(found, few, limit), limit), below)


def _to_deepen(found: Mapping[Source, Slice | None], few: int, limit: int) -> list[Source]:
    """The authors of whom only a few ids were read, and who may have more among the newest."""
    pieces = {source: piece for source, piece in found.items() if piece is not None}
    newest = sorted((id_ for piece in pieces.values() for id_ in piece.ids), reverse=True)
    bound = newest[limit - 1] if len(newest) >= limit else 0
    return [
        source
        for source, piece in pieces.items()
        if source.kind != "home" and len(piece.ids) == few and piece.ids[-1] > bound
    ]


def _read(wanted: Mapping[Source, int], below: int) -> dict[Source, Slice | None]:
    """So many of the newest ids of each timeline."""
    found: dict[Source, Slice | None] = {}
    ttl = settings.HOME_TTL_DAYS * DAY_SECONDS
    with guarded():
        for node, some in _lots(wanted, KEYS_PER_CALL):
            answers = _call(node, lua.READ, some, below, ttl, *map(wanted.__getitem__, some))
            both = zip(some, answers, strict=True)
            found.update((source, _slice(answer, wanted[source])) for source, answer in both)
    return found


def _slice(answer: list[bytes], limit: int) -> Slice | None:
    if not answer:
        return None
    *ids, floor = map(int, answer)
    # As many as were asked for: there may be more just below the last one.
    return Slice(ids, ids[-1] - 1 if len(ids) == limit else floor)


def peek(source: Source) -> tuple[int | None, list[int]]:
    """The floor (None when cold) and every id of one timeline, newest first. Keeps nothing warm."""
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


def warm(sources: Sequence[Source]) -> list[Source]:
    """Those that are warm or being built, for callers with something large to add."""
    found: list[Source] = []
    with guarded():
        for node, some in _lots(sources, KEYS_PER_CALL):
            both = zip(some, _call(node, lua.WARM, some), strict=True)
            found += [source for source, there in both if there]
    return found


def drop(sources: Iterable[Source]) -> None:
    """Make timelines cold. They come back from Postgres when they are read."""
    with guarded():
        for node, some in _pipelines(sources, KEYS_PER_CALL):
            _send(node, [("UNLINK", *_keys(source)) for source in some])


def drop_all_homes() -> int:
    """Make every home timeline cold, and return how many keys went."""
    with guarded():
        # Builds first: one that is finished meanwhile is then found among the timelines.
        return sum(_unlink_all(pattern) for pattern in ("home:*:build", "home:*"))


def _unlink_all(pattern: str) -> int:
    gone = 0
    for node in nodes():
        for some in batched(node.client.scan_iter(match=pattern, count=1000), 1000):
            gone += sum(_send(node, [("UNLINK", key) for key in some]))
    return gone


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
        for node in nodes():
            found = node.client.scan_iter(match=f"{kind}:*", count=1000)
            for some in batched((key for key in found if not key.endswith(b":build")), 100):
                cards = _send(node, [("ZCARD", key) for key in some])
                timelines += len(some)
                entries += sum(max(card - 1, 0) for card in cards)
                taken += sum(_send(node, [("MEMORY", "USAGE", key) for key in some]))
    return Size(timelines, entries, taken)


def _keys(source: Source) -> tuple[str, str]:
    return source.key, source.build


def _floor(incarnation: str) -> str:
    """The name of the floor, which tells what this start of the server made from what it found."""
    return f"floor@{incarnation}"


def _lots(sources: Iterable[Source], most: int) -> Iterator[tuple[Node, Sequence[Source]]]:
    """Cut timelines into lots, each for one call of a script: on one node, and in one slot."""
    if not is_cluster():
        for some in batched(sources, most):
            yield node_of(some[0].key), some
        return
    by_bucket: dict[int, list[Source]] = {}
    for source in sources:
        by_bucket.setdefault(source.owner % BUCKETS, []).append(source)
    for bucket in by_bucket.values():
        for some in batched(bucket, most):
            yield node_of(some[0].key), some


def _pipelines(sources: Iterable[Source], most: int) -> Iterator[tuple[Node, Sequence[Source]]]:
    """Cut timelines into lots, each for one round trip to one node."""
    by_node: dict[int, tuple[Node, list[Source]]] = {}
    for source in sources:
        node = node_of(source.key)
        by_node.setdefault(id(node), (node, []))[1].append(source)
    for node, there in by_node.values():
        for some in batched(there, most):
            yield node, some


def _send(node: Node, commands: list[Command]) -> list[Any]:
    return node.run(lambda _: commands)


def _call(node: Node, script: str, sources: Sequence[Source], *arguments: str | int) -> Any:
    """Run a script once for several timelines, which all are on this node and in one slot."""
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
