"""The settings file: the servers, the addresses on which they listen, and the links."""

import os
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
DEFAULT = CHECKOUT / "deploy" / "herd.toml"
ADDRESSES = ("clients", "peers", "status")


class BadSettings(Exception):
    """The settings file cannot be used. The message has the reason, in one line."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host (a name or an IP address) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits and timeouts, in seconds. deploy/herd.toml explains each of them."""

    reports: int = 100_000
    report_lifetime: float = 86_400
    future: float = 300
    connections: int = 10_000
    idle: float = 600
    stall: float = 30
    chirp_timeout: float = 5
    questions: int = 16
    ping: float = 10
    handshake: float = 5
    first_wait: float = 0.5
    longest_wait: float = 15


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the herd, and the addresses on which it listens."""

    name: str
    clients: Address
    peers: Address
    status: Address


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a herd. `links` are pairs of names, of which the first dials the second."""

    chirp: str
    servers: dict[str, Server]
    links: list[tuple[str, str]]
    limits: Limits = field(default_factory=Limits)

    def dialled_by(self, name: str) -> list[str]:
        """Return the neighbours that this server has to dial."""
        return [second for first, second in self.links if first == name]

    def dialling(self, name: str) -> list[str]:
        """Return the neighbours that dial this server."""
        return [first for first, second in self.links if second == name]


def file() -> Path:
    """Return the path of the settings file: HERD_SETTINGS, or deploy/herd.toml."""
    return Path(os.environ.get("HERD_SETTINGS", "").strip() or DEFAULT)


def load(path: Path) -> Settings:
    """Read a settings file. Raises BadSettings."""
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} is not TOML: {error}.") from None
    except BadSettings as problem:
        raise BadSettings(f"{path}: {problem}") from None


def parse(document: dict[str, Any]) -> Settings:
    """Validate a TOML document and return its settings. Raises BadSettings."""
    _check_keys(document, {"chirp", "servers", "links", "limits"}, "the file")
    servers = {name: _server(name, table) for name, table in _table(document, "servers").items()}
    _check_all_different(servers)
    return Settings(
        chirp=url(document.get("chirp")),
        servers=servers,
        links=_links(document.get("links"), servers),
        limits=_limits(_table(document, "limits")),
    )


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise BadSettings(f"{name} has to be a table.")
    return table


def _check_keys(table: dict[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(set(table) - known):
        raise BadSettings(f"{unknown[0]} is not a known key of {where}.")


def url(text: object) -> str:
    """Validate the URL of a site, and return it without a trailing slash. Raises BadSettings."""
    if not isinstance(text, str) or not text.startswith(("http://", "https://")):
        raise BadSettings("chirp has to be a URL such as http://127.0.0.1:8000.")
    return text.rstrip("/")


def _server(name: str, table: object) -> Server:
    if not (name.isascii() and name.isalnum() and len(name) <= 32):
        raise BadSettings(f"{name!r} is not a valid name: use up to 32 letters and digits.")
    if not isinstance(table, dict):
        raise BadSettings(f"servers.{name} has to be a table.")
    _check_keys(table, set(ADDRESSES), f"servers.{name}")
    return Server(name, *(address(table.get(key), f"{name}.{key}") for key in ADDRESSES))


def address(text: object, where: str) -> Address:
    """Parse `host:port` or `[::1]:port`. Raises BadSettings with the name of the key, `where`."""
    host, colon, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    is_number = port.isascii() and port.isdigit() and len(port) <= 5
    if not (host and colon and is_number and 1 <= int(port) <= 65535):
        raise BadSettings(f"{where} has to be an address such as 127.0.0.1:12761.")
    return Address(host.removeprefix("[").removesuffix("]"), int(port))


def _check_all_different(servers: dict[str, Server]) -> None:
    if not servers:
        raise BadSettings("there are no servers.")
    if len({name.lower() for name in servers}) < len(servers):
        raise BadSettings("two servers have the same name.")
    seen: dict[Address, str] = {}
    for server in servers.values():
        for key in ADDRESSES:
            where = f"{server.name}.{key}"
            other = seen.setdefault(getattr(server, key), where)
            if other != where:
                raise BadSettings(f"{where} and {other} have the same address.")


def _links(pairs: object, servers: dict[str, Server]) -> list[tuple[str, str]]:
    links: list[tuple[str, str]] = []
    for pair in pairs if isinstance(pairs, list) else []:
        if not (isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1]):
            raise BadSettings(f"{pair!r} is not a link: it has to be two names in brackets.")
        if unknown := [name for name in pair if name not in servers]:
            raise BadSettings(f"a link names {unknown[0]!r}, which is not a server.")
        if any(set(pair) == set(link) for link in links):
            raise BadSettings(f"{pair[0]} and {pair[1]} are linked twice.")
        links.append((pair[0], pair[1]))
    if unreachable := sorted(set(servers) - _reachable(next(iter(servers)), links)):
        raise BadSettings(f"no link leads to {unreachable[0]}: the servers have to be connected.")
    return links


def _reachable(start: str, links: list[tuple[str, str]]) -> set[str]:
    neighbours = defaultdict(set)
    for first, second in links:
        neighbours[first].add(second)
        neighbours[second].add(first)
    reached, queue = {start}, [start]
    while queue:
        new = neighbours[queue.pop()] - reached
        reached |= new
        queue.extend(new)
    return reached


def _limits(table: dict[str, Any]) -> Limits:
    types = {limit.name: limit.type for limit in fields(Limits)}
    _check_keys(table, set(types), "limits")
    for name, value in table.items():
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if not (is_integer or (types[name] is float and isinstance(value, float))):
            raise BadSettings(f"limits.{name} has to be a number.")
        if not 0 < value < float("inf"):
            raise BadSettings(f"limits.{name} has to be more than 0.")
    return Limits(**table)
