"""The part of a Celery worker that reads from the broker: it outlives a broker that is killed."""

import logging

from celery.worker.consumer import Consumer as CeleryConsumer

log = logging.getLogger(__name__)
DELAYED = "celery.worker.consumer.delayed_delivery:DelayedDelivery"
HEART = "celery.worker.consumer.heart:Heart"


class Consumer(CeleryConsumer):
    """Connects anew, whatever fails with a connection that is lost.

    kombu 5.7 closes such a connection twice, and takes the address of the broker from its channel.
    What the channel is used for then raises an AttributeError ("'NoneType' object has no attribute
    'hostname'"), at which a worker would end, with all its tasks: the second closing, if the worker
    holds messages, and later the acknowledgement of each task that was running. Messages that are
    not acknowledged are not lost: the broker delivers them again after its visibility timeout, if
    it still has them, and the outbox sends their events again.
    """

    class Blueprint(CeleryConsumer.Blueprint):  # type: ignore[misc, valid-type]
        """Celery's steps but for two.

        DELAYED is for tasks with an ETA; Chirp has none. With quorum queues, it declares 28 more of
        them at each connection, at every node of RabbitMQ. It sleeps for 17 seconds while one of
        these is away, and nothing is consumed.

        HEART tells monitors of Celery every two seconds that the worker is there; Chirp has its own
        heartbeats. With RabbitMQ it waits without a limit until each is confirmed, so that a worker
        would never notice that the node hangs.
        """

        default_steps = [
            step for step in CeleryConsumer.Blueprint.default_steps if step not in (DELAYED, HEART)
        ]

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close the lost connection, and that of Celery's events.

        The latter would be asked later to close, and waited for as long as the broker hangs.
        """
        lost = self.connection
        transport = lost.transport if lost else None
        try:
            events = getattr(self, "event_dispatcher", None)
            if events and events.connection:
                events.connection.collect()
            super().on_connection_error_after_connected(exc)
        except Exception:  # the new connection does not depend on the old one
            log.warning("Closing the lost connection to the broker failed", exc_info=True)
        finally:
            self.connection = None
            if transport:
                transport.client = lost  # late acknowledgements need the broker's address
