"""The forms of `REDIS_URL`. Imports no Django.

For one server, the URLs of redis-py (redis://, rediss://, unix://). For more than one server there
is no common form, so these are Chirp's own:

    redis+sentinel://[[user]:password@]host:26379[,host:26379 ...]/SERVICE[/DB]
    redis+cluster://[[user]:password@]host:6379[,host:6379 ...]     (rediss+cluster:// for TLS)
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

SINGLE = ("redis", "rediss", "unix")
MANY = {
    "redis+sentinel": ("sentinel", False, 26379),
    "rediss+sentinel": ("sentinel", True, 26379),
    "redis+cluster": ("cluster", False, 6379),
    "rediss+cluster": ("cluster", True, 6379),
}


class BadRedisUrl(ValueError):
    """The URL is invalid. The message gives the reason, without the password."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a URL. `kind` is "single", "sentinel" or "cluster"."""

    kind: str
    hosts: list[tuple[str, int]] = field(default_factory=list)
    service: str = ""
    db: int = 0
    tls: bool = False
    login: dict[str, Any] = field(default_factory=dict)


def parse(url: str) -> Address:
    """Parse a URL. Raises BadRedisUrl."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadRedisUrl("it is not a URL") from None
    if parts.scheme in SINGLE:
        return _single(url)
    if parts.scheme not in MANY:
        raise BadRedisUrl(f"unknown scheme {parts.scheme!r}")
    kind, tls, port = MANY[parts.scheme]
    login, _, hosts = parts.netloc.rpartition("@")
    service, db = _path(kind, parts.path)
    return Address(kind, _hosts(hosts, port), service, db, tls, _login(login))


def _single(url: str) -> Address:
    try:
        port = urlsplit(url).port
    except ValueError:  # such as a port of 99999, or a bracket that is not closed
        raise BadRedisUrl("the host or the port is invalid") from None
    if port == 0:
        raise BadRedisUrl("a port must be from 1 to 65535")
    return Address("single")


def _hosts(text: str, port: int) -> list[tuple[str, int]]:
    return [_host(one, port) for one in text.split(",")]


def _host(text: str, default: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, default if parts.port is None else parts.port
    except ValueError:
        raise BadRedisUrl("a port must be from 1 to 65535") from None
    if not host or not port:
        raise BadRedisUrl("each host must be HOST or HOST:PORT")
    return host, port


def _path(kind: str, path: str) -> tuple[str, int]:
    words = [word for word in path.split("/") if word]
    if kind == "cluster":
        if words not in ([], ["0"]):
            raise BadRedisUrl("a cluster has neither databases nor a service")
        return "", 0
    number = words[1] if len(words) == 2 else "0"
    if len(words) not in (1, 2) or not (number.isascii() and number.isdigit()):
        raise BadRedisUrl("Sentinels need /SERVICE or /SERVICE/DB at the end")
    return unquote(words[0]), int(number)


def _login(text: str) -> dict[str, str]:
    user, _, password = (unquote(part) for part in text.partition(":"))
    return {name: value for name, value in (("username", user), ("password", password)) if value}
