"""A proxy between a program and a site, which checks the form of each answer of the API."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.helpers.mastodon_entities import check
from tools.mastodon.forms import ALSO, FORMS, NOT_HERE, line_of

# They belong to one connection, or are written anew.
OWN_HEADERS = {"connection", "transfer-encoding", "content-length", "content-encoding"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
API = ("/api/v1/", "/api/v2/", "/oauth/token", "/oauth/revoke")


@dataclass
class Checked:
    """The answers that were seen, by their lines in FORMS, and what was wrong with them."""

    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def look_at(self, method: str, path: str, status: int, body: bytes) -> None:
        """Check one answer."""
        line = line_of("GET" if method == "HEAD" else method, path)
        if line is not None:
            self.seen[line] += 1
        if status == 304 or method in ("HEAD", "OPTIONS"):
            return
        try:
            check_answer(line, status, json.loads(body))
        except (AssertionError, ValueError) as error:
            self.wrong.append(f"{method} {path} {status}: {error}")


def check_answer(line: str | None, status: int, body: Any) -> None:
    """Fail unless an answer has the form for its line, or that of an error."""
    if status >= 400:
        check(body, "Error")
        return
    assert line is not None, "no such address is known"
    form = FORMS[line]
    assert form != NOT_HERE, "this is a 404 always"
    try:
        check(body, form)
    except AssertionError:
        if line not in ALSO:
            raise
        check(body, ALSO[line])


@contextmanager
def checking(base: str) -> Iterator[tuple[str, Checked]]:
    """Start the proxy before the site at `base`. Yields its base URL, and what it sees."""
    checked = Checked()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            response = requests.request(
                self.command,
                base + self.path,
                headers=dict(self.headers.items()),
                data=self.rfile.read(length),
                allow_redirects=False,
                timeout=60,
            )
            path = urlsplit(self.path).path
            if path.startswith(API):
                checked.look_at(self.command, path, response.status_code, response.content)
            self.send_response_only(response.status_code)
            for name, value in response.headers.items():
                if name.lower() not in OWN_HEADERS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", checked
    finally:
        server.shutdown()
        server.server_close()
