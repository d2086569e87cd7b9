"""A Chirp of several web servers and processes with streams, behind HAProxy."""

import os
import secrets
from pathlib import Path

from runner import embedded
from tests.helpers.ports import free_port
from tools.chaos.deployment import CHECKOUT, WEB, Deployment, answers

WEBS, STREAMS = 3, 2


class Site(Deployment):
    """A deployment whose clients talk to HAProxy. Each server stands for one on its own machine."""

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        # Machines share the secrets that one alone makes for itself.
        os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
        os.environ["JWT_KEY_FILE"] = str(var / "secrets" / "jwt.pem")
        own = [self.url.removeprefix("http://")]
        self.web_addresses = own + [f"127.0.0.1:{free_port()}" for _ in range(WEBS - 1)]
        self.stream_addresses = [f"127.0.0.1:{free_port()}" for _ in range(STREAMS)]
        self.webs = [self.web, *map(self._web, range(1, WEBS))]
        self.streams = [self._stream(number) for number in range(STREAMS)]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.haproxy = self._haproxy()

    @property
    def programs(self) -> list[embedded.Server]:
        """The processes, which start after migrations."""
        return [self.workers, self.relay, *self.webs, *self.streams, self.haproxy]

    def web_answers(self) -> bool:
        """Whether every web server answers, and HAProxy does."""
        return all(answers(f"http://{one}/healthz") for one in self.web_addresses) and answers(
            f"{self.url}/healthz"
        )

    def _web(self, number: int) -> embedded.Server:
        bind = ["--bind", self.web_addresses[number]]
        return self.program(f"web{number + 1}", [*WEB, *bind, "chirp.wsgi:application"])

    def _stream(self, number: int) -> embedded.Server:
        # Each has a directory of its own, because they listen on a socket in it as well.
        var = self.var / f"stream{number + 1}"
        var.mkdir()
        bind = ["--bind", self.stream_addresses[number]]
        return self.program(f"stream{number + 1}", ["-m", "streaming", *bind], VAR_DIR=str(var))

    def _haproxy(self) -> embedded.Server:
        addresses = {
            "CHIRP_BIND": f"127.0.0.1:{self.port}",
            **{f"CHIRP_WEB_{n}": one for n, one in enumerate(self.web_addresses, 1)},
            **{f"CHIRP_STREAM_{n}": one for n, one in enumerate(self.stream_addresses, 1)},
        }
        variables = [f"{name}={value}" for name, value in addresses.items()]
        return self.command(
            "haproxy",
            ["env", *variables, "haproxy", "-db", "-f", str(CHECKOUT / "deploy" / "haproxy.cfg")],
        )
