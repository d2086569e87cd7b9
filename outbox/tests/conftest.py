"""Events and routes for the tests of the outbox, which do not depend on other apps."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import transaction
from pytest_django import Settings

from outbox import services
from outbox.events import TOPICS, DomainEvent

Publish = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItHappened(DomainEvent):
    """An event with one consumer."""

    topic = "it.happened"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BothHappened(DomainEvent):
    """An event with two consumers."""

    topic = "both.happened"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItBroke(DomainEvent):
    """An event whose consumer fails."""

    topic = "it.broke"
    number: int


@pytest.fixture(autouse=True)
def _routes(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {
        "it.happened": ["outbox.tests.note"],
        "both.happened": ["outbox.tests.note", "outbox.tests.other"],
        "it.broke": ["outbox.tests.fail"],
    }


@pytest.fixture
def happen() -> Publish:
    """Publishes `count` events, each in its own transaction: `happen(3)`."""

    def publish(count: int = 1, *, topic: str = "it.happened") -> None:
        for number in range(count):
            with transaction.atomic():
                services.publish(TOPICS[topic](number=number))  # type: ignore[call-arg]

    return publish
