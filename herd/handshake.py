"""How two servers prove to each other that they know the shared key. Pure: no sockets.

Each server contributes a nonce, and proves the key with a MAC over both nonces, both names and its
own role, so that a proof can be neither reused nor sent back. A key for each direction is derived
in the same way. Every later line carries a seal: a MAC with that key over the line and its number,
counted from 0. So a third party cannot add, change, repeat or drop a line unnoticed.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

# Which server opened the connection, and which accepted it. The MACs include these words.
Role = Literal["dials", "answers"]
_SEAL_BYTES = 16


class Forged(Exception):
    """A proof or a seal was made without the key, or for another purpose."""


def nonce() -> str:
    """Return a random number that was never used before, in hexadecimal."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Handshake:
    """What both servers of a connection agree on: their names and nonces, by role."""

    key: bytes
    dialling: str
    answering: str
    dialling_nonce: str
    answering_nonce: str

    def proof(self, role: Role) -> str:
        """Return the proof that the server with this role knows the key."""
        return self._mac("proof", role).hex()

    def check(self, role: Role, proof: str) -> None:
        """Raise Forged unless this is the proof of the server with this role."""
        if not hmac.compare_digest(self.proof(role).encode(), proof.encode()):
            raise Forged

    def sealer(self, role: Role) -> "Sealer":
        """Return a sealer for the lines that the server with this role sends."""
        return Sealer(self._mac("seal", role))

    def _mac(self, purpose: str, role: Role) -> bytes:
        names = (self.dialling, self.answering)
        nonces = (self.dialling_nonce, self.answering_nonce)
        # No field contains a space, so joining them is unambiguous.
        message = " ".join(("herd-1", purpose, role, *names, *nonces))
        return hmac.digest(self.key, message.encode(), "sha256")


class Sealer:
    """Seals the lines of one direction, or checks their seals, in their order."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._count = 0

    def seal(self, line: bytes) -> bytes:
        """Return the line with its seal in front."""
        return self._mac(line) + b" " + line

    def open(self, sealed: bytes) -> bytes:
        """Return the line without its seal. Raises Forged unless it is the next line in order."""
        seal, _, line = sealed.partition(b" ")
        if not hmac.compare_digest(seal, self._mac(line)):
            raise Forged
        return line

    def _mac(self, line: bytes) -> bytes:
        numbered = self._count.to_bytes(8, "big") + line
        self._count += 1
        return hmac.digest(self._key, numbered, "sha256")[:_SEAL_BYTES].hex().encode()
