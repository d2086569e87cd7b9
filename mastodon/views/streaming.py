"""Streams, by server-sent events and by WebSocket. The process of streams goes on with them."""

from dataclasses import dataclass

from django.http import HttpResponse

from accounts.signed_in import SignedIn
from accounts.streams import Opening, Stream, opener
from chirp.errors import NotFound
from mastodon.calls import Call
from mastodon.endpoints import Endpoint, public, user
from mastodon.replies import Reply
from mastodon.streams import PUBLIC, stream_of


@dataclass(slots=True)
class Text(Reply):
    """A reply in plain text, or the beginning of a stream."""

    type: str = "text/plain; charset=utf-8"

    def response(self) -> HttpResponse:
        """The response, which nobody keeps."""
        response = HttpResponse(self.body, content_type=self.type)
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


def events(name: str) -> Endpoint:
    """GET streaming/...: a stream of server-sent events."""

    @user()
    def listen(call: Call) -> Reply:
        is_media = name in PUBLIC and call.params.flag("only_media")
        return _open(call, {_stream(call, f"{name}:media" if is_media else name)})

    return listen


@user()
def socket(call: Call) -> Reply:
    """GET streaming, as a WebSocket. Without one there is nothing here: it is on the same host."""
    if call.request.headers.get("Upgrade", "").lower() != "websocket":
        raise NotFound
    name = call.params.text("stream")
    return _open(call, {_stream(call, name)} if name else set())


@public()
def health(call: Call) -> Reply:
    """GET streaming/health."""
    return Text("OK")


def _stream(call: Call, name: str) -> Stream:
    parameters = {key: call.params.text(key) or "" for key in ("tag", "list")}
    assert call.token is not None
    return stream_of(name, parameters, viewer=call.user, scopes=call.token.scopes)


def _open(call: Call, streams: set[Stream]) -> Reply:
    token = call.token
    assert token is not None
    who = SignedIn(call.user.pk, token.user_version or 0, app_token_id=token.pk)
    scopes = tuple(token.scopes)
    opener(call.request.META)(
        Opening("mastodon", who, call.base, frozenset(streams), scopes=scopes)
    )
    return Text("", type="text/event-stream")
