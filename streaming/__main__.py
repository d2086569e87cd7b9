"""`python -m streaming`: the process that serves streams."""

import argparse
import os
import sys
from collections.abc import Sequence

import django


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal stops it, and return the exit status."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    django.setup()
    _serve(options.bind)
    return 0


def _serve(address: tuple[str, int] | None) -> None:
    from django.conf import settings

    from chirp import gc_tuning, handoff
    from chirp.observability.lifecycle import process_started
    from streaming.app import Application
    from streaming.server import Server

    server = Server(Application(), handoff.socket_path(settings.VAR_DIR), address)
    gc_tuning.settle()
    process_started.send(sender=Server, part="stream")
    server.run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m streaming", allow_abbrev=False)
    parser.add_argument(
        "--bind",
        type=_address,
        metavar="ADDRESS:PORT",
        help="listen there as well, for a proxy that passes on the paths of streams",
    )
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address such as 0.0.0.0:8001")
    return host.strip("[]"), int(port)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
