"""Who comes to the port for neighbours and is none."""

import pytest

from herd.handshake import Meeting, number
from herd.links import MOST_STRANGERS
from herd.messages import format_flood
from herd.peers import PeerProtocol
from tests.helpers.herd.network import KEY, LIMITS, LONG, Network, Wire, herd, report

PAIR = (("Hill", "Gasol"),)


def up(network: Network, one: str, other: str) -> bool:
    return network.nodes[one].links[other].connection is not None


class Stranger:
    """Somebody at the port for neighbours who does not know the key."""

    def __init__(self, network: Network, answers: PeerProtocol | None = None) -> None:
        protocol = answers or network.links["Gasol"].accepting.buildProtocol(None)
        self.heard = b""
        self.ends = 0
        self.network = network
        self.wire = network.wire(frozenset("?"), self, protocol)

    def makeConnection(self, transport: Wire) -> None:
        pass

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: object) -> None:
        self.ends += 1

    @property
    def lost(self) -> bool:
        return self.ends > 0

    def say(self, line: bytes) -> bytes:
        """What is heard after saying a line."""
        self.heard = b""
        self.wire.write(line + b"\n")
        self.network.deliver()
        self.network.clock.advance(0)
        return self.heard


INJECTED = format_flood(report(), hop="Hill")


@pytest.mark.parametrize(
    "said",
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
def test_a_stranger_is_sent_away_and_nothing_is_learned(said: list[bytes]) -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    stranger = Stranger(network)
    for line in said:
        stranger.say(line)
    assert stranger.lost
    assert network.known("Gasol") == {}
    assert network.nodes["Gasol"].counts.strangers == 1
    assert up(network, "Gasol", "Hill")  # the true one stays


def test_a_stranger_that_repeats_what_it_overheard_is_sent_away() -> None:
    network = Network(herd(*PAIR))
    network.kill("Hill")
    network.settle(5)
    # What Hill said on some other day.
    before = Meeting(KEY, "Hill", "Gasol", number(), number())
    seal = before.seal("dials")
    stranger = Stranger(network)
    stranger.say(f"HERD-1 Hill Gasol {before.dialled_with}".encode())
    stranger.say(f"PROOF {before.proof('dials')}".encode())
    stranger.say(seal.close(INJECTED))
    assert stranger.lost
    assert network.known("Gasol") == {}


def test_a_stranger_learns_nothing_of_the_key_by_sending_proofs_back() -> None:
    network = Network(herd(*PAIR))
    network.kill("Hill")
    network.settle(5)
    stranger = Stranger(network)
    answer = stranger.say(b"HERD-1 Hill Gasol 1").split()
    stranger.say(b"PROOF " + answer[2])
    assert stranger.lost


def test_who_knows_the_key_is_a_neighbour() -> None:
    """The test above would pass too if nobody were let in."""
    network = Network(herd(*PAIR))
    network.kill("Hill")
    network.settle(5)
    friend = Stranger(network)
    answer = friend.say(b"HERD-1 Hill Gasol 1").decode().split()
    meeting = Meeting(KEY, "Hill", "Gasol", "1", answer[1])
    assert answer[2] == meeting.proof("answers")
    friend.say(f"PROOF {meeting.proof('dials')}".encode())
    seal = meeting.seal("dials")
    friend.say(seal.close(INJECTED))
    assert network.known("Gasol") == {"kiwi": report()}
    # Nonsense of a neighbour is passed over; a hop that it is not, or a forged line, is not.
    friend.say(seal.close(b"AT nonsense"))
    assert friend.ends == 0
    friend.say(seal.close(format_flood(report("moa"), hop="Young")))
    assert friend.ends == 1
    assert set(network.known("Gasol")) == {"kiwi"}


def test_a_line_slipped_into_a_link_breaks_it_off() -> None:
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


def test_a_server_with_another_key_is_no_neighbour() -> None:
    network = Network(herd(*PAIR), keys={"Gasol": b"x" * 32})
    network.nodes["Gasol"].learn(report(server="Gasol"))
    network.settle()
    assert network.known("Hill") == {}
    assert not up(network, "Hill", "Gasol")
    assert not up(network, "Gasol", "Hill")
    # It is not dialled without pause, though it accepts every time.
    assert len(network.dialled) < LONG / LIMITS.longest_wait * 2 + 5


def test_an_impostor_that_is_dialled_gets_no_proof() -> None:
    network = Network(herd(*PAIR))
    network.kill("Gasol")
    network.settle(1)
    dialling = PeerProtocol(network.links["Hill"].here, dials="Gasol")
    impostor = Stranger(network, answers=dialling)
    assert impostor.say(b"NUMBER 1 " + b"0" * 64) == b""
    assert impostor.lost
    assert not up(network, "Hill", "Gasol")


def test_who_says_nothing_is_sent_away() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    stranger = Stranger(network)
    network.settle(LIMITS.handshake + 0.5)
    assert stranger.lost


def test_strangers_do_not_fill_the_memory() -> None:
    network = Network(herd(*PAIR))
    network.settle(1)
    strangers = [Stranger(network) for _ in range(MOST_STRANGERS)]
    assert network.links["Gasol"].accepting.buildProtocol(None) is None
    strangers[0].say(b"")
    assert network.links["Gasol"].accepting.buildProtocol(None) is not None
