"""The growing delay between guesses."""

import pytest

from chirp.limits import guesses
from chirp.limits.guesses import FORGET, FREE, TooManyGuesses
from chirp.redis.client import RedisAway, client, guarded
from tests.helpers.guessing import let_the_delay_pass, stretch_delays, units
from tests.helpers.threads import at_once

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture(autouse=True)
def _stretched(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch_delays(monkeypatch)


def wait() -> int:
    """The seconds that the next guess has to wait; 0 if it was allowed, and so counted."""
    try:
        guesses.count("alice")
    except TooManyGuesses as error:
        return units(error.retry_after or 0)
    return 0


def test_the_delay_doubles_up_to_a_maximum() -> None:
    assert [wait() for _ in range(FREE)] == [0] * FREE
    delays = []
    for _ in range(13):
        delays.append(wait())
        let_the_delay_pass()
        assert wait() == 0
    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_a_guess_that_has_to_wait_does_not_count() -> None:
    for _ in range(FREE + 20):
        wait()
    assert wait() == 1


def test_a_huge_number_of_guesses_keeps_the_maximum() -> None:
    wait()
    (key,) = client().keys("guesses:*")
    client().set(key, 10**9)
    assert wait() == 0
    assert wait() == 900


def test_concurrent_guesses_are_counted_one_by_one() -> None:
    allowed: list[int] = []
    assert at_once([lambda: allowed.append(wait())] * 20) == []
    assert allowed.count(0) == FREE


def test_each_budget_counts_alone() -> None:
    for _ in range(FREE + 1):
        wait()
    guesses.count("bob")


def test_a_right_guess_is_taken_back() -> None:
    for _ in range(3 * FREE):
        assert wait() == 0
        guesses.uncount("alice")
    assert wait() == 0


def test_a_reset_forgets_the_delay() -> None:
    for _ in range(FREE):
        wait()
    guesses.reset("alice")
    assert [wait() for _ in range(FREE)] == [0] * FREE


def test_everything_expires_and_nothing_comes_back() -> None:
    for _ in range(FREE):
        wait()
    keys = client().keys("guesses:*")
    assert len(keys) == 2
    assert all(0 < client().ttl(key) <= FORGET for key in keys)
    client().delete(*keys)
    guesses.uncount("alice")
    assert client().keys("guesses:*") == []


def test_keys_do_not_hold_the_login() -> None:
    guesses.count("alice@example.org")
    assert not any(b"alice" in key for key in client().keys("*"))


def test_without_redis_nothing_is_delayed() -> None:
    with pytest.raises(RedisAway), guarded():
        raise ConnectionError
    assert [wait() for _ in range(2 * FREE)] == [0] * 2 * FREE
    guesses.reset("alice")
    guesses.uncount("alice")
    guarded.reset()
