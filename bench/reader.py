"""Reads a timeline repeatedly: `python -m bench.reader OWNER SECONDS EVERY_MS`."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import PIPE, Popen

from bench.context import CHECKOUT, Bench

LIMIT = 30  # the ids read for a page of twenty


@dataclass(slots=True)
class Reading:
    """A running reader, and the seconds of each read once the block has ended."""

    process: "Popen[str]"
    seconds: list[float] = field(default_factory=list)

    def running(self) -> bool:
        """Whether the reader is still running."""
        return self.process.poll() is None


@contextmanager
def reading(bench: Bench, owner: int, seconds: float, *, every_ms: float) -> Iterator[Reading]:
    """Read in a separate process. The block begins with the first read."""
    command = [sys.executable, "-m", "bench.reader", str(owner), str(seconds), str(every_ms)]
    with Popen(command, cwd=CHECKOUT, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        reading = Reading(process)
        yield reading
        reading.seconds = json.loads(process.stdout.readline())


def main() -> None:
    """Read, and print the seconds of each read."""
    import django

    django.setup()
    from bench import engine

    owner, seconds, every = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]) / 1000
    assert engine.newest(owner, LIMIT)
    print("ready", flush=True)
    took = []
    until = time.perf_counter() + seconds
    while (started := time.perf_counter()) < until:
        engine.newest(owner, LIMIT)
        took.append(time.perf_counter() - started)
        time.sleep(every)
    print(json.dumps(took), flush=True)


if __name__ == "__main__":
    main()
