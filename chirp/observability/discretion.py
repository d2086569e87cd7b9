"""What log lines say of people: numbers of accounts and tweets, and nothing that anybody typed.

Logs outlive accounts, and nobody deletes a handle from a line. So whatever is logged, by Chirp or
by a library, goes through here (`discreet`): a row is its kind and its number, an error is its
type, and a path is the pattern of its URL with the numbers in it.
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from copy import copy
from logging import LogRecord
from typing import Any

NO_PATH = "(no page)"  # a path that matches no pattern may hold anything
PARAMETER = re.compile(r"(?:\(\?P)?<(?:\w+:)?(\w+)>(?:\.\*\)\$)?")
NUMBER = re.compile(r"[0-9]{1,20}")
PATH = re.compile(r"(?<!\S)/\S*")
# They log paths of requests within their messages.
SERVERS = ("waitress", "gunicorn", "uvicorn")
# Errors whose messages are about the code, and quote no values.
ABOUT_CODE = frozenset({"AttributeError", "ImportError", "NameError", "TypeError"})
ABOUT_SERVERS = ("redis.", "kombu.", "amqp.")


def discreet(record: LogRecord) -> LogRecord:
    """The record as it may be logged: a copy, without what names people."""
    found = copy(record)
    found.msg, found.args = _value(record.msg, record), _arguments(record)
    found.exc_text = None  # as another formatter may have kept it
    if record.name.startswith(SERVERS):
        found.msg, found.args = PATH.sub(NO_PATH, record.getMessage()), None
    return found


def _arguments(record: LogRecord) -> Any:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(record.args, Mapping):  # those of Celery have the error as text as well
        values = {name: _value(value, record) for name, value in record.args.items()}
        return {**values, "exc": told(error)} if error and "exc" in values else values
    return tuple(_value(value, record) for value in record.args or ())


def _value(value: Any, record: LogRecord) -> Any:
    if isinstance(value, BaseException):
        return told(value)
    if hasattr(value, "_meta") and hasattr(value, "pk"):
        return f"{value._meta.label_lower} {value.pk}"
    request = getattr(record, "request", None)  # Django's own records have it
    if isinstance(value, str) and request is not None and "/" in value:
        return path_of(request)
    return value


def path_of(request: Any) -> str:
    """The pattern of the URL of a request, such as `/@:handle/117149977870336`."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return NO_PATH
    shown = {name: _shown(name, str(value)) for name, value in match.kwargs.items()}
    filled = PARAMETER.sub(lambda found: shown.get(found[1], f":{found[1]}"), match.route)
    return f"/{filled}"


def _shown(name: str, value: str) -> str:
    """The value of a parameter if it is an id, otherwise its name. Handles may be all digits."""
    is_id = name in ("id", "pk") or name.endswith("_id")
    return value if is_id and NUMBER.fullmatch(value) else f":{name}"


def told(error: BaseException) -> str:
    """An error in a few words: its type, and what of it cannot be about a person.

    One without such words is followed by its cause, since libraries wrap errors of others.
    """
    if _why(error) or error.__cause__ is None:
        return _with_reason(error)
    return f"{_with_reason(error)}, because of {_with_reason(error.__cause__)}"


def _with_reason(error: BaseException) -> str:
    name = type(error).__qualname__
    return f"{name}: {why}" if (why := _why(error)) else name


def _why(error: BaseException) -> str:
    of_database = error if hasattr(error, "diag") else error.__cause__
    if hasattr(of_database, "diag"):
        return _of_database(of_database)
    if isinstance(code := getattr(error, "code", None), str):
        return code  # of a ChirpError
    if type(error).__name__ in ABOUT_CODE or type(error).__module__.startswith(ABOUT_SERVERS):
        return str(error)
    return getattr(error, "strerror", None) or ""


def _of_database(error: Any) -> str:
    """The code of an error of the server, whose message has values; else what the driver says."""
    if error.sqlstate is None:
        return str(error)
    return " ".join(filter(None, (error.sqlstate, error.diag.constraint_name)))


def traceback_of(error: BaseException) -> str:
    """The traceback of an error and of those that led to it, without what they say."""
    return "\nThen, because of it or while it was handled:\n".join(
        "".join(["Traceback (most recent call last):\n", *traceback.format_tb(each.__traceback__)])
        + told(each)
        for each in reversed(list(_chain(error)))
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
