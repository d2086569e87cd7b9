"""The part of a Celery worker that reads from the broker: it outlives a broker that is killed."""

import logging

from celery.worker.consumer import Consumer as CeleryConsumer

log = logging.getLogger(__name__)


class Consumer(CeleryConsumer):
    """Connects anew, whatever fails while a lost connection is closed.

    kombu 5.7 closes it twice. If the worker holds messages that it has not acknowledged, the second
    time raises an AttributeError ("'NoneType' object has no attribute 'hostname'"), at which a
    worker would end, with all its tasks. The messages are not lost: the broker delivers them again
    after its visibility timeout, if it still has them, and the outbox sends their events again.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close the lost connection."""
        try:
            super().on_connection_error_after_connected(exc)
        except Exception:  # the new connection does not depend on the old one
            log.warning("Closing the lost connection to the broker failed", exc_info=True)
        finally:
            self.connection = None
