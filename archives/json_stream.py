"""Read the objects of a large JSON list one by one. No Django."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

CHUNK = 256 * 1024
MOST_OBJECT = 4 * 1024**2  # characters; a tweet has some thousand
DECODER = json.JSONDecoder()


class Malformed(ValueError):
    """The text is not what it should be. The message says what is wrong."""


def objects(file: IO[bytes], *, key: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the objects of the first list of a file, or of the list that `key` has.

    What stands before the list is passed over, such as `window.YTD.tweets.part0 = `. Raises
    Malformed, also for a list that is cut short.
    """
    reader = _Reader(file)
    reader.find_list(key)
    while reader.goes_on():
        value = reader.value()
        if not isinstance(value, dict):
            raise Malformed("An entry is no object.")
        yield value


def whole(file: IO[bytes]) -> dict[str, Any]:
    """Return the object that a small file is. Raises Malformed."""
    text = _decoded(codecs.getincrementaldecoder("utf-8-sig")(), file.read(MOST_OBJECT), final=True)
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Malformed("It is no valid JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("It is no object.")
    return value


class _Reader:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._ended = "", 0, False

    def find_list(self, key: str | None) -> None:
        """Go behind the bracket that begins the list."""
        mark = "" if key is None else f'"{key}"'
        while (found := self._begin_of(mark)) < 0:
            if self._ended or len(self._text) > MOST_OBJECT:
                raise Malformed("There is no list in it.")
            self._more()
        self._at = found + 1

    def _begin_of(self, mark: str) -> int:
        at = self._text.find(mark) if mark else 0
        return self._text.find("[", at + len(mark)) if at >= 0 else -1

    def goes_on(self) -> bool:
        """Whether another value follows. Raises Malformed where the list is cut short."""
        while True:
            rest = len(self._text)
            while self._at < rest and self._text[self._at] in " \t\r\n,":
                self._at += 1
            if self._at < rest:
                return self._text[self._at] != "]"
            if self._ended:
                raise Malformed("It is cut short.")
            self._more()

    def value(self) -> Any:
        """Return the value that begins here."""
        while True:
            try:
                value, self._at = DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if self._ended or len(self._text) - self._at > MOST_OBJECT:
                    raise Malformed("An entry is no valid JSON.") from None
                self._more()
            else:
                return value

    def _more(self) -> None:
        chunk = self._file.read(CHUNK)
        self._ended = not chunk
        decoded = _decoded(self._decoder, chunk, final=self._ended)
        self._text, self._at = self._text[self._at :] + decoded, 0


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError:
        raise Malformed("It is no UTF-8.") from None
