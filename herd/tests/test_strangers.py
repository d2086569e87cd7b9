"""Connections to the port for neighbours that are not neighbours."""

import pytest

from herd.handshake import Handshake, nonce
from herd.links import MAX_STRANGERS
from herd.messages import format_flood
from herd.peers import PeerProtocol
from tests.helpers.herd.network import KEY, LIMITS, LONG, FakeTransport, Network, herd, report

PAIR = (("Hill", "Gasol"),)


def up(network: Network, one: str, other: str) -> bool:
    """Whether the first node has a connection to the second."""
    return network.nodes[one].links[other].connection is not None


class Stranger:
    """A connection to the port for neighbours, without the key.

    With `answers` it is instead the server that this protocol has dialled.
    """

    def __init__(self, network: Network, answers: PeerProtocol | None = None) -> None:
        protocol = answers or network.links["Gasol"].accepting.buildProtocol(None)
        self.received = b""
        self.disconnects = 0
        self.network = network
        self.transport = network.connect_protocols(frozenset("?"), self, protocol)

    def makeConnection(self, transport: FakeTransport) -> None:
        pass

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: object) -> None:
        self.disconnects += 1

    @property
    def lost(self) -> bool:
        return self.disconnects > 0

    def send(self, line: bytes) -> bytes:
        """Send a line, and return the data that is received in response."""
        self.received = b""
        self.transport.write(line + b"\n")
        self.network.deliver()
        self.network.clock.advance(0)
        return self.received


INJECTED = format_flood(report(), hop="Hill")


@pytest.mark.parametrize(
    "lines",
    [
        [INJECTED],
        [b""],
        [b"x" * 5000],
        [b"HERD-1 Hill Gasol 1", INJECTED],
        [b"HERD-1 Hill Gasol 1", b"PROOF", INJECTED],
        [b"HERD-1 Hill Gasol 1", b"PROOF " + b"0" * 64, INJECTED],
        [b"HERD-1 Hill Gasol 1", b"PROOF " + b"0" * 64 + b"\n" + b"0" * 32 + b" " + INJECTED],
        [b"HERD-1 Young Gasol 1", INJECTED],
        [b"HERD-1 Hill Hill 1", INJECTED],
        [b"HERD-1 Gasol Hill 1", INJECTED],
        [b"HERD-2 Hill Gasol 1", INJECTED],
        [b"HERD-1 Hill Gasol"],
        [b"HERD-1 Hill \xff 1"],
        [b"NUMBER 1 2", INJECTED],
        [b"WELCOME", INJECTED],
    ],
)
def test_a_stranger_is_disconnected_and_cannot_inject_reports(lines: list[bytes]) -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    stranger = Stranger(network)
    for line in lines:
        stranger.send(line)
    assert stranger.lost
    assert network.known("Gasol") == {}
    assert network.nodes["Gasol"].counts.strangers == 1
    assert up(network, "Gasol", "Hill")  # the real one stays


def test_a_stranger_cannot_replay_an_earlier_handshake() -> None:
    network = Network(herd(*PAIR))
    network.kill("Hill")
    network.settle(5)
    # The handshake of an earlier connection of Hill.
    earlier = Handshake(KEY, "Hill", "Gasol", nonce(), nonce())
    sealer = earlier.sealer("dials")
    stranger = Stranger(network)
    stranger.send(f"HERD-1 Hill Gasol {earlier.dialling_nonce}".encode())
    stranger.send(f"PROOF {earlier.proof('dials')}".encode())
    stranger.send(sealer.seal(INJECTED))
    assert stranger.lost
    assert network.known("Gasol") == {}


def test_a_stranger_cannot_send_the_proof_of_the_server_back() -> None:
    network = Network(herd(*PAIR))
    network.kill("Hill")
    network.settle(5)
    stranger = Stranger(network)
    answer = stranger.send(b"HERD-1 Hill Gasol 1").split()
    stranger.send(b"PROOF " + answer[2])
    assert stranger.lost


def test_a_server_with_the_key_is_a_neighbour() -> None:
    """Control for the tests above, which would also pass if every connection were refused."""
    network = Network(herd(*PAIR))
    network.kill("Hill")
    network.settle(5)
    neighbour = Stranger(network)
    answer = neighbour.send(b"HERD-1 Hill Gasol 1").decode().split()
    handshake = Handshake(KEY, "Hill", "Gasol", "1", answer[1])
    assert answer[2] == handshake.proof("answers")
    neighbour.send(f"PROOF {handshake.proof('dials')}".encode())
    sealer = handshake.sealer("dials")
    neighbour.send(sealer.seal(INJECTED))
    assert network.known("Gasol") == {"kiwi": report()}
    # A malformed line of a neighbour is ignored. A wrong hop ends the connection.
    neighbour.send(sealer.seal(b"AT nonsense"))
    assert neighbour.disconnects == 0
    neighbour.send(sealer.seal(format_flood(report("moa"), hop="Young")))
    assert neighbour.disconnects == 1
    assert set(network.known("Gasol")) == {"kiwi"}


def test_a_forged_line_ends_the_link() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    connection = network.nodes["Hill"].links["Gasol"].connection
    assert isinstance(connection, PeerProtocol)
    connection.transport.write(b"0" * 32 + b" " + INJECTED + b"\n")
    network.deliver()
    network.clock.advance(0)
    assert network.known("Gasol") == {}
    assert not up(network, "Gasol", "Hill")
    network.settle()
    assert up(network, "Gasol", "Hill")


def test_a_server_with_another_key_is_not_a_neighbour() -> None:
    network = Network(herd(*PAIR), keys={"Gasol": b"x" * 32})
    network.nodes["Gasol"].learn(report(server="Gasol"))
    network.settle()
    assert network.known("Hill") == {}
    assert not up(network, "Hill", "Gasol")
    assert not up(network, "Gasol", "Hill")
    # It accepts every connection, but is not dialled in a loop.
    assert len(network.dialled) < LONG / LIMITS.longest_wait * 2 + 5


def test_a_dialled_impostor_gets_no_proof() -> None:
    network = Network(herd(*PAIR))
    network.kill("Gasol")
    network.settle(1)
    dialling = PeerProtocol(network.links["Hill"].context, dials="Gasol")
    impostor = Stranger(network, answers=dialling)
    assert impostor.send(b"NUMBER 1 " + b"0" * 64) == b""
    assert impostor.lost
    assert not up(network, "Hill", "Gasol")


def test_a_stranger_that_sends_nothing_is_disconnected() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    stranger = Stranger(network)
    network.settle(LIMITS.handshake + 0.5)
    assert stranger.lost


def test_the_number_of_strangers_is_limited() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    strangers = [Stranger(network) for _ in range(MAX_STRANGERS)]
    assert network.links["Gasol"].accepting.buildProtocol(None) is None
    strangers[0].send(b"")
    assert network.links["Gasol"].accepting.buildProtocol(None) is not None
