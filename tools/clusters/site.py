"""A Chirp whose broker and whose timelines are clusters."""

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.helpers.ports import free_ports
from tests.helpers.rabbitmq import RabbitCluster
from tests.helpers.valkeys import AWAY, Shape, running_cluster, talk_to
from tools.chaos.deployment import Deployment, Startable

MASTERS = 3
NODE_TIMEOUT_MS = 3_000  # after which a replica takes over


class Stores:
    """Six nodes of Valkey: the masters, and a replica of each."""

    shape: Shape

    def __init__(self, folder: Path) -> None:
        self.folder, self.ports = folder, free_ports(2 * MASTERS)
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self._stack = ExitStack()

    def start(self) -> None:
        """Start all nodes, and wait until each has its part."""
        self.shape = self._stack.enter_context(
            running_cluster(self.folder, self.ports, replicas=MASTERS, timeout_ms=NODE_TIMEOUT_MS)
        )

    def masters(self) -> list[int]:
        """The ports of the masters that have slots now, by their slots."""
        for port in self.ports:
            with talk_to(port) as node, suppress(*AWAY):
                rows = sorted(node.execute_command("CLUSTER", "SLOTS"))
                return list(dict.fromkeys(int(master[1]) for _, _, master, *_ in rows))
        raise AssertionError("no node of the cluster answers")

    def kill(self) -> None:
        """Kill all nodes."""
        self._stack.close()


class Site(Deployment):
    """A deployment that uses nothing but the URLs of the clusters."""

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        self.stores = Stores(var / "stores")
        self.brokers = RabbitCluster(var / "brokers")
        os.environ["REDIS_URL"] = self.stores.url
        os.environ["CELERY_BROKER_URL"] = self.brokers.url

    @property
    def servers(self) -> Sequence[Startable]:
        """The servers, which start before migrations run."""
        return [self.postgres, self.stores, self.brokers]
