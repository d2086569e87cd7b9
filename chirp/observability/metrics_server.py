"""`/metrics` for processes other than web servers, on METRICS_PORT: one in each container."""

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
    """Answers GET /metrics, with the same access rules as the web."""

    server_version = "Chirp"
    sys_version = ""
    timeout = 10  # seconds that a client may take to send its request

    def do_GET(self) -> None:
        """Send the metrics. 401 without access to them, 404 for any other path."""
        if self.path != "/metrics":
            self._respond(404, b"")
        elif not self._is_allowed():
            self._respond(401, b"")
        else:
            try:
                self._respond(200, metrics.exposition())
            finally:
                connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: Prometheus sends a request every few seconds."""

    def _is_allowed(self) -> bool:
        if settings.METRICS_TOKEN:
            return is_token(self.headers.get("Authorization", ""))
        return is_loopback(self.client_address[0])

    def _respond(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def start(*, port: int) -> ThreadingHTTPServer | None:
    """Listen in a background thread. Returns None if the port is taken, as metrics are optional."""
    try:
        server = ThreadingHTTPServer(("", port), Handler)
    except OSError as error:
        log.warning("No metrics on port %d: %s", port, error.strerror)
        return None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
