"""Links between servers: flooding, and recovery after failures."""

import itertools
from dataclasses import replace

import pytest
from twisted.internet.interfaces import IPushProducer

from herd.peers import PeerProtocol
from tests.helpers.herd.network import LIMITS, Network, herd, report

PAIR = (("Hill", "Gasol"),)
RING = (
    ("Hill", "Gasol"),
    ("Gasol", "Young"),
    ("Young", "Meeks"),
    ("Meeks", "Farmer"),
    ("Farmer", "Hill"),
)


def up(network: Network, one: str, other: str) -> bool:
    """Whether the first node has a connection to the second."""
    return network.nodes[one].links[other].connection is not None


# --- Flooding -----------------------------------------------------------------------------------


def test_a_report_reaches_every_server() -> None:
    network = Network(herd(*RING))
    network.settle(1)
    assert network.nodes["Hill"].learn(report())
    network.deliver()
    for name in network.nodes:
        assert network.known(name) == {"kiwi": report()}


@pytest.mark.parametrize("links", [PAIR, RING, (*RING, ("Gasol", "Farmer"), ("Hill", "Young"))])
def test_a_report_is_sent_once_to_every_neighbour_except_its_source(
    links: tuple[tuple[str, str], ...],
) -> None:
    network = Network(herd(*links))
    network.settle(1)
    network.nodes["Hill"].learn(report())
    network.deliver()
    sent = sum(node.counts.floods_sent for node in network.nodes.values())
    assert sent == 2 * len(links) - (len(network.nodes) - 1)


def test_a_report_that_is_not_newer_is_not_passed_on() -> None:
    network = Network(herd(*RING))
    network.settle(1)
    network.nodes["Hill"].learn(report(time="5"))
    network.deliver()
    before = sum(node.counts.floods_sent for node in network.nodes.values())
    assert not network.nodes["Young"].learn(report(time="4", server="Young"))
    assert not network.nodes["Young"].learn(report(time="5"))
    network.deliver()
    assert sum(node.counts.floods_sent for node in network.nodes.values()) == before
    assert network.known("Young") == {"kiwi": report(time="5")}


def test_a_slow_neighbour_gets_only_the_newest_report() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    connection = network.nodes["Hill"].links["Gasol"].connection
    assert isinstance(connection, PeerProtocol)
    connection.pauseProducing()
    for time in range(1000):
        network.nodes["Hill"].learn(report(time=str(time)))
    network.deliver()
    assert network.known("Gasol") == {}
    assert network.nodes["Hill"].links["Gasol"].pending == 1
    connection.resumeProducing()
    network.deliver()
    assert network.known("Gasol") == {"kiwi": report(time="999")}
    assert network.nodes["Hill"].counts.floods_sent == 1


def test_a_report_that_the_neighbour_sent_meanwhile_is_not_sent_back() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    connection = network.nodes["Hill"].links["Gasol"].connection
    assert isinstance(connection, PeerProtocol)
    connection.pauseProducing()
    network.nodes["Hill"].learn(report("kiwi", time="1"))
    network.nodes["Hill"].learn(report("moa", time="2"))
    network.nodes["Gasol"].learn(report("kiwi", time="3"))
    network.nodes["Gasol"].learn(report("moa", time="1"))
    network.deliver()
    assert network.nodes["Hill"].links["Gasol"].pending == 1
    connection.resumeProducing()
    network.deliver()
    assert network.nodes["Hill"].counts.floods_sent == 1
    both = {"kiwi": report("kiwi", time="3"), "moa": report("moa", time="2")}
    assert network.known("Hill") == network.known("Gasol") == both


def test_nothing_is_pending_for_a_disconnected_neighbour() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    connection = network.nodes["Hill"].links["Gasol"].connection
    assert isinstance(connection, PeerProtocol)
    connection.pauseProducing()
    network.nodes["Hill"].learn(report("kiwi"))
    network.break_link("Hill", "Gasol")
    network.settle(1)
    network.nodes["Hill"].learn(report("moa"))
    assert network.nodes["Hill"].links["Gasol"].pending == 0


