"""The same, with a PgBouncer in front of each server."""

from collections.abc import Sequence
from pathlib import Path

from chirp.embedded_urls import DATABASE
from runner import embedded
from tests.helpers import pgbouncer
from tests.helpers.pgbouncer import administer, pgbouncer_url
from tests.helpers.replicas import Standby
from tools.failover.site import REPLICAS, Site


class BesideSite(Site):
    """Each PgBouncer is on the machine of its server, and is lost with it.

    DATABASE_URL names all of them, and libpq asks each whether its server can be written to.
    PgBouncer answers what was so at the first connection to the server, until a RECONNECT.
    """

    def __init__(self, var: Path) -> None:
        names = ("primary", *REPLICAS)
        self.folders = {name: var / f"pgbouncer-{name}" for name in names}
        super().__init__(var)
        databases = (self.primary, *(each.var for each in self.standbys))
        self.poolers = list(map(pgbouncer.pgbouncer, databases, self.folders.values()))

    @property
    def servers(self) -> list[embedded.Server]:
        """The servers, each database before its PgBouncer."""
        return [self.postgres, *self.standbys, *self.poolers, self.store, self.broker]

    @property
    def primary_url(self) -> str:
        """DATABASE_URL of the processes of Chirp."""
        hosts = ",".join(map(str, self.folders.values()))
        ports = ",".join("6432" for _ in self.folders)
        return (
            f"postgresql://{DATABASE}@/{DATABASE}?host={hosts}&port={ports}"
            "&target_session_attrs=read-write"
        )

    def program(self, name: str, command: Sequence[str], **variables: str) -> embedded.Server:
        """A process of Chirp, which knows only the addresses of PgBouncer."""
        replicas = (pgbouncer_url(self.folders[name]) for name in REPLICAS)
        return super().program(
            name,
            command,
            DATABASE_POOLER="transaction",
            DATABASE_URL=self.primary_url,
            DATABASE_REPLICA_URLS=",".join(replicas),
            **variables,
        )

    def lose_primary(self) -> None:
        """End the machine of the primary, for good."""
        super().lose_primary()
        self.poolers[0].kill()

    def step_down(self) -> Standby:
        """As without poolers. A client that stays connected would use the old one on."""
        self.poolers[0].stop()
        promoted = super().step_down()
        self.poolers[0].start()
        return promoted

    def lead_to(self, promoted: Standby) -> None:
        """Let its PgBouncer say that it can be written to."""
        administer(self.folders[promoted.name], "RECONNECT")


class ApartSite(BesideSite):
    """The PgBouncer that leads to the primary is on another machine, and is told of the new one."""

    @property
    def primary_url(self) -> str:
        """DATABASE_URL of the processes of Chirp."""
        return pgbouncer_url(self.folders["primary"])

    def lose_primary(self) -> None:
        """End the machine of the primary, for good."""
        Site.lose_primary(self)

    def step_down(self) -> Standby:
        """As without poolers, while PgBouncer lets queries wait."""
        administer(self.folders["primary"], "PAUSE")
        promoted = Site.step_down(self)
        administer(self.folders["primary"], "RESUME")
        return promoted

    def lead_to(self, promoted: Standby) -> None:
        """Let PgBouncer lead to it."""
        pgbouncer.lead_to(promoted.var, self.folders["primary"])
        administer(self.folders["primary"], "RELOAD")
