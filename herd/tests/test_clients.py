"""What clients say and hear, on a transport in memory."""

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
from herd.protocol import LONGEST_LINE, ClientProtocol, Clients
from herd.settings import Limits
from herd.tweets import ChirpAway, Nearby

NOW = 1_700_000_000
LIMITS = Limits(connections=3)
TWEETS: dict[str, Any] = {"results": [{"id": "1", "text": "Hi\nthere"}], "next": None}


class Transport(StringTransport):
    """A connection whose other end fetches what is written when the test says so."""

    producer: Any
    full_at = 64 * 1024
    full = False

    def __init__(self) -> None:
        super().__init__()
        self.aborts = 0

    def setTcpNoDelay(self, enabled: bool) -> None:
        """There is no delay to begin with."""

    def write(self, data: bytes) -> None:
        super().write(data)
        if len(self.value()) > self.full_at and not self.full:
            self.full = True
            self.producer.pauseProducing()

    def fetch(self) -> bytes:
        """Read everything, as the other end."""
        data: bytes = self.value()
        self.clear()
        if self.full:
            self.full = False
            self.producer.resumeProducing()
        return data

    def abortConnection(self) -> None:
        self.aborts += 1

    def reads(self) -> bool:
        return self.producerState == "producing"


class Asked(Nearby):
    """The port to Chirp, answered by the test."""

    def __init__(self) -> None:
        self.questions: list[dict[str, float]] = []
        self.answers: list[Deferred[dict[str, Any]]] = []
        self.cancelled = 0

    def near(self, **question: Any) -> "Deferred[dict[str, Any]]":
        self.questions.append(question)
        self.answers.append(Deferred(self._cancel))
        return self.answers[-1]

    def _cancel(self, _: object) -> None:
        self.cancelled += 1


class Phone:
    """One client of a server of its own."""

    def __init__(self, clients: Clients | None = None, limits: Limits = LIMITS) -> None:
        self.clock = Clock()
        self.nearby = Asked()
        locations = Locations(most=100, lifetime=1000 * SECOND)
        self.node = Node("Hill", locations=locations, now=self.now)
        self.clients = clients or Clients(
            self.node, nearby=self.nearby, limits=limits, clock=self.clock, status=self.status
        )
        found = self.clients.buildProtocol(None)
        assert found is not None
        self.protocol: ClientProtocol = found
        self.wire = Transport()
        self.protocol.makeConnection(self.wire)

    def now(self) -> int:
        return NOW * SECOND + int(self.clock.seconds() * SECOND)

    def status(self) -> object:
        return status.describe(self.node, started=NOW * SECOND, connected=self.clients.connected)

    def say(self, data: bytes) -> bytes:
        """What is heard after saying something."""
        self.protocol.dataReceived(data)
        return self.hear()

    def hear(self) -> bytes:
        self.clock.advance(0)
        return self.wire.fetch()

    def leave(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))


@pytest.fixture
def phone() -> Phone:
    return Phone()


HERE = b"IAMAT kiwi +34.068930-118.445127 1699999999.75\n"
AT = b"AT Hill +0.250000000 kiwi +34.068930-118.445127 1699999999.75\n"


def test_a_report_is_answered_and_stored(phone: Phone) -> None:
    assert phone.say(HERE) == AT
    assert phone.node.find("kiwi") is not None


def test_an_older_report_is_answered_and_not_stored(phone: Phone) -> None:
    phone.say(HERE)
    answer = phone.say(b"IAMAT kiwi +00+000 1699999998\n")
    assert answer == b"AT Hill +2.000000000 kiwi +00+000 1699999998\n"
    known = phone.node.find("kiwi")
    assert known is not None
    assert known.location == "+34.068930-118.445127"
    assert (phone.node.counts.reports, phone.node.counts.reports_old) == (1, 1)


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
        b"x" * LONGEST_LINE,
    ],
)
def test_what_is_malformed_comes_back_as_it_was(phone: Phone, line: bytes) -> None:
    assert phone.say(line + b"\n") == b"? " + line + b"\n"
    assert phone.say(line + b"\r\n") == b"? " + line + b"\r\n"
    assert phone.say(HERE) == AT  # the connection lives on
    assert phone.node.counts.malformed == 2


