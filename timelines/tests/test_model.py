"""The model test: after any sequence of steps, timelines are as their definition says.

Hypothesis generates sequences of steps (timelines/tests/model/): actions of users, operators,
moderators and Redis, and the delivery by the relay and the workers. Every run has the same
sequences, unless

    MODEL_EXAMPLES=20000 script/test timelines/tests/test_model.py

requests that many random ones. A failure prints the shortest sequence of steps that causes it.
"""

import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterator

import pytest
from celery import current_app
from django.db import connection
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from accounts.models import User
from people import services as edges
from timelines import candidates, celebrities, fanout, paging, store
from timelines.tests.model.choices import Choices
from timelines.tests.model.demotions import Demotions
from timelines.tests.model.faults import make_interruptible
from timelines.tests.model.people import People
from timelines.tests.model.scenarios import Scenarios
from timelines.tests.model.world import FOLLOWED, USERS, World

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
DEFAULT_EXAMPLES = 81
# After ten examples, Hypothesis makes several variations of each new one, and some of the first ten
# are small. So the examples are generated in batches of nine with separate seeds: the simplest
# possible example, and eight random ones. Hypothesis sorts rules and their arguments by name, so
# other names give other examples.
BATCH = 9
STEPS = 40
# Without shrinking, a failure is reported sooner, but not with the shortest sequence.
SHRINKING = [] if os.environ.get("MODEL_SHRINK") == "no" else [Phase.shrink]


class Timelines(Scenarios, Choices, Demotions, People):
    """All steps. At the end everything is delivered, and every timeline is checked."""

    def teardown(self) -> None:
        """Check all timelines, unless a step failed, and roll back."""
        try:
            if sys.exc_info()[0] is None:
                self.deliver_everything()
                self.check_all(2 + len(self.tweets) % 5)
        finally:
            super().teardown()


@pytest.fixture
def ring(
    settings: Settings,
    person: Callable[[str], User],
    monkeypatch: pytest.MonkeyPatch,
    patient_redis: None,
) -> Iterator[None]:
    """A ring of users, with small limits everywhere, and with interruptible steps."""
    settings.HOME_MAX_LENGTH = 5
    # Only a step makes Redis unavailable or ends a lease, not a slow machine.
    settings.OUTBOX_LEASE_SECONDS = 3600
    # The work of other apps changes no timeline, and would take a third of the time.
    settings.OUTBOX_ROUTES = {
        topic: [task for task in tasks if task.startswith("timelines.")]
        for topic, tasks in settings.OUTBOX_ROUTES.items()
    }
    monkeypatch.setattr(fanout, "RANGE_SIZE", 2)
    monkeypatch.setattr(celebrities, "STEP", 2)
    for reader in candidates, store:  # so that five authors are enough to need a second query
        monkeypatch.setattr(reader, "PER_AUTHOR_LEAST", 1)
        monkeypatch.setattr(reader, "PER_AUTHOR_FACTOR", 1)
    monkeypatch.setattr(candidates, "MANY", FOLLOWED[-1])
    monkeypatch.setattr(candidates, "STEPS_PER_ID", 0)
    monkeypatch.setattr(candidates, "SCAN", 2)
    monkeypatch.setattr(paging, "BATCH_SPARE", 1)
    monkeypatch.setattr(paging, "BATCH_MOST", 4)
    current_app.loader.import_default_modules()
    # A worker closes its connection after a failed task, but here everything happens in one
    # transaction, which needs the connection.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    make_interruptible(monkeypatch)
    users = [person(f"person{number}") for number in range(USERS)]
    for number, follower in enumerate(users):
        for step in FOLLOWED:
            edges.follow(follower=follower, followee=users[(number + step) % USERS])
    World.user_ids = [user.pk for user in users]
    logging.disable(logging.ERROR)  # thousands of lines about suspensions and an unavailable Redis
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.slow
@pytest.mark.timeout(0 if EXAMPLES else 900)
@pytest.mark.django_db
def test_whatever_happens_timelines_are_what_the_definition_says(ring: None) -> None:
    for number in range(-(-(EXAMPLES or DEFAULT_EXAMPLES) // BATCH)):
        _run_batch(secrets.randbits(32) if EXAMPLES else number)


def _run_batch(seed_number: int) -> None:
    run_state_machine_as_test(
        seed(seed_number)(Timelines),
        settings=settings(
            max_examples=BATCH,
            database=None,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate, *SHRINKING],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=True,
        ),
    )
