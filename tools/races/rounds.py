"""Plays rounds of a race, until they are over or one goes wrong."""

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
class Course:
    """How the rounds of one race went: what was wrong in the last one, if anything was."""

    race: str
    rounds: int = 0
    seconds: float = 0.0
    warm: int = 0
    judged: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        each = 1000 * self.seconds / max(self.rounds, 1)
        warm = f", {self.warm} of {self.judged} timelines warm at the end" if self.judged else ""
        end = "WRONG" if self.wrong else "passed"
        return f"{self.race}: {self.rounds} rounds of {each:.0f} ms {end}{warm}"


def play(name: str, actors: Actors, *, rounds: int, seed: int) -> Course:
    """Play so many rounds of a race; the first that goes wrong is the last."""
    current_app.loader.import_default_modules()  # as a worker does at its start
    stage, course, started = Stage(), Course(name), time.monotonic()
    Event.objects.all().delete()
    while course.rounds < rounds and not course.wrong:
        course.rounds += 1
        course.wrong = _round(name, actors, stage, random.Random(f"{seed} {name} {course.rounds}"))
    course.seconds = time.monotonic() - started
    course.warm, course.judged = stage.warm, stage.judged
    return course


def _round(name: str, actors: Actors, stage: Stage, dice: random.Random) -> list[str]:
    scene = RACES[name](stage, dice)
    answers = actors.perform(scene.sides, dice)
    raised = [
        f"{side.move}: {answer.raised}"
        for side, answer in zip(scene.sides, answers, strict=True)
        if answer.raised is not None
    ]
    try:
        return raised + scene.judge(answers)
    except Exception:  # what cannot even be read is wrong, too
        return [*raised, traceback.format_exc()]
