"""`manage.py relay`: the process that sends outbox events to the broker."""

import logging
import signal
import time
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, close_old_connections, connection

from chirp import gc_tuning
from chirp.observability.lifecycle import part_started, process_started
from chirp.redis import live_log
from outbox import relaying, services
from outbox.gathering import Gathering
from outbox.scheduling import SchedulerThread

log = logging.getLogger(__name__)
FAILURE_PAUSE_SECONDS = 1.0
POOLED_SWEEP_SECONDS = 0.1


class Command(BaseCommand):
    """Relay events until SIGTERM or SIGINT. Any number of relays may run at the same time."""

    help = "Sends the events of the outbox to the workers as soon as they are committed."
    requires_system_checks = []  # the web runs none either, and it starts sooner
    stopping = False
    scheduler: SchedulerThread | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--sweep",
            type=float,
            default=1.0,
            metavar="SECONDS",
            help="look for due events at least this often (default: 1)",
        )
        parser.add_argument(
            "--once", action="store_true", help="relay the events that are due now, and exit"
        )
        parser.add_argument(
            "--schedule",
            metavar="FILE",
            help="be the scheduler as well, which keeps in FILE when it sent each periodic task",
        )

    def handle(
        self, *args: Any, sweep: float, once: bool, schedule: str | None, **options: Any
    ) -> None:
        """Alternate between relaying and waiting for a nudge."""
        self.gathering = Gathering()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if not once:
            gc_tuning.settle()
            process_started.send(sender=type(self), part="relay")
            self._start_scheduler(schedule)
        while not self.stopping and self._is_whole():
            try:
                self._relay_all()
                self.gathering.send_due(all_=once)
                if once:
                    return
                self._wait(min(sweep, self.gathering.seconds_left()))
            except Exception as error:  # the broker or Postgres is unreachable: keep trying
                if once:
                    raise
                # kombu's errors are without a text where their cause is.
                log.warning(
                    "Relaying failed, trying again: %s", str(error) or repr(error.__cause__)
                )
                close_old_connections()
                time.sleep(FAILURE_PAUSE_SECONDS)
        self._send_gathered()
        self._end_scheduler()

    def _start_scheduler(self, schedule: str | None) -> None:
        if schedule is not None:
            self.scheduler = SchedulerThread(schedule)
            self.scheduler.start()
            part_started.send(sender=type(self), part="scheduler")

    def _send_gathered(self) -> None:
        try:
            self.gathering.send_due(all_=True)
        except Exception as error:
            log.warning("What was gathered is sent when its leases end: %s", error)

    def _is_whole(self) -> bool:
        return self.scheduler is None or self.scheduler.is_alive()

    def _end_scheduler(self) -> None:
        if not self._is_whole():
            raise CommandError("The scheduler has ended.")  # both are started again
        if self.scheduler is not None:
            self.scheduler.stop()

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _relay_all(self) -> None:
        # A batch that is not full was the last one: each later commit sends a nudge.
        while not self.stopping and self._relay() == relaying.RELAY_BATCH:
            pass

    def _relay(self) -> int:
        return relaying.relay(to=self.gathering.take, tell=live_log.append)

    def _wait(self, seconds: float) -> None:
        """Sleep until a nudge arrives, or for the sweep interval of `seconds`."""
        if settings.DATABASE_POOLER == "transaction":  # which lends no connection to listen on
            time.sleep(min(seconds, POOLED_SWEEP_SECONDS))
            return
        connection.ensure_connection()
        listener: psycopg.Connection[Any] = connection.connection
        if getattr(self, "listening_on", None) is not listener:
            with connection.cursor() as cursor:
                # If a crash of Postgres loses a lease, the event is only sent once more.
                cursor.execute("SET synchronous_commit TO off")
                cursor.execute(f"LISTEN {services.CHANNEL}")
            self.listening_on = listener
            return  # sweep once more, for events that were committed before LISTEN took effect
        try:
            for _ in listener.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.OperationalError as error:
            connection.close()
            raise OperationalError(str(error)) from error
