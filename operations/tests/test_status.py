"""`/status` and `/api/status`: correct, and available during failures."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from chirp.redis.client import guarded
from operations import heartbeat, status
from operations.models import Heartbeat
from operations.status import status_cache
from outbox.models import Event
from tests.helpers.admin import browser
from tests.helpers.faults import embedded_servers, frozen, without
from tests.helpers.herd.processes import Herd, eventually
from tests.helpers.pages import HTMX, code_in, page
from tests.helpers.processes import RELAY, WORKER, kill, process, wait_until
from tweets.posting import post_tweet
from web.presenters import status_wording
from web.views import status as status_page

pytestmark = pytest.mark.django_db(transaction=True)  # the checks use connections of their own
PROCESSES = [("web", "one"), ("stream", "one"), ("relay", "one"), ("scheduler", "one")]
WORKERS = [("worker", "fanout@one"), ("worker", "background@one")]
WITH_HEARTBEAT = ["relay", "worker-fanout", "worker-background", "scheduler", "stream"]
QUERIED = ["web", "database", "timelines", "queue"]


@pytest.fixture(autouse=True)
def _new_status(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check anew in each test, with longer timeouts: the machine may be busy."""
    monkeypatch.setattr(status, "TIMEOUT", 2.0)
    monkeypatch.setattr(status_page, "PATIENCE", 2.0)
    status_cache.clear()
    yield
    status_cache.clear()


@pytest.fixture
def all_up() -> None:
    """Record a heartbeat for all processes."""
    for part, instance in (*PROCESSES, *WORKERS):
        heartbeat.record(part, instance)


def make_silent(instance: str, seconds: int = 10) -> None:
    """Move the last heartbeats of an instance into the past."""
    Heartbeat.objects.filter(instance=instance).update(seen_at=Now() - timedelta(seconds=seconds))


def age_events(seconds: float) -> None:
    """Move the creation of all events into the past."""
    Event.objects.update(created_at=F("created_at") - timedelta(seconds=seconds))


def api_status() -> dict[str, Any]:
    """The body of `/api/status`, after a new check."""
    status_cache.clear()
    answer = Client().get("/api/status")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def states(found: dict[str, Any] | None = None) -> dict[str, str]:
    return {part["name"]: part["state"] for part in (found or api_status())["parts"]}


def status_page_html(client: Client | None = None) -> str:
    """The HTML of `/status`, after a new check."""
    status_cache.clear()
    answer = (client or Client()).get("/status")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return page(answer)


# --- All up --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("all_up")
def test_all_components_are_up() -> None:
    found = api_status()
    assert found["status"] == "well"
    assert states(found) == dict.fromkeys([*QUERIED, *WITH_HEARTBEAT], "up")
    assert found["posts"] == {"state": "on_time", "oldest_seconds": 0.0}
    assert found["herd"] is None
    html = status_page_html()
    assert "All is well" in html
    assert html.count("is-up") == len([*QUERIED, *WITH_HEARTBEAT])
    assert "The herd" not in html


def test_the_page_has_no_inline_code() -> None:
    assert code_in(status_page_html()) == []


def test_htmx_gets_the_fragment_without_the_page() -> None:
    html = page(Client().get("/status", headers=HTMX))
    assert html.startswith('<div class="status" id="status"')
    assert "<html" not in html


def test_pages_link_to_it() -> None:
    assert 'href="/status"' in page(Client().get("/"))
    assert 'href="/status"' in page(Client().get("/explore"))


@pytest.mark.parametrize("path", ["/status", "/api/status"])
def test_post_is_not_allowed(path: str) -> None:
    assert Client().post(path).status_code == 405


# --- Silent processes ----------------------------------------------------------------------------


def test_a_process_that_was_never_seen_is_away() -> None:
    found = api_status()
    assert found["status"] == "unwell"
    assert states(found) == {
        **dict.fromkeys(QUERIED, "up"),
        **dict.fromkeys(WITH_HEARTBEAT, "away"),
    }


@pytest.mark.usefixtures("all_up")
def test_a_process_is_away_after_nine_silent_seconds() -> None:
    make_silent("fanout@one", 8)
    assert states()["worker-fanout"] == "up"
    make_silent("fanout@one", 10)
    assert {name for name, state in states().items() if state != "up"} == {"worker-fanout"}
    assert "Something is wrong" in status_page_html()


