"""The commands of toot, run with a configuration that has a token."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.mastodon.people import Somebody

ID = re.compile(r"/([0-9]{12,})")


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

    code, output = toot("post", "from toot")
    yield "post", "" if code == 0 else output
    found = ID.search(output)
    id_ = found[1] if found else "0"
    for command in _commands(id_, other.handle, short=short):
        code, output = toot(*command)
        yield " ".join(command), "" if code == 0 else output


def _commands(id_: str, other: str, *, short: bool) -> Iterator[list[str]]:
    few = ("whoami", "instance", f"thread {id_}", "timelines home --no-pager", f"search {other}")
    every = (
        *("whoami", "auth", f"whois {other}", "instance", "instance --json"),
        *(f"status {id_}", f"thread {id_}", f"favourite {id_}", f"unfavourite {id_}"),
        *(f"bookmark {id_}", "bookmarks", f"unbookmark {id_}", f"pin {id_}", f"unpin {id_}"),
        *(f"reblog {id_}", f"reblogged-by {id_}", f"unreblog {id_}"),
        *(f"follow {other}", "following", "followers", f"unfollow {other}"),
        *(f"mute {other}", "muted", f"unmute {other}"),
        *(f"block {other}", "blocked", f"unblock {other}"),
        *(f"timelines {what} --no-pager" for what in ("home", "public", "favourites", "tag x")),
        *(f"timelines account {other} --no-pager", "timelines home --json", "notifications"),
        *(f"search {other}", "follow-requests list"),
        *("tags followed", "tags follow birds", "tags unfollow birds", "tags info birds"),
        *("lists list", "lists create friends", "lists list", "lists delete friends"),
        *("update-account --display-name Tooter", f"delete {id_}", "notifications --clear"),
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
