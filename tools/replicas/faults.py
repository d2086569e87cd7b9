"""What happens to the primary, its replicas and the poolers."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tools.chaos.deployment import Deployment
from tools.chaos.faults import FRACTION, Fault, Inject, NoEffect
from tools.chaos.load import WRITING
from tools.replicas.site import Site

# So long a process waits for replicas that hang, once: for a query, or for a connection to each.
# PgBouncer in front of a server that is dead hangs, too.
HANGS_SECONDS = 4.0
QUEUE_SECONDS = 5.0  # that PgBouncer lets a query wait for a server that comes back
Happens = Callable[[Site, float], None]


def _watched(happens: Happens, *, from_replicas: bool = True) -> Inject:
    """A fault that begins with `happens`, and is undone at its end. A witness looks meanwhile."""

    @contextmanager
    def inject(deployment: Deployment, seconds: float) -> Iterator[None]:
        from tools.replicas.witness import watched  # needs Django

        assert isinstance(deployment, Site)
        before = deployment.reads_from_replicas()
        with ExitStack() as stack:
            stack.callback(_undo, deployment)
            with watched(deployment.url):
                happens(deployment, seconds)
                yield
        if from_replicas and deployment.reads_from_replicas() == before:
            raise NoEffect("Nothing was read from replicas.")

    return inject


def _undo(site: Site) -> None:
    for server in (site.postgres, *site.standbys, *site.poolers, site.store):
        server.resume()
        server.start()
    for standby in site.standbys:
        standby.release()


def _nothing(site: Site, seconds: float) -> None:
    """For comparison."""


def _replica_killed(site: Site, seconds: float) -> None:
    site.standbys[0].kill()


def _replica_hangs(site: Site, seconds: float) -> None:
    site.standbys[1].pause()


def _replica_lags(site: Site, seconds: float) -> None:
    site.standbys[0].hold()


def _both_lag(site: Site, seconds: float) -> None:
    for standby in site.standbys:
        standby.hold()


def _both_killed(site: Site, seconds: float) -> None:
    for standby in site.standbys:
        standby.kill()


def _primary_killed(site: Site, seconds: float) -> None:
    site.postgres.kill()
    time.sleep(seconds * FRACTION)
    site.postgres.start()


def _primary_restarted(site: Site, seconds: float) -> None:
    site.postgres.stop()
    time.sleep(seconds * FRACTION)
    site.postgres.start()


def _pooler_killed(site: Site, seconds: float) -> None:
    site.poolers[0].kill()
    time.sleep(seconds * FRACTION)
    site.poolers[0].start()


def _store_emptied(site: Site, seconds: float) -> None:
    site.store.kill()
    site.store.start()


FAULTS = [
    Fault("nothing", _watched(_nothing), 6),
    Fault("a replica is killed", _watched(_replica_killed), 8, 8, late=HANGS_SECONDS),
    Fault("a replica hangs", _watched(_replica_hangs), 12, late=HANGS_SECONDS),
    Fault("a replica lags", _watched(_replica_lags), 15),
    Fault("both replicas lag", _watched(_both_lag), 15),
    Fault(
        "both replicas killed",
        _watched(_both_killed, from_replicas=False),
        8,
        late=HANGS_SECONDS,
    ),
    Fault("primary killed", _watched(_primary_killed), 10, 10, fails=WRITING, late=QUEUE_SECONDS),
    Fault("primary restarted", _watched(_primary_restarted), 10, fails=WRITING, late=QUEUE_SECONDS),
    Fault(
        "PgBouncer of the primary killed",
        _watched(_pooler_killed),
        8,
        fails=WRITING,
        late=QUEUE_SECONDS,
    ),
    Fault("store killed, comes back empty", _watched(_store_emptied), 8),
]
