"""A small HTTP server in place of Chirp, with responses that the test chooses."""

import ipaddress
import json
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def tweets(count: int = 3) -> dict[str, Any]:
    """Return a page as in the native API, with texts that contain line separators."""
    results = [
        {"id": str(number), "text": "Two\nlines, \u2028 and é", "author": {"handle": "alice"}}
        for number in range(count)
    ]
    return {"results": results, "next": None, "previous": None}


class Chirp:
    """Answers every GET with `status`, `headers` and `body`, and records the requests.

    `before_response` is called before each response.
    """

    def __init__(self) -> None:
        self.status = 200
        self.body = json.dumps(tweets()).encode()
        self.headers: dict[str, str] = {}
        self.before_response: Callable[[], object] = lambda: None
        self.requests: list[tuple[str, dict[str, list[str]], str]] = []  # path, query, host
        self.forwarded_protos: list[str | None] = []  # the X-Forwarded-Proto of each request
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.chirp = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def use_tls(self, folder: Path) -> Path:
        """Answer over HTTPS only, and return the path of the self-signed certificate."""
        certificate = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake runs in the thread of each connection, not in the one that accepts.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = self.url.replace("http://", "https://")
        return certificate

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Chirp")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "chirp.pem"
    key_format = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    file.write_bytes(key.private_bytes(*key_format) + certificate.public_bytes(Encoding.PEM))
    return file


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    chirp: Chirp


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the handler writes twice for each response
    server: _Server

    def do_GET(self) -> None:
        chirp = self.server.chirp
        url = urlsplit(self.path)
        chirp.requests.append((url.path, parse_qs(url.query), self.headers["Host"]))
        chirp.forwarded_protos.append(self.headers["X-Forwarded-Proto"])
        chirp.before_response()
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
        # The client may have disconnected, or may not trust the certificate.
        with suppress(ConnectionError, ssl.SSLError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Log nothing, to keep the output of tests short."""
