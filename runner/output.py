"""The output of all processes, line by line, with the name of the process in front."""

import os
from typing import BinaryIO

LONGEST_LINE = 64 * 1024  # bytes; longer lines are cut, so that no process can fill the memory
COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95)


class Output:
    """Joins the output of many processes into one stream.

    Lines stay whole even if they arrive in pieces. If the stream is closed (a closed terminal, a
    pipe to `head`), later output is lost, and all processes keep running.
    """

    def __init__(self, stream: BinaryIO, *, width: int, colour: bool = False) -> None:
        self._stream = stream
        self._width = width
        self._colour = colour
        self._unfinished: dict[str, bytes] = {}
        self._prefixes: dict[str, bytes] = {}

    def add(self, name: str, data: bytes) -> None:
        """Write the lines in `data`, and keep the start of a line that has not ended yet."""
        *lines, rest = (self._unfinished.pop(name, b"") + data).split(b"\n")
        if len(rest) > LONGEST_LINE:
            lines, rest = [*lines, rest], b""
        if rest:
            self._unfinished[name] = rest
        self._write(name, lines)

    def end(self, name: str) -> None:
        """Write the unfinished line of a process that has ended."""
        rest = self._unfinished.pop(name, b"")
        if rest:
            self._write(name, [rest])

    def _write(self, name: str, lines: list[bytes]) -> None:
        prefix = self._prefix(name)
        try:
            self._stream.write(b"".join(prefix + line + b"\n" for line in lines))
            self._stream.flush()
        except OSError:
            self._stream = open(os.devnull, "wb")  # noqa: SIM115 - for the life of the process

    def _prefix(self, name: str) -> bytes:
        if name not in self._prefixes:
            text = f"{name:<{self._width}} | "
            if self._colour:
                text = f"\x1b[{COLOURS[len(self._prefixes) % len(COLOURS)]}m{text}\x1b[0m"
            self._prefixes[name] = text.encode()
        return self._prefixes[name]
