"""Heartbeats of processes, and samples of their metrics."""

import os
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as real
from django.db import OperationalError, connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from chirp.observability import metrics
from chirp.version import VERSION
from operations import gauges, heartbeat
from operations.dashboard import SILENT_SECONDS
from operations.models import Heartbeat, Sample
from tests.helpers.faults import embedded_servers, without
from tests.helpers.processes import RELAY, WORKER, process, wait_until

AT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_other_processes() -> None:
    for path in (Path(real.VAR_DIR) / "metrics").glob("*.heartbeat"):
        path.unlink()


def recorder(own: heartbeat.HeartbeatJob | None = None) -> heartbeat.Recorder:
    """A recorder that has recorded nothing yet, in the process of this job or of another one."""
    return heartbeat.Recorder(own or heartbeat.HeartbeatJob("test", "other"))


def processes() -> set[str]:
    """The instances of this test that are recorded."""
    return set(Heartbeat.objects.filter(part="test").values_list("instance", flat=True))


@pytest.mark.django_db
def test_repeated_heartbeats_update_one_row() -> None:
    heartbeat.record("web", "one")
    Heartbeat.objects.update(seen_at=AT)
    for instance in ("one", "two", "one"):
        heartbeat.record("web", instance)
    assert Heartbeat.objects.count() == 2
    assert Heartbeat.objects.filter(seen_at__gt=Now() - timedelta(seconds=60)).count() == 2


def test_one_process_of_a_machine_is_active_until_it_dies() -> None:
    first, second = heartbeat.HeartbeatJob("test", "here"), heartbeat.HeartbeatJob("test", "here")
    assert [first.is_active(), second.is_active(), first.is_active()] == [True, False, True]
    assert heartbeat.HeartbeatJob("test", "elsewhere").is_active()
    assert first._lock_file is not None
    first._lock_file.close()  # as the operating system does when a process dies
    assert second.is_active()


def test_while_the_lock_holder_hangs_other_processes_are_active() -> None:
    first, second = heartbeat.HeartbeatJob("test", "hung"), heartbeat.HeartbeatJob("test", "hung")
    assert [first.is_active(), second.is_active()] == [True, False]
    path = Path(real.VAR_DIR) / "metrics" / "test-hung.lock"
    long_ago = path.stat().st_mtime - 60
    os.utime(path, (long_ago, long_ago))
    assert second.is_active()
    assert first.is_active()
    assert not second.is_active(), "the first process renewed its lock"


def test_web_processes_have_numbers_and_one_that_replaces_another_has_its_number() -> None:
    first, second, third = (heartbeat._numbered("test", lambda: 0.0) for _ in range(3))
    numbers = [job.instance.rpartition(" ")[2] for job in (first, second, third)]
    assert numbers == ["1", "2", "3"]
    assert second._lock_file is not None
    second._lock_file.close()  # as the operating system does when a process dies
    assert heartbeat._numbered("test", lambda: 0.0).instance == second.instance


@pytest.mark.django_db
def test_a_process_whose_loop_hangs_falls_silent_although_its_threads_run() -> None:
    idle = [0.0]
    job = heartbeat.HeartbeatJob("test", "busy", lambda: idle[0])
    for idle[0] in (4.0, 60.0):
        job.run_once()
        recorder(job).run_once()
        age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
        (row,) = Heartbeat.objects.filter(part="test").values_list(age)
        assert timedelta(seconds=4) <= row[0] < timedelta(seconds=SILENT_SECONDS)


@pytest.mark.django_db(transaction=True)
def test_a_stopping_process_removes_only_its_own_heartbeat() -> None:
    one, two = heartbeat.HeartbeatJob("test", "one"), heartbeat.HeartbeatJob("test", "two")
    for job in (one, two):
        job.run_once()
    recorder(one).run_once()
    assert processes() == {"one", "two"}
    one.leave()
    one.run_once()
    recorder(one).run_once()
    assert processes() == {"two"}


@pytest.mark.django_db(transaction=True)
def test_a_stopping_process_without_the_lock_removes_nothing() -> None:
    first, second = heartbeat.HeartbeatJob("test", "both"), heartbeat.HeartbeatJob("test", "both")
    assert [first.is_active(), second.is_active()] == [True, False]
    first.run_once()
    recorder(first).run_once()
    second.leave()
    assert processes() == {"both"}


@pytest.mark.django_db(transaction=True)
def test_the_row_of_a_process_that_stops_meanwhile_does_not_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = heartbeat.HeartbeatJob("test", "stopping")
    job.run_once()
    upsert = heartbeat._upsert

    def upsert_late(rows: list[Heartbeat]) -> None:
        assert job.path
        # As `leave` does in another process, which then removes no row.
        job.path.unlink(missing_ok=True)
        upsert(rows)

    monkeypatch.setattr(heartbeat, "_upsert", upsert_late)
    recorder(job).run_once()
    assert processes() == set()


@pytest.mark.django_db(transaction=True)
def test_one_process_records_what_the_others_have_touched() -> None:
    one, two = heartbeat.HeartbeatJob("test", "one"), heartbeat.HeartbeatJob("test", "two")
    recording = recorder(one)
    one.run_once()
    recording.run_once()
    two.run_once()
    recording.run_once()
    assert processes() == {"one", "two"}, "a process that begins is recorded at once"
    touched = Heartbeat.objects.get(instance="two")
    assert (touched.version, touched.since) == (VERSION, two.since)


