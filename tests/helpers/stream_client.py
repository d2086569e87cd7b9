"""A client of streams, which keeps what it hears, and a process that serves them."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.helpers.ports import free_port
from tests.helpers.processes import process, wait_until

SECONDS = 30.0
Event = tuple[str, Any]


@dataclass
class Listener:
    """An open stream of server-sent events. `status` is that of the response, `last_id` its id."""

    port: int
    headers: dict[str, str]
    path: str = "/api/stream"
    status: int = 0
    body: bytes = b""
    last_id: str = ""
    events: list[Event] = field(default_factory=list)
    ended: bool = False

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        self._connection.request("GET", self.path, headers=self.headers)
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        self.status = self.response.status
        is_open = self.status == 200 and self.response.headers["Content-Type"].startswith("text/ev")
        if is_open:
            self.type = self.response.headers["Content-Type"]
            threading.Thread(target=self._listen, daemon=True).start()
        else:
            self.body, self.ended = self.response.read(), True

    def wait(self, event: str, **expected: Any) -> Any:
        """Return the data of the first event of this kind that has these fields."""

        def found() -> list[Any]:
            return [
                data
                for name, data in self.events
                if name == event and all(data.get(k) == v for k, v in expected.items())
            ]

        with self._changed:
            assert self._changed.wait_for(found, SECONDS), (event, expected, self.events)
            return found()[0]

    def wait_for(self, condition: Callable[[list[Event]], object]) -> None:
        """Return when the condition holds for the events so far."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.events), SECONDS), self.events

    def wait_id(self, *, beyond: str = "") -> str:
        """Return the position of the stream, once it is known, and another one than `beyond`."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.last_id != beyond, SECONDS)
        return self.last_id

    def wait_end(self) -> None:
        """Return when the server has ended the stream."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.ended, SECONDS), self.events

    def names(self) -> list[str]:
        """Return the kinds of the events so far."""
        return [name for name, _ in self.events]

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()

    def _listen(self) -> None:
        event, data = "", ""
        try:
            for line in self.response:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    data = value
                with self._changed:
                    if name == "id":
                        self.last_id = value
                    elif not line.strip() and event:
                        self.events.append((event, json.loads(data)))
                        event, data = "", ""
                    self._changed.notify_all()
        except (OSError, ValueError, http.client.HTTPException):
            pass
        with self._changed:
            self.ended = True
            self._changed.notify_all()


@contextmanager
def serving(log: Path, *, port: int | None = None) -> Iterator[int]:
    """Run the process of streams during the block. Yields its port."""
    port = port or free_port()
    with process(log, "-m", "streaming", "--bind", f"127.0.0.1:{port}"):
        wait_until(lambda: answers(port), log)
        yield port


def answers(port: int) -> bool:
    """Whether the process of streams serves requests."""
    try:
        return Listener(port, {}).status == 401
    except OSError:
        time.sleep(0.05)
        return False
