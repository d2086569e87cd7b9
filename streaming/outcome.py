"""What has to be written to which connections."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

import orjson

from accounts.streams import Stream
from chirp.observability import traces
from streaming import wire
from streaming.connections import Connection

Write = tuple[bytes, list[Connection]]


@dataclass(slots=True)
class Outcome:
    """The writes of some entries of the log, in order, and whose sign-ins may have ended."""

    writes: list[Write] = field(default_factory=list)
    check: set[int] = field(default_factory=set)
    causes: dict[int, str] = field(default_factory=dict)  # a write's number: its `traceparent`

    def traced(self, cause: str | None) -> AbstractContextManager[None]:
        """Measure how an event is resolved, in its trace. What it puts is sent in that trace."""
        return self._traced(cause) if cause else nullcontext()

    @contextmanager
    def _traced(self, cause: str) -> Iterator[None]:
        first = len(self.writes)
        with traces.continued("streams.resolve", "consumer", [cause], {}) as (span,):
            yield
        if span is not None:
            self.causes |= dict.fromkeys(range(first, len(self.writes)), span)

    def sending(self, number: int) -> AbstractContextManager[object]:
        """Measure how a write is sent to its connections, in the trace of its event."""
        if number not in self.causes:
            return nullcontext()
        count = {"streams.connections": len(self.writes[number][1])}
        return traces.continued("streams.send", "producer", [self.causes[number]], count)

    def put(
        self, stream: Stream, event: str, data: bytes, connections: Iterable[Connection]
    ) -> None:
        """Write an event of a stream to these connections, encoded once for each kind."""
        events: list[Connection] = []
        sockets: list[Connection] = []
        for connection in connections:
            (sockets if connection.is_socket else events).append(connection)
        if events:
            self.writes.append((wire.chunk(wire.sse(event, data)), events))
        if sockets:
            self.writes.append((wire.frame(message(stream, event, data)), sockets))


def message(stream: Stream, event: str, data: bytes) -> bytes:
    """Return the JSON of a message for a WebSocket: its payload is JSON in a string."""
    labels: Sequence[str] = stream if stream[1] else stream[:1]
    return orjson.dumps({"stream": labels, "event": event, "payload": data.decode()})
