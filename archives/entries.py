"""Read the objects of a list in an archive, whatever is in them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from archives import json_stream
from archives.files import Archive, BadArchive, shown
from chirp.texts import text as _
from tweets import history


def entries(
    archive: Archive, name: str, key: str | None = None, *, within: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list in a file: the list that `within` names, or the first one.

    With `key`, each of them is in an object of its own, below this key; if not, it is an object
    without anything in it. Raises BadArchive.
    """
    with archive.open_text(name) as file:
        try:
            for entry in json_stream.objects(file, key=within):
                value = entry if key is None else entry.get(key)
                yield value if isinstance(value, dict) else {}
        except json_stream.Malformed as error:
            raise BadArchive(
                _(
                    "The file %(shown)s is not as expected. %(error)s",
                    shown=shown(name),
                    error=error,
                )
            ) from None


def text_of(entry: Mapping[str, Any], key: str) -> str:
    """Return a text in an object, "" if there is none."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def moment_of(entry: Mapping[str, Any], key: str) -> datetime | None:
    """Return a moment of the past in an object (ISO 8601), None if there is none."""
    try:
        return history.past(datetime.fromisoformat(text_of(entry, key)))
    except ValueError:
        return None
