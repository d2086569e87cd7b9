"""The pulse of the processes, and the samples that one of them takes."""

import os
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as real
from django.db.models.functions import Now

from chirp.observability import metrics
from operations import gauges, heartbeat
from operations.models import Heartbeat, Sample
from runner import programs
from tests.helpers.faults import embedded_servers, without
from tests.helpers.processes import RELAY, WORKER, process, wait_until

AT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_part_has_one_row_however_often_it_is_seen() -> None:
    heartbeat.record("web", "one")
    Heartbeat.objects.update(seen_at=AT)
    for instance in ("one", "two", "one"):
        heartbeat.record("web", instance)
    assert Heartbeat.objects.count() == 2
    assert Heartbeat.objects.filter(seen_at__gt=Now() - timedelta(seconds=60)).count() == 2


def test_one_process_of_a_machine_speaks_and_another_one_after_its_death() -> None:
    first, second = heartbeat.HeartbeatJob("test", "here"), heartbeat.HeartbeatJob("test", "here")
    assert [first.may(), second.may(), first.may()] == [True, False, True]
    assert heartbeat.HeartbeatJob("test", "elsewhere").may()
    assert first._held is not None
    first._held.close()  # as the system does when a process dies
    assert second.may()


def test_a_process_that_hangs_keeps_the_lock_and_not_the_floor() -> None:
    first, second = heartbeat.HeartbeatJob("test", "hung"), heartbeat.HeartbeatJob("test", "hung")
    assert [first.may(), second.may()] == [True, False]
    path = Path(real.VAR_DIR) / "metrics" / "test-hung.lock"
    long_ago = path.stat().st_mtime - 60
    os.utime(path, (long_ago, long_ago))
    assert second.may()
    assert first.may()
    assert not second.may(), "it speaks again"


@pytest.mark.django_db(transaction=True)
def test_who_leaves_takes_its_word_back_and_nobody_else_s() -> None:
    one, two = heartbeat.HeartbeatJob("test", "one"), heartbeat.HeartbeatJob("test", "two")
    for each in (one, two):
        each.beat()
    assert Heartbeat.objects.count() == 2
    one.leave()
    one.beat()
    assert Heartbeat.objects.get().instance == "two"


@pytest.mark.django_db(transaction=True)
def test_who_did_not_speak_leaves_without_a_word() -> None:
    first, second = heartbeat.HeartbeatJob("test", "both"), heartbeat.HeartbeatJob("test", "both")
    assert [first.may(), second.may()] == [True, False]
    first.beat()
    second.leave()
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_postgres_one_may_leave_too() -> None:
    with without(embedded_servers().postgres):
        heartbeat.HeartbeatJob("test", "alone").leave()


@pytest.mark.django_db(transaction=True)
def test_processes_that_end_as_they_should_leave_no_beat(tmp_path: Path) -> None:
    log = tmp_path / "log"
    web = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0")
    schedule = str(tmp_path / "schedule")
    commands = [
        (*web, "chirp.wsgi:application"),
        WORKER,
        RELAY,
        tuple(programs.scheduler_command(schedule)),
    ]
    parts = {"web", "worker", "relay", "scheduler"}

    def beating() -> set[str]:
        return parts & set(Heartbeat.objects.values_list("part", flat=True))

    with ExitStack() as stack:
        started = [stack.enter_context(process(log, *command)) for command in commands]
        wait_until(lambda: beating() == parts, log)
        for one in started:
            one.terminate()
        for one in started:
            one.wait(60)
        assert beating() == set(), log.read_text()


@pytest.mark.django_db
def test_a_sample_holds_totals_and_gauges() -> None:
    metrics.breaker_openings.inc()
    heartbeat.sample(at=AT, instance="here")
    heartbeat.sample(at=AT, instance="there")
    heartbeat.sample(at=AT, instance="here")  # another process had the same thought
    assert sorted(Sample.objects.values_list("instance", flat=True)) == ["here", "there"]
    figures = Sample.objects.earliest("pk").figures
    assert figures["chirp_redis_breaker_openings_total"] >= 1
    assert figures["chirp_outbox_owed_events"] == 0
    assert figures["chirp_redis_memory_bytes"] > 0
    assert figures["chirp_queue_messages"] >= 0


@pytest.mark.django_db
def test_samples_are_kept_for_an_hour() -> None:
    for minutes in (0, 59, 61):
        heartbeat.sample(at=AT + timedelta(minutes=minutes), instance="here")
    kept = Sample.objects.order_by("at").values_list("at", flat=True)
    assert [(at - AT) / timedelta(minutes=1) for at in kept] == [59, 61]


@pytest.mark.django_db(transaction=True)
def test_servers_are_seen_while_they_answer_and_samples_taken_all_the_same() -> None:
    heartbeat.Sampler().beat()
    assert set(Heartbeat.objects.values_list("part", flat=True)) == {"redis", "broker"}
    Heartbeat.objects.all().delete()
    with without(embedded_servers().valkey):
        assert [probe() for probe in gauges.SERVERS.values()] == [None, None]
        heartbeat.Sampler().beat()
        heartbeat.sample(at=AT, instance="here")
    assert not Heartbeat.objects.exists()
    figures = Sample.objects.get(at=AT).figures
    assert "chirp_outbox_owed_events" in figures
    assert "chirp_redis_memory_bytes" not in figures
