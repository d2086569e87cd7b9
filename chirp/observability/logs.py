"""Log lines that machines can read, and that say to which request, event and task they belong.

    2026-11-24 18:00:00,000 INFO chirp.web: POST /api/tweets 201 request_id=5b1c... ms=7.1

What is noted here stands on every line that is logged until the work is done, whoever logs it. The
web begins with an id for each request; the outbox carries it to the workers.
"""

import json
import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from typing import Any

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
PLAIN = re.compile(r"[^\s\"=\\]+")
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_fields: ContextVar[dict[str, Any] | None] = ContextVar("log_fields", default=None)


@contextmanager
def fields(**values: Any) -> Iterator[None]:
    """Every line that is logged in this block carries these fields, in addition to those around."""
    token = begin(**values)
    try:
        yield
    finally:
        end(token)


def begin(**values: Any) -> Token[dict[str, Any] | None]:
    """As `fields`, where there is no block but a beginning and an `end`."""
    return _fields.set({**(_fields.get() or {}), **values})


def end(token: Token[dict[str, Any] | None]) -> None:
    """What `begin` began is over."""
    _fields.reset(token)


def note(**values: Any) -> None:
    """Add fields to the lines of the block that runs. Outside of one it does nothing."""
    current = _fields.get()
    if current is not None:
        current.update(values)


def current(name: str) -> Any:
    """A field of the block that runs, or None."""
    return (_fields.get() or {}).get(name)


def request_id(given: str) -> str:
    """The id that somebody gave to a request, if it is a sane one; else a new one."""
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def ids_in(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What of a payload belongs into log lines: ids, such as that of the tweet."""
    return {name: value for name, value in payload.items() if name.endswith("_id")}


class _Fields(logging.Formatter):
    """What both formats share: the fields of a record, those around it and its own."""

    def fields_of(self, record: logging.LogRecord) -> dict[str, Any]:
        found = {**(_fields.get() or {}), **getattr(record, "fields", {})}
        return {name: value for name, value in found.items() if value not in (None, "")}


class Text(_Fields):
    """One line for people: the message, then `name=value` for each field."""

    def __init__(self) -> None:
        super().__init__(LINE)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line, without the traceback that may follow."""
        said = [f"{name}={_quoted(value)}" for name, value in self.fields_of(record).items()]
        return " ".join([super().formatMessage(record), *said])


class Json(_Fields):
    """One JSON object a line, for programs. A traceback is the field `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **self.fields_of(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


FORMATS = {"text": Text, "json": Json}


def _quoted(value: Any) -> str:
    """A value as it stands behind `name=`: in quotes where it would not be one plain word."""
    text = str(value)
    return text if PLAIN.fullmatch(text) and text.isprintable() else json.dumps(text)