@pytest.mark.usefixtures("all_up")
def test_with_a_silent_machine_among_several_a_component_is_partly_up() -> None:
    for part, instance in (("web", "two"), ("worker", "fanout@two")):
        heartbeat.record(part, instance)
    assert api_status()["status"] == "well"
    for instance in ("two", "fanout@two"):
        make_silent(instance)
    found = api_status()
    assert found["status"] == "partly"
    assert {n for n, state in states(found).items() if state == "partly"} == {
        "web",
        "worker-fanout",
    }
    assert "It works, with less than usual" in status_page_html()
    for instance in ("two", "fanout@two"):
        make_silent(instance, 700)
    assert api_status()["status"] == "well", "the machines are assumed to be removed"


@pytest.mark.usefixtures("all_up")
def test_a_default_worker_is_listed_even_after_a_long_silence() -> None:
    make_silent("background@one", 3000)
    assert states()["worker-background"] == "away"
    Heartbeat.objects.filter(instance="background@one").delete()
    assert states()["worker-background"] == "away"


def test_workers_with_custom_names_replace_the_default_ones() -> None:
    heartbeat.record("worker", "celery@a.secret.machine")
    assert "worker-celery" in states()
    assert "worker-fanout" not in states()
    assert "Workers: Celery" in status_page_html()
    heartbeat.record("worker", "fanout@one")
    assert {"worker-celery", "worker-fanout", "worker-background"} <= set(states())


def test_real_processes_are_up_and_away_after_a_kill(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with process(log, *RELAY) as relay, process(log, *WORKER) as worker:
        wait_until(
            lambda: states().get("relay") == states().get("worker-celery") == "up",
            log,
        )
        kill(relay)
        kill(worker)
        wait_until(lambda: states()["relay"] == states()["worker-celery"] == "away", log)


# --- Posts ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("all_up")
def test_a_waiting_post_is_late_after_ten_seconds(alice: User) -> None:
    post_tweet(author=alice, text="hello")
    age_events(5)
    assert api_status()["posts"]["state"] == "on_time"
    assert "has waited for 5 seconds" in status_page_html()
    age_events(190)
    found = api_status()
    assert found["status"] == "unwell"
    assert found["posts"]["state"] == "late"
    assert 195 <= found["posts"]["oldest_seconds"] < 240
    assert "has waited for 3 minutes" in status_page_html()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.9, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (86_400 * 2.5, "2 days"),
    ],
)
def test_a_duration_is_shown_in_words(seconds: float, text: str) -> None:
    assert status_wording.span(seconds) == text


# --- Failures ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("all_up")
def test_without_postgres(alice: User) -> None:
    member = Client()
    member.force_login(alice)
    with without(embedded_servers().postgres):
        found = api_status()
        pages = [status_page_html(), status_page_html(member)]
    assert found["status"] == "unwell"
    assert states(found) == {
        **dict.fromkeys(QUERIED, "up"),
        "database": "away",
        **dict.fromkeys(WITH_HEARTBEAT, "unknown"),
    }
    assert found["posts"] == {"state": "unknown", "oldest_seconds": None}
    for html in pages:
        assert "Nothing can be read or posted until it is back." in html
        assert code_in(html) == []
    assert "Log in" not in pages[1], "the member is still signed in"
    assert states()["database"] == "up"
    assert "@alice" in status_page_html(member)


@pytest.mark.usefixtures("all_up")
def test_a_hanging_postgres_does_not_delay_the_page(alice: User) -> None:
    member = Client()
    member.force_login(alice)
    assert "@alice" in status_page_html(member)
    with frozen(embedded_servers().postgres):
        assert "Something is wrong" in status_page_html(member)
        assert states()["database"] == "away"
    eventually(lambda: states()["database"] == "up")


@pytest.mark.usefixtures("all_up")
def test_loading_the_viewer_does_not_delay_the_page(alice: User) -> None:
    """Postgres hangs after a status check that found all components up."""
    member = Client()
    member.force_login(alice)
    status_cache._expires = float("inf")
    try:
        with frozen(embedded_servers().postgres):
            assert "Skip to content" in page(member.get("/status"))
    finally:
        status_cache.clear()


@pytest.mark.usefixtures("all_up")
def test_without_redis_and_the_broker() -> None:
    with without(embedded_servers().valkey):
        found, html = api_status(), status_page_html()
    assert found["status"] == "unwell"
    assert {n for n, state in states(found).items() if state != "up"} == {"timelines", "queue"}
    assert "Home comes from the database meanwhile" in html
    guarded.reset()
    assert api_status()["status"] == "well"


@pytest.mark.usefixtures("all_up")
def test_a_hanging_redis_is_away() -> None:
    with frozen(embedded_servers().valkey):
        assert {n for n, s in states().items() if s == "away"} == {"timelines", "queue"}
    guarded.reset()
    eventually(lambda: api_status()["status"] == "well")


