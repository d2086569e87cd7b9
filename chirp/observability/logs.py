"""Log lines that programs can parse, with the ids of the request, event and task.

    2026-11-24 18:00:00,000 INFO chirp.web: POST /api/tweets 201 request_id=5b1c... ms=7.1

Fields that are set here appear on every line that any code logs until the work is done. The web
sets an id for each request; the outbox carries it to the workers. No line says who somebody is
(chirp/observability/discretion.py).
"""

import json
import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from chirp.observability.discretion import discreet, traceback_of

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
PLAIN = re.compile(r"[^\s\"=\\]+")
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_fields: ContextVar[dict[str, Any] | None] = ContextVar("log_fields", default=None)


@contextmanager
def fields(**values: Any) -> Iterator[None]:
    """Add these fields to every line logged in the block, besides those of enclosing blocks."""
    token = _fields.set({**(_fields.get() or {}), **values})
    try:
        yield
    finally:
        _fields.reset(token)


def note(**values: Any) -> None:
    """Add fields to the further lines of the current block. Does nothing outside of a block."""
    active = _fields.get()
    if active is not None:
        active.update(values)


def current(name: str) -> Any:
    """The value of a field of the current block, or None."""
    return (_fields.get() or {}).get(name)


def request_id(given: str) -> str:
    """The id that the client gave to its request if it is well-formed, otherwise a new one."""
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def ids_in(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a payload that belongs in log lines: ids, such as `tweet_id`."""
    return {name: value for name, value in payload.items() if name.endswith("_id")}


class _Fields(logging.Formatter):
    """Base class of both formats. Collects the fields of the current block and of the record."""

    def fields_of(self, record: logging.LogRecord) -> dict[str, Any]:
        found = {**(_fields.get() or {}), **getattr(record, "fields", {})}
        return {name: value for name, value in found.items() if value not in (None, "")}

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Return the traceback, without what the errors say."""
        return traceback_of(ei[1]) if ei[1] else ""


class Text(_Fields):
    """One line for people: the message, then `name=value` for each field."""

    def __init__(self) -> None:
        super().__init__(LINE)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return super().format(discreet(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line, without the traceback that may follow."""
        pairs = [f"{name}={_quoted(value)}" for name, value in self.fields_of(record).items()]
        return " ".join([super().formatMessage(record), *pairs])


class Json(_Fields):
    """One JSON object per line, for programs. A traceback is the field `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": discreet(record).getMessage(),
            **self.fields_of(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


FORMATS = {"text": Text, "json": Json}


def _quoted(value: Any) -> str:
    """A value as it appears after `name=`: in quotes unless it is one plain word."""
    text = str(value)
    return text if PLAIN.fullmatch(text) and text.isprintable() else json.dumps(text)
