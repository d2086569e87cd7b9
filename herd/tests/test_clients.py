"""The protocol of clients, on a transport in memory."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from herd import status
from herd.locations import Locations
from herd.messages import SECOND
from herd.node import Node
from herd.protocol import MAX_LINE_BYTES, ClientProtocol, Clients
from herd.settings import Limits
from herd.tweets import ChirpAway, Nearby

NOW = 1_700_000_000
LIMITS = Limits(connections=3)
TWEETS: dict[str, Any] = {"results": [{"id": "1", "text": "Hi\nthere"}], "next": None}


class FakeTransport(StringTransport):
    """A connection whose other end reads when the test calls `read_all`."""

    producer: Any
    full_at = 64 * 1024
    full = False

    def __init__(self) -> None:
        super().__init__()
        self.aborts = 0

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Do nothing: this transport has no delay."""

    def write(self, data: bytes) -> None:
        super().write(data)
        if len(self.value()) > self.full_at and not self.full:
            self.full = True
            self.producer.pauseProducing()

    def read_all(self) -> bytes:
        """Read all written data, as the other end."""
        data: bytes = self.value()
        self.clear()
        if self.full:
            self.full = False
            self.producer.resumeProducing()
        return data

    def abortConnection(self) -> None:
        self.aborts += 1

    def reads(self) -> bool:
        """Whether the protocol lets this transport read."""
        return self.producerState == "producing"


class FakeNearby(Nearby):
    """In place of the client for Chirp: the test answers the requests."""

    def __init__(self) -> None:
        self.requests: list[dict[str, float]] = []
        self.responses: list[Deferred[dict[str, Any]]] = []
        self.cancelled = 0

    def near(self, **request: Any) -> "Deferred[dict[str, Any]]":
        self.requests.append(request)
        self.responses.append(Deferred(self._cancel))
        return self.responses[-1]

    def _cancel(self, _: object) -> None:
        self.cancelled += 1


class FakeClient:
    """One client of a new server, or another client of the server of `clients`."""

    def __init__(self, clients: Clients | None = None, limits: Limits = LIMITS) -> None:
        self.clock = Clock()
        self.nearby = FakeNearby()
        locations = Locations(max_reports=100, lifetime=1000 * SECOND)
        self.node = Node("Hill", locations=locations, now=self.now)
        self.clients = clients or Clients(
            self.node, nearby=self.nearby, limits=limits, clock=self.clock, status=self.status
        )
        protocol = self.clients.buildProtocol(None)
        assert protocol is not None
        self.protocol: ClientProtocol = protocol
        self.transport = FakeTransport()
        self.protocol.makeConnection(self.transport)

    def now(self) -> int:
        return NOW * SECOND + int(self.clock.seconds() * SECOND)

    def status(self) -> object:
        return status.describe(self.node, started=NOW * SECOND, connected=self.clients.connected)

    def send(self, data: bytes) -> bytes:
        """Send data, and return the data that is received in response."""
        self.protocol.dataReceived(data)
        return self.receive()

    def receive(self) -> bytes:
        """Let the server finish its turn, and return the data that it has sent."""
        self.clock.advance(0)
        return self.transport.read_all()

    def disconnect(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


HERE = b"IAMAT kiwi +34.068930-118.445127 1699999999.75\n"
AT = b"AT Hill +0.250000000 kiwi +34.068930-118.445127 1699999999.75\n"


def test_a_report_is_answered_and_stored(client: FakeClient) -> None:
    assert client.send(HERE) == AT
    assert client.node.find("kiwi") is not None


def test_an_older_report_is_answered_and_not_stored(client: FakeClient) -> None:
    client.send(HERE)
    answer = client.send(b"IAMAT kiwi +00+000 1699999998\n")
    assert answer == b"AT Hill +2.000000000 kiwi +00+000 1699999998\n"
    known = client.node.find("kiwi")
    assert known is not None
    assert known.location == "+34.068930-118.445127"
    assert (client.node.counts.reports, client.node.counts.reports_old) == (1, 1)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"HELLO",
        b"AT Hill +0.25 kiwi +34-118 1",
        b"AT Hill +0.250000000 kiwi +34-118 1 Gasol",
        b"HERD-1 Gasol Hill 1",
        b"IAMAT kiwi NaN 1",
        b"IAMAT kiwi +34-118 1700000301",
        b"WHATSAT kiwi -1 5",
        b"\0",
        b"\xff\xfe caf\xe9",
        b"  spaces \t kept  ",
        b"x" * MAX_LINE_BYTES,
    ],
)
def test_a_malformed_line_is_echoed(client: FakeClient, line: bytes) -> None:
    assert client.send(line + b"\n") == b"? " + line + b"\n"
    assert client.send(line + b"\r\n") == b"? " + line + b"\r\n"
    assert client.send(HERE) == AT  # the connection stays open
    assert client.node.counts.malformed == 2


