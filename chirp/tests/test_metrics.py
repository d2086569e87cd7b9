"""Figures for Prometheus: what is counted, over all processes, and who may read it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from django.conf import settings as real
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from chirp.observability import metric_files, metrics, metrics_dir, metrics_server
from chirp.observability.request_middleware import RequestMiddleware
from chirp.redis.client import RedisAway, client, guarded
from tests.helpers.faults import embedded_servers, without
from tests.helpers.metrics import value

PLACE = Path(real.VAR_DIR) / "metrics"
TOKEN = "a long secret of the operators"
COUNT = """
import django; django.setup()
from chirp.observability.metrics import breaker_openings
breaker_openings.inc(3)
"""


@pytest.fixture(autouse=True)
def _gauges_may_ask(db: None) -> None:
    """They ask Postgres."""


# --- Who may read --------------------------------------------------------------------------------


def test_a_program_on_the_same_machine_may_read(client: Client) -> None:
    response = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"chirp_outbox_owed_events 0.0" in response.content


@pytest.mark.parametrize(
    "asked",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "10.0.0.1"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "::1", "HTTP_FORWARDED": "for=192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "192.0.2.7"},
    ],
)
def test_without_a_token_there_is_nothing_for_others(client: Client, asked: dict[str, str]) -> None:
    assert client.get("/metrics", **asked).status_code == 404  # type: ignore[arg-type]


@pytest.mark.parametrize(("setting", "on"), [("TRUSTED_PROXIES", 1), ("HTTPS", True)])
def test_behind_a_proxy_that_says_nothing_it_takes_a_token(
    client: Client, settings: Settings, setting: str, on: object
) -> None:
    setattr(settings, setting, on)
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer a", f"Basic {TOKEN}", TOKEN, "Bearer ü"])
def test_with_a_token_set_nobody_reads_without_it(
    client: Client, settings: Settings, given: str
) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = client.get("/metrics", REMOTE_ADDR="127.0.0.1", HTTP_AUTHORIZATION=given)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert b"chirp_" not in response.content


def test_with_the_token_prometheus_reads_from_anywhere(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN, settings.TRUSTED_PROXIES = TOKEN, 1
    settings.SECURE_SSL_REDIRECT = True
    asked = {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
    assert client.get("/metrics", **asked).status_code == 200  # type: ignore[arg-type]


def test_nothing_is_posted_there(client: Client) -> None:
    assert client.post("/metrics").status_code == 405


@pytest.fixture
def port(settings: Settings) -> Iterator[str]:
    """A worker's own `/metrics`: where it answers."""
    server = metrics_server.start(port=0)
    assert server is not None
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_workers_answer_on_a_port_of_their_own(port: str, settings: Settings) -> None:
    assert "chirp_outbox_owed_events" in requests.get(f"{port}/metrics", timeout=9).text
    assert requests.get(port, timeout=9).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert requests.get(f"{port}/metrics", timeout=9).status_code == 401
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert requests.get(f"{port}/metrics", headers=shown, timeout=9).status_code == 200


def test_a_port_that_is_taken_stops_nothing(port: str) -> None:
    assert metrics_server.start(port=int(port.rpartition(":")[2])) is None


# --- What is counted -----------------------------------------------------------------------------


def requests_of(route: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": status}
    return value("chirp_http_request_seconds_count", **labels)


def test_requests_are_counted_by_route_and_not_by_url(client: Client) -> None:
    before = requests_of("/api/users/<str:handle>", "404")
    for handle in ("nobody", "noone"):
        assert client.get(f"/api/users/{handle}").status_code == 404
    assert requests_of("/api/users/<str:handle>", "404") - before == 2
    assert b"noone" not in metrics.exposition()


def test_what_strangers_make_up_adds_no_labels(client: Client) -> None:
    before = requests_of("none", "404", "other")
    for number in range(3):
        client.generic(f"BREW{number}", f"/no/such/page/{number}")
    assert requests_of("none", "404", "other") - before == 3


def test_the_queries_of_a_request_are_counted(client: Client) -> None:
    def seen() -> tuple[float, float]:
        name = "chirp_http_request_queries"
        return value(f"{name}_count", route="/readyz"), value(f"{name}_sum", route="/readyz")

    count, queries = seen()
    client.get("/readyz")
    assert seen() == (count + 1, queries + 1)


def test_a_request_that_fails_is_counted_too() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=500)

    before = requests_of("none", "500")
    RequestMiddleware(broken)(RequestFactory().get("/"))
    assert requests_of("none", "500") - before == 1


def test_a_redis_that_is_away_is_counted_once_in_a_second() -> None:
    before = value("chirp_redis_breaker_openings_total")
    with without(embedded_servers().valkey):
        for _ in range(3):
            with pytest.raises(RedisAway), guarded():
                client().ping()
    assert value("chirp_redis_breaker_openings_total") - before == 1


# --- Of all processes ----------------------------------------------------------------------------


def elsewhere(processes: int) -> set[str]:
    """Other processes count 3 each, and end. Their numbers."""
    command = [sys.executable, "-c", COUNT]
    started = [subprocess.Popen(command, cwd=real.BASE_DIR) for _ in range(processes)]
    assert [process.wait() for process in started] == [0] * processes
    return {str(process.pid) for process in started}


def test_what_ended_processes_counted_stays_and_their_files_do_not() -> None:
    before = value("chirp_redis_breaker_openings_total")
    pids = elsewhere(2)
    for _ in range(2):
        assert value("chirp_redis_breaker_openings_total") - before == 6
    files = {path.stem.rpartition("_")[2] for path in PLACE.glob("*.db")}
    assert not files & pids


def test_files_of_processes_that_run_are_left_alone() -> None:
    metrics.breaker_openings.inc()
    metric_files.fold(PLACE)
    assert (PLACE / f"counter_{os.getpid()}.db").exists()
    assert psutil.pid_exists(os.getpid())


def test_where_nothing_can_be_written_a_process_knows_its_own_figures(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(metrics_dir.VARIABLE, "of an earlier run")
    file = tmp_path / "file"
    file.touch()
    assert metrics_dir.choose(file) is None
    assert metrics_dir.VARIABLE not in os.environ
    settings.METRICS_DIR = None
    assert metrics.totals()["chirp_redis_breaker_openings_total"] >= 0
    assert b"chirp_redis_breaker_openings_total" in metrics.exposition()


def test_a_new_run_begins_at_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics_dir.VARIABLE, "")
    place = metrics_dir.choose(tmp_path)
    assert place is not None
    assert not place.exists()  # naming it creates nothing
    place.mkdir()
    (place / "counter_1.db").touch()
    metrics_dir.clear(tmp_path)
    assert not place.exists()


@pytest.mark.django_db(transaction=True)
def test_without_postgres_the_rest_is_told(client: Client) -> None:
    with without(embedded_servers().postgres):
        text = client.get("/metrics").content.decode()
    assert "chirp_http_request_seconds" in text
    assert "chirp_outbox_owed_events" not in text
