"""Gauges of Redis and the broker. A gauge is None while its server does not answer."""

import re
import threading
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from chirp.db import replicas
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


class _Broker(threading.local):
    """The connection of this thread to the broker. It stays open: opening one costs most."""

    connection: Any = None
    channel: Any = None

    def messages(self) -> int:
        """The number of messages in all queues. Raises what the connection raises."""
        if self.connection is None:
            self.connection = current_app.connection_for_read()
            retries = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
            self.connection.ensure_connection(**retries, timeout=1)
        return sum(map(self._messages_in, settings.QUEUES))

    def _messages_in(self, queue: str) -> int:
        self.channel = self.channel or self.connection.channel()
        try:
            return int(self.channel.queue_declare(queue=queue, passive=True).message_count)
        except self.connection.channel_errors:  # the queue does not exist until the first message
            if not getattr(self.channel, "is_open", True):  # AMQP closes a channel for that
                self.channel = None
            return 0

    def close(self) -> None:
        connection, self.connection, self.channel = self.connection, None, None
        if connection is not None:
            connection.release()


_broker = _Broker()


def queued_messages() -> float | None:
    """The number of messages in all queues, or None if the broker does not answer."""
    is_new = _broker.connection is None
    try:
        return float(_broker.messages())
    except (*_broker.connection.connection_errors, OperationalError, OSError):
        _broker.close()
        return None if is_new else queued_messages()  # it may have been closed since the last time


gauge("chirp_redis_memory_bytes", "Memory that Redis uses, for everything in it.", redis_memory)
gauge(
    "chirp_queue_messages",
    "Tasks that wait in the broker, in all queues together.",
    queued_messages,
)
gauge(
    "chirp_replicas_in_use",
    "Replicas of Postgres that answer; left out without any.",
    lambda: float(replicas.answering()) if settings.DATABASE_REPLICAS else None,
)
gauge(
    "chirp_replica_lag_bytes",
    "Bytes of the log that the replica lacks which lags most; left out without any.",
    replicas.most_lag_bytes,
)
# Servers that have no process to send heartbeats: they are up if their gauge can be read.
SERVERS = {"redis": redis_memory, "broker": queued_messages}