@pytest.mark.django_db(transaction=True)
def test_a_process_that_no_longer_touches_its_file_is_as_old_as_that() -> None:
    job = heartbeat.HeartbeatJob("test", "hangs")
    job.run_once()
    path = job.path
    assert path
    age = ExpressionWrapper(Now() - F("seen_at"), output_field=DurationField())
    for seconds, wanted in ((0, 0), (5, 5), (20, 5)):
        os.utime(path, (time.time() - seconds,) * 2)
        recorder(job).run_once()
        (found,) = Heartbeat.objects.filter(instance="hangs").values_list(age, flat=True)
        assert wanted <= found.total_seconds() < wanted + 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("part", "keeps"), [("relay", True), ("stream", True), ("worker", False)])
def test_a_recorder_keeps_its_connection_unless_its_process_forks(part: str, keeps: bool) -> None:
    recorder(heartbeat.HeartbeatJob(part, "here")).turn()
    assert (connection.connection is not None) == keeps


@pytest.mark.django_db(transaction=True)
def test_a_recorder_goes_on_when_postgres_has_ended_its_connection() -> None:
    job = heartbeat.HeartbeatJob("test", "one")
    recording = recorder(job)
    job.turn()
    recording.turn()
    Heartbeat.objects.all().delete()
    with connection.cursor() as cursor, suppress(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    for _ in range(2):
        recording._recorded = float("-inf")
        recording.turn()
    assert processes() == {"one"}
    assert recording._lock_file
    recording._lock_file.close()  # the logged error would keep it open


def test_a_recorder_that_hangs_is_replaced_before_others_look_dead() -> None:
    waits = heartbeat.Recorder.hangs_seconds + heartbeat.TOUCH_SECONDS  # until another one notices
    assert heartbeat.TOUCH_SECONDS + waits < SILENT_SECONDS - 2 * heartbeat.TOUCH_SECONDS
    first, second = recorder(), recorder()
    assert [first.is_active(), second.is_active()] == [True, False]
    path = Path(real.VAR_DIR) / "metrics" / "recorder.lock"
    os.utime(path, (time.time() - heartbeat.Recorder.hangs_seconds - 0.1,) * 2)
    assert second.is_active()


@pytest.mark.django_db(transaction=True)
def test_a_process_without_a_directory_records_itself(settings: Any) -> None:
    settings.METRICS_DIR = None
    job = heartbeat.HeartbeatJob("test", "alone")
    job.run_once()
    recorder(job).run_once()
    assert processes() == {"alone"}
    job.leave()
    recorder(job).run_once()
    assert processes() == set()


@pytest.mark.django_db(transaction=True)
def test_a_process_can_stop_without_postgres() -> None:
    with without(embedded_servers().postgres):
        heartbeat.HeartbeatJob("test", "alone").leave()


SCHEDULER = ("-m", "celery", "-A", "chirp", "beat", "--schedule")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "relay_and_scheduler",
    [[RELAY, (*SCHEDULER, "{schedule}")], [(*RELAY, "--schedule", "{schedule}")]],
    ids=["two processes", "one process"],
)
def test_processes_that_stop_as_intended_leave_no_heartbeat(
    relay_and_scheduler: list[tuple[str, ...]], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    schedule = str(tmp_path / "schedule")
    gunicorn = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--workers", "2")
    web = (*gunicorn, "--bind", "127.0.0.1:0")
    commands = [(*web, "chirp.wsgi:application"), WORKER]
    for command in relay_and_scheduler:
        commands.append(tuple(word.format(schedule=schedule) for word in command))
    parts = {"web", "worker", "relay", "scheduler"}

    def present() -> set[str]:
        return parts & set(Heartbeat.objects.values_list("part", flat=True))

    with ExitStack() as stack:
        started = [stack.enter_context(process(log, *command)) for command in commands]
        wait_until(lambda: present() == parts, log)
        wait_until(lambda: Heartbeat.objects.filter(part="web").count() == 2, log)
        ages = Heartbeat.objects.filter(part__in=parts).values_list(F("seen_at") - F("since"))
        assert all(timedelta() < age < timedelta(minutes=5) for (age,) in ages), list(ages)
        for running in started:
            running.terminate()
        for running in started:
            running.wait(60)
        assert present() == set(), log.read_text()


@pytest.mark.django_db
def test_a_sample_holds_totals_and_gauges() -> None:
    metrics.breaker_openings.inc()
    heartbeat.sample(at=AT, instance="here")
    heartbeat.sample(at=AT, instance="there")
    heartbeat.sample(at=AT, instance="here")  # by another process, at the same time
    assert sorted(Sample.objects.values_list("instance", flat=True)) == ["here", "there"]
    figures = Sample.objects.earliest("pk").figures
    assert figures["chirp_redis_breaker_openings_total"] >= 1
    assert figures["chirp_outbox_owed_events"] == 0
    assert figures["chirp_redis_memory_bytes"] > 0
    assert figures["chirp_queue_messages"] >= 0


@pytest.mark.django_db
def test_samples_are_deleted_after_an_hour() -> None:
    for minutes in (0, 59, 61):
        heartbeat.sample(at=AT + timedelta(minutes=minutes), instance="here")
    kept = Sample.objects.order_by("at").values_list("at", flat=True)
    assert [(at - AT) / timedelta(minutes=1) for at in kept] == [59, 61]


@pytest.mark.django_db(transaction=True)
def test_servers_are_recorded_while_they_answer_and_samples_regardless() -> None:
    recorder().run_once()
    assert set(Heartbeat.objects.values_list("part", flat=True)) == {"redis", "broker"}
    Heartbeat.objects.all().delete()
    with without(embedded_servers().valkey):
        assert [gauge() for gauge in gauges.SERVERS.values()] == [None, None]
        recorder().run_once()
        heartbeat.sample(at=AT, instance="here")
    assert not Heartbeat.objects.exists()
    figures = Sample.objects.get(at=AT).figures
    assert "chirp_outbox_owed_events" in figures
    assert "chirp_redis_memory_bytes" not in figures
