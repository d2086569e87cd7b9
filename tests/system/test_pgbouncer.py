"""Chirp behind PgBouncer in transaction mode: a real one, with fewer connections than clients."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.models import User
from chirp import settings as chirp_settings
from chirp.db import partitions as db
from chirp.db.partitions import PartitionError
from outbox.models import Event
from outbox.worker import disable_synchronous_commit
from people.services import follow
from runner.embedded import Server
from tests import plugin
from tests.helpers.api_client import Api
from tests.helpers.databases import another_database, own_database
from tests.helpers.faults import embedded_servers
from tests.helpers.pgbouncer import is_installed, pgbouncer, pgbouncer_url
from tests.helpers.threads import at_once
from tweets import marks, partitions
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS, TIMES = 12, 5


@pytest.fixture
def url() -> Iterator[str]:
    """The test database, behind PgBouncer."""
    with behind_pgbouncer(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]) as found:
        yield found


@contextmanager
def behind_pgbouncer(name: str) -> Iterator[str]:
    """The URL of a database, behind PgBouncer."""
    if not is_installed():
        pytest.skip("PgBouncer is not installed, so Chirp behind it WAS NOT TESTED")
    embedded_servers()
    with TemporaryDirectory(prefix="chirp-pgbouncer-") as folder:
        own = Path(folder) / "pgbouncer"
        pooler: Server = pgbouncer(plugin.VAR, own, database=name)
        pooler.start()
        try:
            yield pgbouncer_url(own, database=name)
        finally:
            pooler.stop()


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Chirp knows that it is behind PgBouncer."""
    monkeypatch.setattr(chirp_settings, "DATABASE_POOLER", "transaction")
    settings.DATABASE_POOLER = "transaction"


@pytest.fixture
def pooled(url: str, known: None) -> str:
    """The same, and Chirp knows of it."""
    return url


def statuses(url: str, author: User, reader: User) -> set[int]:
    """The statuses of what many clients at once are answered."""

    def use(number: int) -> set[int]:
        found = set()
        with another_database(url):
            writer, home = Api(author), Api(reader)
            for turn in range(TIMES):
                key = f"{number}-{turn}"
                body = {"text": f"tweet {key}"}
                answer = writer.post("/api/tweets", body, **{"Idempotency-Key": key})
                found |= {answer.status_code, home.get("/api/timelines/home").status_code}
                found.add(Api().get(f"/api/users/{author.handle}/tweets").status_code)
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        return set().union(*pool.map(use, range(CLIENTS)))


def test_many_clients_share_few_connections(
    pooled: str, alice: User, bob: User, drain: Callable[..., int]
) -> None:
    follow(follower=bob, followee=alice)
    assert statuses(pooled, alice, bob) == {200, 201}
    with another_database(pooled):
        drain()
        results = Api(bob).get("/api/timelines/home?limit=100").json()["results"]
    assert len(results) == CLIENTS * TIMES


def test_prepared_statements_would_fail(url: str, alice: User, bob: User) -> None:
    """So the test above would notice them."""
    assert statuses(url, alice, bob) - {200, 201}


def test_what_a_process_sets_is_not_left_to_others(pooled: str) -> None:
    with another_database(pooled):
        connection.ensure_connection()
        disable_synchronous_commit(connection=connections[DEFAULT_DB_ALIAS])
        for name, value in (("plan_cache_mode", "auto"), ("statement_timeout", "5s")):
            with connection.cursor() as cursor:
                cursor.execute(f"SHOW {name}")
                assert cursor.fetchone() == (value,)
                cursor.execute("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
                assert cursor.fetchone() != ("session",)


def test_the_relay_works_without_notifications(pooled: str, alice: User) -> None:
    with another_database(pooled):
        Api(alice).post("/api/tweets", {"text": "to be relayed"})
        assert Event.objects.filter(attempts=0).exists()
        call_command("relay", once=True)
        assert not Event.objects.filter(attempts=0).exists()


@pytest.mark.usefixtures("known")
def test_partitions_are_divided_and_added(alice: User, bob: User) -> None:
    tweet = post_tweet(author=alice, text="Old")
    marks.like(user=bob, tweet_id=tweet.pk)
    with (
        own_database(plugin.VAR) as name,
        behind_pgbouncer(name) as own,
        another_database(own),
    ):
        partitions.divide(now=datetime(2026, 7, 1, tzinfo=UTC))
        assert partitions.extend(now=datetime(2027, 12, 20, tzinfo=UTC))
        assert not partitions.extend(now=datetime(2027, 12, 20, tzinfo=UTC))
        assert [part.name for part in partitions.all_parts()] == [
            "tweets_tweet_before_2027",
            "tweets_tweet_from_2027",
            "tweets_tweet_from_2028",
        ]
        assert not db.unchecked(partitions.TABLE)
        post_tweet(author=alice, text="New", reply_to_id=tweet.pk)


@pytest.mark.usefixtures("known")
def test_one_process_at_a_time_changes_partitions(url: str) -> None:
    def divide() -> None:
        with another_database(url):
            partitions.divide(now=datetime(2026, 7, 1, tzinfo=UTC))

    with another_database(url), db.alone(partitions.TABLE):
        (error,) = at_once([divide])
    assert isinstance(error, PartitionError)