def test_a_client_may_be_ahead_by_five_minutes(phone: Phone) -> None:
    assert phone.say(b"IAMAT kiwi +34-118 1700000300\n").startswith(b"AT Hill -300.0")


def test_lines_are_answered_as_they_end(phone: Phone) -> None:
    assert phone.say(HERE.replace(b"\n", b"\r\n")) == AT.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_lines_may_come_in_any_pieces(phone: Phone, size: int) -> None:
    data = HERE + b"nonsense\n" + HERE
    heard = b"".join(phone.say(data[at : at + size]) for at in range(0, len(data), size))
    assert heard == AT + b"? nonsense\n" + AT


@pytest.mark.parametrize("size", [1000, 40_000, 65_536, 300_000])
@pytest.mark.parametrize("length", [LONGEST_LINE + 1, LONGEST_LINE * 3])
def test_a_line_past_64_kib_comes_back_whole(phone: Phone, size: int, length: int) -> None:
    long = bytes(range(32, 127)) * (length // 95 + 1)
    data = HERE + long + b"\r\n" + HERE
    heard = b"".join(phone.say(data[at : at + size]) for at in range(0, len(data), size))
    assert heard + phone.hear() == AT + b"? " + long + b"\r\n" + AT
    assert phone.node.counts.malformed == 1


def test_a_line_without_end_takes_no_memory(phone: Phone) -> None:
    for _ in range(100):
        phone.say(b"x" * 60_000)
    assert len(phone.protocol._buffer) + len(phone.protocol._held) <= LONGEST_LINE


# --- Tweets -------------------------------------------------------------------------------------


def test_tweets_near_a_client(phone: Phone) -> None:
    phone.say(HERE)
    assert phone.say(b"WHATSAT kiwi 10.5 5\n") == AT
    (question,) = phone.nearby.questions
    assert question == {
        "latitude": 34.06893,
        "longitude": -118.445127,
        "radius": 10.5,
        "count": 5,
    }
    phone.nearby.answers[0].callback(TWEETS)
    answer = phone.hear()
    assert answer.endswith(b"\n\n")
    assert answer.count(b"\n") == 2
    assert json.loads(answer) == TWEETS


def test_without_chirp_the_answer_says_so(phone: Phone) -> None:
    phone.say(HERE + b"WHATSAT kiwi 10 5\n")
    phone.nearby.answers[0].errback(ChirpAway("no answer within 5 seconds"))
    answer = phone.hear()
    assert answer.endswith(b"\n\n")
    assert json.loads(answer) == {
        "error": "away",
        "message": "Chirp is away: no answer within 5 seconds.",
    }
    assert phone.say(HERE) == AT
    assert phone.node.counts.chirp_away == 1


def test_a_client_that_never_reported(phone: Phone) -> None:
    assert phone.say(b"WHATSAT moa 10 5\n") == b"UNKNOWN moa has not reported where it is\n"
    assert phone.nearby.questions == []


def test_answers_come_in_the_order_of_the_questions(phone: Phone) -> None:
    heard = phone.say(HERE + b"WHATSAT kiwi 1 1\nnonsense\nWHATSAT kiwi 2 2\n" + HERE)
    assert heard == AT + AT
    assert not phone.wire.reads()
    phone.nearby.answers[0].callback(TWEETS)
    assert phone.hear().endswith(b"\n\n? nonsense\n" + AT)
    phone.nearby.answers[1].callback(TWEETS)
    assert phone.hear().endswith(b"\n\n" + AT)
    assert phone.wire.reads()


def test_who_has_gone_is_asked_for_no_more(phone: Phone) -> None:
    phone.say(HERE + b"WHATSAT kiwi 1 1\nWHATSAT kiwi 2 2\n")
    phone.leave()
    assert phone.nearby.cancelled == 1
    assert len(phone.nearby.questions) == 1
    assert phone.wire.value() == b""
    assert phone.clock.getDelayedCalls() == []


def test_who_has_said_all_still_hears_the_answers(phone: Phone) -> None:
    phone.say(HERE + b"WHATSAT kiwi 1 1\n")
    assert not phone.wire.reads()  # so the end is not even seen yet
    phone.nearby.answers[0].callback(TWEETS)
    assert phone.wire.reads()
    phone.protocol.readConnectionLost()
    assert phone.wire.disconnecting
    assert phone.wire.producer is None


# --- Limits -------------------------------------------------------------------------------------


def test_who_does_not_read_is_not_read_and_then_dropped(phone: Phone) -> None:
    phone.protocol.dataReceived(HERE * 5000)
    phone.clock.pump([0.001] * 100)
    assert len(phone.wire.value()) < phone.wire.full_at + 1000
    assert not phone.wire.reads()
    phone.clock.advance(LIMITS.stall - 1)
    assert phone.wire.aborts == 0
    phone.clock.advance(1)
    assert phone.wire.aborts == 1
    assert phone.node.counts.dropped_slow == 1


def test_who_reads_late_misses_nothing(phone: Phone) -> None:
    phone.protocol.dataReceived(HERE * 5000)
    heard = b""
    for _ in range(200):
        phone.clock.advance(1)
        heard += phone.wire.fetch()
    assert heard.count(b"\n") == 5000
    assert phone.wire.reads()
    assert phone.wire.aborts == 0


def test_nobody_takes_the_turn_of_the_others(phone: Phone) -> None:
    phone.protocol.dataReceived(b"\n" * 1000)
    assert phone.wire.value().count(b"\n") < 300
    assert not phone.wire.reads()
    phone.clock.pump([0] * 10)
    assert phone.wire.value().count(b"\n") == 1000
    assert phone.wire.reads()


def test_who_says_nothing_is_dropped(phone: Phone) -> None:
    phone.clock.advance(LIMITS.idle - 1)
    phone.say(HERE)
    phone.clock.advance(LIMITS.idle - 1)
    assert phone.wire.aborts == 0
    phone.say(b"half a line is not enough")
    phone.clock.advance(1)
    assert phone.wire.aborts == 1
    assert phone.node.counts.dropped_idle == 1


def test_there_is_room_for_so_many(phone: Phone) -> None:
    others = [Phone(phone.clients) for _ in range(LIMITS.connections - 1)]
    assert phone.clients.buildProtocol(None) is None
    assert phone.node.counts.refused_full == 1
    others[0].leave()
    assert phone.clients.buildProtocol(None) is not None


def test_the_transport_may_pause_it_and_close_one_half(phone: Phone) -> None:
    assert IPushProducer.providedBy(phone.protocol)
    assert IHalfCloseableProtocol.providedBy(phone.protocol)


# --- Status -------------------------------------------------------------------------------------


def test_status_tells_neighbours_clients_floods_and_drops(phone: Phone) -> None:
    phone.node.link("Gasol")
    phone.say(HERE + b"nonsense\n")
    phone.clock.advance(2)
    said = json.loads(phone.say(b"STATUS\n"))
    assert said["server"] == "Hill"
    assert said["uptime"] == 2
    assert said["neighbours"] == {"Gasol": {"up": False, "times_up": 0, "owed": 0}}
    assert (said["clients"], said["reports"]) == (1, 1)
    assert {"floods_sent", "floods_received", "dropped_slow", "dropped_idle"} <= set(said["counts"])
    assert (said["counts"]["reports"], said["counts"]["malformed"]) == (1, 1)


def test_limits_are_what_the_settings_say() -> None:
    phone = Phone(limits=replace(LIMITS, future=1))
    assert phone.say(b"IAMAT kiwi +34-118 1700000002\n").startswith(b"? ")


# --- Anything -----------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=60) | st.just(HERE), max_size=20), st.integers(1, 50))
def test_every_line_gets_one_answer_however_it_comes(lines: list[bytes], size: int) -> None:
    phone = Phone()
    clean = [line.replace(b"\n", b"") for line in lines]
    data = b"".join(line + b"\n" for line in clean)
    heard = b"".join(phone.say(data[at : at + size]) for at in range(0, len(data), size))
    answers = heard.split(b"\n")[:-1]
    assert len(answers) == len(clean)
    for line, answer in zip(clean, answers, strict=True):
        if line + b"\n" == HERE:
            assert answer + b"\n" == AT
        else:
            assert answer == b"? " + line
