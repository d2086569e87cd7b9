"""Gauges of Redis and the broker. A gauge is None while its server does not answer."""

import re
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from chirp.observability.metrics import gauge
from chirp.redis.client import Node, RedisAway, guarded, nodes

USED_MEMORY = re.compile(rb"^used_memory:(\d+)", re.MULTILINE)


def redis_memory() -> float | None:
    """Memory in bytes that all nodes of Redis use, or None if one does not answer."""
    try:
        with guarded():
            return float(sum(map(_used_by, nodes())))
    except RedisAway:
        return None


def _used_by(node: Node) -> int:
    (info,) = node.run(lambda _: [("INFO", "memory")])
    found = USED_MEMORY.search(info)
    return int(found[1]) if found else 0


def queued_messages() -> float | None:
    """The number of messages in all queues, or None if the broker does not answer."""
    broker: Any = current_app.connection_for_read()
    try:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=1)
        return float(sum(_messages_in(broker, queue) for queue in settings.QUEUES))
    except (*broker.connection_errors, OperationalError, OSError):
        return None
    finally:
        broker.release()


def _messages_in(broker: Any, queue: str) -> int:
    with broker.channel() as channel:
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
        except broker.channel_errors:  # the queue does not exist until the first message
            return 0


gauge("chirp_redis_memory_bytes", "Memory that Redis uses, for everything in it.", redis_memory)
gauge(
    "chirp_queue_messages",
    "Tasks that wait in the broker, in all queues together.",
    queued_messages,
)
# Servers that have no process to send heartbeats: they are up if their gauge can be read.
SERVERS = {"redis": redis_memory, "broker": queued_messages}
