"""The loss of a primary while its replicas were cut off from it, and its replacement as planned."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from runner.embedded.paths import wait_until
from tests.helpers.replicas import Standby
from tools.chaos.deployment import Deployment
from tools.chaos.faults import Fault
from tools.chaos.load import READING, WRITING
from tools.failover.site import REPLICAS, Site, streaming

SECONDS = 20.0
CUT_OFF_SECONDS = 2.0
NOTICED_SECONDS = 3.0  # from the loss of the primary until a replica is promoted
QUEUE_SECONDS = 5.0  # that PgBouncer lets a query wait
HANGS_SECONDS = 10.0  # that a commit is waited for


def primary_lost(*, synchronous: bool) -> Fault:
    """The primary dies two seconds after both replicas were cut off, and never comes back.

    What it acknowledges in these seconds is on no other server, and timelines in Redis may be of a
    history that is gone, so that Redis has to be emptied. With synchronous replication it
    acknowledges nothing, and nothing has to be done.
    """

    @contextmanager
    def inject(deployment: Deployment, seconds: float) -> Iterator[None]:
        from tools.replicas.witness import watched  # needs Django

        assert isinstance(deployment, Site)
        if synchronous:
            deployment.commit_on_replicas()
            time.sleep(CUT_OFF_SECONDS)
        # What is lost may be missing, of course.
        with watched(deployment.url) if synchronous else nullcontext():
            promoted = _lost(deployment)
            if not synchronous:
                deployment.empty_store()
            yield
        wait_until(lambda: streaming(promoted.var) == 1, "the other replica", SECONDS)

    name = "primary lost, synchronous" if synchronous else "primary lost, asynchronous"
    # For a moment no server answers, so that reads fail as well.
    fails = (*READING, *WRITING)
    return Fault(
        name, inject, SECONDS, SECONDS, fails=fails, late=HANGS_SECONDS, loses=not synchronous
    )


def _lost(site: Site) -> Standby:
    """Lose the primary after its replicas were cut off. Returns the one that was promoted."""
    for standby in site.standbys:
        standby.kill()  # what is on its way to it is gone as well
    time.sleep(CUT_OFF_SECONDS)
    site.lose_primary()
    for standby in site.standbys:
        standby.start()
    time.sleep(NOTICED_SECONDS)
    return site.promote()


def primary_replaced() -> Fault:
    """The primary is stopped, another server takes its place, and it comes back as a replica."""

    @contextmanager
    def inject(deployment: Deployment, seconds: float) -> Iterator[None]:
        from tools.replicas.witness import watched  # needs Django

        assert isinstance(deployment, Site)
        with watched(deployment.url):
            promoted = deployment.step_down()
            yield
        wait_until(lambda: streaming(promoted.var) == len(REPLICAS), "both replicas", SECONDS)

    fails = (*READING, *WRITING)
    return Fault("primary replaced", inject, SECONDS, SECONDS, fails=fails, late=QUEUE_SECONDS)
