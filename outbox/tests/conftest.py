"""Topics and tasks for the outbox's own tests, which know no other app."""

from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import Settings

from outbox import services

Publish = Callable[..., None]


@pytest.fixture(autouse=True)
def _routes(settings: Settings) -> None:
    settings.OUTBOX_ROUTES = {
        "it.happened": ["outbox.tests.note"],
        "both.happened": ["outbox.tests.note", "outbox.tests.other"],
        "it.broke": ["outbox.tests.fail"],
    }


@pytest.fixture
def happen() -> Publish:
    """Lets `count` things happen, each in a transaction of its own: `happen(3)`."""

    def publish(count: int = 1, *, topic: str = "it.happened") -> None:
        for number in range(count):
            with transaction.atomic():
                services.publish(topic, {"number": number})

    return publish
