"""Celery's scheduler as a thread of the relay: `manage.py relay --schedule FILE`.

`celery beat` is the same as a process of its own.
"""

import logging
import threading

from celery import beat, current_app

log = logging.getLogger(__name__)
STOP_SECONDS = 2.0  # a broker that is away lets a scheduler wait without an end


class SchedulerThread(threading.Thread):
    """Sends periodic tasks when they are due, until it is stopped. It ends when it fails."""

    def __init__(self, file: str) -> None:
        super().__init__(name="scheduler", daemon=True)
        self._file = file
        self._stopped = threading.Event()

    def run(self) -> None:
        """Send what is due, and sleep until something is."""
        try:
            # Made here, because a file of SQLite belongs to the thread that opened it.
            scheduler = beat.PersistentScheduler(current_app, schedule_filename=self._file)
            try:
                while not self._stopped.wait(scheduler.tick()):
                    pass
            finally:
                scheduler.close()
        except Exception:
            log.exception("The scheduler failed.")

    def stop(self) -> None:
        """Let it write down what it has sent, and end."""
        self._stopped.set()
        self.join(STOP_SECONDS)