def test_the_clock_of_a_client_may_be_five_minutes_ahead(client: FakeClient) -> None:
    assert client.send(b"IAMAT kiwi +34-118 1700000300\n").startswith(b"AT Hill -300.0")


def test_responses_use_the_line_ending_of_the_command(client: FakeClient) -> None:
    assert client.send(HERE.replace(b"\n", b"\r\n")) == AT.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_lines_may_arrive_in_any_pieces(client: FakeClient, size: int) -> None:
    data = HERE + b"nonsense\n" + HERE
    received = b"".join(client.send(data[at : at + size]) for at in range(0, len(data), size))
    assert received == AT + b"? nonsense\n" + AT


@pytest.mark.parametrize("size", [1000, 40_000, 65_536, 300_000])
@pytest.mark.parametrize("length", [MAX_LINE_BYTES + 1, MAX_LINE_BYTES * 3])
def test_a_line_longer_than_64_kib_is_echoed_completely(
    client: FakeClient, size: int, length: int
) -> None:
    long = bytes(range(32, 127)) * (length // 95 + 1)
    data = HERE + long + b"\r\n" + HERE
    received = b"".join(client.send(data[at : at + size]) for at in range(0, len(data), size))
    assert received + client.receive() == AT + b"? " + long + b"\r\n" + AT
    assert client.node.counts.malformed == 1


def test_a_line_without_an_end_needs_no_memory(client: FakeClient) -> None:
    for _ in range(100):
        client.send(b"x" * 60_000)
    assert len(client.protocol._buffer) + len(client.protocol._received) <= MAX_LINE_BYTES


# --- Tweets -------------------------------------------------------------------------------------


def test_tweets_near_a_client(client: FakeClient) -> None:
    client.send(HERE)
    assert client.send(b"WHATSAT kiwi 10.5 5\n") == AT
    (request,) = client.nearby.requests
    assert request == {
        "latitude": 34.06893,
        "longitude": -118.445127,
        "radius": 10.5,
        "count": 5,
    }
    client.nearby.responses[0].callback(TWEETS)
    answer = client.receive()
    assert answer.endswith(b"\n\n")
    assert answer.count(b"\n") == 2
    assert json.loads(answer) == TWEETS


def test_an_error_of_chirp_is_reported(client: FakeClient) -> None:
    client.send(HERE + b"WHATSAT kiwi 10 5\n")
    client.nearby.responses[0].errback(ChirpAway("no answer within 5 seconds"))
    answer = client.receive()
    assert answer.endswith(b"\n\n")
    assert json.loads(answer) == {
        "error": "away",
        "message": "Chirp is away: no answer within 5 seconds.",
    }
    assert client.send(HERE) == AT
    assert client.node.counts.chirp_away == 1


def test_a_client_that_never_reported(client: FakeClient) -> None:
    assert client.send(b"WHATSAT moa 10 5\n") == b"UNKNOWN moa has not reported where it is\n"
    assert client.nearby.requests == []


def test_responses_come_in_the_order_of_the_commands(client: FakeClient) -> None:
    received = client.send(HERE + b"WHATSAT kiwi 1 1\nnonsense\nWHATSAT kiwi 2 2\n" + HERE)
    assert received == AT + AT
    assert not client.transport.reads()
    client.nearby.responses[0].callback(TWEETS)
    assert client.receive().endswith(b"\n\n? nonsense\n" + AT)
    client.nearby.responses[1].callback(TWEETS)
    assert client.receive().endswith(b"\n\n" + AT)
    assert client.transport.reads()


def test_a_disconnect_cancels_the_request_to_chirp(client: FakeClient) -> None:
    client.send(HERE + b"WHATSAT kiwi 1 1\nWHATSAT kiwi 2 2\n")
    client.disconnect()
    assert client.nearby.cancelled == 1
    assert len(client.nearby.requests) == 1
    assert client.transport.value() == b""
    assert client.clock.getDelayedCalls() == []


def test_a_client_that_closes_its_sending_half_still_gets_the_responses(client: FakeClient) -> None:
    client.send(HERE + b"WHATSAT kiwi 1 1\n")
    assert not client.transport.reads()  # so the end of the stream is not read yet
    client.nearby.responses[0].callback(TWEETS)
    assert client.transport.reads()
    client.protocol.readConnectionLost()
    assert client.transport.disconnecting
    assert client.transport.producer is None


# --- Limits -------------------------------------------------------------------------------------


def test_a_client_that_does_not_read_is_paused_and_then_dropped(client: FakeClient) -> None:
    client.protocol.dataReceived(HERE * 5000)
    client.clock.pump([0.001] * 100)
    assert len(client.transport.value()) < client.transport.full_at + 1000
    assert not client.transport.reads()
    client.clock.advance(LIMITS.stall - 1)
    assert client.transport.aborts == 0
    client.clock.advance(1)
    assert client.transport.aborts == 1
    assert client.node.counts.dropped_slow == 1


def test_a_client_that_reads_slowly_gets_all_responses(client: FakeClient) -> None:
    client.protocol.dataReceived(HERE * 5000)
    received = b""
    for _ in range(200):
        client.clock.advance(1)
        received += client.transport.read_all()
    assert received.count(b"\n") == 5000
    assert client.transport.reads()
    assert client.transport.aborts == 0


def test_a_busy_client_does_not_block_others(client: FakeClient) -> None:
    client.protocol.dataReceived(b"\n" * 1000)
    assert client.transport.value().count(b"\n") < 300
    assert not client.transport.reads()
    client.clock.pump([0] * 10)
    assert client.transport.value().count(b"\n") == 1000
    assert client.transport.reads()


def test_an_idle_client_is_dropped(client: FakeClient) -> None:
    client.clock.advance(LIMITS.idle - 1)
    client.send(HERE)
    client.clock.advance(LIMITS.idle - 1)
    assert client.transport.aborts == 0
    client.send(b"half a line is not enough")
    client.clock.advance(1)
    assert client.transport.aborts == 1
    assert client.node.counts.dropped_idle == 1


def test_the_number_of_connections_is_limited(client: FakeClient) -> None:
    others = [FakeClient(client.clients) for _ in range(LIMITS.connections - 1)]
    assert client.clients.buildProtocol(None) is None
    assert client.node.counts.refused_full == 1
    others[0].disconnect()
    assert client.clients.buildProtocol(None) is not None


def test_the_protocol_provides_the_interfaces_of_twisted(client: FakeClient) -> None:
    assert IPushProducer.providedBy(client.protocol)
    assert IHalfCloseableProtocol.providedBy(client.protocol)


# --- Status -------------------------------------------------------------------------------------


def test_the_status_has_neighbours_clients_reports_and_counts(client: FakeClient) -> None:
    client.node.link("Gasol")
    client.send(HERE + b"nonsense\n")
    client.clock.advance(2)
    response = json.loads(client.send(b"STATUS\n"))
    assert response["server"] == "Hill"
    assert response["uptime"] == 2
    assert response["neighbours"] == {"Gasol": {"up": False, "times_up": 0, "owed": 0}}
    assert (response["clients"], response["reports"]) == (1, 1)
    assert {"floods_sent", "floods_received", "dropped_slow", "dropped_idle"} <= set(
        response["counts"]
    )
    assert (response["counts"]["reports"], response["counts"]["malformed"]) == (1, 1)


def test_limits_come_from_the_settings() -> None:
    client = FakeClient(limits=replace(LIMITS, future=1))
    assert client.send(b"IAMAT kiwi +34-118 1700000002\n").startswith(b"? ")


# --- Arbitrary input ----------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=60) | st.just(HERE), max_size=20), st.integers(1, 50))
def test_every_line_gets_one_response(lines: list[bytes], size: int) -> None:
    client = FakeClient()
    clean = [line.replace(b"\n", b"") for line in lines]
    data = b"".join(line + b"\n" for line in clean)
    received = b"".join(client.send(data[at : at + size]) for at in range(0, len(data), size))
    answers = received.split(b"\n")[:-1]
    assert len(answers) == len(clean)
    for line, answer in zip(clean, answers, strict=True):
        if line + b"\n" == HERE:
            assert answer + b"\n" == AT
        else:
            assert answer == b"? " + line
