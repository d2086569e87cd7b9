"""Delays between guesses, without waiting for them and without trusting the clock."""

import pytest

from chirp.limits import guesses
from chirp.redis.client import client

UNIT = 100  # seconds of the first delay in tests; on a busy machine one second passes by itself


def stretch_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all delays UNIT times as long."""
    monkeypatch.setattr(guesses, "FIRST_DELAY", guesses.FIRST_DELAY * UNIT)
    monkeypatch.setattr(guesses, "MAX_DELAY", guesses.MAX_DELAY * UNIT)


def units(retry_after: int | str) -> int:
    """A stretched delay as the seconds that it has in reality, of which some may have passed."""
    return -(-int(retry_after) // UNIT)


def let_the_delay_pass() -> None:
    """Allow the next guess of every budget."""
    client().delete(*client().keys("guesses:*:wait"))
