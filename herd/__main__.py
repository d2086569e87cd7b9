"""`python -m herd NAME`: run one server of the herd until SIGTERM or SIGINT."""

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
    """Run until a signal stops the server, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings_ = _load_settings(options.settings, options.chirp)
        return _run(options.name, settings_, options.chirp_host)
    except BadSettings as problem:
        print(f"herd: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m herd", description="A location server: docs/herd.md.", allow_abbrev=False
    )
    parser.add_argument("name", metavar="NAME", help="the server of the settings file to run")
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="the settings of the herd (HERD_SETTINGS; default: deploy/herd.toml)",
    )
    parser.add_argument(
        "--chirp", metavar="URL", help="the URL of Chirp, instead of the one in the settings"
    )
    parser.add_argument(
        "--chirp-host",
        default="",
        type=_first_host,
        metavar="NAME",
        help="the Host header for requests to Chirp; the first of several, separated by commas",
    )
    return parser


def _first_host(names: str) -> str:
    """Return the first host of a value of ALLOWED_HOSTS, without a leading dot; "" for "*"."""
    first = names.split(",")[0].strip().removeprefix(".")
    return "" if first == "*" else first


def _load_settings(path: Path | None, chirp: str | None) -> Settings:
    loaded = settings.load(path or settings.file())
    return replace(loaded, chirp=settings.url(chirp)) if chirp else loaded


def _run(name: str, herd: Settings, host: str) -> int:
    if name not in herd.servers:
        raise BadSettings(f"there is no server {name!r}: {', '.join(herd.servers)}.")
    var, key = var_dir(), shared_key(var_dir())

    from twisted.internet import reactor
    from twisted.internet.error import CannotListenError

    from herd import logs, server

    logs.start_logging(var / "herd" / name, started=datetime.now(UTC))
    herd = replace(herd, limits=server.fit_open_file_limit(herd.limits))
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
