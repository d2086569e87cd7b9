"""Single requests, for latencies. Each has a new connection."""

import json
from http.client import HTTPConnection
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from bench.context import Site

Headers = dict[str, str]


class UnexpectedStatus(Exception):
    """A response did not have the expected status."""


def send(
    site: Site, method: str, path: str, headers: Headers, body: Any = None
) -> tuple[int, bytes]:
    """Send one request, with `body` as JSON. Returns the status and the body of the response."""
    data = None if body is None else json.dumps(body)
    typed = {"Content-Type": "application/json"} if data else {}
    connection = HTTPConnection(urlsplit(site.url).netloc, timeout=60)
    try:
        connection.request(method, path, body=data, headers={**headers, **typed})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get(site: Site, path: str, headers: Headers) -> bytes:
    """The body of the response to a GET. Raises UnexpectedStatus unless the status is 200."""
    status, body = send(site, "GET", path, headers)
    if status != 200:
        raise UnexpectedStatus(f"GET {path}: {status} {body[:300]!r}")
    return body


def get_ms(site: Site, path: str, headers: Headers) -> float:
    """The milliseconds that `get` takes."""
    started = perf_counter()
    get(site, path, headers)
    return 1000 * (perf_counter() - started)


def post(site: Site, path: str, headers: Headers, body: Any) -> Any:
    """The JSON of the response to a POST. Raises UnexpectedStatus unless the status is 201."""
    status, answer = send(site, "POST", path, headers, body)
    if status != 201:
        raise UnexpectedStatus(f"POST {path}: {status} {answer[:300]!r}")
    return json.loads(answer)


def post_ms(site: Site, path: str, headers: Headers, body: Any) -> float:
    """The milliseconds that `post` takes."""
    started = perf_counter()
    post(site, path, headers, body)
    return 1000 * (perf_counter() - started)
