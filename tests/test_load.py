"""Fifty clients at once against real web processes, workers and a relay."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from accounts import counters as people_counters
from accounts import tokens
from accounts.models import User
from chirp.tests.processes import RELAY, WORKER, process, wait_until
from outbox import services as outbox
from tests.load import hammer, lost_or_repeated
from timelines import oracle
from tweets import counters as tweet_counters

CLIENTS = 50
SECONDS = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_clients_at_once_cause_no_error_no_wrong_count_and_no_repeat(
    person: Callable[[str], User], tmp_path: Path
) -> None:
    accesses = {
        user.handle: tokens.issue(user=user).access
        for user in (person(f"client{number}") for number in range(CLIENTS))
    }
    base, log = f"http://127.0.0.1:{free_port()}", tmp_path / "log"
    web = ("-m", "gunicorn", "--bind", base.removeprefix("http://"), "--workers", "2")
    with (
        process(log, *web, "chirp.wsgi:application"),
        process(log, *WORKER),
        process(log, *RELAY),
    ):
        wait_until(lambda: answers(f"{base}/healthz"), log)
        result = hammer(base, accesses, seconds=SECONDS)
        assert result.failures == 0, log.read_text()
        assert sum(map(len, result.posted.values())) > CLIENTS
        assert lost_or_repeated(base, result.posted) == []
        wait_until(lambda: outbox.owed() == 0, log)
    assert people_counters.check() == []
    assert tweet_counters.check() == []
    for user in User.objects.all()[:10]:
        assert oracle.verify(user, limit=20) is None
