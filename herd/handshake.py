"""How two servers prove to each other that they know the shared key. Pure: no sockets.

Both throw in a number of their own, and each proves the key by a MAC over both numbers, both names
and its own part in it, so that no proof can be used twice or be sent back. From the same comes a
key for each direction, with which every later line is sealed, counted from 0: nobody in between can
add, change, repeat or leave out a line.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

Part = Literal["dials", "answers"]
_SIZE = 16  # bytes of a seal


class Forged(Exception):
    """Made by somebody who does not know the key, or not meant for here."""


def number() -> str:
    """A number that was never used before."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Meeting:
    """What two servers agree on: their names and numbers, and who of them dialled."""

    key: bytes
    dialling: str
    answering: str
    dialled_with: str
    answered_with: str

    def proof(self, part: Part) -> str:
        """What shows that the server with this part knows the key."""
        return self._mac("proof", part).hex()

    def check(self, part: Part, proof: str) -> None:
        """Raise Forged unless this is the proof of the other, whose part this is."""
        if not hmac.compare_digest(self.proof(part).encode(), proof.encode()):
            raise Forged

    def seal(self, part: Part) -> "Seal":
        """For the lines that the server with this part sends."""
        return Seal(self._mac("seal", part))

    def _mac(self, purpose: str, part: Part) -> bytes:
        said = (self.dialling, self.answering, self.dialled_with, self.answered_with)
        # None of them holds a space.
        return hmac.digest(self.key, " ".join(("herd-1", purpose, part, *said)).encode(), "sha256")


class Seal:
    """Seals the lines of one direction, or opens them, one after another."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._count = 0

    def close(self, line: bytes) -> bytes:
        """The line with its seal before it."""
        return self._mac(line) + b" " + line

    def open(self, sealed: bytes) -> bytes:
        """The line. Raises Forged unless it is the very next one that was sealed."""
        seal, _, line = sealed.partition(b" ")
        if not hmac.compare_digest(seal, self._mac(line)):
            raise Forged
        return line

    def _mac(self, line: bytes) -> bytes:
        counted = self._count.to_bytes(8, "big") + line
        self._count += 1
        return hmac.digest(self._key, counted, "sha256")[:_SIZE].hex().encode()
