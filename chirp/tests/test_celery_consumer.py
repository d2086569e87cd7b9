"""A worker whose broker is killed while it holds messages connects anew."""

import logging
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from celery.worker.consumer import Consumer as CeleryConsumer
from kombu import Connection, Queue
from kombu.asynchronous import Hub

from chirp.celery_consumer import Consumer
from tests.helpers.ports import free_port
from tests.helpers.valkeys import node


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_killed_broker_does_not_end_the_worker(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = node(tmp_path, port := free_port())
    server.start()
    held: list[Any] = []
    queue = Queue("work", routing_key="work")
    with Connection(f"redis://127.0.0.1:{port}/0") as connection:
        connection.Producer().publish("message", routing_key="work", declare=[queue])
        channel: Any = connection.default_channel
        reader = connection.Consumer([queue], channel=channel)
        reader.register_callback(lambda body, message: held.append(message))
        reader.consume()
        # Another channel, such as that of remote control: closing it fails first.
        other: Any = connection.channel()
        connection.Consumer([Queue("other", routing_key="other")], channel=other).consume()
        connection.register_with_event_loop(hub := Hub())
        loop = hub.create_loop()
        while not (held and channel._in_poll and other._in_poll):
            next(loop)
        server.kill()

        worker: Any = Consumer.__new__(Consumer)  # a whole one needs a pool of processes
        worker.app, worker.connection = current_app, connection
        worker.qos_global = False
        worker.on_connection_error_after_connected(ConnectionResetError())
        assert worker.connection is None, "so that the worker opens another"
        assert "has no attribute 'hostname'" in caplog.text, "kombu still needs this"

        for is_back in (False, True):  # when a task ends that was running
            if is_back:
                server.start()
            held[0].ack_log_error(logging.getLogger(__name__), connection.connection_errors)


def test_it_has_all_steps_of_celery_but_two() -> None:
    assert {*CeleryConsumer.Blueprint.default_steps} - {*Consumer.Blueprint.default_steps} == {
        "celery.worker.consumer.delayed_delivery:DelayedDelivery",
        "celery.worker.consumer.heart:Heart",
    }
