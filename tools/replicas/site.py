"""A Chirp with a primary and two streaming replicas, each behind a PgBouncer of its own."""

import re
from collections.abc import Sequence
from pathlib import Path

import requests

from runner import embedded
from runner.embedded.roles import connect
from tests.helpers.pgbouncer import pgbouncer, pgbouncer_url
from tests.helpers.replicas import Standby
from tools.chaos.deployment import Deployment

REPLICAS = ("replica1", "replica2")
FROM_REPLICAS = re.compile(r'^chirp_replica_requests_total\{outcome="replica"\} (\S+)$', re.M)
STREAMING = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"


class Site(Deployment):
    """A deployment whose programs know only the addresses of PgBouncer."""

    def __init__(self, var: Path) -> None:
        self.primary = var / "database"
        names = ("primary", *REPLICAS)
        self.folders = {name: var / f"pgbouncer-{name}" for name in names}
        super().__init__(var)
        self.standbys = [Standby(self.primary, var / name) for name in REPLICAS]
        databases = (self.primary, *(each.var for each in self.standbys))
        self.poolers = list(map(pgbouncer, databases, self.folders.values()))

    @property
    def servers(self) -> list[embedded.Server]:
        """The servers: each replica is a copy of the primary, which runs by then."""
        return [self.postgres, *self.standbys, *self.poolers, self.store, self.broker]

    def program(self, name: str, command: Sequence[str], **variables: str) -> embedded.Server:
        """A process of Chirp."""
        primary, *others = map(pgbouncer_url, self.folders.values())
        return super().program(
            name,
            command,
            DATABASE_POOLER="transaction",
            DATABASE_URL=primary,
            DATABASE_REPLICA_URLS=",".join(others),
            **variables,
        )

    def web_answers(self) -> bool:
        """Whether the site answers, and both replicas stream."""
        return super().web_answers() and self.streaming() == len(REPLICAS)

    def streaming(self) -> int:
        """How many replicas stream from the primary."""
        with connect(self.primary) as connection:
            row = connection.execute(STREAMING).fetchone()
        return row[0] if row else 0

    def reads_from_replicas(self) -> float:
        """How many requests were answered from replicas so far."""
        metrics = requests.get(f"{self.url}/metrics", timeout=5).text
        return sum(map(float, FROM_REPLICAS.findall(metrics)))
