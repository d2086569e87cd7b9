"""Connections without a server: slow clients, places, and what goes over the wire."""

import asyncio
import socket
from typing import Any

import pytest
from websockets.frames import Opcode
from websockets.protocol import CLIENT, Protocol, State

from accounts.signed_in import SignedIn
from accounts.streams import Opening, TooManyStreams
from streaming import wire
from streaming.connections import Connection, Connections

OPENING = Opening("native", SignedIn(1, 0), "http://chirp.example", frozenset({("home", "")}))


async def connected() -> tuple[Connection, asyncio.Transport, socket.socket]:
    """A connection, its transport, and the socket of the client."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, ours)
    return Connection(OPENING, transport), transport, theirs


def test_a_slow_client_is_cut_off_and_nobody_waits_for_it() -> None:
    async def run() -> None:
        slow, slow_transport, slow_client = await connected()
        quick, quick_transport, quick_client = await connected()
        data = wire.chunk(wire.sse("home", b"x" * 10_000))
        read = 0
        for _ in range(200):
            slow.write(data)
            quick.write(data)
            read += len(quick_client.recv(2 * len(data)))
            await asyncio.sleep(0)
        assert (slow_transport.is_closing(), slow.reason) == (True, "slow")
        assert (quick_transport.is_closing(), quick.reason) == (False, "client")
        assert read > 100 * len(data)
        quick.end("stopped")
        await asyncio.sleep(0)
        assert quick_client.recv(1 << 20).endswith(wire.LAST_CHUNK)
        for client in (slow_client, quick_client):
            client.close()

    asyncio.run(run())


def test_what_is_held_back_comes_after_what_was_missed() -> None:
    async def run() -> bytes:
        connection, _, client = await connected()
        connection.hold()
        connection.write(b"later ")
        connection.write_now(b"missed ")
        connection.release()
        connection.write(b"last")
        await asyncio.sleep(0)
        return client.recv(100)

    assert asyncio.run(run()) == b"missed later last"


def test_an_account_and_a_network_have_so_many_places(settings: Any) -> None:
    settings.STREAMS_PER_ACCOUNT, settings.STREAMS_PER_ADDRESS = 2, 3
    connections = Connections()
    taken = [connections.reserve(user_id=1, address="192.0.2.1") for _ in range(2)]
    with pytest.raises(TooManyStreams):
        connections.reserve(user_id=1, address="192.0.2.2")
    connections.reserve(user_id=2, address="192.0.2.1")
    with pytest.raises(TooManyStreams):
        connections.reserve(user_id=3, address="192.0.2.1")
    connections.give_back(taken[0])
    connections.reserve(user_id=1, address="192.0.2.1")


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_those_of_websocket(size: int) -> None:
    client = Protocol(CLIENT, state=State.OPEN, max_size=None)
    client.receive_data(wire.frame(b"x" * size) + wire.closing(1001))
    text, close = client.events_received()
    assert (text.opcode, text.data, text.fin) == (Opcode.TEXT, b"x" * size, True)  # type: ignore[union-attr]
    assert close.opcode == Opcode.CLOSE  # type: ignore[union-attr]
    assert client.close_rcvd is not None
    assert client.close_rcvd.code == 1001
