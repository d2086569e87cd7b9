"""Graphs of people for the mix: one from a file, or one of the same size and kind made here."""

import random
from pathlib import Path

PEOPLE, EDGES = 962, 18_812  # as many as socfb-Reed98 has
SMOKE_PEOPLE, SMOKE_EDGES = 60, 300
Edge = tuple[int, int]


class BadGraph(Exception):
    """A line of the file is not a pair of numbers."""


def read(path: Path) -> list[Edge]:
    """The undirected edges of an edge list: one pair `a b` a line; # and % comment."""
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
    """A graph in which those who have many friends find more (Barabási and Albert, 1999)."""
    people, wanted = (SMOKE_PEOPLE, SMOKE_EDGES) if smoke else (PEOPLE, EDGES)
    dice, each = random.Random(5), -(-wanted // people) + 1
    ends = list(range(each))
    edges: list[Edge] = []
    for newcomer in range(each, people):
        friends: set[int] = set()
        while len(friends) < each:
            friends.add(dice.choice(ends))
        edges += [(friend, newcomer) for friend in sorted(friends)]
        ends += [*friends, *[newcomer] * each]
    return edges[:wanted]