def test_without_postgres_redis_and_the_broker() -> None:
    servers = embedded_servers()
    with without(servers.postgres), without(servers.valkey):
        assert {n for n, s in states().items() if s == "up"} == {"web"}
        assert "Something is wrong" in status_page_html()


# --- Location servers ----------------------------------------------------------------------------


@pytest.fixture
def herd(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Herd]:
    """Two running location servers that the site is configured with."""
    settings.HERD = True
    with Herd(tmp_path, names=["Hill", "Gasol"], chirp="http://127.0.0.1:1") as herd:
        monkeypatch.setenv("HERD_SETTINGS", str(herd._file("Hill")))
        yield herd


def herd_states() -> dict[str, str]:
    return {server["name"]: server["state"] for server in api_status()["herd"]}


@pytest.mark.usefixtures("all_up")
def test_a_killed_server_is_away_until_it_restarts(herd: Herd) -> None:
    eventually(lambda: herd_states() == {"Hill": "up", "Gasol": "up"})
    assert api_status()["status"] == "well"
    herd.kill("Gasol")
    assert herd_states() == {"Hill": "up", "Gasol": "away"}
    assert api_status()["status"] == "unwell"
    html = status_page_html()
    assert "<strong>Gasol</strong>" in html
    assert "The other servers do its work." in html
    for ports in herd.ports.values():
        assert not any(str(port) in html for port in ports.values())
    herd.start("Gasol")
    eventually(lambda: herd_states()["Gasol"] == "up")


def test_with_unreadable_settings_the_herd_is_unknown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.HERD = True
    monkeypatch.setenv("HERD_SETTINGS", str(tmp_path / "secret.toml"))
    assert herd_states() == {"herd": "unknown"}
    assert "secret.toml" not in status_page_html()


# --- Permissions and privacy ---------------------------------------------------------------------


def test_staff_get_links_to_the_admin(alice: User, bob: User, settings: Settings) -> None:
    settings.HERD = True
    html = status_page_html(browser(alice, superuser=True))
    for path in (
        "/admin/",
        "/admin/operations/live/",
        "/admin/outbox/event/",
        "/admin/operations/herd/",
    ):
        assert f'href="{path}"' in html
    html = status_page_html(browser(bob, "outbox.view_event"))
    assert 'href="/admin/outbox/event/"' in html
    assert "/admin/operations/live/" not in html


def test_other_users_get_no_links_to_the_admin(bob: User) -> None:
    member = Client()
    member.force_login(bob)
    for html in (status_page_html(), status_page_html(member)):
        assert "/admin/" not in html


@pytest.mark.usefixtures("all_up")
def test_only_names_and_states_are_public(settings: Settings) -> None:
    """No machine names, addresses and errors appear, even if all servers are down."""
    for part in ("web", "relay", "scheduler"):
        heartbeat.record(part, "a.secret.machine")
    heartbeat.record("worker", "fanout@a.secret.machine")
    settings.HERD = True
    responses = [status_page_html(), Client().get("/api/status").content.decode()]
    servers = embedded_servers()
    with without(servers.postgres), without(servers.valkey):
        responses += [status_page_html(), Client().get("/api/status").content.decode()]
    secrets = ["secret", "127.0.0.1", "localhost", str(settings.VAR_DIR), socket.gethostname()]
    secrets += ["postgres", "redis", "valkey", "refused", "Error", "fanout@", "1276", "1278"]
    for response in responses:
        assert [secret for secret in secrets if secret in response] == []


# --- Cost ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("all_up")
def test_many_requests_share_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def checks() -> set[str]:
        """The times of the checks that twenty requests return."""
        status_cache.clear()
        return {Client().get("/api/status").json()["checked_at"] for _ in range(20)}

    monkeypatch.setattr(status, "CACHE_SECONDS", 1000.0)
    (checked_at,) = checks()
    assert checked_at[11:19] in page(Client().get("/status"))
    monkeypatch.setattr(status, "CACHE_SECONDS", 0.0)
    assert len(checks()) > 1


@pytest.mark.usefixtures("all_up")
def test_requests_during_a_check_wait_for_its_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "CACHE_SECONDS", 1000.0)
    status_cache.clear()
    start = Barrier(8)

    def visit(_: int) -> int:
        start.wait()
        return id(status_cache.status())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(visit, range(8)))) == 1


@pytest.mark.usefixtures("all_up")
def test_an_anonymous_request_takes_no_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "CACHE_SECONDS", 1000.0)
    status_cache.clear()
    status_cache.status()
    with CaptureQueriesContext(connection) as captured:
        for path in ("/status", "/api/status"):
            assert Client().get(path).status_code == 200
    assert len(captured) == 0
