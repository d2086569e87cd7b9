"""Parameters of requests, as clients of Mastodon send them.

They come as text from a query or a form, or with types from JSON, and mean the same. Names have
brackets, as in Rails: `id[]=1&id[]=2`, `source[privacy]=public`, `fields[0][name]=x`, and
`media[][id]=1&media[][focus]=0,0&media[][id]=2`, where a repeated name begins a new object.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chirp import ids
from chirp.errors import ChirpError
from chirp.plain_text import is_storable

MAX_DEPTH = 8
FALSE = frozenset(("false", "f", "0", "off", "no", ""))
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
NOTHING = 0  # the id of nothing, for what is not an id


class BadParameter(ChirpError):
    """A parameter has the wrong form."""


class MissingParameter(ChirpError):
    """A parameter that is needed is missing or blank."""

    def __init__(self, name: str) -> None:
        super().__init__(f"param is missing or the value is empty: {name}", field=name)


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of a request, or those of an object within them."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        """Whether the parameter was sent, be it null or blank."""
        return name in self.values

    def text(self, name: str) -> str | None:
        """The text; None if it is missing or null. Raises BadParameter."""
        value = self.values.get(name)
        return None if value is None else _text(name, value)

    def needed(self, name: str) -> str:
        """The text. Raises MissingParameter if it is missing or blank, and BadParameter."""
        value = self.text(name)
        if value is None or not value.strip():
            raise MissingParameter(name)
        return value

    def flag(self, name: str) -> bool | None:
        """The boolean; None if it is missing or null."""
        value = self.values.get(name)
        return None if value is None else _flag(value)

    def number(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        """The whole number, moved into the range. The default if it is missing or no number."""
        value = str(self.values.get(name, "")).strip()
        if value.startswith("-") and NUMBER.fullmatch(value[1:]):
            return least
        if not (value.isascii() and value.isdigit()):
            return default
        return min(max(int(value[:10]), least), most)

    def id(self, name: str) -> int | None:
        """The id; None if it is missing, null or blank; NOTHING if it is not one."""
        value = self.values.get(name)
        return None if value in (None, "") else _id(value)

    def array(self, name: str) -> list[Any]:
        """The values of an array; a single value is an array of one."""
        value = self.values.get(name)
        if value is None or value == "":
            return []
        if isinstance(value, Mapping):
            return list(value.values())
        return list(value) if isinstance(value, list) else [value]

    def texts(self, name: str) -> list[str]:
        """The texts of an array. Raises BadParameter."""
        return [_text(name, value) for value in self.array(name) if value is not None]

    def ids(self, name: str) -> list[int]:
        """The ids of an array, each once; NOTHING for those that are none."""
        return list(dict.fromkeys(_id(value) for value in self.array(name)))

    def child(self, name: str) -> "Params":
        """The parameters of an object; none if there is no object."""
        value = self.values.get(name)
        return Params(value if isinstance(value, Mapping) else {})

    def children(self, name: str) -> list["Params"]:
        """The parameters of each object of an array."""
        return [Params(value) for value in self.array(name) if isinstance(value, Mapping)]


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value) if isinstance(value, int | float) else value
    if not isinstance(text, str) or not is_storable(text):
        raise BadParameter(f"{name} is invalid", field=name)
    return text


def _flag(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in FALSE
    return bool(value)


def _id(value: Any) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return ids.parse(text) or NOTHING


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the parameters of a query or a form. Raises BadParameter for too many brackets."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        match = _NAME.fullmatch(key)
        if match is None:
            found[key] = value
            continue
        path = match[2][1:-1].split("][") if match[2] else []
        if not any(path):
            path = path[:1]  # Mastodon.py writes id[][] for several ids
        if len(path) > MAX_DEPTH:
            raise BadParameter("Too many brackets")
        _put(found, match[1], path, value)
    return found


def _put(into: dict[str, Any], name: str, path: list[str], value: Any) -> None:
    """Set the value at `name` and then `path`, where "" is the next element of an array."""
    if not path:
        into[name] = value
    elif path[0]:
        child = into.get(name)
        if not isinstance(child, dict):
            child = into[name] = {}
        _put(child, path[0], path[1:], value)
    else:
        array = into.get(name)
        if not isinstance(array, list):
            array = into[name] = []
        _append(array, path[1:], value)


def _append(array: list[Any], path: list[str], value: Any) -> None:
    if not path:
        array.append(value)
        return
    if not array or not isinstance(array[-1], dict) or _has(array[-1], path):
        array.append({})
    _put(array[-1], path[0], path[1:], value)


def _has(item: Mapping[str, Any], path: list[str]) -> bool:
    """Whether an object has the value at this path already."""
    child = item.get(path[0])
    if child is None or len(path) == 1:
        return path[0] in item
    return path[1] != "" and isinstance(child, dict) and _has(child, path[1:])
