"""Settings from the environment, each declared once with its type, default and meaning.

`docs/settings.md` is held to this list by a test, so an undocumented setting cannot land.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class BadSetting(Exception):
    """An environment variable holds something that its setting cannot be."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r}: expected {expected}.")


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting: its variable, the default as shown in the docs, and what it does."""

    name: str
    default: str
    doc: str


DECLARED: dict[str, Declared] = {}


def _read(name: str, default: T, doc: str, parse: Callable[[str], T], shown: str | None) -> T:
    DECLARED[name] = Declared(name, str(default) if shown is None else shown, doc)
    value = os.environ.get(name, "").strip()
    return parse(value) if value else default


def _is_number(text: str) -> bool:
    # ASCII alone: int() reads other scripts' digits too, and isdigit() takes those it cannot.
    return text.isascii() and text.isdigit() and len(text) <= 18


def text(name: str, default: str, doc: str, *, shown: str | None = None) -> str:
    """A string. `shown` replaces the default in the docs when that depends on the machine."""
    return _read(name, default, doc, str, shown)


def choice(name: str, default: str, doc: str, *, among: Sequence[str]) -> str:
    """One of a few words, whatever its case."""

    def parse(value: str) -> str:
        known = {word.lower(): word for word in among}
        if value.lower() not in known:
            raise BadSetting(name, value, f"one of {', '.join(among)}")
        return known[value.lower()]

    return _read(name, default, doc, parse, None)


def integer(name: str, default: int, doc: str, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number from `least` to `most`."""

    def parse(value: str) -> int:
        if not _is_number(value) or not least <= int(value) <= most:
            raise BadSetting(name, value, f"a whole number from {least} to {most}")
        return int(value)

    return _read(name, default, doc, parse, None)


def boolean(name: str, default: bool, doc: str) -> bool:
    """A yes or no: 1/0, true/false, yes/no, on/off."""

    def parse(value: str) -> bool:
        if value.lower() not in TRUE | FALSE:
            raise BadSetting(name, value, "one of 1, 0, true, false, yes, no, on, off")
        return value.lower() in TRUE

    return _read(name, default, doc, parse, "on" if default else "off")


def words(name: str, default: list[str], doc: str) -> list[str]:
    """A list, separated by commas."""

    def parse(value: str) -> list[str]:
        return [word.strip() for word in value.split(",") if word.strip()]

    return _read(name, default, doc, parse, ",".join(default))


def rate(name: str, default: str, doc: str) -> tuple[int, int] | None:
    """A rate limit such as `300/5m`: (requests, seconds), or None for `off`."""

    def parse(value: str) -> tuple[int, int] | None:
        if value.lower() == "off":
            return None
        count, _, period = value.partition("/")
        unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(period[-1:])
        many = period[:-1] or "1"
        # A count or a period of zero would refuse everything or divide by nothing.
        numbers = _is_number(count) and _is_number(many)
        if unit is None or not numbers or not int(count) * int(many):
            raise BadSetting(name, value, "COUNT/PERIOD such as 300/5m or 10/s, or off")
        return int(count), int(many) * unit

    return _read(name, parse(default), doc, parse, default)
