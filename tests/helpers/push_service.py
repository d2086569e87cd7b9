"""A push service, and the devices that get messages from it.

It does what those of browsers do: it takes encrypted messages over HTTP from a site whose key it
checks. A device decrypts them, with the code of others (http-ece).
"""

import json
import os
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY_SECONDS = 86_400


class Received(NamedTuple):
    """A message as a device got it: its JSON, and the headers of the request."""

    body: dict[str, Any]
    headers: dict[str, str]


class Refusal(NamedTuple):
    """What the service answers instead of taking a message."""

    status: int
    headers: dict[str, str]


class Device:
    """A browser or an app that subscribed. `got` are its messages; `refusals` come before them."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        self.got: list[Received] = []
        self.refusals: list[Refusal] = []
        self.asked = 0

    @property
    def p256dh(self) -> str:
        """The public key, as browsers give it to a page."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64url(point)

    @property
    def keys(self) -> dict[str, str]:
        """Both keys, as in the JSON of a subscription."""
        return {"p256dh": self.p256dh, "auth": base64url(self.auth)}

    @property
    def titles(self) -> list[str]:
        """The titles of what it got."""
        return [str(each.body["title"]) for each in self.got]

    def refuse(self, status: int, **headers: str) -> None:
        """Have the next message answered like this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.refusals.append(Refusal(status, named))

    def decrypt(self, body: bytes, headers: dict[str, str]) -> bytes:
        """What the device reads. Raises if anything is wrong with the keys or the encryption."""
        if headers["Content-Encoding"] == "aes128gcm":
            found = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth)
        else:
            dh = dict(part.split("=", 1) for part in headers["Crypto-Key"].split(";"))["dh"]
            found = http_ece.decrypt(
                body,
                salt=decoded(headers["Encryption"].removeprefix("salt=")),
                private_key=self.key,
                dh=decoded(dh),
                auth_secret=self.auth,
                version="aesgcm",
            )
        return bytes(found)


class PushService:
    """The service at `address`. `wrong` says what was not as the standards ask for."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.devices: dict[str, Device] = {}
        self.wrong: list[str] = []

    def device(self) -> Device:
        """A new device."""
        path = f"/to/{len(self.devices)}-{os.urandom(8).hex()}"
        self.devices[path] = Device(f"http://{self.address}{path}")
        return self.devices[path]

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Refusal:
        """Pass a message on, and return the answer."""
        device = self.devices.get(path)
        if device is None:
            return Refusal(404, {})
        device.asked += 1
        if device.refusals:
            return device.refusals.pop(0)
        try:
            self._check(headers, body)
            device.got.append(Received(json.loads(device.decrypt(body, headers)), headers))
        except Exception as error:
            self.wrong.append(f"{type(error).__name__}: {error}")
            return Refusal(400, {})
        return Refusal(201, {})

    def _check(self, headers: dict[str, str], body: bytes) -> None:
        """Check what RFC 8030 and RFC 8292 ask for, or the draft before them."""
        assert 0 < int(headers["TTL"]) <= 2 * DAY_SECONDS
        assert headers["Urgency"] in ("very-low", "low", "normal", "high")
        assert 0 < len(headers["Topic"]) <= 32
        assert len(body) <= 4096
        token, key = self._credentials(headers)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
        claims = jwt.decode(token, public, algorithms=["ES256"], audience=f"http://{self.address}")
        assert claims["exp"] <= time.time() + DAY_SECONDS
        assert claims["sub"].startswith(("mailto:", "https://"))

    def _credentials(self, headers: dict[str, str]) -> tuple[str, str]:
        scheme, _, rest = headers["Authorization"].partition(" ")
        if scheme == "vapid":
            parts = dict(part.strip().split("=", 1) for part in rest.split(","))
            return parts["t"], parts["k"]
        assert scheme == "WebPush"
        keys = dict(part.split("=", 1) for part in headers["Crypto-Key"].split(";"))
        return rest, keys["p256ecdsa"]


@contextmanager
def push_service() -> Iterator[PushService]:
    """Run a push service as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            answer = service.take(self.path, dict(self.headers.items()), body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        service = PushService(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
    assert service.wrong == []


def base64url(data: bytes) -> str:
    """Without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """What base64url without padding stands for."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
