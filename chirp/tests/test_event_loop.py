"""The event loop of a web process."""

import socket
from collections.abc import Iterator

import pytest
from waitress import wasyncore

from chirp.event_loop import EventLoop


class Echo(wasyncore.dispatcher):  # type: ignore[misc]
    """Sends what it receives, and counts how often it is asked what it waits for."""

    def __init__(self, connection: socket.socket, loop: EventLoop) -> None:
        super().__init__(connection, map=loop)
        self.connected = True
        self.unsent = b""
        self.asked = 0
        self.is_ready = True
        self.is_open = True

    def readable(self) -> bool:
        """It reads when it is ready, and has sent all."""
        self.asked += 1
        return self.is_ready and not self.unsent

    def writable(self) -> bool:
        """It has something to send."""
        return bool(self.unsent)

    def handle_read(self) -> None:
        """Receive some."""
        self.unsent += self.recv(100)

    def handle_write(self) -> None:
        """Send some of it."""
        self.unsent = self.unsent[self.send(self.unsent) :]

    def handle_close(self) -> None:
        """The other side has closed the connection."""
        self.is_open = False
        self.close()


@pytest.fixture
def loop() -> EventLoop:
    return EventLoop()


@pytest.fixture
def client(loop: EventLoop) -> Iterator[socket.socket]:
    """The other side of the only connection in the loop."""
    one, other = socket.socketpair()
    Echo(other, loop)
    with one, other:
        one.settimeout(10)
        yield one


def only(loop: EventLoop) -> Echo:
    """The only dispatcher in the loop."""
    (echo,) = loop.values()
    assert isinstance(echo, Echo)
    return echo


def test_it_reads_and_writes(loop: EventLoop, client: socket.socket) -> None:
    for text in (b"one", b"two"):
        client.sendall(text)
        loop.turn(10)
        loop.turn(10)
        assert client.recv(100) == text


def test_a_quiet_connection_is_asked_once(loop: EventLoop, client: socket.socket) -> None:
    for _ in range(5):
        loop.turn(0)
    assert only(loop).asked == 1


def test_what_else_changes_a_connection_is_said(loop: EventLoop, client: socket.socket) -> None:
    loop.turn(0)
    only(loop).unsent = b"for you"
    loop.changed(only(loop))
    loop.turn(10)
    assert client.recv(100) == b"for you"
    only(loop).unsent = b"for all"
    loop.all_changed()
    loop.turn(10)
    assert client.recv(100) == b"for all"


def test_it_waits_for_nothing_that_is_not_wanted(loop: EventLoop, client: socket.socket) -> None:
    only(loop).is_ready = False
    client.sendall(b"not now")
    loop.turn(0)
    assert only(loop).unsent == b""
    only(loop).is_ready = True
    loop.all_changed()
    loop.turn(10)
    assert only(loop).unsent == b"not now"


def test_a_closed_connection_is_forgotten(loop: EventLoop, client: socket.socket) -> None:
    echo = only(loop)
    client.close()
    loop.turn(10)
    assert not echo.is_open
    assert not loop
    loop.changed(echo)
    loop.turn(0)


def test_a_new_connection_with_the_number_of_a_closed_one(
    loop: EventLoop, client: socket.socket
) -> None:
    loop.turn(0)
    number = only(loop).socket.fileno()
    only(loop).close()
    one, other = socket.socketpair()
    with one, other:
        assert number in (one.fileno(), other.fileno())
        mine, its = (one, other) if other.fileno() == number else (other, one)
        Echo(its, loop)
        mine.sendall(b"again")
        loop.turn(10)
        assert only(loop).unsent == b"again"
