"""The processes of an old version and of this one, on the same servers."""

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from runner import embedded
from tests.helpers.ports import free_port
from tools.chaos.deployment import CHECKOUT, WEB, WORKERS, Deployment, answers

OLD = "OLD_CHECKOUT"  # the variable with the checkout of the old version
ERROR = re.compile(r"Traceback|\b(?:ERROR|CRITICAL)[ /]")
EXCEPTION = re.compile(r"[\w.]*[a-z]\w*: ")  # a line of a traceback, and not LINE or DETAIL
# Which columns the models of a version have: written for versions that know nothing of this.
USED = """
import json, django
django.setup()
from django.apps import apps
models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
columns = {(m._meta.db_table, f.column) for m in models for f in m._meta.local_concrete_fields}
print(json.dumps(sorted(columns)))
"""


class CannotRun(Exception):
    """A version cannot run a command, or an upgrade to it is not possible."""


class Version(NamedTuple):
    """A version: where its files are, and a directory of its own for what it makes of them."""

    checkout: Path
    var: Path

    def manage(self, *arguments: str) -> None:
        """Run a command of it. Raises CannotRun if it fails."""
        self._run(f"manage.py {arguments[0]}", ["manage.py", *arguments, "--verbosity", "0"])

    def used_columns(self) -> set[tuple[str, str]]:
        """Return the columns (table, name) of its models. Raises CannotRun if it cannot say."""
        output = self._run("reading the models", ["-c", USED])
        return {(table, name) for table, name in json.loads(output)}

    def _run(self, what: str, arguments: Sequence[str]) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.checkout,
            env={**os.environ, "VAR_DIR": str(self.var)},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            name = f"{self.var.name}-commands"
            with (self.var.parent / "log" / name).open("a") as log:
                log.write(done.stderr)
            raise CannotRun(
                f"{what} of the {self.var.name} version failed: {_error(done.stderr)} "
                f"(the log {name} has all of it, with --logs)"
            )
        return done.stdout


def _error(text: str) -> str:
    """Return the line of a traceback that says what is wrong, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no output"]
    named = [line for line in lines if EXCEPTION.match(line)]
    return [*lines, *named][-1]


class Site(Deployment):
    """A deployment of the old version, with a web server, workers and relay of the new one."""

    def __init__(self, var: Path) -> None:
        self.old = Version(Path(os.environ[OLD]), var / "old")
        self.new = Version(CHECKOUT, var / "new")
        self._version = self.old
        super().__init__(var)
        # Servers share the secrets that one alone makes for itself.
        os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
        os.environ["JWT_KEY_FILE"] = str(var / "secrets" / "jwt.pem")
        os.environ["RATE_LIMIT_REGISTER"] = "100000/h"  # every visit has new accounts
        self.old_url, self.url_of_new = self.url, f"http://127.0.0.1:{free_port()}"
        self._version = self.new
        bind = self.url_of_new.removeprefix("http://")
        self.new_web = self.program("new-web", [*WEB, "--bind", bind, "chirp.wsgi:application"])
        self.new_workers = self.program("new-workers", WORKERS)
        self.new_relay = self.program("new-relay", ["manage.py", "relay"])
        self._programs = [self.workers, self.relay, self.web]

    @property
    def programs(self) -> list[embedded.Server]:
        """The processes that shall run. The supervisor keeps this list, which changes."""
        return self._programs

    def program(self, name: str, command: Sequence[str], **variables: str) -> embedded.Server:
        """A process of the old version, or of the new one. It is not started yet."""
        checkout, var = self._version
        more = [f"{key}={value}" for key, value in {"VAR_DIR": var, **variables}.items()]
        arguments = ["env", "-C", str(checkout), *more, sys.executable, *command]
        return self.command(name, arguments)

    def start_new_web(self) -> None:
        """Start the new web server beside the old one."""
        self.new.manage("collectstatic", "--no-input")
        self.new_web.start()
        health = f"{self.url_of_new}/healthz"
        embedded.paths.wait_until(lambda: answers(health), "new web", 60.0)

    def replace_workers(self) -> None:
        """Start new workers and a new relay, and stop the old ones."""
        for new in (self.new_workers, self.new_relay):
            new.start()
        for old in (self.workers, self.relay):
            self._programs.remove(old)
            old.stop()

    def stop_new(self) -> None:
        """End what the new version runs."""
        for new in (self.new_web, self.new_workers, self.new_relay):
            new.kill()

    def errors(self) -> list[str]:
        """Return the lines of errors in the logs of all programs."""
        names = ("web", "workers", "relay", "new-web", "new-workers", "new-relay")
        logs = {name: self.log / name for name in names}
        return [
            f"{name}: {line[:500]}"
            for name, path in logs.items()
            if path.exists()
            for line in path.read_text(errors="replace").splitlines()
            if ERROR.search(line)
        ]
