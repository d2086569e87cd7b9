"""Traces: one POST is one trace, from the web through relay and workers to the last home."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.test import override_settings
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from chirp.observability import spans, traces
from conftest import PASSWORD
from outbox import services as outbox
from people import services as people
from tests.helpers.otlp import Collector, Spanned, collecting
from tests.helpers.ports import free_port
from tests.helpers.processes import RELAY, WORKER, process, wait_until
from tests.helpers.site import Site, running_site
from tests.helpers.stream_client import Listener, serving
from tests.helpers.timelines import held, read
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "a text that is in no span"
CHAIN = ["POST /api/tweets", "send timelines.fan_out", "timelines.fan_out", "timelines.push"]


@contextmanager
def exporting(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, log: Path, **more: str
) -> Iterator[Site]:
    """A site that exports its traces."""
    variables = {"OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100", **more}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with running_site(log) as site:
        yield site


def post(site: Site) -> requests.Response:
    login = {"login": "alice", "password": PASSWORD}
    token = requests.post(f"{site.url}/api/auth/token", json=login, timeout=30).json()["access"]
    headers = {
        "Authorization": f"Bearer {token}",
        # A client does not decide what is traced, and joins no trace.
        "traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    }
    body = {"text": TEXT}
    return requests.post(
        f"{site.url}/api/tweets?note=query", json=body, headers=headers, timeout=30
    )


def chain_to(collector: Collector, last: Spanned) -> list[str]:
    """The names of the spans from the root to this one."""
    by_id = {span.id: span for span in collector.spans}
    names = [last.name]
    while last.parent:
        last = by_id[last.parent]
        names.insert(0, last.name)
    return names


@pytest.mark.slow
def test_one_post_is_one_trace_to_the_last_push(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    log = tmp_path / "log"
    with collecting() as collector, exporting(monkeypatch, collector.url, log) as site:
        assert post(site).status_code == 201
        wait_until(lambda: outbox.owed() == 0, log)

        def arrived() -> bool:
            return {span.name for span in list(collector.spans)} >= set(CHAIN)

        wait_until(arrived, log)
    (root,) = collector.named("POST /api/tweets")
    pushes = [span for span in collector.below(root) if span.name == "timelines.push"]
    assert CHAIN in [chain_to(collector, push) for push in pushes]
    assert {span.trace for span in collector.named(*CHAIN)} == {root.trace}
    assert root.trace != "0123456789abcdef0123456789abcdef"
    services = {span.service for span in collector.below(root)}
    assert services == {"chirp-web", "chirp-relay", "chirp-worker"}
    (fan_out,) = collector.named("timelines.fan_out")
    assert max(push.ended for push in pushes) <= fan_out.ended
    statements = {span.name for span in collector.below(root)}
    assert {"INSERT tweets_tweet", "INSERT outbox_event"} <= statements
    says_nothing_of_people(collector, alice)


@pytest.mark.slow
def test_the_trace_of_a_post_reaches_the_clients_with_open_streams(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    log = tmp_path / "log"
    headers = {"Authorization": f"Bearer {tokens.issue(user=bob, now=timezone.now()).access}"}
    with (
        collecting() as collector,
        exporting(monkeypatch, collector.url, log) as site,
        serving(log) as port,
    ):
        client = Listener(port, headers)
        assert post(site).status_code == 201
        assert client.wait("home")["text"] == TEXT
        wait_until(lambda: bool(collector.named("streams.send")), log)
        wait_until(lambda: bool(collector.named("POST /api/tweets")), log)
        client.close()
    (root,), (sent,) = collector.named("POST /api/tweets"), collector.named("streams.send")
    assert chain_to(collector, sent) == [root.name, "streams.resolve", "streams.send"]
    assert (sent.service, sent.attributes) == ("chirp-stream", {"streams.connections": 1})
    resolved = [span for span in collector.below(root) if span.name == "streams.resolve"]
    statements = [span.parent for span in collector.spans if span.name == "SELECT tweets_tweet"]
    assert {span.id for span in resolved}.intersection(statements)
    for person in (alice, bob):
        says_nothing_of_people(collector, person)


def says_nothing_of_people(collector: Collector, user: User) -> None:
    for secret in (user.handle, user.email, PASSWORD, TEXT, "note=query", "Bearer"):
        assert secret.encode() not in collector.raw, secret


@pytest.mark.slow
def test_without_a_collector_posts_are_delivered_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    read(bob)  # warms it
    log, nowhere = tmp_path / "log", f"http://127.0.0.1:{free_port()}"
    with exporting(monkeypatch, nowhere, log) as site:
        for _ in range(5):
            assert post(site).status_code == 201
        wait_until(lambda: outbox.owed() == 0, log)
        assert len(held(bob)) == 5
    assert "Traceback" not in log.read_text()


@pytest.mark.slow
def test_a_worker_that_is_stopped_exports_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    log = tmp_path / "log"
    with collecting() as collector:
        monkeypatch.setenv("OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")
        with (
            override_settings(OTLP_ENDPOINT=collector.url),
            process(log, *RELAY),
            process(log, *WORKER) as worker,
        ):
            with traces.root("POST"):
                post_tweet(author=alice, text=TEXT)
            spans.provider().shutdown()
            spans.provider.cache_clear()
            wait_until(lambda: outbox.owed() == 0, log)
            worker.terminate()
            worker.wait(60)
    assert collector.named("timelines.fan_out")
