"""Fifty concurrent clients against real web processes, workers and a relay."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from outbox import services as outbox
from people import counters as people_counters
from tests.helpers.processes import wait_until
from tests.helpers.site import running_site
from timelines import oracle
from tools.load import lost_or_repeated, run_clients
from tweets import counters as tweet_counters

CLIENTS = 50
SECONDS = 10.0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_concurrent_clients_cause_no_errors_wrong_counts_or_repeats(
    person: Callable[[str], User], tmp_path: Path
) -> None:
    accesses = {
        user.handle: tokens.issue(user=user, now=timezone.now()).access
        for user in (person(f"client{number}") for number in range(CLIENTS))
    }
    with running_site(tmp_path / "log") as site:
        result = run_clients(site.url, accesses, seconds=SECONDS)
        assert result.failures == 0, site.log.read_text()
        assert sum(map(len, result.posted.values())) > CLIENTS
        assert lost_or_repeated(site.url, result.posted) == []
        wait_until(lambda: outbox.owed() == 0, site.log)
    assert people_counters.check() == []
    assert tweet_counters.check() == []
    for user in User.objects.all()[:10]:
        assert oracle.verify(user, limit=20) is None
