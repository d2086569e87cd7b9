"""Gauges of the servers beside Postgres: None while one does not answer."""

from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

from chirp.metrics import gauge
from chirp.redis import RedisAway, client, guarded
from chirp.run.programs import BACKGROUND_QUEUES

QUEUES = ("fanout", *BACKGROUND_QUEUES.split(","))


def redis_memory() -> float | None:
    """Bytes that Redis uses."""
    try:
        with guarded():
            return float(client().info("memory")["used_memory"])
    except RedisAway:
        return None


def waiting() -> float | None:
    """Messages that wait in the broker, in all queues together."""
    broker: Any = current_app.connection_for_read()
    try:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)
        return float(sum(_waiting_in(broker, queue) for queue in QUEUES))
    except (*broker.connection_errors, OperationalError, OSError):
        return None
    finally:
        broker.release()


def _waiting_in(broker: Any, queue: str) -> int:
    with broker.channel() as channel:
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except broker.channel_errors:  # nothing was ever sent to it
            return 0


gauge("chirp_redis_memory_bytes", "Memory that Redis uses, for everything in it.", redis_memory)
gauge("chirp_queue_messages", "Tasks that wait in the broker, in all queues together.", waiting)
# The parts that a sample says something of: seen when their gauge can be read.
SERVERS = {"redis": redis_memory, "broker": waiting}
