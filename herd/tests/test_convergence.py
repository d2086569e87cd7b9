"""Any connected graph, any order of messages, any single failure: all know the newest report."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from herd.messages import Report
from tests.helpers.herd.network import Network, herd, report

NAMES = ["Hill", "Gasol", "Young", "Meeks", "Farmer", "Ball", "Ariza"]
CLIENTS = ["kiwi", "moa", "kea"]


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[str, str]]:
    """A connected graph: a tree, and some links more. Either end may be the one that dials."""
    names = NAMES[: draw(st.integers(2, len(NAMES)))]
    pairs = {
        (names[draw(st.integers(0, number - 1))], names[number]) for number in range(1, len(names))
    }
    more = [(a, b) for n, a in enumerate(names) for b in names[n + 1 :] if (a, b) not in pairs]
    pairs |= set(draw(st.lists(st.sampled_from(more), max_size=4))) if more else set()
    return [pair if draw(st.booleans()) else pair[::-1] for pair in sorted(pairs)]


class Town:
    """A network, and the newest reports that some node of it still knows."""

    def __init__(self, data: st.DataObject) -> None:
        self._draw = data.draw
        self.links = self._draw(graphs())
        self.network = Network(herd(*self.links))
        self.names = list(self.network.nodes)
        self.newest: dict[str, Report] = {}

    def pick(self, among: list[str]) -> str:
        return self._draw(st.sampled_from(among))

    def report(self) -> None:
        """A client tells any server of any time."""
        name = self.pick(self.names)
        made = report(self.pick(CLIENTS), str(self._draw(st.integers(0, 9))), name)
        if name not in self.network.off:
            self.network.nodes[name].learn(made)
            self._remember(made)

    def deliver(self) -> None:
        """Some bytes arrive somewhere, and it need not be a whole line."""
        if waiting := self.network.waiting():
            wire = waiting[self._draw(st.integers(0, len(waiting) - 1))]
            wire.deliver(self._draw(st.integers(1, 400)))

    def wait(self) -> None:
        self.network.clock.advance(self._draw(st.sampled_from([0.0, 0.3, 2.0])))

    def _remember(self, made: Report) -> None:
        known = self.newest.get(made.client)
        if known is None or known.rank < made.rank:
            self.newest[made.client] = made

    # --- Failures, and what puts them right -----------------------------------------------------

    def restart(self) -> Callable[[], None]:
        """A node dies, with what only it knew."""
        name = self.pick(self.names)
        self.network.kill(name)
        self.newest = {}
        for other in self.names:
            for made in self.network.known(other).values() if other != name else ():
                if made is not None:
                    self._remember(made)
        return lambda: self.network.start(name)

    def cut(self) -> Callable[[], None]:
        """A link breaks, and both ends know at once."""
        self.network.break_link(*self._draw(st.sampled_from(self.links)))
        return self.network.mend

    def silence(self) -> Callable[[], None]:
        """A link swallows what is sent. It heals only when it was noticed, as a real one does."""
        pair = frozenset(self._draw(st.sampled_from(self.links)))
        self.network.silent.add(pair)

        def heal() -> None:
            self.network.settle()
            self.network.mend()

        return heal


@settings(max_examples=200, database=None)
@given(st.data())
def test_all_come_to_know_the_newest_reports(data: st.DataObject) -> None:
    town = Town(data)
    some = [town.report, town.deliver, town.deliver, town.deliver, town.wait]
    failures = [town.restart, town.cut, town.silence]

    def live() -> None:
        for step in data.draw(st.lists(st.sampled_from(some), max_size=25)):
            step()

    live()
    heal = data.draw(st.sampled_from(failures))()
    live()
    heal()
    live()
    town.network.settle()
    for name in town.names:
        assert town.network.known(name) == town.newest, name


@settings(max_examples=100, database=None)
@given(graphs(), st.integers(0, 6))
def test_no_neighbour_is_told_twice(links: list[tuple[str, str]], start: int) -> None:
    network = Network(herd(*links))
    network.settle(1)
    names = list(network.nodes)
    network.nodes[names[start % len(names)]].learn(report())
    network.deliver()
    assert all(network.known(name) == {"kiwi": report()} for name in names)
    sent = sum(node.counts.floods_sent for node in network.nodes.values())
    assert sent == 2 * len(links) - (len(names) - 1)
