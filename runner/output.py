"""What the processes say, line by line, with the name of who said it in front."""

import os
from typing import BinaryIO

LONGEST_LINE = 64 * 1024  # bytes; a longer one is cut, so that nobody can fill our memory
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95)


class Output:
    """Joins the output of many processes into one stream.

    Lines are whole even when they come in pieces. A stream that is closed (a terminal that went
    away, a pipe to `head`) loses what is said from then on, and stops nobody.
    """

    def __init__(self, stream: BinaryIO, *, width: int, colour: bool = False) -> None:
        self._stream = stream
        self._width = width
        self._colour = colour
        self._beginnings: dict[str, bytes] = {}
        self._prefixes: dict[str, bytes] = {}

    def add(self, name: str, data: bytes) -> None:
        """Show the lines in `data`; keep the beginning of a line that has not ended yet."""
        *lines, rest = (self._beginnings.pop(name, b"") + data).split(b"\n")
        if len(rest) > LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        if rest:
            self._beginnings[name] = rest
        self._write(name, lines)

    def end(self, name: str) -> None:
        """Show what is left of a process that has ended."""
        rest = self._beginnings.pop(name, b"")
        if rest:
            self._write(name, [rest])

    def _write(self, name: str, lines: list[bytes]) -> None:
        prefix = self._prefix(name)
        try:
            self._stream.write(b"".join(prefix + line + b"\n" for line in lines))
            self._stream.flush()
        except OSError:
            self._stream = open(os.devnull, "wb")  # noqa: SIM115 - for the rest of our life

    def _prefix(self, name: str) -> bytes:
        if name not in self._prefixes:
            text = f"{name:<{self._width}} | "
            if self._colour:
                text = f"\x1b[{COLOURS[len(self._prefixes) % len(COLOURS)]}m{text}\x1b[0m"
            self._prefixes[name] = text.encode()
        return self._prefixes[name]
