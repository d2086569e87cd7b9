"""Long-lived processes, each of which performs one side of a race per round."""

import contextlib
import multiprocessing
import random
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from typing import Any

ACTORS = 16
PATIENCE_SECONDS = 60.0
MAX_DELAYS = (0.0, 0.001, 0.004, 0.02)  # seconds; one is chosen for each round
# In every round one or two sides are slow: they pause for so long that the others overtake them.
SLOW, FAST = (0.2, 0.005, 0.03), (0.1, 0.0, 0.003)  # probability, minimum and maximum seconds
MAX_PAUSES = 3


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a race: a function of tools.races.moves, and its keyword arguments.

    A `slow` side always makes long pauses; one or two others are chosen at random.
    """

    move: str
    arguments: dict[str, Any]
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The return value of a side, or the traceback of its exception."""

    value: Any
    raised: str | None


@dataclass(frozen=True, slots=True)
class _Turn:
    side: Side
    parties: int
    delay: float
    slow: bool
    seed: str


class Actors:
    """Sixteen processes, each with its own connections to Postgres and Redis."""

    def __init__(self, database: str, settings: dict[str, Any]) -> None:
        # Forked by a server that has imported everything, each starts within milliseconds.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tools.races.loaded"])
        # One for each number of sides. Referenced here, because an unreferenced one is deleted.
        self._barriers = {n: context.Barrier(n) for n in range(2, ACTORS + 1)}
        self._ends: list[Connection] = []
        self._processes: list[BaseProcess] = []
        for _ in range(ACTORS):
            parent_end, child_end = context.Pipe()
            arguments = (child_end, self._barriers, database, settings)
            process = context.Process(target=_serve, args=arguments, daemon=True)
            process.start()
            child_end.close()
            self._ends.append(parent_end)
            self._processes.append(process)

    def perform(self, sides: Sequence[Side], rng: random.Random) -> list[Result]:
        """Perform the sides concurrently, each in its own process, and return their results.

        Raises EOFError if a process died, and TimeoutError if one hangs.
        """
        max_delay = rng.choice(MAX_DELAYS)
        chosen = rng.sample(range(len(sides)), rng.randint(1, 2))
        turns = [
            _Turn(
                side,
                parties=len(sides),
                delay=rng.uniform(0, max_delay),
                slow=side.slow or n in chosen,
                seed=str(rng.random()),
            )
            for n, side in enumerate(sides)
        ]
        ends = self._ends[: len(turns)]
        for end, turn in zip(ends, turns, strict=True):
            end.send(turn)
        return [_received(end) for end in ends]

    def stop(self) -> None:
        """Stop the processes, and kill those that do not stop."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.send(None)
        for process in self._processes:
            process.join(5)
            process.kill()


@contextlib.contextmanager
def acting(database: str, settings: dict[str, Any]) -> Iterator[Actors]:
    """Actors that use the database of this name and these settings, stopped after the block."""
    actors = Actors(database, settings)
    try:
        yield actors
    finally:
        actors.stop()


def _received(end: Connection) -> Result:
    if not end.poll(PATIENCE_SECONDS):
        raise TimeoutError("A side of a race hangs.")
    result: Result = end.recv()
    return result


def _serve(
    end: Connection, barriers: dict[int, Barrier], database: str, settings: dict[str, Any]
) -> None:
    from django.db import connection

    from tools.races import loaded, moves

    loaded.use(database, settings)
    moves.ALL_STARTED = barriers[ACTORS]
    connection.ensure_connection()
    with contextlib.suppress(EOFError):
        while (turn := end.recv()) is not None:
            end.send(_perform(turn, barriers[turn.parties]))


def _perform(turn: _Turn, start: Barrier) -> Result:
    from django.db import connection

    from tools.races import moves

    move: Callable[..., Any] = getattr(moves, turn.side.move)
    try:
        with connection.execute_wrapper(Pauses(turn.seed, turn.slow)):
            start.wait(PATIENCE_SECONDS)
            time.sleep(turn.delay)
            return Result(move(**turn.side.arguments), None)
    except Exception:
        return Result(None, traceback.format_exc())


class Pauses:
    """Pauses for some milliseconds after some queries, as on a busy machine.

    It delays writes to Redis that follow reads of Postgres, and makes locks last longer.
    """

    def __init__(self, seed: str, slow: bool) -> None:
        self.rng = random.Random(seed)
        self.probability, self.minimum, self.maximum = SLOW if slow else FAST
        self.left = MAX_PAUSES

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        """Run a query, and perhaps pause. Returns the result of the query."""
        result = execute(*query)
        # A worker polls the outbox a thousand times a second, which would use up all pauses.
        polling = "FROM outbox_event" in query[0]
        if self.left and not polling and self.rng.random() < self.probability:
            self.left -= 1
            time.sleep(self.rng.uniform(self.minimum, self.maximum))
        return result
