"""The commands of toot, run with a configuration that has a token."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from PIL import Image

from tools.mastodon.people import Somebody

ID = re.compile(r"/([0-9]{12,})")
NOT_RUN = {
    *("login", "login_cli", "activate", "logout"),  # they change the configuration
    "tui",  # fills a terminal; the client that is captured in pictures is one, too
    *("tags feature", "tags unfeature"),  # which Chirp has not: docs/mastodon.md
    "timeline",  # an old name of the others
}


def run(
    base: str, me: Somebody, other: Somebody, directory: Path, *, short: bool
) -> Iterator[tuple[str, str]]:
    """Run them, and yield each command with what was wrong with it, or an empty text.

    The short form leaves out most of them: each is a process.
    """
    host = base.partition("://")[2]
    account = f"{me.handle}@{host}"
    config = directory / "toot"
    config.mkdir()
    (config / "config.json").write_text(json.dumps(_config(base, host, me, account)))

    def toot(*arguments: str, text: str = "") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "toot", *arguments],
            cwd=directory,
            env={**os.environ, "XDG_CONFIG_HOME": str(directory), "EDITOR": "true"},
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    Image.new("RGB", (8, 8)).save(directory / "dot.png")
    code, output = toot("post", "from toot")
    yield "post", "" if code == 0 else output
    found = ID.search(output)
    id_ = found[1] if found else "0"
    poll = "0" if short else _poll_of(base, other)
    done = {"post"}
    for command in _commands(id_, other.handle, poll, short=short):
        if command[:2] in (["follow-requests", "accept"], ["follow-requests", "reject"]):
            _ask(base, f"accounts/{me.id}/unfollow", other.token)
            _ask(base, f"accounts/{me.id}/follow", other.token)
        done |= {command[0], " ".join(command[:2])}
        code, output = toot(*command)
        yield " ".join(command), "" if code == 0 else output
    if not short and (forgotten := _every_command() - done - NOT_RUN):
        yield "every command", f"not run: {sorted(forgotten)}"


def _poll_of(base: str, person: Somebody) -> str:
    poll = {"options": ["a", "b"], "expires_in": 3600}
    made = _ask(base, "statuses", person.token, status="which?", poll=poll)
    return str(made["poll"]["id"])


def _ask(base: str, path: str, token: str, **body: Any) -> Any:
    response = requests.post(
        f"{base}/api/v1/{path}",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    response.raise_for_status()
    return response.json()


def _every_command() -> set[str]:
    """The names of all commands that toot shows."""
    names = set()
    for name, found in importlib.import_module("toot.cli").cli.commands.items():
        below = getattr(found, "commands", None)
        if below:
            names |= {f"{name} {each}" for each, one in below.items() if not one.hidden}
        elif not found.hidden:
            names.add(name)
    return names


def _commands(id_: str, other: str, poll: str, *, short: bool) -> Iterator[list[str]]:
    few = ("whoami", "instance", f"thread {id_}", "timelines home --no-pager", f"search {other}")
    every = (
        *("whoami", "auth", "diag", f"whois {other}", "instance", "instance --json"),
        *(f"status {id_}", f"thread {id_}", f"favourite {id_}", f"unfavourite {id_}"),
        *(f"bookmark {id_}", "bookmarks", f"unbookmark {id_}", f"pin {id_}", f"unpin {id_}"),
        *(f"reblog {id_}", f"reblogged-by {id_}", f"unreblog {id_}"),
        *(f"follow {other}", "following", "followers"),
        *("lists create friends", f"lists add friends {other}", "lists accounts friends"),
        *("timelines list friends --no-pager", f"lists remove friends {other}", "lists list"),
        *("lists delete friends", f"unfollow {other}"),
        *(f"mute {other}", "muted", f"unmute {other}"),
        *(f"block {other}", "blocked", f"unblock {other}"),
        *(f"timelines {what} --no-pager" for what in ("home", "public", "favourites", "tag x")),
        *(f"timelines account {other} --no-pager", "timelines home --json"),
        "timelines trending --no-pager",
        "timelines link https://example.org/ --no-pager",
        *(f"polls show {poll}", f"polls vote {poll} 0", "upload dot.png"),
        *("update-account --locked", f"follow-requests accept {other}", "follow-requests list"),
        *(f"follow-requests reject {other}", "update-account --no-locked"),
        *("notifications", f"search {other}"),
        *("tags followed", "tags follow birds", "tags unfollow birds", "tags info birds"),
        *("tags featured", "update-account --display-name Tooter"),
        *(f"delete {id_}", "notifications --clear"),
    )
    for line in few if short else every:
        yield line.split()


def _config(base: str, host: str, me: Somebody, account: str) -> dict[str, object]:
    app = {
        "instance": host,
        "base_url": base,
        "client_id": me.client_id,
        "client_secret": me.client_secret,
    }
    user = {"instance": host, "username": me.handle, "access_token": me.token}
    return {"apps": {host: app}, "users": {account: user}, "active_user": account}
