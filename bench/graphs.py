"""Social graphs for the mix: from a file, or generated with the same size and shape."""

import random
from pathlib import Path

PEOPLE, EDGES = 962, 18_812  # as many as socfb-Reed98 has
SMOKE_PEOPLE, SMOKE_EDGES = 60, 300
Edge = tuple[int, int]


class BadGraph(Exception):
    """A line of an edge list is not a pair of numbers."""


def read(path: Path) -> list[Edge]:
    """The undirected edges of an edge list: a pair `a b` per line; # and % begin comments.

    Raises BadGraph.
    """
    edges = set()
    for line in path.read_text().splitlines():
        if not line.strip() or line[0] in "#%":
            continue
        try:
            one, other = map(int, line.replace(",", " ").split()[:2])
        except ValueError:
            raise BadGraph(f"{path}: {line!r}") from None
        if one != other:
            edges.add((min(one, other), max(one, other)))
    return sorted(edges)


def make(*, smoke: bool) -> list[Edge]:
    """A graph by preferential attachment (Barabási and Albert, 1999)."""
    people, wanted = (SMOKE_PEOPLE, SMOKE_EDGES) if smoke else (PEOPLE, EDGES)
    rng, each = random.Random(5), -(-wanted // people) + 1
    ends = list(range(each))
    edges: list[Edge] = []
    for newcomer in range(each, people):
        friends: set[int] = set()
        while len(friends) < each:
            friends.add(rng.choice(ends))
        edges += [(friend, newcomer) for friend in sorted(friends)]
        ends += [*friends, *[newcomer] * each]
    return edges[:wanted]
