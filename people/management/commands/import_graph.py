"""`manage.py import_graph FILE`: import accounts and follows from an edge list."""

import re
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.creation import EmailTaken
from people import graph_import
from people.graph_import import Graph

LINES_SHOWN = 5


class Command(BaseCommand):
    """Read the whole file before writing anything, and then write all of it or nothing."""

    help = "Imports accounts and follows from an edge list: `a b` per line, # and % for comments."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="the edge list")
        parser.add_argument(
            "--handles",
            type=_prefix,
            default="u",
            metavar="PREFIX",
            help="prefix of the names in the file, to make handles of them (default: u)",
        )
        direction = parser.add_mutually_exclusive_group()
        direction.add_argument(
            "--both",
            action="store_true",
            help="each edge is two follows, one in each direction (the default)",
        )
        direction.add_argument(
            "--directed", action="store_true", help="`a b` means that a follows b"
        )

    def handle(self, *args: Any, file: Path, handles: str, directed: bool, **options: Any) -> None:
        """Read the file, load the graph, and report the result."""
        graph = self._read(file, prefix=handles, both=not directed)
        self._warn("duplicate edges", graph.duplicates)
        self._warn("self-loops", graph.loops)
        loaded = self._load(graph)
        self.stdout.write(
            f"{len(graph.handles):,} accounts, {loaded.accounts:,} of them new; "
            f"{loaded.follows:,} new follows, {loaded.requests:,} new follow requests, "
            f"{loaded.skipped:,} follows that already exist or are not allowed."
        )

    def _read(self, file: Path, *, prefix: str, both: bool) -> Graph:
        try:
            return graph_import.read(_lines(file), prefix=prefix, both=both)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except graph_import.BadLine as error:
            raise CommandError(f"{file}, {error.detail} Nothing was imported.") from error

    def _load(self, graph: Graph) -> graph_import.LoadResult:
        try:
            with tqdm(
                total=len(graph.follows), desc="Loading", unit=" follows", disable=None
            ) as bar:
                return graph_import.load(graph=graph, progress=bar.update)
        except EmailTaken as error:
            raise CommandError(f"Nothing was imported. {error.detail}") from error

    def _warn(self, what: str, lines: list[int]) -> None:
        if lines:
            listed = ", ".join(str(number) for number in lines[:LINES_SHOWN])
            more = ", ..." if len(lines) > LINES_SHOWN else ""
            self.stderr.write(f"Skipped {len(lines):,} {what} (line {listed}{more}).")


def _lines(file: Path) -> Iterator[bytes]:
    with (
        file.open("rb") as lines,
        tqdm(total=file.stat().st_size, desc="Reading", unit="B", disable=None) as bar,
    ):
        for line in lines:
            yield line
            bar.update(len(line))


def _prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]{0,29}", text, re.ASCII):
        raise ArgumentTypeError(f"{text!r} is not a valid beginning of a handle")
    return text
