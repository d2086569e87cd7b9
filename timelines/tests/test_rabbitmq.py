"""RabbitMQ as the broker, configured by its URL alone: quorum queues, and no lost messages."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from accounts.models import User
from notifications.models import Notification
from outbox import services as outbox
from people import services as people
from tests.helpers.processes import RELAY, WORKER, process, wait_until
from tests.helpers.rabbitmq import RabbitCluster, RabbitMQ, is_installed, running_rabbitmq
from tests.helpers.timelines import held, make_all_due, post, read, right
from tweets import marks

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(not is_installed(), reason="RabbitMQ is not installed"),
]

# RabbitMQ 3.10 has no leader of a queue again if it is killed as soon as the queue is there.
SETTLED_SECONDS = 6


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RabbitMQ]:
    """A RabbitMQ node that the processes started by the test use as their broker."""
    with running_rabbitmq(tmp_path / "rabbitmq") as node:
        monkeypatch.setenv("CELERY_BROKER_URL", node.url)
        yield node


@contextmanager
def worker_and_relay(log: Path, *options: str) -> Iterator[None]:
    """Run a worker, with these options, and a relay during the block."""
    with ExitStack() as stack:
        for command in ((*WORKER, *options), RELAY):
            stack.enter_context(process(log, *command))
        yield


def queue_type(broker: RabbitMQ, queue: str) -> str:
    """Return the type of a queue. Declaring an existing queue with another type fails."""
    from amqp import PreconditionFailed

    for kind in ("quorum", "classic"):
        with Connection(broker.url) as connection:
            try:
                channel: Any = connection.default_channel
                channel.queue_declare(
                    queue, durable=True, auto_delete=False, arguments={"x-queue-type": kind}
                )
            except PreconditionFailed:
                continue
            return kind
    raise AssertionError(f"there is no queue {queue}")


def test_rabbitmq_delivers_before_and_after_it_is_killed(
    broker: RabbitMQ, alice: User, bob: User, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with worker_and_relay(log):
        people.follow(follower=bob, followee=alice)
        wait_until(lambda: outbox.owed() == 0, log)
        read(bob)
        first = post(alice)
        wait_until(lambda: outbox.owed() == 0, log)
        assert held(bob) == [first]
        assert queue_type(broker, "fanout") == "quorum"
        assert queue_type(broker, "backfill") == "quorum"
        time.sleep(SETTLED_SECONDS)
        broker.kill()
        second = post(alice)
        assert read(bob) == [first] or read(bob) == [second, first]
        broker.start()
        make_all_due()
        wait_until(lambda: outbox.owed() == 0, log)
        assert held(bob) == [second, first]
        third = post(alice)
        wait_until(lambda: outbox.owed() == 0, log)
        assert held(bob) == [third, second, first]
    right(alice, bob)


def test_a_queue_that_takes_no_messages_keeps_back_only_its_own(
    broker: RabbitMQ, alice: User, bob: User, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    people.follow(follower=bob, followee=alice)
    read(bob)
    with worker_and_relay(log, "-X", "notifications"):
        wait_until(lambda: outbox.owed() == 1, log)  # the notification of the follow
        limit = {"max-length": 0, "overflow": "reject-publish"}
        broker.control("set_policy", "full", "^notifications$", json.dumps(limit))
        for _ in range(3):
            marks.like(user=alice, tweet_id=post(bob))
        wait_until(lambda: "no messages for notifications.liked" in log.read_text(), log)
        tweets = [post(alice) for _ in range(3)]
        wait_until(lambda: held(bob) == tweets[::-1], log)
        assert "trying again" not in log.read_text()
    broker.control("clear_policy", "full")
    make_all_due()
    with worker_and_relay(log):
        wait_until(lambda: outbox.owed() == 0, log)
    assert Notification.objects.filter(kind="like").count() == 3
    right(alice, bob)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RabbitCluster]:
    """Three nodes of RabbitMQ, of which the processes started by the test have the URLs."""
    nodes = RabbitCluster(tmp_path / "rabbitmq")
    try:
        nodes.start()
        monkeypatch.setenv("CELERY_BROKER_URL", nodes.url)
        yield nodes
    finally:
        nodes.kill()


def test_two_nodes_of_rabbitmq_deliver_while_the_third_is_away(
    cluster: RabbitCluster, alice: User, bob: User, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with worker_and_relay(log):
        people.follow(follower=bob, followee=alice)
        wait_until(lambda: outbox.owed() == 0, log)
        read(bob)
        wait_until(lambda: cluster.queue_members().get("fanout") == 3, log)
        cluster.nodes[0].kill()  # it leads the queues, and has all connections
        tweets = [post(alice) for _ in range(5)]
        wait_until(lambda: outbox.owed() == 0, log)
        assert held(bob) == tweets[::-1]
        cluster.nodes[0].start()
        wait_until(lambda: cluster.queue_members()["fanout"] == 3, log)
        tweets.append(post(alice))
        wait_until(lambda: outbox.owed() == 0, log)
        assert held(bob) == tweets[::-1]
        cluster.nodes[1].pause()  # by now it has all connections
        try:
            tweets.append(post(alice))
            wait_until(lambda: outbox.owed() == 0, log)
        finally:
            cluster.nodes[1].resume()
        assert held(bob) == tweets[::-1]
    right(alice, bob)
