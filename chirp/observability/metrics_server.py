"""`/metrics` of processes that are no web server, on METRICS_PORT: one in each container."""

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.conf import settings
from django.db import connection
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from chirp.observability import metrics
from chirp.observability.metrics_view import is_loopback, is_token

log = logging.getLogger(__name__)


class Handler(BaseHTTPRequestHandler):
    """Answers GET /metrics, to those whom the web would answer."""

    server_version = "Chirp"
    sys_version = ""
    timeout = 10  # seconds that somebody may take to ask

    def do_GET(self) -> None:
        """The figures; 401 without the token, or without one set from elsewhere; 404 else."""
        if self.path != "/metrics":
            self._answer(404, b"")
        elif not self._may():
            self._answer(401, b"")
        else:
            try:
                self._answer(200, metrics.exposition())
            finally:
                connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: it would be a line every few seconds."""

    def _may(self) -> bool:
        if settings.METRICS_TOKEN:
            return is_token(self.headers.get("Authorization", ""))
        return is_loopback(self.client_address[0])

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def start(*, port: int) -> ThreadingHTTPServer | None:
    """Listen in the background. A port that is taken stops nothing: then it is None."""
    try:
        server = ThreadingHTTPServer(("", port), Handler)
    except OSError as error:
        log.warning("No metrics on port %d: %s", port, error.strerror)
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
