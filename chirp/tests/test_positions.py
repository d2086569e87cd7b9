"""How far replicas must have come, in Redis."""

import pytest

from chirp.redis import positions
from chirp.redis.client import RedisAway, client, guarded
from chirp.redis.positions import Needed, needed, wrote

pytestmark = pytest.mark.usefixtures("redis")
FAR = 2**52  # positions are kept as doubles, which are exact up to 2**53


def test_nothing_is_known_at_first() -> None:
    assert needed(0) is None


def test_a_replica_needs_what_its_reader_wrote() -> None:
    wrote(FAR)
    wrote(FAR + 20, 1)
    wrote(FAR + 10, 2)
    assert needed(FAR + 10) == Needed(FAR, {1: FAR + 20}, FAR + 20)
    assert needed(FAR) == Needed(FAR, {1: FAR + 20, 2: FAR + 10}, FAR + 20)
    assert needed(FAR + 20) == Needed(FAR, {}, FAR + 20)


def test_positions_never_step_back() -> None:
    for account_id in (None, 1):
        wrote(FAR + 10, account_id)
        wrote(FAR, account_id)
    assert needed(0) == Needed(FAR + 10, {1: FAR + 10}, FAR + 10)


def test_the_first_write_of_anybody_counts_for_everybody() -> None:
    """So all that was written before, and is forgotten, does."""
    wrote(FAR, 1)
    wrote(FAR + 10, 1)
    assert needed(FAR) == Needed(FAR, {1: FAR + 10}, FAR + 10)


def test_accounts_that_fall_out_count_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "MOST", 2)
    wrote(FAR)
    for account_id in (1, 2, 3, 4):
        wrote(FAR + account_id, account_id)
    assert needed(0) == Needed(FAR + 2, {3: FAR + 3, 4: FAR + 4}, FAR + 4)


def test_a_replica_that_lacks_the_writes_of_many_needs_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(positions, "READ_MOST", 2)
    wrote(FAR)
    for account_id in (1, 2, 3):
        wrote(FAR + account_id, account_id)
    found = needed(FAR)
    assert found is not None
    assert found.everybody == FAR + 3
    assert needed(FAR + 2) == Needed(FAR, {3: FAR + 3}, FAR + 3)


def test_what_another_incarnation_of_the_server_knew_is_not_believed() -> None:
    wrote(FAR)
    client().set(positions.EVERYBODY, f"00000000:{FAR}")
    assert needed(FAR) is None
    wrote(FAR + 10, 1)
    assert needed(FAR + 10) == Needed(FAR + 10, {}, FAR + 10)


def test_without_redis() -> None:
    guarded.open_until = float("inf")
    try:
        with pytest.raises(RedisAway):
            needed(0)
    finally:
        guarded.reset()
