"""Real servers of a herd, each in its own process, with links that tests can cut."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from herd.settings import ADDRESSES, CHECKOUT, DEFAULT, load
from tests.helpers.ports import free_ports

TIMEOUT = 60.0  # seconds
HOST = "127.0.0.1"
LIMITS = {"first_wait": 0.1, "longest_wait": 0.5, "ping": 1, "stall": 2}


def eventually(check: Callable[[], object]) -> None:
    """Wait until `check()` is true. Fail after TIMEOUT seconds."""
    deadline = time.monotonic() + TIMEOUT
    while not check():
        assert time.monotonic() < deadline, check
        time.sleep(0.02)


class Client:
    """A client of a server."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=TIMEOUT)
        self.lines = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()
        self.socket.close()

    def send(self, line: str | bytes) -> bytes:
        """Send a line, and return the first line of the response."""
        self.socket.sendall(line.encode() + b"\n" if isinstance(line, str) else line + b"\n")
        return self.lines.readline()

    def try_to_send(self, line: str) -> bytes:
        """Like `send`, but return b"" if the server closes the connection."""
        try:
            return self.send(line)
        except ConnectionError:
            return b""

    def report(self, client: str, *, location: str = "+34.068930-118.445127") -> bytes:
        """Report that a client is at `location` now, and return the response."""
        return self.send(f"IAMAT {client} {location} {time.time():.9f}")

    def ask(self, client: str, *, radius: str = "10", count: int = 5) -> tuple[bytes, Any]:
        """Return the report of a client and the tweets near it; b"" and None without a report."""
        first = self.send(f"WHATSAT {client} {radius} {count}")
        if not first.startswith(b"AT "):
            return b"", None
        tweets = json.loads(self.lines.readline())
        assert self.lines.readline() == b"\n"
        return first, tweets


class Proxy:
    """A TCP proxy that can cut its connections, or silently discard their data."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self._cut = False
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        self._cut = True
        self._close_connections()

    def silence(self) -> None:
        """Accept all data and discard it."""
        self._flowing.clear()

    def mend(self) -> None:
        """Pass data on again. Connections that lost data are closed."""
        if not self._flowing.is_set():
            self._close_connections()
        self._cut = False
        self._flowing.set()

    def close(self) -> None:
        """Stop listening, and close all connections."""
        self._listener.close()
        self.cut()

    def _close_connections(self) -> None:
        pairs, self._pairs = self._pairs, []
        for end in (end for pair in pairs for end in pair):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._cut:
                    raise ConnectionRefusedError
                other = socket.create_connection((HOST, self._target))
            except OSError:
                one.close()
                continue
            self._pairs.append((one, other))
            for ends in ((one, other), (other, one)):
                threading.Thread(target=self._copy, args=ends, daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self._flowing.is_set():
                    target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Herd:
    """The servers of deploy/herd.toml, on free ports, with a proxy for each link."""

    def __init__(
        self,
        folder: Path,
        *,
        names: Sequence[str] = (),
        chirp: str,
        limits: dict[str, float] | None = None,
        arguments: Sequence[str] = (),
        files: int | None = None,
    ) -> None:
        settings = load(DEFAULT)
        self.names = list(names or settings.servers)
        self.links = [link for link in settings.links if set(link) <= set(self.names)]
        self.folder = folder
        ports = iter(free_ports(len(self.names) * len(ADDRESSES)))
        self.ports = {name: {key: next(ports) for key in ADDRESSES} for name in self.names}
        self._chirp = chirp
        self._limits = LIMITS | (limits or {})
        self._arguments = arguments
        self._files = files  # the limit of open files of each server
        self.proxies = {link: Proxy(self.ports[link[1]]["peers"]) for link in self.links}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name in self.names:
            self.start(name)
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.processes:
            self.kill(name)
        for proxy in self.proxies.values():
            proxy.close()

    # --- Servers --------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start a server without any reports."""
        command = [sys.executable, "-m", "herd", name, "--settings", str(self._file(name))]
        if self._files is not None:
            command = ["/bin/sh", "-c", f'ulimit -n {self._files} && exec "$@"', "sh", *command]
        with (self.folder / f"{name}.out").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [*command, *self._arguments],
                cwd=CHECKOUT,
                env={**os.environ, "VAR_DIR": str(self.folder)},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> int:
        """Stop a server with a signal, and return its exit status."""
        self.processes[name].send_signal(how)
        return self.processes[name].wait(TIMEOUT)

    def wait(self) -> None:
        """Wait until every server is up, and every link."""
        eventually(lambda: all(self.status(name) for name in self.names))
        eventually(lambda: all(self.linked(*link) for link in self.links))

    def status(self, name: str) -> dict[str, Any]:
        """Return the status of a server, or {} while it does not answer yet."""
        try:
            url = f"http://{HOST}:{self.ports[name]['status']}/"
            with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
                status: dict[str, Any] = json.load(response)
                return status
        except OSError:
            assert self.processes[name].poll() is None, self.output(name)
            return {}

    def linked(self, one: str, other: str) -> bool:
        """Return whether both sides of a link report that it is up."""
        pairs = ((one, other), (other, one))
        return all(self.status(a)["neighbours"][b]["up"] for a, b in pairs)

    def output(self, name: str) -> str:
        """Return all output of a server."""
        return (self.folder / f"{name}.out").read_text()

    def errors(self, name: str) -> str:
        """Return all error logs of a server."""
        logs = sorted((self.folder / "herd" / name).glob("*.error.log*"))
        return "".join(log.read_text() for log in logs)

    # --- Clients --------------------------------------------------------------------------------

    def client(self, name: str) -> Client:
        """Connect to a server as a client."""
        return Client(self.ports[name]["clients"])

    def report(self, name: str, client: str) -> bytes:
        """Report a client to one server, and return the response, which all servers should give."""
        with self.client(name) as connection:
            answer = connection.report(client)
        assert answer.startswith(b"AT %s +" % name.encode()), answer
        return answer

    def known(self, name: str, client: str) -> bytes:
        """Return the report of a client from one server, or b"" if it has none."""
        with self.client(name) as connection:
            return connection.ask(client)[0]

    def all_know(self, client: str, answer: bytes, *, but: Sequence[str] = ()) -> None:
        """Wait until all servers except those in `but` have this report of a client."""
        checked = [name for name in self.names if name not in but]
        eventually(lambda: all(self.known(name, client) == answer for name in checked))

    def _file(self, name: str) -> Path:
        """Write the settings file of one server, which reaches its neighbours through proxies."""
        lines = [f'chirp = "{self._chirp}"', f"links = {[list(link) for link in self.links]}"]
        for other, ports in self.ports.items():
            lines.append(f"[servers.{other}]")
            proxy = self.proxies.get((name, other))
            rows = ports | ({"peers": proxy.port} if proxy else {})
            lines += [f'{key} = "{HOST}:{port}"' for key, port in rows.items()]
        lines += ["[limits]", *(f"{key} = {value}" for key, value in self._limits.items())]
        path = self.folder / f"{name}.toml"
        path.write_text("\n".join(lines))
        return path
