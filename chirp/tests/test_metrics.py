"""Metrics for Prometheus: access to them, what is counted, and sums over all processes."""

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

METRICS_DIR = Path(real.VAR_DIR) / "metrics"
TOKEN = "a long secret of the operators"
COUNT = """
import django; django.setup()
from chirp.observability.metrics import breaker_openings
breaker_openings.inc(3)
"""


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Gauges query Postgres."""


# --- Access --------------------------------------------------------------------------------------


def test_a_program_on_the_same_machine_has_access(client: Client) -> None:
    response = client.get("/metrics", REMOTE_ADDR="127.0.0.1")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"chirp_outbox_owed_events 0.0" in response.content


@pytest.mark.parametrize(
    "headers",
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
def test_without_a_token_set_others_have_no_access(client: Client, headers: dict[str, str]) -> None:
    assert client.get("/metrics", **headers).status_code == 404  # type: ignore[arg-type]


@pytest.mark.parametrize(("setting", "on"), [("TRUSTED_PROXIES", 1), ("HTTPS", True)])
def test_behind_a_proxy_without_headers_access_needs_a_token(
    client: Client, settings: Settings, setting: str, on: object
) -> None:
    setattr(settings, setting, on)
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer a", f"Basic {TOKEN}", TOKEN, "Bearer ü"])
def test_with_a_token_set_access_needs_it(client: Client, settings: Settings, given: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = client.get("/metrics", REMOTE_ADDR="127.0.0.1", HTTP_AUTHORIZATION=given)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert b"chirp_" not in response.content


def test_with_the_token_any_machine_has_access(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN, settings.TRUSTED_PROXIES = TOKEN, 1
    settings.SECURE_SSL_REDIRECT = True
    headers = {"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
    assert client.get("/metrics", **headers).status_code == 200  # type: ignore[arg-type]


def test_prometheus_asks_a_machine_by_its_address(client: Client, settings: Settings) -> None:
    """Where there is no token, another name may lead a browser of this machine to itself."""
    settings.ALLOWED_HOSTS = ["chirp.example"]
    asked = {"host": "10.0.0.7:8000", "authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=asked, REMOTE_ADDR="127.0.0.1").status_code == 400
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers=asked).status_code == 200
    assert client.get("/metrics", headers=asked | {"authorization": ""}).status_code == 401


def test_posting_is_not_allowed(client: Client) -> None:
    assert client.post("/metrics").status_code == 405


@pytest.fixture
def server_url(settings: Settings) -> Iterator[str]:
    """The URL of a worker's own metrics server."""
    server = metrics_server.start(port=0)
    assert server is not None
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_workers_serve_metrics_on_their_own_port(server_url: str, settings: Settings) -> None:
    assert "chirp_outbox_owed_events" in requests.get(f"{server_url}/metrics", timeout=9).text
    assert requests.get(server_url, timeout=9).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert requests.get(f"{server_url}/metrics", timeout=9).status_code == 401
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert requests.get(f"{server_url}/metrics", headers=headers, timeout=9).status_code == 200


def test_a_taken_port_raises_nothing(server_url: str) -> None:
    assert metrics_server.start(port=int(server_url.rpartition(":")[2])) is None


# --- What is counted -----------------------------------------------------------------------------


def requests_of(route: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": status}
    return value("chirp_http_request_seconds_count", **labels)


def test_requests_are_counted_by_route_instead_of_url(client: Client) -> None:
    before = requests_of("/api/users/<str:handle>", "404")
    for handle in ("nobody", "noone"):
        assert client.get(f"/api/users/{handle}").status_code == 404
    assert requests_of("/api/users/<str:handle>", "404") - before == 2
    assert b"noone" not in metrics.exposition()


def test_unknown_methods_and_paths_add_no_labels(client: Client) -> None:
    before = requests_of("none", "404", "other")
    for number in range(3):
        client.generic(f"BREW{number}", f"/no/such/page/{number}")
    assert requests_of("none", "404", "other") - before == 3


def test_the_queries_of_a_request_are_counted(client: Client) -> None:
    def recorded() -> tuple[float, float]:
        name = "chirp_http_request_queries"
        return value(f"{name}_count", route="/readyz"), value(f"{name}_sum", route="/readyz")

    count, queries = recorded()
    client.get("/readyz")
    assert recorded() == (count + 1, queries + 1)


def test_failures_of_all_routes_are_counted_from_zero(client: Client, tmp_path: Path) -> None:
    before = value("chirp_http_requests_failed_total")
    client.get("/nothing")
    assert value("chirp_http_requests_failed_total") == before
    metrics.saw_request(method="GET", route="/x", status=503, seconds=0.1, queries=0)
    assert value("chirp_http_requests_failed_total") == before + 1
    script = "import django; django.setup()\nfrom chirp.observability import metrics\n"
    script += "print(metrics.exposition().decode())"
    fresh = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "VAR_DIR": str(tmp_path)},
        cwd=real.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "chirp_http_requests_failed_total 0.0" in fresh
    assert 'chirp_timeline_fallback_reads_total{reason="redis_away"} 0.0' in fresh


def test_a_failed_request_is_counted_too() -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=500)

    before = requests_of("none", "500")
    RequestMiddleware(broken)(RequestFactory().get("/"))
    assert requests_of("none", "500") - before == 1


def test_an_unavailable_redis_is_counted_once_per_second() -> None:
    before = value("chirp_redis_breaker_openings_total")
    with without(embedded_servers().valkey):
        for _ in range(3):
            with pytest.raises(RedisAway), guarded():
                client().ping()
    assert value("chirp_redis_breaker_openings_total") - before == 1


# --- Sums over all processes ---------------------------------------------------------------------


def count_in_other_processes(processes: int) -> set[str]:
    """Let other processes count 3 each and end. Returns their process ids."""
    command = [sys.executable, "-c", COUNT]
    started = [subprocess.Popen(command, cwd=real.BASE_DIR) for _ in range(processes)]
    assert [process.wait() for process in started] == [0] * processes
    return {str(process.pid) for process in started}


def test_counts_of_ended_processes_stay_and_their_files_are_removed() -> None:
    before = value("chirp_redis_breaker_openings_total")
    pids = count_in_other_processes(2)
    for _ in range(2):
        assert value("chirp_redis_breaker_openings_total") - before == 6
    files = {path.stem.rpartition("_")[2] for path in METRICS_DIR.glob("*.db")}
    assert not files & pids


def test_files_of_running_processes_are_kept() -> None:
    metrics.breaker_openings.inc()
    metric_files.fold(METRICS_DIR)
    assert (METRICS_DIR / f"counter_{os.getpid()}.db").exists()
    assert psutil.pid_exists(os.getpid())


def test_without_a_writable_directory_a_process_reports_its_own_metrics(
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


def test_a_new_run_starts_at_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics_dir.VARIABLE, "")
    directory = metrics_dir.choose(tmp_path)
    assert directory is not None
    assert not directory.exists()  # choosing it creates nothing
    directory.mkdir()
    (directory / "counter_1.db").touch()
    metrics_dir.clear(tmp_path)
    assert not directory.exists()


@pytest.mark.django_db(transaction=True)
def test_without_postgres_all_but_its_gauges_are_reported(client: Client) -> None:
    with without(embedded_servers().postgres):
        text = client.get("/metrics").content.decode()
    assert "chirp_http_request_seconds" in text
    assert "chirp_outbox_owed_events" not in text
