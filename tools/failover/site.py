"""A Chirp whose processes know a primary and two streaming replicas."""

import os
from pathlib import Path

from chirp.embedded_urls import DATABASE, postgres_socket
from runner import embedded
from runner.embedded.postgres import data_dir
from runner.embedded.roles import SUPERUSER, connect
from tests.helpers.replicas import Standby
from tools.chaos.deployment import Deployment

REPLICAS = ("replica1", "replica2")
# After a restart, the first says nothing of what was received before, and the second does.
RECEIVED = "SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'"
STREAMING = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
PROMOTED_SECONDS = 30.0


class Site(Deployment):
    """A deployment that can lose its primary."""

    def __init__(self, var: Path) -> None:
        self.primary = var / "database"
        super().__init__(var)
        self.standbys = [Standby(self.primary, var / name) for name in REPLICAS]
        folders = [self.primary, *(each.var for each in self.standbys)]
        hosts = ",".join(str(postgres_socket(each).parent) for each in folders)
        os.environ["DATABASE_URL"] = (
            f"postgresql://{DATABASE}@/{DATABASE}?host={hosts}&target_session_attrs=read-write"
        )
        os.environ["DATABASE_REPLICA_URLS"] = ",".join(each.url for each in self.standbys)

    @property
    def servers(self) -> list[embedded.Server]:
        """The servers: each replica is a copy of the primary, which runs by then."""
        return [self.postgres, *self.standbys, self.store, self.broker]

    def commit_on_replicas(self) -> None:
        """Let a commit be acknowledged only when one replica, whichever, has it on its disk."""
        with connect(self.primary) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
            connection.execute("SELECT pg_reload_conf()")

    def lose_primary(self) -> None:
        """End the machine of the primary, for good."""
        self.postgres.kill()

    def promote(self) -> Standby:
        """Make the replica the primary that has most of its log. The other one follows it."""
        first, second = sorted(self.standbys, key=_received, reverse=True)
        with connect(first.var) as connection:
            connection.execute(f"SELECT pg_promote(true, {PROMOTED_SECONDS:.0f})".encode())
        with connect(second.var) as connection:
            connection.execute(f"ALTER SYSTEM SET {_follows(first)}".encode())
            connection.execute("ALTER SYSTEM SET primary_slot_name = ''")
            connection.execute("SELECT pg_reload_conf()")
        self.lead_to(first)
        return first

    def step_down(self) -> Standby:
        """Stop the primary, promote a replica, and let the old primary follow it."""
        self.postgres.stop()  # its replicas have all of its log then
        promoted = self.promote()
        data = data_dir(self.primary)
        with (data / "postgresql.auto.conf").open("a") as configuration:
            configuration.write(f"{_follows(promoted)}\n")
        (data / "standby.signal").touch()
        self.postgres.start()
        return promoted

    def lead_to(self, promoted: Standby) -> None:
        """Tell poolers of the new primary: without them, libpq finds it."""

    def empty_store(self) -> None:
        """Empty Redis, as an operator does with FLUSHDB."""
        self.store.kill()
        self.store.start()


def streaming(primary: Path) -> int:
    """How many replicas stream from a server."""
    with connect(primary) as connection:
        row = connection.execute(STREAMING).fetchone()
    return row[0] if row else 0


def _follows(primary: Standby) -> str:
    """The setting of a replica that follows it."""
    return f"primary_conninfo = 'host={postgres_socket(primary.var).parent} user={SUPERUSER}'"


def _received(standby: Standby) -> int:
    with connect(standby.var) as connection:
        row = connection.execute(RECEIVED).fetchone()
    return row[0] if row else 0
