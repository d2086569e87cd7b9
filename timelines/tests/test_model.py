"""The model test: anything happens in any order, and timelines are what their definition says.

Hypothesis makes up sequences of steps (timelines/tests/model/): what people, operators, moderators
and Redis do, and how the relay and the workers deliver it. The same ones in every run, unless

    MODEL_EXAMPLES=20000 script/test timelines/tests/test_model.py

asks for so many, at random. A failure prints its steps, the fewest that show it.
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
from chirp.redis import client
from people import services as edges
from timelines import candidates, celebrities, fanout, selectors, store
from timelines.tests.model.careers import Careers
from timelines.tests.model.faults import interruptible
from timelines.tests.model.people import People
from timelines.tests.model.plots import Plots
from timelines.tests.model.world import FOLLOWED, PEOPLE, World

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
EVERY_DAY = 81
# Once it has made ten examples Hypothesis varies each that it makes several times, and of the
# first ten some are small. So all are made in batches of nine, from seeds of their own: the
# simplest there is, and eight that chance makes.
BATCH = 9
STEPS = 40
# Those who only want to know whether something is wrong need not wait for the shortest steps.
SHRINKING = [] if os.environ.get("MODEL_SHRINK") == "no" else [Phase.shrink]


class Timelines(Plots, Careers, People):
    """All steps. In the end everything is delivered, and every timeline is compared."""

    def teardown(self) -> None:
        """Compare, unless something went wrong before, and forget all."""
        try:
            if sys.exc_info()[0] is None:
                self.settled()
                self.check_all(2 + len(self.tweets) % 5)
        finally:
            super().teardown()


@pytest.fixture
def people(
    settings: Settings, person: Callable[[str], User], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A ring of people, everything small, and things that may happen in the middle of others."""
    settings.HOME_MAX_LENGTH = 5
    settings.REDIS_TIMEOUT_MS = 60_000  # Redis is away when a step says so, not when it is slow
    client._servers.cache_clear()
    settings.OUTBOX_LEASE_SECONDS = (
        3600  # it ends when a step says so, not when the machine is slow
    )
    monkeypatch.setattr(fanout, "RANGE_SIZE", 2)
    monkeypatch.setattr(celebrities, "STEP", 2)
    for reader in candidates, store:  # five authors are few: a first look finds too little
        monkeypatch.setattr(reader, "PER_AUTHOR_LEAST", 1)
        monkeypatch.setattr(reader, "PER_AUTHOR_FACTOR", 1)
    monkeypatch.setattr(selectors, "BATCH_SPARE", 1)
    monkeypatch.setattr(selectors, "BATCH_MOST", 4)
    current_app.loader.import_default_modules()
    # A worker whose task failed drops its connection; here all goes on in one transaction.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    interruptible(monkeypatch)
    ring = [person(f"person{number}") for number in range(PEOPLE)]
    for number, follower in enumerate(ring):
        for step in FOLLOWED:
            edges.follow(follower=follower, followee=ring[(number + step) % PEOPLE])
    World.people = [member.pk for member in ring]
    logging.disable(logging.ERROR)  # thousands of lines about suspensions and a Redis that is away
    yield
    logging.disable(logging.NOTSET)
    client._servers.cache_clear()


@pytest.mark.slow
@pytest.mark.timeout(0 if EXAMPLES else 900)
@pytest.mark.django_db
def test_whatever_happens_timelines_are_what_the_definition_says(people: None) -> None:
    for number in range(-(-(EXAMPLES or EVERY_DAY) // BATCH)):
        _run(secrets.randbits(32) if EXAMPLES else number)


def _run(chance: int) -> None:
    run_state_machine_as_test(
        seed(chance)(Timelines),
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
