"""The live page of the admin: permissions, components and charts, also during failures."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chirp.version import VERSION
from operations import dashboard, heartbeat
from operations.dashboard import Panel
from operations.models import Heartbeat, Sample
from tests.helpers.admin import browser
from tests.helpers.faults import embedded_servers, without
from tests.helpers.pages import HTMX, code_in, page

pytestmark = pytest.mark.django_db
LIVE = "/admin/operations/live/"
DELIVERIES = "chirp_timeline_deliveries_total"
WARM, COLD = (f'chirp_timeline_reads_total{{state="{state}"}}' for state in ("warm", "cold"))


@pytest.fixture
def operator(alice: User) -> Client:
    """A client of an operator who may view samples."""
    return browser(alice, "operations.view_sample")


@pytest.fixture
def now() -> datetime:
    """The start of the current ten seconds, as samples have it."""
    seconds = timezone.now().timestamp() // 10 * 10
    return datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone())


def sample(at: datetime, figures: dict[str, float], instance: str = "one") -> None:
    Sample.objects.create(at=at, instance=instance, figures=figures)


def panel(title: str, now: datetime) -> Panel:
    return next(panel for panel in dashboard.panels(now=now) if panel.figure.title == title)


# --- Permissions ---------------------------------------------------------------------------------


def test_it_is_for_staff_with_the_permission(client: Client, alice: User, bob: User) -> None:
    assert client.get(LIVE, follow=True).redirect_chain[-1][0] == f"/login?next={LIVE}"
    client.force_login(alice)
    assert client.get(LIVE, follow=True).status_code == 404, "the admin is hidden from other users"
    assert browser(bob).get(LIVE).status_code == 403
    assert browser(bob, "operations.view_sample").get(LIVE).status_code == 200


def test_the_htmx_fragment_requires_the_same_permission(client: Client, bob: User) -> None:
    assert client.get(LIVE, headers=HTMX).status_code == 302
    assert browser(bob).get(LIVE, headers=HTMX).status_code == 403


def test_the_admin_index_links_to_it_for_users_with_the_permission(
    operator: Client, bob: User
) -> None:
    assert LIVE in page(operator.get("/admin/"))
    assert LIVE not in page(browser(bob, "accounts.view_user").get("/admin/"))


def test_post_is_not_allowed(operator: Client) -> None:
    assert operator.post(LIVE).status_code == 405


# --- Components ----------------------------------------------------------------------------------


def components() -> dict[tuple[str, str], tuple[bool, float | None]]:
    found = dashboard.components()
    return {(each.name, each.instance): (each.is_up, each.age) for each in found}


def test_a_component_that_was_never_seen_is_listed_as_down() -> None:
    assert components()["Postgres", ""] == (True, 0)
    names = {name for name, _ in components()}
    assert names == {
        *("Postgres", "Web", "Worker", "Relay", "Scheduler", "Redis", "Broker", "Streams")
    }
    assert components()["Relay", ""] == (False, None)


def test_a_silent_process_is_down_within_ten_seconds() -> None:
    heartbeat.record("worker", "fanout@one")
    heartbeat.record("worker", "fanout@two")
    silent = Heartbeat.objects.get(instance="fanout@two")
    Heartbeat.objects.filter(pk=silent.pk).update(seen_at=silent.seen_at - timedelta(seconds=9))
    assert components()["Worker", "fanout@one"][0]
    is_up, age = components()["Worker", "fanout@two"]
    assert not is_up
    assert age is not None
    assert age >= 9


def test_a_removed_instance_is_left_out_unless_it_was_the_last() -> None:
    for instance, minutes in (("old", 50), ("older", 55)):
        seen_at = timezone.now() - timedelta(minutes=minutes)
        Heartbeat.objects.create(part="web", instance=instance, seen_at=seen_at)
    assert [instance for name, instance in components() if name == "Web"] == ["old"]
    heartbeat.record("web", "new")
    assert [instance for name, instance in components() if name == "Web"] == ["new"]


def test_the_page_lists_instances_and_marks_silent_ones(operator: Client) -> None:
    heartbeat.record("relay", "one")
    body = page(operator.get(LIVE))
    assert "Relay <small>one</small>" in body
    assert "<strong>silent</strong>" not in body
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=40))
    assert "<strong>silent</strong> for 4" in page(operator.get(LIVE))


def test_the_page_tells_the_version_and_start_of_each_process(operator: Client) -> None:
    since = datetime(2026, 11, 24, 18, 5, tzinfo=UTC)
    heartbeat.record("redis")
    heartbeat.record("relay", "one", since=since)
    body = page(operator.get(LIVE))
    assert f"version {VERSION}, since" in body
    assert "24 Nov 18:05" in body
    assert body.count("live-since") == 1
    later = since + timedelta(hours=1)  # it was started again
    heartbeat.record("relay", "one", since=later)
    assert "24 Nov 19:05" in page(operator.get(LIVE))


# --- Charts --------------------------------------------------------------------------------------


def test_a_rate_is_the_difference_of_two_samples(now: datetime) -> None:
    sample(now - timedelta(seconds=10), {DELIVERIES: 100.0})
    sample(now, {DELIVERIES: 150.0})
    assert panel("Deliveries", now).chart.last == "5"


def test_the_rates_of_all_machines_are_added(now: datetime) -> None:
    for instance, total in (("one", 100.0), ("two", 3_000.0)):
        sample(now - timedelta(seconds=10), {DELIVERIES: total}, instance)
        sample(now, {DELIVERIES: total + 50}, instance)
    assert panel("Deliveries", now).chart.last == "10"


def test_after_a_restart_totals_count_from_zero(now: datetime) -> None:
    sample(now - timedelta(seconds=10), {DELIVERIES: 1_000.0})
    sample(now, {DELIVERIES: 20.0})
    assert panel("Deliveries", now).chart.last == "2"


def test_a_missing_sample_spreads_the_rate(now: datetime) -> None:
    sample(now - timedelta(seconds=30), {DELIVERIES: 0.0})
    sample(now, {DELIVERIES: 60.0})
    assert panel("Deliveries", now).chart.last == "2"


def test_the_hit_rate_is_the_percentage_of_warm_reads(now: datetime) -> None:
    sample(now - timedelta(seconds=20), {WARM: 0.0, COLD: 0.0})
    sample(now - timedelta(seconds=10), {WARM: 3.0, COLD: 1.0})
    assert panel("Hit rate", now).chart.last == "75.0 %"
    sample(now, {WARM: 3.0, COLD: 1.0})
    assert panel("Hit rate", now).chart.last == "75.0 %", "without a read there is no rate"


def test_a_high_lag_raises_an_alarm(now: datetime) -> None:
    sample(now, {"chirp_timeline_fan_out_lag_seconds": 0.25})
    assert panel("Fan-out lag", now).chart.last == "250 ms"
    assert not panel("Fan-out lag", now).chart.alarm
    sample(now, {"chirp_timeline_fan_out_lag_seconds": 130}, "two")
    assert panel("Fan-out lag", now).chart.last == "2 min"
    assert panel("Fan-out lag", now).chart.alarm


def test_an_old_value_is_not_shown_as_the_current_one(operator: Client, now: datetime) -> None:
    sample(now - timedelta(minutes=5), {"chirp_outbox_owed_events": 77})
    chart = panel("Unfinished events", now).chart
    assert (chart.last, chart.peak) == ("", "77")
    assert "no data" in page(operator.get(LIVE))


def test_each_chart_has_a_declared_metric() -> None:
    from chirp.observability.metrics import DECLARED

    heartbeat.sample(at=timezone.now(), instance="here")
    figures = Sample.objects.get().figures
    moment = dashboard.Moment(gauges=figures, rates=dict.fromkeys(figures, 1.0))
    for figure in dashboard.FIGURES:
        assert figure.value(moment) is not None, figure.title
    assert dashboard.READS in DECLARED


# --- The page ------------------------------------------------------------------------------------


def test_it_has_no_inline_code_and_refreshes_without_scripts(
    operator: Client, now: datetime
) -> None:
    sample(now, {"chirp_outbox_owed_events": 3})
    body = page(operator.get(LIVE))
    assert code_in(body) == []
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in body
    assert f'hx-get="{LIVE}"' in body


def test_htmx_gets_the_fragment_without_the_page(operator: Client) -> None:
    body = page(operator.get(LIVE, headers=HTMX))
    assert body.startswith('<div class="live" id="live"')
    assert "<html" not in body


def test_it_takes_as_many_queries_for_many_samples(operator: Client, now: datetime) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert operator.get(LIVE).status_code == 200
        return len(captured)

    without_samples = queries()
    rows = [
        Sample(at=now - timedelta(seconds=10 * n), instance=instance, figures={DELIVERIES: 1.0})
        for n in range(360)
        for instance in ("one", "two")
    ]
    Sample.objects.bulk_create(rows)
    assert queries() == without_samples


@pytest.mark.django_db(transaction=True)
def test_it_works_while_redis_is_down(operator: Client, now: datetime) -> None:
    sample(now, {"chirp_redis_memory_bytes": 1024 * 1024})
    Heartbeat.objects.create(part="redis", seen_at=now - timedelta(seconds=30))
    with without(embedded_servers().valkey):
        response: Any = operator.get(LIVE)
    assert response.status_code == 200
    assert "1.0\xa0MB" in page(response)
    assert components()["Redis", ""][0] is False
