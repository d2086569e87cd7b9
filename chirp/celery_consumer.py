"""The part of a Celery worker that reads from the broker: it outlives a broker that is killed."""

import logging

from celery.worker.consumer import Consumer as CeleryConsumer

log = logging.getLogger(__name__)
DELAYED = "celery.worker.consumer.delayed_delivery:DelayedDelivery"


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
        """Celery's steps but for one, which is for tasks with an ETA; Chirp has none.

        With quorum queues, that one declares 28 more of them at each connection, at every node of
        RabbitMQ. It sleeps for 17 seconds while one of these is away, and nothing is consumed.
        """

        default_steps = [step for step in CeleryConsumer.Blueprint.default_steps if step != DELAYED]

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close the lost connection."""
        lost = self.connection
        transport = lost.transport if lost else None
        try:
            super().on_connection_error_after_connected(exc)
        except Exception:  # the new connection does not depend on the old one
            log.warning("Closing the lost connection to the broker failed", exc_info=True)
        finally:
            self.connection = None
            if transport:
                transport.client = lost  # late acknowledgements need the broker's address
