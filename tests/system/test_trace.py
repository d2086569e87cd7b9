"""The id of a request is logged by all of its work: in the web process, relay and worker."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from accounts.models import User
from conftest import PASSWORD
from operations import dashboard
from operations.models import Heartbeat
from outbox import services as outbox
from people import services as people
from tests.helpers.metrics import value
from tests.helpers.processes import wait_until
from tests.helpers.secret_logs import holds_no_secret, postgres_log
from tests.helpers.site import Site, running_site

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST_ID = "trace-of-one-post"
SEEN = {"web", "worker", "relay", "redis", "broker"}
NOT_RUN = {"Scheduler", "Streams"}  # running_site() does without them


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("LOG_FORMAT", "json")
    with running_site(tmp_path / "log") as running:
        yield running


def lines(site: Site, logger: str) -> list[dict[str, Any]]:
    """The log records of one logger for the request with REQUEST_ID."""
    found = []
    for line in site.log.read_text().splitlines():
        if line.startswith("{") and line.endswith("}"):
            record = json.loads(line)
            if record["logger"] == logger and record.get("request_id") == REQUEST_ID:
                found.append(record)
    return found


def of_the_fan_out(site: Site, logger: str, field: str) -> list[dict[str, Any]]:
    """The lines of a logger about the fan-out, not about the other consumers of the event."""
    return [line for line in lines(site, logger) if "timelines.fan_out" in line[field]]


@pytest.mark.slow
def test_one_request_id_is_in_the_logs_of_web_relay_and_worker(
    site: Site, alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    login = {"login": "alice", "password": PASSWORD}
    token = requests.post(f"{site.url}/api/auth/token", json=login, timeout=30).json()["access"]
    sent = value("chirp_tasks_sent_total", task="timelines.fan_out")
    posted = requests.post(
        f"{site.url}/api/tweets",
        json={"text": "hello"},
        headers={"Authorization": f"Bearer {token}", "X-Request-ID": REQUEST_ID},
        timeout=30,
    )
    assert posted.headers["X-Request-ID"] == REQUEST_ID
    tweet_id = int(posted.json()["id"])
    wait_until(lambda: outbox.owed() == 0, site.log)
    wait_until(lambda: of_the_fan_out(site, "celery.app.trace", "task") != [], site.log)

    (web,) = lines(site, "chirp.web")
    assert (web["message"], web["tweet_id"]) == ("POST /api/tweets 201", tweet_id)
    (relay,) = of_the_fan_out(site, "outbox.relaying", "message")
    assert (relay["message"], relay["tweet_id"]) == ("Sent timelines.fan_out.", tweet_id)
    (worker,) = of_the_fan_out(site, "celery.app.trace", "task")
    assert (worker["task"], worker["tweet_id"]) == ("timelines.fan_out", tweet_id)
    assert worker["event_id"] == relay["event_id"]
    assert " succeeded in " in worker["message"]
    for log in (site.log, postgres_log()):
        holds_no_secret(log, PASSWORD, alice.password, alice.email, token)

    # Heartbeats of all processes are recorded, and their metrics are in one place.
    wait_until(lambda: set(Heartbeat.objects.values_list("part", flat=True)) >= SEEN, site.log)
    wait_until(lambda: down() == NOT_RUN, site.log)  # on a busy machine, heartbeats may be late
    assert value("chirp_tasks_sent_total", task="timelines.fan_out") - sent == 1
    labels = {"task": "timelines.fan_out", "state": "success"}
    assert value("chirp_task_seconds_count", **labels) >= 1
    route = {"method": "POST", "route": "/api/tweets", "status": "201"}
    assert value("chirp_http_request_seconds_count", **route) >= 1


def down() -> set[str]:
    """The components of which an instance is not up."""
    return {each.name for each in dashboard.components() if not each.is_up}
