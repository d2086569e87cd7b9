"""Statements end after a time that depends on the kind of process; a person gets a clear answer."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import close_old_connections, connection
from django.test import Client

from accounts.models import TokenFamily, User
from chirp.db import statement_timeout
from tests.helpers.api_client import Api
from tests.helpers.faults import embedded_servers, frozen
from tests.helpers.pages import HTMX

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.helpers.slow_urls"),
]


def timeout_here(part: str) -> str:
    """The timeout of a new connection in a process of this kind."""
    statement_timeout.process_is(part)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    statement_timeout.process_is("")
    connection.close()


@pytest.fixture
def impatient(settings: Any) -> None:
    """Let statements of this process take a fifth of a second."""
    settings.STATEMENT_TIMEOUT_SECONDS = {"web": 0.2}
    assert timeout_here("web") == "200ms"


def test_a_machine_that_is_gone_is_noticed_whatever_the_timeout_is() -> None:
    """Over TCP: what libpq does with it was tried with a network that loses everything."""
    connection.ensure_connection()
    found = connection.connection.info.get_parameters()
    silent = int(found["keepalives_idle"])
    silent += int(found["keepalives_interval"]) * int(found["keepalives_count"])
    assert silent == 11
    assert found["tcp_user_timeout"] == "10000"


@pytest.mark.parametrize(
    ("part", "timeout"),
    [
        ("web", "5s"),
        ("stream", "5s"),
        ("worker", "1min"),
        ("relay", "1min"),
        ("scheduler", "1min"),
        ("", "0"),
    ],
)
def test_the_timeout_depends_on_the_kind_of_process(part: str, timeout: str) -> None:
    assert timeout_here(part) == timeout


START = {
    "web": "import os; from operations import heartbeat; heartbeat.start_web(lambda: 0.0)",
    "worker": "from celery.signals import worker_init; worker_init.send(None)",
    "": "",
}


@pytest.mark.parametrize("part", START)
def test_each_process_knows_its_kind(part: str) -> None:
    code = (
        "import chirp.celery, django; django.setup()\n"
        f"{START[part]}\n"
        "from chirp.db import statement_timeout; print(statement_timeout.of_this_process())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    expected = settings.STATEMENT_TIMEOUT_SECONDS.get(part, 0)
    assert result.stdout.strip() == str(expected), result.stderr


@pytest.mark.parametrize("path", ["/slow", "/admin/slow"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_page_that_takes_too_long_says_so(
    path: str, headers: dict[str, str], impatient: None
) -> None:
    response = Client(raise_request_exception=False).get(path, headers=headers)
    assert response.status_code == 503
    assert response["Retry-After"] == "2"
    assert "took the database too long" in response.content.decode()
    assert "does not answer" not in response.content.decode()


def test_the_api_says_so_as_json(bob: User, impatient: None) -> None:
    for answer in (
        Client(raise_request_exception=False).get("/api/slow"),
        Api(bob).get("/api/slow"),
    ):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        body = answer.json()
        assert body["error"] == "unavailable"
        assert "took the database too long" in body["message"]


def test_a_write_that_takes_too_long_is_undone_and_its_key_is_free(
    bob: User, impatient: None
) -> None:
    api, before = Api(bob), TokenFamily.objects.count()
    for _ in range(2):
        response = api.post("/api/slow", {}, **{"Idempotency-Key": "once-only"})
        assert response.status_code == 503
        assert "took the database too long" in response.json()["message"]
    assert TokenFamily.objects.count() == before


def test_a_database_that_hangs_does_not_hold_a_request(bob: User, impatient: None) -> None:
    api = Api(bob)
    assert api.get("/api/timelines/home").status_code == 200
    with frozen(embedded_servers().postgres):
        response = api.get("/api/timelines/home")
        assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    close_old_connections()  # a server does so at the end of each request, the test client does not
    assert api.get("/api/timelines/home").status_code == 200


def test_the_connection_serves_the_next_request(bob: User, impatient: None) -> None:
    api = Api(bob)
    assert api.get("/api/slow").status_code == 503
    assert api.get("/api/timelines/home").status_code == 200
