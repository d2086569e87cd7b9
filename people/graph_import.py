"""Bring in a graph of follows from an edge list: read it whole, then load it at once or not at all.

`read` is pure and names the line that it cannot read. `load` writes sets of rows, not one row after
another: a million follows take a minute, and everybody else sees all of them or none.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models.functions import Lower

from accounts import counts, validation
from accounts.locks import lock_accounts
from accounts.models import User
from accounts.services import register_many_without_password
from chirp.errors import ChirpError
from chirp.itertools import batched
from outbox.services import publish
from people import sql
from people.events import GraphImported

BATCH = 10_000
EMAIL_DOMAIN = "imported.invalid"  # a domain that can never exist (RFC 2606)
COMMENT = re.compile(rb"\s*([#%]|$)")
Edge = tuple[str, str]
Progress = Callable[[int], object]


class BadLine(ChirpError):
    """A line of the file is no edge."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"line {number}: {problem}")


@dataclass(slots=True)
class Graph:
    """What a file says: follows as (follower, followee) in lower case, and what was skipped."""

    handles: dict[str, str] = field(default_factory=dict)  # in lower case: as first written
    follows: dict[Edge, None] = field(default_factory=dict)  # a set that keeps its order
    duplicates: list[int] = field(default_factory=list)  # the numbers of these lines
    loops: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a graph."""

    people: int  # new ones
    follows: int  # new ones
    requests: int  # new follows of private accounts, which have to let them in
    there: int  # follows that were there, or cannot be


def read(lines: Iterable[bytes], *, prefix: str = "", both: bool = True) -> Graph:
    """The graph in an edge list, `a b` a line; blank lines and those with # or % are skipped.

    A handle is the prefix and the name in the file. With `both`, an edge is two follows. Raises
    BadLine at the first line that is neither.
    """
    graph = Graph()
    for number, line in enumerate(lines, start=1):
        if COMMENT.match(line):
            continue
        follower, followee = _edge(graph, number, line, prefix)
        edges = [(follower, followee), (followee, follower)] if both else [(follower, followee)]
        if follower == followee:
            graph.loops.append(number)
        elif edges[0] in graph.follows:
            graph.duplicates.append(number)
        else:
            graph.follows.update(dict.fromkeys(edges))
    return graph


def _edge(graph: Graph, number: int, line: bytes, prefix: str) -> Edge:
    names = line.split()
    if len(names) != 2:
        raise BadLine(number, f"expected two names, found {len(names)}.")
    return _handle(graph, number, names[0], prefix), _handle(graph, number, names[1], prefix)


def _handle(graph: Graph, number: int, name: bytes, prefix: str) -> str:
    """The handle of a name, in lower case, noted with its people."""
    handle = prefix + name.decode("ascii", "replace")
    key = handle.lower()
    if key not in graph.handles:
        try:
            graph.handles[key] = validation.clean_handle(handle)
        except ChirpError as error:
            raise BadLine(number, f"{handle[:60]!r} cannot be a handle. {error.detail}") from None
    return key


@transaction.atomic
def load(*, graph: Graph, progress: Progress = lambda count: None) -> Loaded:
    """Make the people who are missing and the follows that are missing. Twice is the same as once.

    `progress` is told of every batch of follows. All people of the graph stay locked until the end,
    as everybody does who changes follows.
    """
    people = _make_people(graph)
    ids = _ids(list(graph.handles))
    follows = requests = 0
    lock_accounts(*ids.values())
    with connection.cursor() as cursor:
        cursor.execute(sql.STAGE)
    for some in batched(graph.follows, BATCH):
        inserted, asked = _insert([(ids[follower], ids[followee]) for follower, followee in some])
        follows, requests = follows + inserted, requests + asked
        progress(len(some))
    if follows:
        publish(GraphImported())
    return Loaded(people, follows, requests, len(graph.follows) - follows - requests)


def _make_people(graph: Graph) -> int:
    known = _ids(list(graph.handles))
    missing = [handle for key, handle in graph.handles.items() if key not in known]
    for handles in batched(missing, BATCH):
        register_many_without_password(handles, email_domain=EMAIL_DOMAIN)
    return len(missing)


def _ids(handles: list[str]) -> dict[str, int]:
    """Who of these people (handles in lower case) is there, and under which id."""
    ids: dict[str, int] = {}
    people = User.objects.annotate(handle_lower=Lower("handle"))
    for some in batched(handles, BATCH):
        found = people.filter(handle_lower__in=some)
        ids.update(found.values_list("handle_lower", "pk"))
    return ids


def _insert(edges: list[tuple[int, int]]) -> tuple[int, int]:
    """Insert one batch of follows; how many became follows, and how many requests."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE import_edge")
        with cursor.copy(sql.COPY) as copy:
            for edge in edges:
                copy.write_row(edge)
        cursor.execute(sql.INSERT)
        inserted, asked, changes = cursor.fetchone()
    counts.add_edges(counts.EdgeCounts(*map(int, change)) for change in changes)
    return inserted, asked