def test_the_protocol_is_registered_as_a_push_producer() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    connection = network.nodes["Hill"].links["Gasol"].connection
    assert isinstance(connection, PeerProtocol)
    assert connection.transport.producer is connection
    assert IPushProducer.providedBy(connection)


# --- Recovery -----------------------------------------------------------------------------------


def test_after_a_reconnection_both_servers_exchange_all_reports() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    network.break_link("Hill", "Gasol")
    network.settle(1)
    network.nodes["Hill"].learn(report("kiwi"))
    network.nodes["Gasol"].learn(report("moa", server="Gasol"))
    network.settle()
    assert network.known("Hill") == {"kiwi": report("kiwi")}
    network.mend()
    network.settle()
    both = {"kiwi": report("kiwi"), "moa": report("moa", server="Gasol")}
    assert network.known("Hill") == network.known("Gasol") == both


def test_a_restarted_server_gets_all_reports() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    network.nodes["Gasol"].learn(report("kiwi"))
    network.deliver()
    network.kill("Gasol")
    network.nodes["Hill"].learn(report("moa"))  # while Gasol is stopped
    network.settle()
    network.start("Gasol")
    assert network.known("Gasol") == {}
    network.settle()
    assert set(network.known("Gasol")) == {"kiwi", "moa"}


def test_waits_grow_and_are_randomized() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    network.break_link("Hill", "Gasol")
    network.dialled.clear()
    network.clock.pump([0.01] * 6000)
    times = [when for when, _, _ in network.dialled]
    waits = [later - sooner for sooner, later in itertools.pairwise(times)]
    for failures, wait in enumerate(waits, 1):
        mean = min(LIMITS.first_wait * 2**failures, LIMITS.longest_wait)
        assert mean * 0.5 - 0.02 <= wait <= mean * 1.5 + 0.02
    assert len({round(wait, 2) for wait in waits[4:]}) > 1


def test_the_first_wait_after_a_success_is_short() -> None:
    network = Network(herd(*PAIR))
    network.break_link("Hill", "Gasol")
    network.settle()
    network.mend()
    network.settle()
    assert up(network, "Hill", "Gasol")
    network.dialled.clear()
    network.break_link("Hill", "Gasol")
    network.clock.pump([0.01] * 100)
    assert network.dialled


def test_both_servers_detect_a_link_that_loses_all_data() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    network.silent.add(frozenset(PAIR[0]))
    network.settle(3 * LIMITS.ping + 1)
    assert not up(network, "Hill", "Gasol")
    assert not up(network, "Gasol", "Hill")
    network.mend()
    network.settle()
    assert up(network, "Hill", "Gasol")
    assert up(network, "Gasol", "Hill")


def test_an_idle_link_stays_open() -> None:
    network = Network(herd(*PAIR))
    network.settle(20 * LIMITS.ping)
    assert network.nodes["Hill"].links["Gasol"].opened == 1


def test_a_newer_connection_replaces_the_older() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    old = network.nodes["Gasol"].links["Hill"].connection
    # Hill lost its connection and dials again; Gasol has not noticed the loss yet.
    again = PeerProtocol(network.links["Hill"].context, dials="Gasol")
    answering = network.links["Gasol"].accepting.buildProtocol(None)
    network.connect_protocols(frozenset(PAIR[0]), again, answering)
    network.settle(1)
    new = network.nodes["Gasol"].links["Hill"].connection
    assert new is not None
    assert new is not old
    network.nodes["Gasol"].learn(report())
    network.deliver()
    assert network.known("Hill") == {"kiwi": report()}


def test_a_stopped_server_does_not_dial() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    network.kill("Hill")
    network.dialled.clear()
    network.settle()
    assert network.dialled == []
    assert network.clock.getDelayedCalls() == []


def test_reports_expire_at_the_same_time_on_every_server() -> None:
    limits = replace(LIMITS, report_lifetime=30)
    network = Network(herd(*RING, limits=limits))
    network.settle(1)
    network.nodes["Hill"].learn(report())
    network.settle(20)
    network.kill("Young")
    network.start("Young")
    network.settle(5)
    assert set(network.known("Young")) == {"kiwi"}
    network.settle(5)
    assert [network.nodes[name].find("kiwi") for name in network.nodes] == [None] * 5
