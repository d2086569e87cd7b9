"""Gauges of the servers beside Postgres: None while one does not answer."""

import re
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from chirp.observability.metrics import gauge
from chirp.redis.client import Node, RedisAway, guarded, nodes

USED_MEMORY = re.compile(rb"^used_memory:(\d+)", re.MULTILINE)


def redis_memory() -> float | None:
    """Bytes that Redis uses, all of its nodes together."""
    try:
        with guarded():
            return float(sum(map(_used_by, nodes())))
    except RedisAway:
        return None


def _used_by(node: Node) -> int:
    (told,) = node.run(lambda _: [("INFO", "memory")])
    found = USED_MEMORY.search(told)
    return int(found[1]) if found else 0


def waiting() -> float | None:
    """Messages that wait in the broker, in all queues together."""
    broker: Any = current_app.connection_for_read()
    try:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)
        return float(sum(_waiting_in(broker, queue) for queue in settings.QUEUES))
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
