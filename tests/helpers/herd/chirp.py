"""A small real HTTP server in the place of Chirp, which answers as the test wants."""

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
        self.schemes: list[str | None] = []  # what a proxy would have said
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.chirp = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def speak_tls(self, folder: Path) -> Path:
        """Answer over HTTPS only. The certificate, signed by nobody else."""
        certificate = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake is for the thread of each connection, not for the one that accepts.
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
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "chirp.pem"
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    file.write_bytes(key.private_bytes(*form) + made.public_bytes(Encoding.PEM))
    return file


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
        chirp.schemes.append(self.headers["X-Forwarded-Proto"])
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
        with suppress(ConnectionError, ssl.SSLError):  # who asked has gone, or does not trust us
            super().handle()

    def log_message(self, *_: object) -> None:
        """Nothing: tests tell enough."""
