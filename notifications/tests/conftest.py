"""Fixtures of notifications."""

from collections.abc import Callable

import pytest

from accounts.models import User
from tests.helpers.notifications import Shown, shown


@pytest.fixture
def told(drain: Callable[..., int]) -> Callable[[User], list[Shown]]:
    """`told(alice)` runs all tasks, and returns what alice reads."""

    def run(recipient: User) -> list[Shown]:
        drain()
        return shown(recipient)

    return run
