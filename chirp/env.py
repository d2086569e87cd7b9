"""Settings from the environment, each declared once with its type, default and description.

A test compares `docs/settings.md` with the declarations, so every setting is documented.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class BadSetting(Exception):
    """An environment variable has a value that its setting does not accept."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r}: expected {expected}.")


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting: its variable, the default as the docs show it, and its description."""

    name: str
    default: str
    doc: str


DECLARED: dict[str, Declared] = {}


def _read(
    name: str, default: T, doc: str, parse: Callable[[str], T], doc_default: str | None = None
) -> T:
    DECLARED[name] = Declared(name, str(default) if doc_default is None else doc_default, doc)
    value = os.environ.get(name, "").strip()
    return parse(value) if value else default


def _is_number(text: str) -> bool:
    # ASCII only: int() also reads digits of other scripts, and isdigit() accepts more than int().
    return text.isascii() and text.isdigit() and len(text) <= 18


def text(name: str, default: str, doc: str, *, doc_default: str | None = None) -> str:
    """A string. `doc_default` replaces the default in the docs if that depends on the machine."""
    return _read(name, default, doc, str, doc_default)


def choice(name: str, default: str, doc: str, *, among: Sequence[str]) -> str:
    """One of a few words, regardless of case."""

    def parse(value: str) -> str:
        known = {word.lower(): word for word in among}
        if value.lower() not in known:
            raise BadSetting(name, value, f"one of {', '.join(among)}")
        return known[value.lower()]

    return _read(name, default, doc, parse)


def integer(name: str, default: int, doc: str, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number from `least` to `most`."""

    def parse(value: str) -> int:
        if not _is_number(value) or not least <= int(value) <= most:
            raise BadSetting(name, value, f"a whole number from {least} to {most}")
        return int(value)

    return _read(name, default, doc, parse)


def boolean(name: str, default: bool, doc: str) -> bool:
    """A boolean: 1/0, true/false, yes/no or on/off, regardless of case."""

    def parse(value: str) -> bool:
        if value.lower() not in TRUE | FALSE:
            raise BadSetting(name, value, "one of 1, 0, true, false, yes, no, on, off")
        return value.lower() in TRUE

    return _read(name, default, doc, parse, "on" if default else "off")


def words(name: str, default: list[str], doc: str) -> list[str]:
    """A list of strings, separated by commas."""

    def parse(value: str) -> list[str]:
        return [word.strip() for word in value.split(",") if word.strip()]

    return _read(name, default, doc, parse, ",".join(default))


def several(name: str, doc: str, *, among: Sequence[str]) -> list[str]:
    """Some of a few words, separated by commas; none by default."""

    def parse(value: str) -> list[str]:
        found = [word.strip().lower() for word in value.split(",") if word.strip()]
        if not set(found) <= set(among):
            raise BadSetting(name, value, f"some of {', '.join(among)}, separated by commas")
        return found

    none: list[str] = []
    return _read(name, none, doc, parse, "")


def rate(name: str, default: str, doc: str) -> tuple[int, int] | None:
    """A rate limit such as `300/5m`, as (requests, seconds), or None for `off`."""

    def parse(value: str) -> tuple[int, int] | None:
        if value.lower() == "off":
            return None
        count, _, period = value.partition("/")
        unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(period[-1:])
        length = period[:-1] or "1"
        # A count of zero would refuse every request; a period of zero would divide by zero.
        are_numbers = _is_number(count) and _is_number(length)
        if unit is None or not are_numbers or not int(count) * int(length):
            raise BadSetting(name, value, "COUNT/PERIOD such as 300/5m or 10/s, or off")
        return int(count), int(length) * unit

    return _read(name, parse(default), doc, parse, default)
