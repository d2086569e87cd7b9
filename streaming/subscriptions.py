"""What a WebSocket listens to, which its client changes with messages. Runs in a thread."""

from typing import Any

import orjson

from accounts.models import User
from chirp.errors import ChirpError
from mastodon.errors import refusal
from mastodon.streams import UnknownStream, stream_of
from streaming.connections import Connection

MOST = 50  # streams of one socket


def change(connection: Connection, text: str) -> bytes | None:
    """Subscribe or unsubscribe, and return what to answer: only errors are. Idempotent."""
    try:
        _change(connection, _parsed(text))
    except ChirpError as error:
        reply = refusal(error)
        return orjson.dumps({"error": reply.body["error"], "status": reply.status})
    return None


def _change(connection: Connection, message: dict[str, str]) -> None:
    opening = connection.opening
    if message.get("type") == "unsubscribe":
        parameter = message.get("list") or message.get("tag") or ""
        connection.streams -= {(message.get("stream", ""), parameter)}
        return
    viewer = User.objects.filter(pk=opening.who.user_id).first()
    if message.get("type") != "subscribe" or viewer is None or len(connection.streams) >= MOST:
        raise UnknownStream
    name = message.get("stream", "")
    connection.streams |= {stream_of(name, message, viewer=viewer, scopes=opening.scopes)}


def _parsed(text: str) -> dict[str, str]:
    try:
        message: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise UnknownStream from None
    if not isinstance(message, dict):
        raise UnknownStream
    return {name: value for name, value in message.items() if isinstance(value, str)}
