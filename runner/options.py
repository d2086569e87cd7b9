"""The options of `script/run`, from the command line or else from the environment."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chirp.env import FALSE, TRUE, BadSetting

CHECKOUT = Path(__file__).resolve().parent.parent
MAX_WORKERS = 512


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run. `var` is the directory of its data."""

    host: str
    port: int
    workers: int
    demo: bool
    var: Path
    herd: bool = False
    reload: bool = False

    @property
    def address(self) -> str:
        """Host and port, as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse(arguments: Sequence[str]) -> Options:
    """Parse the command line. Exits if it is invalid; raises BadSetting for an invalid variable."""
    found = _parser().parse_args(arguments)
    return Options(
        host=found.host or _variable("HOST") or "127.0.0.1",
        port=found.port or _number("PORT", 8000, most=65535),
        workers=found.workers or _number("WORKERS", max(2, os.cpu_count() or 1), most=MAX_WORKERS),
        demo=found.demo and _yes("DEMO"),
        herd=found.herd or _yes("HERD", "no"),
        reload=found.reload,
        var=Path(os.path.abspath(_variable("VAR_DIR") or CHECKOUT / "var")),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/run",
        description="Runs Chirp: databases, web, workers and scheduler. Ctrl-C stops them all.",
        epilog="Every setting can be given in the environment: docs/running.md, docs/settings.md.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--host", metavar="ADDRESS", help="address to listen on (HOST; default: 127.0.0.1)"
    )
    parser.add_argument("--port", type=_up_to(65535), metavar="N", help="(PORT; default: 8000)")
    parser.add_argument(
        "--workers",
        type=_up_to(MAX_WORKERS),
        metavar="N",
        help="web processes (WORKERS; default: one per processor, at least 2)",
    )
    parser.add_argument(
        "--no-demo",
        action="store_false",
        dest="demo",
        help="start without the people and tweets of the demo (DEMO=0)",
    )
    parser.add_argument(
        "--herd", action="store_true", help="start the location servers as well (HERD=1)"
    )
    parser.add_argument(
        "--reload",
        action="store_true",
        help="for development: DEBUG=1, and processes start again when the code changes",
    )
    return parser


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not _is_number(text, most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
        return int(text)

    return number


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def _number(name: str, default: int, *, most: int) -> int:
    text = _variable(name) or str(default)
    if not _is_number(text, most):
        raise BadSetting(name, text, f"a number from 1 to {most}")
    return int(text)


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most


def _yes(name: str, default: str = "yes") -> bool:
    text = _variable(name).lower() or default
    if text not in TRUE | FALSE:
        raise BadSetting(name, text, "one of 1, 0, true, false, yes, no, on, off")
    return text in TRUE
