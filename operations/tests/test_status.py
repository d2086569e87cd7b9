"""`/status` and `/api/status`: right, and there, whatever is away."""

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

pytestmark = pytest.mark.django_db(transaction=True)  # asked over connections of its own
PARTS = [("web", "one"), ("relay", "one"), ("scheduler", "one")]
WORKERS = [("worker", "fanout@one"), ("worker", "background@one")]
BEATING = ["relay", "worker-fanout", "worker-background", "scheduler"]
WHAT_IS_ASKED = ["web", "database", "timelines", "queue"]


@pytest.fixture(autouse=True)
def _look_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With more patience than a person has: this machine may have much to do."""
    for module in (status, status_page):
        monkeypatch.setattr(module, "PATIENCE", 2.0)
    status_cache.forget()
    yield
    status_cache.forget()


@pytest.fixture
def everybody() -> None:
    """All parts have just been seen."""
    for part, instance in (*PARTS, *WORKERS):
        heartbeat.record(part, instance)


def falls_silent(instance: str, seconds: int = 10) -> None:
    """Nobody has heard of these for so long."""
    Heartbeat.objects.filter(instance=instance).update(seen_at=Now() - timedelta(seconds=seconds))


def ages(seconds: float) -> None:
    """All events were published earlier than they were."""
    Event.objects.update(created_at=F("created_at") - timedelta(seconds=seconds))


def asked() -> dict[str, Any]:
    """What the API says now."""
    status_cache.forget()
    answer = Client().get("/api/status")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def states(found: dict[str, Any] | None = None) -> dict[str, str]:
    return {part["name"]: part["state"] for part in (found or asked())["parts"]}


def seen(client: Client | None = None) -> str:
    """The page as it is now."""
    status_cache.forget()
    answer = (client or Client()).get("/status")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return page(answer)


# --- Well ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("everybody")
def test_all_is_well() -> None:
    found = asked()
    assert found["status"] == "well"
    assert states(found) == dict.fromkeys([*WHAT_IS_ASKED, *BEATING], "up")
    assert found["posts"] == {"state": "on_time", "oldest_seconds": 0.0}
    assert found["herd"] is None
    shown = seen()
    assert "All is well" in shown
    assert shown.count("is-up") == 8
    assert "The herd" not in shown


def test_the_page_needs_no_script_and_no_style_of_its_own() -> None:
    assert code_in(seen()) == []


def test_htmx_gets_what_changes_and_no_page() -> None:
    shown = page(Client().get("/status", headers=HTMX))
    assert shown.startswith('<div class="status" id="status"')
    assert "<html" not in shown


def test_pages_lead_there() -> None:
    assert 'href="/status"' in page(Client().get("/"))
    assert 'href="/status"' in page(Client().get("/explore"))


@pytest.mark.parametrize("path", ["/status", "/api/status"])
def test_nothing_is_posted(path: str) -> None:
    assert Client().post(path).status_code == 405


# --- Silence -------------------------------------------------------------------------------------


def test_who_was_never_seen_is_away() -> None:
    found = asked()
    assert found["status"] == "unwell"
    assert states(found) == {
        **dict.fromkeys(WHAT_IS_ASKED, "up"),
        **dict.fromkeys(BEATING, "away"),
    }


@pytest.mark.usefixtures("everybody")
def test_who_has_been_silent_for_nine_seconds_is_away_and_nobody_else() -> None:
    falls_silent("fanout@one", 8)
    assert states()["worker-fanout"] == "up"
    falls_silent("fanout@one", 10)
    assert {name for name, state in states().items() if state != "up"} == {"worker-fanout"}
    assert "Something is wrong" in seen()


@pytest.mark.usefixtures("everybody")
def test_of_several_machines_one_is_silent() -> None:
    for part, instance in (("web", "two"), ("worker", "fanout@two")):
        heartbeat.record(part, instance)
    assert asked()["status"] == "well"
    for instance in ("two", "fanout@two"):
        falls_silent(instance)
    found = asked()
    assert found["status"] == "partly"
    assert {n for n, state in states(found).items() if state == "partly"} == {
        "web",
        "worker-fanout",
    }
    assert "Chirp works, with less than usual" in seen()
    for instance in ("two", "fanout@two"):
        falls_silent(instance, 700)
    assert asked()["status"] == "well", "they were taken away"


@pytest.mark.usefixtures("everybody")
def test_a_worker_that_is_gone_for_long_is_not_forgotten() -> None:
    falls_silent("background@one", 3000)
    assert states()["worker-background"] == "away"
    Heartbeat.objects.filter(instance="background@one").delete()
    assert states()["worker-background"] == "away"


def test_workers_with_names_of_their_own_are_shown_by_these() -> None:
    heartbeat.record("worker", "celery@a.secret.machine")
    assert "worker-celery" in states()
    assert "worker-fanout" not in states()
    assert "Workers: Celery" in seen()
    heartbeat.record("worker", "fanout@one")
    assert {"worker-celery", "worker-fanout", "worker-background"} <= set(states())


def test_real_processes_are_seen_and_missed(tmp_path: Path) -> None:
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


@pytest.mark.usefixtures("everybody")
def test_a_post_that_waits_is_late_after_ten_seconds(alice: User) -> None:
    post_tweet(author=alice, text="hello")
    ages(5)
    assert asked()["posts"]["state"] == "on_time"
    assert "has waited for 5 seconds" in seen()
    ages(190)
    found = asked()
    assert found["status"] == "unwell"
    assert found["posts"]["state"] == "late"
    assert 195 <= found["posts"]["oldest_seconds"] < 240
    assert "has waited for 3 minutes" in seen()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1.9, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (86_400 * 2.5, "2 days"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, words: str) -> None:
    assert status_wording.span(seconds) == words


# --- Without a part ------------------------------------------------------------------------------


@pytest.mark.usefixtures("everybody")
def test_without_postgres(alice: User) -> None:
    member = Client()
    member.force_login(alice)
    with without(embedded_servers().postgres):
        found = asked()
        shown = [seen(), seen(member)]
    assert found["status"] == "unwell"
    assert states(found) == {
        **dict.fromkeys(WHAT_IS_ASKED, "up"),
        "database": "away",
        **dict.fromkeys(BEATING, "unknown"),
    }
    assert found["posts"] == {"state": "unknown", "oldest_seconds": None}
    for one in shown:
        assert "Nothing can be read or posted until it is back." in one
        assert code_in(one) == []
    assert "Log in" not in shown[1], "nobody was signed out"
    assert states()["database"] == "up"
    assert "@alice" in seen(member)


@pytest.mark.usefixtures("everybody")
def test_a_postgres_that_hangs_holds_nobody_up(alice: User) -> None:
    member = Client()
    member.force_login(alice)
    assert "@alice" in seen(member)
    with frozen(embedded_servers().postgres):
        assert "Something is wrong" in seen(member)
        assert states()["database"] == "away"
    eventually(lambda: states()["database"] == "up")


@pytest.mark.usefixtures("everybody")
def test_who_asks_is_not_waited_for(alice: User) -> None:
    """Postgres hangs just after somebody looked, when all was well."""
    member = Client()
    member.force_login(alice)
    status_cache._until = float("inf")
    try:
        with frozen(embedded_servers().postgres):
            assert "Skip to content" in page(member.get("/status"))
    finally:
        status_cache.forget()


@pytest.mark.usefixtures("everybody")
def test_without_redis_and_the_broker() -> None:
    with without(embedded_servers().valkey):
        found, shown = asked(), seen()
    assert found["status"] == "unwell"
    assert {n for n, state in states(found).items() if state != "up"} == {"timelines", "queue"}
    assert "Home comes from the database meanwhile" in shown
    guarded.reset()
    assert asked()["status"] == "well"


@pytest.mark.usefixtures("everybody")
def test_a_redis_that_hangs_counts_as_away() -> None:
    with frozen(embedded_servers().valkey):
        assert {n for n, s in states().items() if s == "away"} == {"timelines", "queue"}
    guarded.reset()
    eventually(lambda: asked()["status"] == "well")


def test_without_anything() -> None:
    servers = embedded_servers()
    with without(servers.postgres), without(servers.valkey):
        assert {n for n, s in states().items() if s == "up"} == {"web"}
        assert "Something is wrong" in seen()


# --- The herd ------------------------------------------------------------------------------------


@pytest.fixture
def herd(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Herd]:
    """Two servers, of which the site knows."""
    settings.HERD = True
    with Herd(tmp_path, names=["Hill", "Gasol"], chirp="http://127.0.0.1:1") as herd:
        monkeypatch.setenv("HERD_SETTINGS", str(herd._file("Hill")))
        yield herd


def herd_states() -> dict[str, str]:
    return {server["name"]: server["state"] for server in asked()["herd"]}


@pytest.mark.usefixtures("everybody")
def test_a_server_that_dies_is_away_and_comes_back(herd: Herd) -> None:
    eventually(lambda: herd_states() == {"Hill": "up", "Gasol": "up"})
    assert asked()["status"] == "well"
    herd.kill("Gasol")
    assert herd_states() == {"Hill": "up", "Gasol": "away"}
    assert asked()["status"] == "unwell"
    shown = seen()
    assert "<strong>Gasol</strong>" in shown
    assert "The other servers do its work." in shown
    for ports in herd.ports.values():
        assert not any(str(port) in shown for port in ports.values())
    herd.start("Gasol")
    eventually(lambda: herd_states()["Gasol"] == "up")


def test_a_herd_whose_settings_cannot_be_read_is_unknown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.HERD = True
    monkeypatch.setenv("HERD_SETTINGS", str(tmp_path / "secret.toml"))
    assert herd_states() == {"herd": "unknown"}
    assert "secret.toml" not in seen()


# --- Who is told what ----------------------------------------------------------------------------


def test_staff_are_led_to_more(alice: User, bob: User, settings: Settings) -> None:
    settings.HERD = True
    shown = seen(browser(alice, superuser=True))
    for path in (
        "/admin/",
        "/admin/operations/live/",
        "/admin/outbox/event/",
        "/admin/operations/herd/",
    ):
        assert f'href="{path}"' in shown
    shown = seen(browser(bob, "outbox.view_event"))
    assert 'href="/admin/outbox/event/"' in shown
    assert "/admin/operations/live/" not in shown


def test_nobody_else_hears_of_the_admin(bob: User) -> None:
    member = Client()
    member.force_login(bob)
    for shown in (seen(), seen(member)):
        assert "/admin/" not in shown


@pytest.mark.usefixtures("everybody")
def test_nothing_is_told_but_names_and_states(settings: Settings) -> None:
    """No machine, no address, no error: also when all is away."""
    for part in ("web", "relay", "scheduler"):
        heartbeat.record(part, "a.secret.machine")
    heartbeat.record("worker", "fanout@a.secret.machine")
    settings.HERD = True
    told = [seen(), Client().get("/api/status").content.decode()]
    servers = embedded_servers()
    with without(servers.postgres), without(servers.valkey):
        told += [seen(), Client().get("/api/status").content.decode()]
    secrets = ["secret", "127.0.0.1", "localhost", str(settings.VAR_DIR), socket.gethostname()]
    secrets += ["postgres", "redis", "valkey", "refused", "Error", "@", "1276", "1278"]
    for said in told:
        assert [secret for secret in secrets if secret in said] == []


# --- What it costs -------------------------------------------------------------------------------


@pytest.mark.usefixtures("everybody")
def test_a_flood_of_visitors_is_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def looks() -> set[str]:
        """The moments of the looks that twenty visitors are told of."""
        status_cache.forget()
        return {Client().get("/api/status").json()["checked_at"] for _ in range(20)}

    monkeypatch.setattr(status, "LOOK_SECONDS", 1000.0)
    (moment,) = looks()
    assert moment[11:19] in page(Client().get("/status"))
    monkeypatch.setattr(status, "LOOK_SECONDS", 0.0)
    assert len(looks()) > 1


@pytest.mark.usefixtures("everybody")
def test_who_comes_while_somebody_looks_waits_for_that_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "LOOK_SECONDS", 1000.0)
    status_cache.forget()
    start = Barrier(8)

    def visit(_: int) -> int:
        start.wait()
        return id(status_cache.status())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(visit, range(8)))) == 1


@pytest.mark.usefixtures("everybody")
def test_who_is_signed_out_costs_the_page_no_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LOOK_SECONDS", 1000.0)
    status_cache.forget()
    status_cache.status()
    with CaptureQueriesContext(connection) as captured:
        for path in ("/status", "/api/status"):
            assert Client().get(path).status_code == 200
    assert len(captured) == 0
