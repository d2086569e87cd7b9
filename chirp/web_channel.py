"""Connections of the web server: waitress' classes for them, for requests and for responses.

What waitress leaves open is bounded here: how long a request may take to arrive, and how large its
body may be (settings.BODY_LIMITS, by path). docs/decisions/0017-buffered-web-worker.md
"""

import time
from pathlib import Path
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask
from waitress.utilities import RequestEntityTooLarge

from chirp import handoff
from chirp.limits.bodies import body_limit
from chirp.sharing import Pool

HEADER_SECONDS = 15.0  # in which the header of a request has to arrive, from its first byte on
BODY_SECONDS = 30.0  # in which a body has to arrive, and longer by this rate:
BODY_BYTES_PER_SECOND = 20_000
# What is read of a body that is too large, so that the client gets its answer, and never stored.
MOST_DISCARDED_BYTES = 64 * 1024 * 1024
MOST_HELD_BYTES = 256 * 1024  # of a response, until it is whole


class DiscardedBody:
    """A body that is read and thrown away. It has the methods of waitress' receivers."""

    error = None

    def __init__(self, length: int) -> None:
        self._left = min(length, MOST_DISCARDED_BYTES)
        self.completed = self._left == 0

    def received(self, data: bytes) -> int:
        """Take some of the body and return how many bytes were taken."""
        taken = min(len(data), self._left)
        self._left -= taken
        self.completed = self._left == 0
        return taken

    def getfile(self) -> None:
        """There is nothing to read."""

    def __len__(self) -> int:
        return 0


class BoundedParser(HTTPRequestParser):  # type: ignore[misc]
    """A request that has to arrive in time, and whose body is bounded by its path."""

    def __init__(self, adjustments: Any) -> None:
        super().__init__(adjustments)
        self.deadline = time.monotonic() + HEADER_SECONDS
        self.content_length: int
        self.body_rcv: Any
        self.error: Any
        self.head = b""  # as it arrived
        self.is_taken = False  # from the pool, to which it is not given again

    def parse_header(self, header_plus: bytes) -> None:
        """Decide on the body as soon as the header is there. The views answer 413."""
        self.head = header_plus
        super().parse_header(header_plus)
        self.deadline = (
            time.monotonic() + BODY_SECONDS + self.content_length / BODY_BYTES_PER_SECOND
        )
        if self.content_length > body_limit(self.path):
            self.connection_close = True
            self.body_rcv = DiscardedBody(self.content_length)
            self.content_length = 0  # for waitress' own limit, which counts for chunks

    def get_body_stream(self) -> Any:
        """The body as a file; an empty one for a body that was discarded."""
        if isinstance(self.body_rcv, DiscardedBody):
            self.body_rcv = None
        return super().get_body_stream()

    def received(self, data: bytes) -> int:
        """Take some of the request. A chunked body is bounded while it arrives."""
        taken: int = super().received(data)
        if self.chunked and not self.error and self.body_bytes_received > body_limit(self.path):
            self.error = RequestEntityTooLarge("The body of this request is too large.")
            self.completed = True
        return taken


class BareHeadTask(WSGITask):  # type: ignore[misc]
    """A response. That to HEAD has the header of a GET and no body, whatever the view returns.

    Otherwise the client would take the body for the beginning of the next response.
    """

    request: BoundedParser

    @property
    def _is_head(self) -> bool:
        return bool(self.request.command == "HEAD")

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment. Files of a HEAD go through `write` too."""
        environ: dict[str, Any] = super().get_environment()
        if self._is_head:
            environ.pop("wsgi.file_wrapper", None)
        return environ

    def build_response_header(self) -> bytes:
        """The header, which ends the connection if the process ends."""
        if self.channel.server.is_ending:
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header

    def write(self, data: bytes) -> None:
        """Send some of the body, after the header."""
        super().write(b"" if self._is_head else data)
        length = self.content_length
        if length is not None and self.content_bytes_written >= length:
            self.channel.release()  # the client need not wait for what the view does after it

    def finish(self) -> None:
        """Send the header, if nothing was written, and the end of a chunked body."""
        if self._is_head:
            self.write(b"")
        else:
            super().finish()


class BoundedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests have to arrive in time."""

    parser_class = BoundedParser
    task_class = BareHeadTask
    _holds = False  # what there is of a response, until it is whole

    @property
    def is_idle(self) -> bool:
        """Whether no whole request of this connection is being answered."""
        return not self.requests and not self.total_outbufs_len

    @property
    def is_full(self) -> bool:
        """Whether so much waits for the client to read it that its next request has to wait."""
        return bool(self.total_outbufs_len > self.adj.outbuf_high_watermark)

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Never wait for the client: only the loop sends, and a view is a part of the loop.

        What a view returns goes to a file from outbuf_overflow bytes on.
        """

    def service(self) -> None:
        """Answer a request, and send the header and the body in one call of the kernel.

        One after the other woke the client twice, and a client or proxy that had got the header
        from a process that was killed between them could not ask another one. Only files are still
        sent like that.
        """
        self._holds = True
        try:
            super().service()
        finally:
            self.release()

    def release(self) -> None:
        """Send what is held of a response."""
        self._holds = False
        if self.total_outbufs_len:
            self._flush_exception(self._flush_some, do_close=False)

    def _flush_some(self, do_close: bool = True) -> bool:
        if self._holds and self.total_outbufs_len < MOST_HELD_BYTES:
            return False
        return bool(super()._flush_some(do_close))

    @property
    def wants_stream(self) -> bool:
        """Whether its only request is one for a stream, and nothing else is to be answered."""
        request = self.requests[0]
        return (
            len(self.requests) == 1
            and not self.total_outbufs_len
            and not request.error
            and request.command == "GET"
            and handoff.is_stream(request.path)
        )

    def hand_over(self, to: Path) -> bool:
        """Pass the connection on to the process of streams. Returns whether it took it."""
        taken = handoff.hand_over(self.socket, self.requests[0].head, to=to)
        if taken:
            self._forget()
        return taken

    def give(self, pool: Pool) -> bool:
        """Pass the connection on to an idle process. Returns whether it did.

        Only a connection is passed of which nothing has been read but the header of one request,
        and to which nothing is to be sent.
        """
        request = self.requests[0]
        movable = (
            self.connected  # the client may have gone since it sent the request
            and len(self.requests) == 1
            and self.request is None
            and not self.total_outbufs_len
            and request.body_rcv is None
            and not (request.error or request.is_taken)
        )
        given = movable and pool.give(self.socket, request.head)
        if given:
            self._forget()
        return given

    def _forget(self) -> None:
        """Close this process' copy of a connection that another one has."""
        self.requests.clear()
        self.handle_close()

    def is_late(self, now: float) -> bool:
        """Whether it has begun a request that did not arrive in time."""
        request = self.request
        return request is not None and now > request.deadline
