"""A security key: WebAuthn written from the standard, not with the site's code.

It makes one passkey on the elliptic curve P-256 (ES256), without an attestation.
"""

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client

PRESENT, VERIFIED, HAS_KEY = 1, 4, 64
HOST = "localhost"  # for which browsers allow passkeys without HTTPS


def encoded(data: bytes) -> str:
    """Bytes as they are in the JSON of WebAuthn."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of a text in the JSON of WebAuthn."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value: Any) -> bytes:
    """A value in CBOR (RFC 8949), of the kinds that are needed here."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value)) + value.encode()
    return _head(5, len(value)) + b"".join(cbor(key) + cbor(value[key]) for key in value)


def _head(kind: int, size: int) -> bytes:
    if size < 24:
        return bytes([kind << 5 | size])
    return bytes([kind << 5 | 24, size]) if size < 256 else struct.pack(">BH", kind << 5 | 25, size)


class SecurityKey:
    """A key that makes and uses one passkey. `counter` is of its signatures; 0 if it has none."""

    def __init__(self, *, origin: str = f"http://{HOST}", counter: int = 1) -> None:
        self.origin = origin
        self.host = origin.partition("://")[2].partition(":")[0]
        self.counter = counter
        self.flags = PRESENT | VERIFIED
        self.id = os.urandom(32)
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.user = b""
        numbers = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        self.public: dict[int, Any] = {1: 2, 3: -7, -1: 1, -2: x, -3: y}  # in COSE

    def make(self, options: dict[str, Any], **changes: Any) -> str:
        """Answer a request to make a passkey."""
        self.user = decoded(options["user"]["id"])
        made = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor(self.public)
        data = self._data(HAS_KEY) + made
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": self._client_data("create", options),
            "attestationObject": encoded(attestation),
        }
        extensions = {"credProps": {"rk": True}}
        return self._answer({**response, **changes}, clientExtensionResults=extensions)

    def use(self, options: dict[str, Any], **changes: Any) -> str:
        """Answer a request for a proof."""
        data, client_data = self._data(), self._client_data("get", options)
        signed = data + hashlib.sha256(decoded(client_data)).digest()
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": encoded(data),
            "signature": encoded(self.private.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": encoded(self.user),
        }
        return self._answer({**response, **changes})

    def _data(self, flags: int = 0) -> bytes:
        data = hashlib.sha256(self.host.encode()).digest()
        data += struct.pack(">BI", self.flags | flags, self.counter)
        self.counter += bool(self.counter)
        return data

    def _client_data(self, kind: str, options: dict[str, Any]) -> str:
        given = {"type": f"webauthn.{kind}", "challenge": options["challenge"]}
        return encoded(json.dumps({**given, "origin": self.origin}).encode())

    def _answer(self, response: dict[str, Any], **more: Any) -> str:
        ids = {"id": encoded(self.id), "rawId": encoded(self.id), "type": "public-key"}
        return json.dumps({**ids, "response": response, **more})


def browser() -> Client:
    """A browser that opened the site at a name for which there can be passkeys."""
    return Client(SERVER_NAME=HOST)


def options(client: Client, path: str) -> dict[str, Any]:
    """The options that a page gets from the site."""
    answer = client.post(f"{path}/options")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def add(client: Client, key: SecurityKey, name: str = "My key") -> Any:
    """Add a passkey to the account that is signed in."""
    path = "/settings/two-step/passkey"
    answer = key.make(options(client, path))
    return client.post(path, {"credential": answer, "name": name})


def use(client: Client, key: SecurityKey, path: str = "/login/passkey", **more: str) -> Any:
    """Use a passkey, to sign in or at another path."""
    return client.post(path, {"credential": key.use(options(client, path)), **more})
