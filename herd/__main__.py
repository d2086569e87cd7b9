"""`python -m herd NAME`: one server of the herd, until SIGTERM or Ctrl-C."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from herd import settings
from herd.key import shared_key, var_dir
from herd.settings import BadSettings, Settings


def main(arguments: Sequence[str]) -> int:
    """Run until told to stop, and return the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        return _run(asked.name, _settings(asked.settings, asked.chirp), asked.chirp_host)
    except BadSettings as problem:
        print(f"herd: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m herd", description="A location server: docs/herd.md.", allow_abbrev=False
    )
    parser.add_argument("name", metavar="NAME", help="which server of the settings file to be")
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="the settings of the herd (HERD_SETTINGS; default: deploy/herd.toml)",
    )
    parser.add_argument(
        "--chirp", metavar="URL", help="where tweets come from, instead of what the settings say"
    )
    parser.add_argument(
        "--chirp-host",
        default="",
        type=_first,
        metavar="NAME",
        help="the name to call that by, if not its own; of several with commas the first",
    )
    return parser


def _first(names: str) -> str:
    """The first of ALLOWED_HOSTS, as a name: no dot before it, and nothing where any will do."""
    first = names.split(",")[0].strip().removeprefix(".")
    return "" if first == "*" else first


def _settings(path: Path | None, chirp: str | None) -> Settings:
    found = settings.load(path or settings.file())
    return replace(found, chirp=settings.url(chirp)) if chirp else found


def _run(name: str, herd: Settings, host: str) -> int:
    if name not in herd.servers:
        raise BadSettings(f"there is no server {name!r}: {', '.join(herd.servers)}.")
    var, key = var_dir(), shared_key(var_dir())

    from twisted.internet import reactor
    from twisted.internet.error import CannotListenError

    from herd import logs, server

    logs.begin(var / "herd" / name, started=datetime.now(UTC))
    herd = replace(herd, limits=server.make_room(herd.limits))
    try:
        server.Server(reactor, name, settings=herd, key=key, now=time.time_ns, host=host).start()
    except (CannotListenError, OSError) as error:
        raise BadSettings(f"{name} cannot listen: {error}") from None
    print(f"{name} listens on {herd.servers[name].clients}.", flush=True)
    reactor.run()
    return 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(sys.argv[1:]))
