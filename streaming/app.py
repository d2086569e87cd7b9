"""The ASGI application: runs the view of a stream, then keeps the connection.

The view runs in a thread with all of Django's middleware, as in a web process: it knows who may
open what. It opens a stream by the function that it finds in its environment (accounts/streams.py).
"""

import io
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core import signals
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from django.urls import get_resolver

from accounts.streams import OPEN, Opening
from chirp import handoff
from chirp.limits.addresses import client_address
from streaming import subscriptions, wire
from streaming.connections import Connection
from streaming.hub import Hub

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
HEALTH = "/healthz"
GOING_AWAY = 1001  # why the server closes a WebSocket: the client may come back


@dataclass(slots=True)
class Answer:
    """The response of a view, and the stream that it opened, with the places that this takes."""

    response: HttpResponse
    opening: Opening | None = None
    places: tuple[str, ...] = ()


class Application:
    """The application. `hub` exists from the start of the event loop on."""

    hub: Hub

    def __init__(self) -> None:
        self._django = BaseHandler()
        self._django.load_middleware()
        assert get_resolver().url_patterns  # loads every view now, not at the first request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not (handoff.is_stream(scope["path"]) or scope["path"] == HEALTH):
            await _refuse(scope, send)
        elif scope["type"] == "http":
            await self._events(scope, receive, send)
        else:
            await self._socket(scope, receive, send)

    async def _events(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._ask(scope)
        try:
            headers = _headers(answer.response)
            if answer.opening is None:
                body = answer.response.content
                headers += [(b"content-length", b"%d" % len(body)), (b"connection", b"close")]
                await _start(send, answer.response.status_code, headers)
                await send({"type": "http.response.body", "body": body})
                return
            await _start(send, 200, [*headers, (b"connection", b"close")])
            await send({"type": "http.response.body", "body": wire.PING, "more_body": True})
            await self._keep(Connection(answer.opening, scope["state"]["transport"]()), receive)
        finally:
            self.hub.connections.give_back(answer.places)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._ask(scope)
        try:
            await receive()  # that the client wants to connect
            if answer.opening is None:
                await _deny(send, answer.response)
                return
            # A browser that sent the token as a protocol wants to see it again.
            protocols = scope.get("subprotocols") or [None]
            await send({"type": "websocket.accept", "subprotocol": protocols[0]})
            connection = Connection(
                answer.opening,
                scope["state"]["transport"](),
                wrap=wire.frame,
                goodbye=wire.closing(GOING_AWAY),
            )
            with self.hub.connections.held(connection):
                await self.hub.join(connection)
                await self._converse(connection, receive)
        finally:
            self.hub.connections.give_back(answer.places)

    async def _converse(self, connection: Connection, receive: Receive) -> None:
        """Change what a WebSocket listens to, as the client asks, until one of both ends it."""
        while (message := await receive())["type"] != "websocket.disconnect":
            answer = await self.hub.run(subscriptions.change, connection, message.get("text") or "")
            if answer is not None:
                connection.say(answer)

    async def _keep(self, connection: Connection, receive: Receive) -> None:
        """Keep a stream until one of both sides ends it."""
        with self.hub.connections.held(connection):
            await self.hub.join(connection)
            while (await receive())["type"] != "http.disconnect":
                pass

    async def _ask(self, scope: Scope) -> Answer:
        """Return what the view answers."""
        as_http = {**scope, "type": "http", "method": scope.get("method", "GET")}
        as_http["scheme"] = scope["scheme"].replace("ws", "http")
        return await self.hub.run(self._respond, as_http)

    def _respond(self, scope: Scope) -> Answer:
        signals.request_started.send(sender=type(self), scope=scope)
        request = ASGIRequest(scope, io.BytesIO())
        answer = Answer(HttpResponse())
        request.META[OPEN] = partial(self._open, answer, client_address(request.META))
        response = self._django.get_response(request)
        assert isinstance(response, HttpResponse)
        answer.response = response
        response.close()  # sends request_finished
        if response.status_code != 200 and answer.opening is not None:
            self.hub.connections.give_back(answer.places)
            return Answer(response)
        return answer

    def _open(self, answer: Answer, address: str, opening: Opening) -> None:
        places = self.hub.connections.reserve(user_id=opening.who.user_id, address=address)
        answer.opening, answer.places = opening, places


async def _refuse(scope: Scope, send: Send) -> None:
    """Say that nothing else is served here. A WebSocket that is closed unopened is a 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    await _start(send, 404, [(b"content-length", b"0"), (b"connection", b"close")])
    await send({"type": "http.response.body"})


async def _deny(send: Send, response: HttpResponse) -> None:
    """Refuse a WebSocket with the response of the view."""
    start = {"status": response.status_code, "headers": _headers(response)}
    await send({"type": "websocket.http.response.start", **start})
    await send({"type": "websocket.http.response.body", "body": response.content})


async def _start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


def _headers(response: HttpResponse) -> Headers:
    found = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.items()]
    cookies = response.cookies.values()
    found += [(b"set-cookie", each.output(header="").strip().encode()) for each in cookies]
    return [(name, value) for name, value in found if name != b"content-length"]
