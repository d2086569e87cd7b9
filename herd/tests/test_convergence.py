"""With any connected graph, message order and single failure, all servers get the newest report."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from herd.messages import Report
from tests.helpers.herd.network import Network, herd, report

NAMES = ["Hill", "Gasol", "Young", "Meeks", "Farmer", "Ball", "Ariza"]
CLIENTS = ["kiwi", "moa", "kea"]


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[str, str]]:
    """A connected graph: a tree with some additional links. Either end of a link may dial."""
    names = NAMES[: draw(st.integers(2, len(NAMES)))]
    pairs = {
        (names[draw(st.integers(0, number - 1))], names[number]) for number in range(1, len(names))
    }
    more = [(a, b) for n, a in enumerate(names) for b in names[n + 1 :] if (a, b) not in pairs]
    pairs |= set(draw(st.lists(st.sampled_from(more), max_size=4))) if more else set()
    return [pair if draw(st.booleans()) else pair[::-1] for pair in sorted(pairs)]


class Scenario:
    """A network, and the newest report of each client that at least one node still has."""

    def __init__(self, data: st.DataObject) -> None:
        self._draw = data.draw
        self.links = self._draw(graphs())
        self.network = Network(herd(*self.links))
        self.names = list(self.network.nodes)
        self.newest: dict[str, Report] = {}

    def pick(self, names: list[str]) -> str:
        return self._draw(st.sampled_from(names))

    def report(self) -> None:
        """A client reports any time to any server."""
        name = self.pick(self.names)
        new = report(self.pick(CLIENTS), str(self._draw(st.integers(0, 9))), name)
        if name not in self.network.stopped:
            self.network.nodes[name].learn(new)
            self._update_newest(new)

    def deliver(self) -> None:
        """Some bytes of one connection arrive, not necessarily a whole line."""
        if transports := self.network.undelivered():
            transport = transports[self._draw(st.integers(0, len(transports) - 1))]
            transport.deliver(self._draw(st.integers(1, 400)))

    def wait(self) -> None:
        self.network.clock.advance(self._draw(st.sampled_from([0.0, 0.3, 2.0])))

    def _update_newest(self, new: Report) -> None:
        known = self.newest.get(new.client)
        if known is None or known.rank < new.rank:
            self.newest[new.client] = new

    # --- Failures. Each returns the function that repairs it. -----------------------------------

    def restart(self) -> Callable[[], None]:
        """A node stops. The reports that only it had are lost."""
        name = self.pick(self.names)
        self.network.kill(name)
        self.newest = {}
        for other in self.names:
            for known in self.network.known(other).values() if other != name else ():
                if known is not None:
                    self._update_newest(known)
        return lambda: self.network.start(name)

    def cut(self) -> Callable[[], None]:
        """A link is closed, and both ends notice immediately."""
        self.network.break_link(*self._draw(st.sampled_from(self.links)))
        return self.network.mend

    def silence(self) -> Callable[[], None]:
        """A link loses all data. It is repaired only after both ends have noticed."""
        pair = frozenset(self._draw(st.sampled_from(self.links)))
        self.network.silent.add(pair)

        def repair() -> None:
            self.network.settle()
            self.network.mend()

        return repair


@settings(max_examples=200, database=None)
@given(st.data())
def test_all_servers_get_the_newest_reports(data: st.DataObject) -> None:
    scenario = Scenario(data)
    steps = [scenario.report, scenario.deliver, scenario.deliver, scenario.deliver, scenario.wait]
    failures = [scenario.restart, scenario.cut, scenario.silence]

    def run_some_steps() -> None:
        for step in data.draw(st.lists(st.sampled_from(steps), max_size=25)):
            step()

    run_some_steps()
    repair = data.draw(st.sampled_from(failures))()
    run_some_steps()
    repair()
    run_some_steps()
    scenario.network.settle()
    for name in scenario.names:
        assert scenario.network.known(name) == scenario.newest, name


@settings(max_examples=100, database=None)
@given(graphs(), st.integers(0, 6))
def test_no_neighbour_gets_a_report_twice(links: list[tuple[str, str]], start: int) -> None:
    network = Network(herd(*links))
    network.settle(1)
    names = list(network.nodes)
    network.nodes[names[start % len(names)]].learn(report())
    network.deliver()
    assert all(network.known(name) == {"kiwi": report()} for name in names)
    sent = sum(node.counts.floods_sent for node in network.nodes.values())
    assert sent == 2 * len(links) - (len(names) - 1)
