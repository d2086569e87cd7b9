"""A few rounds of each race, as a regression test; `script/races` runs thousands."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from tools.races.actors import Actors, acting
from tools.races.rounds import SETTINGS, run_race
from tools.races.scenes import RACES

ROUNDS = 15
SEED = 1


@pytest.fixture(scope="module")
def actors(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Actors]:
    """Sixteen processes that act on the test database."""
    with django_db_blocker.unblock(), acting(connection.settings_dict["NAME"], SETTINGS) as ours:
        yield ours


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES)
@pytest.mark.django_db(transaction=True)
def test_no_round_of_a_race_fails(race: str, actors: Actors, settings: Settings) -> None:
    for name, value in SETTINGS.items():
        setattr(settings, name, value)
    outcome = run_race(race, actors, rounds=ROUNDS, seed=SEED)
    assert outcome.wrong == []
    assert outcome.rounds == ROUNDS
    assert outcome.warm == outcome.compared, "a cold timeline cannot reveal an earlier error"
