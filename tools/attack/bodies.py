"""Bodies: too long in every way, nested, of wrong types, and with text that cannot be stored."""

import json
from collections.abc import Iterator
from typing import Any

from chirp.limits.bodies import body_limit
from tools.attack.operations import Operation, fields, placed, sample
from tools.attack.pages import page_paths
from tools.attack.target import Client, Target

JSON = {"Content-Type": "application/json"}
LARGEST = 8 * 1024 * 1024  # of what is sent to find out whether it is too large
# As JSON, because some of them cannot be written otherwise.
VALUES = {
    "NUL": '"a\\u0000b"',
    "a lone surrogate": '"\\ud800"',
    "surrogates in the wrong order": '"\\udc00\\ud800"',
    "null": "null",
    "a number": "7",
    "a huge number": "1e999",
    "an integer of 5,000 digits": "9" * 5000,
    "a boolean": "true",
    "a list": "[[[]]]",
    "an object": '{"$ne": null, "__proto__": {}}',
    "an empty string": '""',
    "10,000 letters": json.dumps("x" * 10_000),
    "10,000 combining marks": json.dumps("\u0301" * 10_000),
    "invisible characters": '"\\u200b\\u3164\\u2800"',
}
FORM_FIELDS = ("text", "name", "bio", "login", "password", "link", "reply_to_id", "next")
SHORT = ("NUL", "a lone surrogate", "null", "a huge number", "an object")
WHOLE = {
    "nothing": b"",
    "no JSON": b"{",
    "bytes that are not UTF-8": b'{"text": "\xff\xfe"}',
    "UTF-16": '{"text": "x"}'.encode("utf-16"),
    "a list": b"[]",
    "a string": b'"x"',
    "a key twice": b'{"text": "a", "text": ""}',
    "NaN": b'{"text": NaN}',
    "1,000 levels": b'{"text": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "an unclosed string": b'{"text": "' + b"x" * 1000,
}


def fields_of_the_api(target: Target) -> Iterator[str]:
    """Every field of every endpoint, with values that it cannot take: never a 5xx."""
    names = SHORT if target.short else tuple(VALUES)
    for operation in _with_bodies(target):
        for path in fields(operation.body or {}):
            for name in names:
                body = _json(placed(sample(operation.body or {}), path, "@"), VALUES[name])
                yield from _wrong(target, operation, body, f"{'.'.join(path)} as {name}")
    # Other attacks expect an account that everybody sees.
    target.somebody.api.patch("/api/me", json={"private": False})


def bodies_of_the_api(target: Target) -> Iterator[str]:
    """Bodies that are no JSON, no object, or nested deeply, with an Idempotency-Key and without."""
    for operation in _with_bodies(target):
        for name, body in WHOLE.items():
            yield from _wrong(target, operation, body, name)
            key = {"Idempotency-Key": f"attack {name}"}
            yield from _wrong(target, operation, body, f"{name} and a key", key)
            if target.short:
                break


def _with_bodies(target: Target) -> list[Operation]:
    return [each for each in target.operations if each.body and each.media_type.endswith("json")]


def _json(body: Any, value: str) -> bytes:
    """The body as JSON, with this value instead of "@"."""
    return json.dumps(body).replace('"@"', value).encode()


def _wrong(
    target: Target, operation: Operation, body: bytes, name: str, more: dict[str, str] | None = None
) -> Iterator[str]:
    path = target.path(operation.path)
    headers = {**JSON, **(more or {})}
    client = target.somebody.api
    client.expects_limits = True  # wrong passwords are among the values
    answer = client.request(operation.method, path, data=body, headers=headers)
    if answer.status_code >= 500:
        yield f"{operation} with {name} answered {answer.status_code}"
    elif answer.status_code >= 400 and "error" not in answer.json():
        yield f"{operation} with {name} answered {answer.status_code} without a reason"


def strings_in_addresses(target: Target) -> Iterator[str]:
    """NUL, bytes that are not UTF-8 and worse in paths and queries: never a 5xx."""
    values = (
        "%00",
        "%ff%fe",
        "%ed%a0%80",
        "%F0%9F",
        "%0d%0aX-Injected:%20yes",
        "'%22%3E%3C",
        "%25",
    )
    for operation in (each for each in target.operations if each.method == "get"):
        for value in values:
            names = dict.fromkeys(operation.names("path"), value)
            query = "&".join(f"{name}={value}" for name in operation.names("query"))
            path = operation.path.format(**names)
            yield from _crashed(target, f"{path}?{query}")
    for page in page_paths():
        for value in values[:3]:
            path = page.path.format(**dict.fromkeys(page.parameters, value))
            yield from _crashed(target, f"{path}?cursor={value}&lat={value}&next={value}")


def _crashed(target: Target, path: str) -> Iterator[str]:
    answer = target.client().get(path)
    if answer.status_code >= 500 and answer.status_code != 503:
        yield f"GET {path} answered {answer.status_code}"
    if "X-Injected" in answer.headers:
        yield f"GET {path} let a header in"


def too_large_for_the_api(target: Target) -> Iterator[str]:
    """A body that is longer than its endpoint takes is a 413, by its length and in chunks."""
    for operation in target.operations:
        if operation.body is not None:
            path = target.path(operation.path)
            yield from _taken(target.somebody.api, operation.method, path, JSON)


def too_large_for_forms(target: Target) -> Iterator[str]:
    """A multipart body that is too long is a 413 for every form, signed in and signed out."""
    multipart = {"Content-Type": "multipart/form-data; boundary=b"}
    for page in page_paths():
        path = target.path(page.path)
        for client in (target.client(), target.somebody.site):
            yield from _taken(client, "post", path, multipart)


def _taken(client: Client, method: str, path: str, headers: dict[str, str]) -> Iterator[str]:
    length = body_limit(path) + 1
    if length > LARGEST:
        return
    begin = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    body = begin + b"x" * (length - len(begin))
    for name, sent in (("", body), (" in chunks", iter([body[:65536], body[65536:]]))):
        answer = client.request(method, path, data=sent, headers=headers)
        if answer.status_code != 413:
            yield f"{method} {path} with {length} bytes{name} answered {answer.status_code}"


def forms(target: Target) -> Iterator[str]:
    """Every field of every form of the site, with text that cannot be stored: never a 5xx."""
    values = ("\x00", "\u200b", "x" * 20_000, "\u0301" * 5_000, "-1", "[]")
    browser = target.register("forms").site
    browser.expects_limits = True
    for page in page_paths():
        path = target.path(page.path)
        for name in FORM_FIELDS[:: 3 if target.short else 1]:
            for value in values[: 2 if target.short else None]:
                answer = browser.submit(path, {name: value})
                if answer.status_code >= 500:
                    yield f"POST {path} with {name}={value[:8]!r} answered {answer.status_code}"
