"""Import a graph of follows from an edge list: read the whole file, then load all of it or nothing.

`read` is pure, and reports the number of an invalid line. `load` writes rows in bulk, in one
transaction: a million follows take a minute, and other transactions see all of them or none.
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
EMAIL_DOMAIN = "imported.invalid"  # a reserved domain, which can never exist (RFC 2606)
COMMENT = re.compile(rb"\s*([#%]|$)")
Edge = tuple[str, str]
Progress = Callable[[int], object]


class BadLine(ChirpError):
    """A line of the file is not a valid edge."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"line {number}: {problem}")


@dataclass(slots=True)
class Graph:
    """The content of a file: follows as (follower, followee) in lower case, and skipped lines."""

    handles: dict[str, str] = field(default_factory=dict)  # lower case -> as first written
    follows: dict[Edge, None] = field(default_factory=dict)  # an ordered set
    duplicates: list[int] = field(default_factory=list)  # line numbers of repeated edges
    loops: list[int] = field(default_factory=list)  # line numbers of self-loops


@dataclass(frozen=True, slots=True)
class LoadResult:
    """How many rows a graph produced."""

    accounts: int  # new accounts
    follows: int  # new follows
    requests: int  # new follow requests, to private accounts
    skipped: int  # follows that already exist, or that the rules do not allow


def read(lines: Iterable[bytes], *, prefix: str = "", both: bool = True) -> Graph:
    """Parse an edge list: one pair `a b` per line. Blank lines and # or % comments are skipped.

    A handle is `prefix` followed by the name in the file. With `both`, an edge is two follows, one
    in each direction. Raises BadLine at the first invalid line.
    """
    graph = Graph()
    for number, line in enumerate(lines, start=1):
        if COMMENT.match(line):
            continue
        follower, followee = _parse_edge(graph, number, line, prefix)
        edges = [(follower, followee), (followee, follower)] if both else [(follower, followee)]
        if follower == followee:
            graph.loops.append(number)
        elif edges[0] in graph.follows:
            graph.duplicates.append(number)
        else:
            graph.follows.update(dict.fromkeys(edges))
    return graph


def _parse_edge(graph: Graph, number: int, line: bytes, prefix: str) -> Edge:
    names = line.split()
    if len(names) != 2:
        raise BadLine(number, f"expected two names, found {len(names)}.")
    first = _add_handle(graph, number, names[0], prefix)
    second = _add_handle(graph, number, names[1], prefix)
    return first, second


def _add_handle(graph: Graph, number: int, name: bytes, prefix: str) -> str:
    """Add the handle of a name to `graph.handles`, and return it in lower case."""
    handle = prefix + name.decode("ascii", "replace")
    key = handle.lower()
    if key not in graph.handles:
        try:
            graph.handles[key] = validation.clean_handle(handle)
        except ChirpError as error:
            raise BadLine(
                number, f"{handle[:60]!r} is not a valid handle. {error.detail}"
            ) from None
    return key


@transaction.atomic
def load(*, graph: Graph, progress: Progress = lambda count: None) -> LoadResult:
    """Create the missing accounts and the missing follows. Idempotent.

    `progress` is called with the size of each batch of follows. All accounts of the graph stay
    locked until the end, because every change of follows locks the accounts first.
    """
    new_accounts = _create_missing_accounts(graph)
    ids = _ids_by_handle(list(graph.handles))
    follows = requests = 0
    lock_accounts(*ids.values())
    with connection.cursor() as cursor:
        cursor.execute(sql.CREATE_STAGING_TABLE)
    for batch in batched(graph.follows, BATCH):
        accepted, requested = _insert(
            [(ids[follower], ids[followee]) for follower, followee in batch]
        )
        follows, requests = follows + accepted, requests + requested
        progress(len(batch))
    if follows:
        publish(GraphImported())
    return LoadResult(new_accounts, follows, requests, len(graph.follows) - follows - requests)


def _create_missing_accounts(graph: Graph) -> int:
    known = _ids_by_handle(list(graph.handles))
    missing = [handle for key, handle in graph.handles.items() if key not in known]
    for handles in batched(missing, BATCH):
        register_many_without_password(handles, email_domain=EMAIL_DOMAIN)
    return len(missing)


def _ids_by_handle(handles: list[str]) -> dict[str, int]:
    """Return the ids of existing accounts by handle. `handles` and the keys are in lower case."""
    ids: dict[str, int] = {}
    accounts = User.objects.annotate(handle_lower=Lower("handle"))
    for batch in batched(handles, BATCH):
        found = accounts.filter(handle_lower__in=batch)
        ids.update(found.values_list("handle_lower", "pk"))
    return ids


def _insert(edges: list[tuple[int, int]]) -> tuple[int, int]:
    """Insert one batch, and return the number of new follows and the number of new requests."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE import_edge")
        with cursor.copy(sql.COPY_EDGES) as copy:
            for edge in edges:
                copy.write_row(edge)
        cursor.execute(sql.INSERT_FOLLOWS)
        accepted, requested, changes = cursor.fetchone()
    counts.add_edges(counts.EdgeCounts(*map(int, change)) for change in changes)
    return accepted, requested
