"""Long-lived processes, each of which does one side of a race when it is told to."""

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
LATENESSES = (0.0, 0.001, 0.004, 0.02)  # at most so many seconds after the others, in one round
# In every round one or two sides are slow: they stop for long enough that the others get by.
SLOW, BRISK = (0.2, 0.005, 0.03), (0.1, 0.0, 0.003)  # chance, least and most seconds
THOUGHTS_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a race: a function of tools.races.moves, and what it is called with.

    A `slow` one always thinks for long; of the others the dice choose.
    """

    move: str
    arguments: dict[str, Any]
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a side returned, or the traceback of what it raised."""

    returned: Any
    raised: str | None


@dataclass(frozen=True, slots=True)
class _Turn:
    side: Side
    parties: int
    late: float
    slow: bool
    seed: str


class Actors:
    """Sixteen processes with connections of their own to Postgres and Redis."""

    def __init__(self, database: str, settings: dict[str, Any]) -> None:
        # A server that has loaded everything forks them: that takes milliseconds each.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tools.races.loaded"])
        # One for each number of sides. Kept here: they are gone when nobody holds them.
        self._barriers = {n: context.Barrier(n) for n in range(2, ACTORS + 1)}
        self._ends: list[Connection] = []
        self._processes: list[BaseProcess] = []
        for _ in range(ACTORS):
            ours, theirs = context.Pipe()
            arguments = (theirs, self._barriers, database, settings)
            process = context.Process(target=_act, args=arguments, daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self._processes.append(process)

    def perform(self, sides: Sequence[Side], dice: random.Random) -> list[Answer]:
        """Let as many processes as there are sides do them at once, and return when all are done.

        Raises EOFError when one of them died, TimeoutError when one hangs.
        """
        lateness = dice.choice(LATENESSES)
        chosen = dice.sample(range(len(sides)), dice.randint(1, 2))
        turns = [
            _Turn(
                side,
                parties=len(sides),
                late=dice.uniform(0, lateness),
                slow=side.slow or n in chosen,
                seed=str(dice.random()),
            )
            for n, side in enumerate(sides)
        ]
        ends = self._ends[: len(turns)]
        for end, turn in zip(ends, turns, strict=True):
            end.send(turn)
        return [_received(end) for end in ends]

    def leave(self) -> None:
        """Let them go home, for certain."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.send(None)
        for process in self._processes:
            process.join(5)
            process.kill()


@contextlib.contextmanager
def acting(database: str, settings: dict[str, Any]) -> Iterator[Actors]:
    """Actors on the database of this name, with these settings, until the block ends."""
    actors = Actors(database, settings)
    try:
        yield actors
    finally:
        actors.leave()


def _received(end: Connection) -> Answer:
    if not end.poll(PATIENCE_SECONDS):
        raise TimeoutError("A side of a race hangs.")
    answer: Answer = end.recv()
    return answer


def _act(
    end: Connection, barriers: dict[int, Barrier], database: str, settings: dict[str, Any]
) -> None:
    from django.db import connection

    from tools.races import loaded, moves

    loaded.use(database, settings)
    moves.ALL_HERE = barriers[ACTORS]
    connection.ensure_connection()
    with contextlib.suppress(EOFError):
        while (turn := end.recv()) is not None:
            end.send(_performed(turn, barriers[turn.parties]))


def _performed(turn: _Turn, start: Barrier) -> Answer:
    from django.db import connection

    from tools.races import moves

    move: Callable[..., Any] = getattr(moves, turn.side.move)
    try:
        with connection.execute_wrapper(Thinking(turn.seed, turn.slow)):
            start.wait(PATIENCE_SECONDS)
            time.sleep(turn.late)
            return Answer(move(**turn.side.arguments), None)
    except Exception:
        return Answer(None, traceback.format_exc())


class Thinking:
    """Stops for some milliseconds after some queries, as a busy machine would.

    So Redis is written to a good while after Postgres was read, and locks are held for longer.
    """

    def __init__(self, seed: str, slow: bool) -> None:
        self.dice = random.Random(seed)
        self.chance, self.least, self.most = SLOW if slow else BRISK
        self.left = THOUGHTS_AT_MOST

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        """Run a query, and think."""
        result = execute(*query)
        # Who looks for work does it a thousand times a second, and would have no thought left.
        looking = "FROM outbox_event" in query[0]
        if self.left and not looking and self.dice.random() < self.chance:
            self.left -= 1
            time.sleep(self.dice.uniform(self.least, self.most))
        return result
