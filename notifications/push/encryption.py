"""Messages that only a device can read, in the forms that push services pass on. No Django.

The form is that of RFC 8291 (`aes128gcm`). Apps that are older than it expect its last draft
(`aesgcm`, draft-ietf-webpush-encryption-04), of which the keys are in headers.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
POINT_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16
RECORD_BYTES = 4096  # push services accept no longer body than this
MOST_BYTES = RECORD_BYTES - 103  # of a message: 86 are the header, 16 the tag, one ends the text


class BadKey(ValueError):
    """The keys of a device are not what RFC 8291 asks for."""


class Sealed(NamedTuple):
    """A body, and the headers that say how it is encrypted. `dh` is for `Crypto-Key`, or empty."""

    body: bytes
    headers: dict[str, str]
    dh: str = ""


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Return what base64 stands for, in either alphabet and padded or not. Raises BadKey."""
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        data = urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except ValueError:
        raise BadKey from None
    if encoded(data) != plain:  # the decoder passes over what is none of it
        raise BadKey
    return data


def point_of(text: str) -> bytes:
    """Return the public key of a device, a point on the curve P-256. Raises BadKey."""
    data = decoded(text)
    if len(data) != POINT_BYTES:
        raise BadKey
    _public(data)
    return data


def auth_of(text: str) -> bytes:
    """Return the secret of a device. Raises BadKey."""
    data = decoded(text)
    if len(data) != AUTH_BYTES:
        raise BadKey
    return data


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as the 65 bytes of its point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def seal(
    message: bytes,
    *,
    device: bytes,
    auth: bytes,
    ours: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes = b"",
) -> Sealed:
    """Encrypt a message of at most MOST_BYTES for a device, as RFC 8291 says.

    `ours` and `salt` are made for each message; only tests name them.
    """
    ours, salt = ours or ec.generate_private_key(CURVE), salt or os.urandom(SALT_BYTES)
    sender = point(ours.public_key())
    shared = ours.exchange(ec.ECDH(), _public(device))
    secret = _derived(shared, auth, b"WebPush: info\0" + device + sender, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    record = AESGCM(key).encrypt(nonce, message + b"\x02", None)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(sender)]) + sender
    return Sealed(header + record, {"Content-Encoding": "aes128gcm"})


def seal_as_draft(message: bytes, *, device: bytes, auth: bytes) -> Sealed:
    """Encrypt a message of at most MOST_BYTES for a device, as the last draft says."""
    ours, salt = ec.generate_private_key(CURVE), os.urandom(SALT_BYTES)
    sender = point(ours.public_key())
    shared = ours.exchange(ec.ECDH(), _public(device))
    secret = _derived(shared, auth, b"Content-Encoding: auth\0", 32)
    context = b"P-256\0" + b"".join(len(key).to_bytes(2, "big") + key for key in (device, sender))
    key = _derived(secret, salt, b"Content-Encoding: aesgcm\0" + context, 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0" + context, 12)
    body = AESGCM(key).encrypt(nonce, b"\0\0" + message, None)
    headers = {"Content-Encoding": "aesgcm", "Encryption": f"salt={encoded(salt)}"}
    return Sealed(body, headers, f"dh={encoded(sender)}")


def _public(data: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)
    except ValueError:
        raise BadKey from None


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(secret)
