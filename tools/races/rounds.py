"""Runs the rounds of a race, until one of them fails."""

import random
import time
import traceback
from dataclasses import dataclass, field

from celery import current_app

from outbox.models import Event
from tools.races.actors import Actors
from tools.races.scenes import RACES
from tools.races.stage import Stage

# A timeline of this length is trimmed in nearly every race.
SETTINGS = {"HOME_MAX_LENGTH": 5}


@dataclass
class RaceResult:
    """The result of the rounds of one race: their number and duration, and the last errors."""

    race: str
    rounds: int = 0
    seconds: float = 0.0
    warm: int = 0
    compared: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        each = 1000 * self.seconds / max(self.rounds, 1)
        warm = (
            f", {self.warm} of {self.compared} timelines warm at the end" if self.compared else ""
        )
        end = "WRONG" if self.wrong else "passed"
        return f"{self.race}: {self.rounds} rounds of {each:.0f} ms {end}{warm}"


def run_race(name: str, actors: Actors, *, rounds: int, seed: int) -> RaceResult:
    """Run up to `rounds` rounds of a race, and stop after the first that fails."""
    current_app.loader.import_default_modules()  # as a worker does at its start
    stage, outcome, started = Stage(), RaceResult(name), time.monotonic()
    Event.objects.all().delete()
    while outcome.rounds < rounds and not outcome.wrong:
        outcome.rounds += 1
        outcome.wrong = _round(
            name, actors, stage, random.Random(f"{seed} {name} {outcome.rounds}")
        )
    outcome.seconds = time.monotonic() - started
    outcome.warm, outcome.compared = stage.warm, stage.compared
    return outcome


def _round(name: str, actors: Actors, stage: Stage, rng: random.Random) -> list[str]:
    scene = RACES[name](stage, rng)
    results = actors.perform(scene.sides, rng)
    raised = [
        f"{side.move}: {result.raised}"
        for side, result in zip(scene.sides, results, strict=True)
        if result.raised is not None
    ]
    try:
        return raised + scene.find_errors(results)
    except Exception:  # a timeline that cannot be read is an error, too
        return [*raised, traceback.format_exc()]
