"""A web server of strangers, for tests of link previews."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class WebServer:
    """Answers on a port of this machine. `seen` are the paths of all requests, in their order."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.seen: list[str] = []
        self.agents: list[str] = []
        self.answers: dict[str, Answer] = {}

    def url(self, path: str) -> str:
        """The URL of a path."""
        return f"http://{self.address}{path}"

    def page(self, path: str, body: str | bytes, type: str = "text/html", **headers: str) -> str:
        """Answer a path with this content, and return its URL."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            content = body.encode() if isinstance(body, str) else body
            request.send_response(200)
            request.send_header("Content-Type", type)
            request.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(content)

        return self.on(path, answer)

    def redirect(self, path: str, target: str) -> str:
        """Let a path redirect to another URL, and return the URL of the path."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(302)
            request.send_header("Location", target)
            request.end_headers()

        return self.on(path, answer)

    def on(self, path: str, answer: Answer) -> str:
        """Answer a path in any way, and return its URL."""
        self.answers[path] = answer
        return self.url(path)


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Run a server as long as the context lasts, with `tls` over HTTPS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.seen.append(self.path)
            known.agents.append(self.headers.get("User-Agent", ""))
            answer = known.answers.get(self.path)
            if answer is None:
                self.send_error(404)
                return
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        known = WebServer(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield known
        finally:
            server.shutdown()
