"""`manage.py relay`: the process that takes events from the outbox to the broker."""

import logging
import signal
import time
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections, connection

from chirp import gc_tuning
from chirp.observability.lifecycle import process_started
from outbox import services

log = logging.getLogger(__name__)
FAILURE_PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    """Relay until told to stop (SIGTERM or Ctrl-C). Any number of relays may run."""

    help = "Sends the outbox's events to the workers, as soon as they are committed."
    stopping = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--sweep",
            type=float,
            default=1.0,
            metavar="SECONDS",
            help="look for due events at least this often (default: 1)",
        )
        parser.add_argument("--once", action="store_true", help="relay what is due now, and stop")

    def handle(self, *args: Any, sweep: float, once: bool, **options: Any) -> None:
        """Alternate between relaying and waiting for a nudge."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if not once:
            gc_tuning.settle()
            process_started.send(sender=type(self), part="relay")
        while not self.stopping:
            try:
                self._relay_all()
                if once:
                    return
                self._wait(sweep)
            except Exception as error:  # the broker or Postgres is away: it will be back
                if once:
                    raise
                log.warning("Relaying failed, trying again: %s", error)
                close_old_connections()
                time.sleep(FAILURE_PAUSE_SECONDS)

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _relay_all(self) -> None:
        # Fewer than would fit were all there are: whoever commits another one nudges.
        while not self.stopping and services.relay() == services.RELAY_BATCH:
            pass

    def _wait(self, seconds: float) -> None:
        """Sleep until a nudge comes or the sweep is due."""
        connection.ensure_connection()
        listener: psycopg.Connection[Any] = connection.connection
        if getattr(self, "listening_on", None) is not listener:
            with connection.cursor() as cursor:
                # A lease that a crash of Postgres takes back is an event that is sent once more.
                cursor.execute("SET synchronous_commit TO off")
                cursor.execute(f"LISTEN {services.CHANNEL}")
            self.listening_on = listener
            return  # what was committed before we listened is found by one more sweep
        try:
            for _ in listener.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.OperationalError as error:
            connection.close()
            raise OperationalError(str(error)) from error
