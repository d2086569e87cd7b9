"""A small real HTTP server in the place of Chirp, which answers as the test wants."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


def tweets(count: int = 3) -> dict[str, Any]:
    """A page of the native API, with text that might break lines."""
    results = [
        {"id": str(number), "text": "Two\nlines, \u2028 and é", "author": {"handle": "alice"}}
        for number in range(count)
    ]
    return {"results": results, "next": None, "previous": None}


class Chirp:
    """Answers every GET with `status` and `body`, and remembers who asked for what."""

    def __init__(self) -> None:
        self.status = 200
        self.body = json.dumps(tweets()).encode()
        self.headers: dict[str, str] = {}
        self.before: Callable[[], object] = lambda: None
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.chirp = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    chirp: Chirp


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # it writes twice for each answer
    server: _Server

    def do_GET(self) -> None:
        chirp = self.server.chirp
        url = urlsplit(self.path)
        chirp.asked.append((url.path, parse_qs(url.query), self.headers["Host"]))
        chirp.before()
        headers = {"Content-Length": str(len(chirp.body))} | chirp.headers
        self.send_response(chirp.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(chirp.body)
        self.close_connection = self.close_connection or int(headers["Content-Length"]) > len(
            chirp.body
        )

    def handle(self) -> None:
        with suppress(ConnectionError):  # who asked has gone
            super().handle()

    def log_message(self, *_: object) -> None:
        """Nothing: tests tell enough."""
