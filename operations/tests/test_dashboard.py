"""The live page of the admin: who sees it, and what it shows, whatever is away."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
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
def desk(alice: User) -> Client:
    """Where an operator sits."""
    return browser(alice, "operations.view_sample")


@pytest.fixture
def now() -> datetime:
    """The last full ten seconds."""
    seconds = timezone.now().timestamp() // 10 * 10
    return datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone())


def sample(at: datetime, figures: dict[str, float], instance: str = "one") -> None:
    Sample.objects.create(at=at, instance=instance, figures=figures)


def panel(title: str, now: datetime) -> Panel:
    return next(one for one in dashboard.panels(now=now) if one.figure.title == title)


# --- Who -----------------------------------------------------------------------------------------


def test_it_is_for_staff_with_the_permission(client: Client, alice: User, bob: User) -> None:
    assert client.get(LIVE, follow=True).redirect_chain[-1][0] == f"/login?next={LIVE}"
    client.force_login(alice)
    assert client.get(LIVE, follow=True).status_code == 404, "nobody else knows of an admin"
    assert browser(bob).get(LIVE).status_code == 403
    assert browser(bob, "operations.view_sample").get(LIVE).status_code == 200


def test_htmx_gets_the_figures_for_nobody_else_either(client: Client, bob: User) -> None:
    assert client.get(LIVE, headers=HTMX).status_code == 302
    assert browser(bob).get(LIVE, headers=HTMX).status_code == 403


def test_the_admin_leads_there_whoever_may_go(desk: Client, bob: User) -> None:
    assert LIVE in page(desk.get("/admin/"))
    assert LIVE not in page(browser(bob, "accounts.view_user").get("/admin/"))


def test_nothing_is_posted(desk: Client) -> None:
    assert desk.post(LIVE).status_code == 405


# --- Parts ---------------------------------------------------------------------------------------


def parts() -> dict[tuple[str, str], tuple[bool, float | None]]:
    return {(part.name, part.instance): (part.well, part.age) for part in dashboard.parts()}


def test_a_part_that_was_never_seen_is_missing() -> None:
    assert parts()["Postgres", ""] == (True, 0)
    names = {name for name, _ in parts()}
    assert names == {"Postgres", "Web", "Worker", "Relay", "Scheduler", "Redis", "Broker"}
    assert parts()["Relay", ""] == (False, None)


def test_a_part_is_silent_within_ten_seconds() -> None:
    heartbeat.record("worker", "fanout@one")
    heartbeat.record("worker", "fanout@two")
    dead = Heartbeat.objects.get(instance="fanout@two")
    Heartbeat.objects.filter(pk=dead.pk).update(seen_at=dead.seen_at - timedelta(seconds=9))
    assert parts()["Worker", "fanout@one"][0]
    well, age = parts()["Worker", "fanout@two"]
    assert not well
    assert age is not None
    assert age >= 9


def test_a_machine_that_is_gone_for_long_is_forgotten_unless_it_was_the_last() -> None:
    for instance, minutes in (("old", 50), ("older", 55)):
        seen_at = timezone.now() - timedelta(minutes=minutes)
        Heartbeat.objects.create(part="web", instance=instance, seen_at=seen_at)
    assert [instance for name, instance in parts() if name == "Web"] == ["old"]
    heartbeat.record("web", "new")
    assert [instance for name, instance in parts() if name == "Web"] == ["new"]


def test_the_page_names_what_is_silent(desk: Client) -> None:
    heartbeat.record("relay", "one")
    assert "<strong>silent</strong>" not in page(desk.get(LIVE))
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=40))
    assert "<strong>silent</strong> for 4" in page(desk.get(LIVE))


# --- Figures -------------------------------------------------------------------------------------


def test_a_rate_is_the_difference_of_two_samples(now: datetime) -> None:
    sample(now - timedelta(seconds=10), {DELIVERIES: 100.0})
    sample(now, {DELIVERIES: 150.0})
    assert panel("Deliveries", now).chart.last == "5"


def test_the_rates_of_all_machines_are_added(now: datetime) -> None:
    for instance, total in (("one", 100.0), ("two", 3_000.0)):
        sample(now - timedelta(seconds=10), {DELIVERIES: total}, instance)
        sample(now, {DELIVERIES: total + 50}, instance)
    assert panel("Deliveries", now).chart.last == "10"


def test_a_machine_that_started_anew_counts_from_nothing(now: datetime) -> None:
    sample(now - timedelta(seconds=10), {DELIVERIES: 1_000.0})
    sample(now, {DELIVERIES: 20.0})
    assert panel("Deliveries", now).chart.last == "2"


def test_a_sample_that_is_missing_spreads_the_rate(now: datetime) -> None:
    sample(now - timedelta(seconds=30), {DELIVERIES: 0.0})
    sample(now, {DELIVERIES: 60.0})
    assert panel("Deliveries", now).chart.last == "2"


def test_the_hit_rate(now: datetime) -> None:
    sample(now - timedelta(seconds=20), {WARM: 0.0, COLD: 0.0})
    sample(now - timedelta(seconds=10), {WARM: 3.0, COLD: 1.0})
    assert panel("Hit rate", now).chart.last == "75.0 %"
    sample(now, {WARM: 3.0, COLD: 1.0})
    assert panel("Hit rate", now).chart.last == "75.0 %", "without a read there is no rate"


def test_lag_is_shown_and_alarms(now: datetime) -> None:
    sample(now, {"chirp_timeline_fan_out_lag_seconds": 0.25})
    assert panel("Fan-out lag", now).chart.last == "250 ms"
    assert not panel("Fan-out lag", now).chart.alarm
    sample(now, {"chirp_timeline_fan_out_lag_seconds": 130}, "two")
    assert panel("Fan-out lag", now).chart.last == "2 min"
    assert panel("Fan-out lag", now).chart.alarm


def test_figures_that_are_old_are_not_shown_as_new(desk: Client, now: datetime) -> None:
    sample(now - timedelta(minutes=5), {"chirp_outbox_owed_events": 77})
    chart = panel("Owed events", now).chart
    assert (chart.last, chart.peak) == ("", "77")
    assert "no figure" in page(desk.get(LIVE))


def test_all_figures_of_the_page_are_counted_somewhere() -> None:
    from chirp.observability.metrics import DECLARED

    heartbeat.sample(at=timezone.now(), instance="here")
    figures = Sample.objects.get().figures
    moment = dashboard.Moment(gauges=figures, rates=dict.fromkeys(figures, 1.0))
    for figure in dashboard.FIGURES:
        assert figure.value(moment) is not None, figure.title
    assert dashboard.READS in DECLARED


# --- The page ------------------------------------------------------------------------------------


def test_it_needs_no_script_and_no_style_of_its_own(desk: Client, now: datetime) -> None:
    sample(now, {"chirp_outbox_owed_events": 3})
    shown = page(desk.get(LIVE))
    assert code_in(shown) == []
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in shown
    assert f'hx-get="{LIVE}"' in shown


def test_htmx_gets_what_changes_and_no_page(desk: Client) -> None:
    shown = page(desk.get(LIVE, headers=HTMX))
    assert shown.startswith('<div class="live" id="live"')
    assert "<html" not in shown


def test_it_takes_as_many_queries_for_an_hour_on_two_machines(desk: Client, now: datetime) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(LIVE).status_code == 200
        return len(captured)

    few = queries()
    rows = [
        Sample(at=now - timedelta(seconds=10 * n), instance=instance, figures={DELIVERIES: 1.0})
        for n in range(360)
        for instance in ("one", "two")
    ]
    Sample.objects.bulk_create(rows)
    assert queries() == few


@pytest.mark.django_db(transaction=True)
def test_it_is_there_while_redis_is_away(desk: Client, now: datetime) -> None:
    sample(now, {"chirp_redis_memory_bytes": 1024 * 1024})
    Heartbeat.objects.create(part="redis", seen_at=now - timedelta(seconds=30))
    with without(embedded_servers().valkey):
        response: Any = desk.get(LIVE)
    assert response.status_code == 200
    assert "1.0\xa0MB" in page(response)
    assert parts()["Redis", ""][0] is False
