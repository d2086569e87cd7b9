"""Fixtures for every test: the accounts alice, bob and charlie, and `drain` for the outbox."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts.models import User
from chirp import storage_urls
from chirp.email_urls import django_settings
from outbox import relaying
from outbox.relaying import Delivery, Tell
from tests.helpers import databases
from tests.helpers.emptying import emptied_quickly
from tests.helpers.smtp import Mailbox, mailbox
from tests.plugin import VAR, servers

PASSWORD = "correct horse battery staple"

# A slow machine must not make an example fail.
hypothesis_settings.register_profile(
    "chirp", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("chirp")


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> None:
    """Argon2 with cheap parameters: the same code, a tenth of a second faster per account."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(scope="session", autouse=True)
def _plain_static() -> Iterator[None]:
    """Pages use the original names of static files: none are collected and hashed in tests."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture(scope="session")
def collected_static(django_db_setup: None) -> None:
    """Static files for the processes that a test starts: their pages name them with hashes."""
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True)


@pytest.fixture(autouse=True)
def _settings_are_left_as_they_were() -> Iterator[None]:
    """Fail a test that leaves settings behind, as two overrides do that end in the wrong order."""
    before = vars(settings)["_wrapped"]
    yield
    after = vars(settings)["_wrapped"]
    assert after is before, "This test leaves settings changed for the next ones."


@pytest.fixture
def own_storage(tmp_path: Path, settings: Any) -> Path:
    """A storage without the files of other tests. Returns its directory."""
    place = tmp_path / "media"
    own = storage_urls.storage(place.as_uri())
    settings.STORAGES = {**settings.STORAGES, "default": own}
    return place


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the test database, and let tests empty the audit log, which nobody else can."""
    from django.db import connection

    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            table = "moderation_auditentry"
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER audit_refuse_truncate")
        if servers():
            databases.keep_new(VAR)
    with emptied_quickly(VAR) if servers() else nullcontext():
        yield


@pytest.fixture(scope="module")
def new_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of its own for all tests of a file, which no test of another has used."""
    own = databases.new_database(VAR) if servers() else nullcontext()
    with django_db_blocker.unblock(), own:
        yield


@pytest.fixture(autouse=True)
def _nothing_is_remembered_of_tweets() -> None:
    """Begin each test as a new process does: what it remembers decides which query it makes."""
    from tweets.read import references

    references.forget_all()


@pytest.fixture(autouse=True)
def _nothing_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes remember that nothing is blocked and announced, without a query."""
    from accounts.joining.models import Terms
    from moderation import remembered
    from moderation.blocks import checks
    from moderation.site import services as site
    from moderation.site.models import Site

    monkeypatch.setattr(remembered, "KEPT", float("inf"))
    checks.networks.set({"all": [], "sign_up": []})
    checks.words.set({"refuse": [], "report": []})
    site.texts.set(Site())
    site.registration.set(Terms())
    site.announcements.set([])


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Creates accounts: `person("dora")`."""
    from accounts.services import register

    def make(handle: str) -> User:
        return register(handle=handle, email=f"{handle}@example.org", password=PASSWORD)

    return make


@pytest.fixture
def alice(person: Callable[..., User]) -> User:
    """The author."""
    return person("alice")


@pytest.fixture
def bob(person: Callable[..., User]) -> User:
    """The follower."""
    return person("bob")


@pytest.fixture
def charlie(person: Callable[..., User]) -> User:
    """An account without any relationship to the others."""
    return person("charlie")


@pytest.fixture
def warden(person: Callable[..., User]) -> User:
    """The moderator."""
    return person("warden")


@cache
def _import_tasks() -> None:
    """Import the tasks, as a worker does at its start. Once: Celery also runs all system checks."""
    current_app.loader.import_default_modules()


@pytest.fixture
def drain() -> Callable[..., int]:
    """Relays the outbox and runs the tasks in this process until none is left. Returns their count.

    `drain(times=2)` delivers every event twice, as a broker may. `drain(tell=live_log.append)` puts
    what streams hear of into the live log; otherwise they hear of nothing.
    """

    _import_tasks()

    def run_all(*, times: int = 1, tell: Tell | None = None) -> int:
        ran = 0
        while True:
            events: list[Delivery] = []
            sent = relaying.relay(to=events.extend, tell=tell)
            if not sent:
                return ran
            for event in events:
                task = current_app.tasks[event.task]
                for _ in range(times - 1):
                    task(**event.payload)
                task(event_ids=[event.pk])
                ran += 1

    return run_all


@pytest.fixture
def mail(settings: Any) -> Iterator[Mailbox]:
    """The mail server of the site, at https://chirp.example."""
    with mailbox() as server:
        for name, value in django_settings(f"smtp://127.0.0.1:{server.port}").items():
            setattr(settings, name, value)
        settings.SITE_URL = "https://chirp.example"
        yield server
