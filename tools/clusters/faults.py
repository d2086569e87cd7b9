"""What happens to the nodes of the broker, and to those of the timelines."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from threading import Timer

from tests.helpers import slots
from tests.helpers.valkeys import AWAY
from tools.chaos.deployment import Deployment
from tools.chaos.faults import Fault, NoEffect
from tools.clusters.site import Site

QUEUE = "fanout"
DELIVERED_SECONDS = 5.0  # in which what is posted has to be in all homes, while a node is away
REPLICATED_SECONDS = 60.0
PAUSE = 0.2
KILLED_AFTER_SECONDS = 0.1  # while slots move


def _site(deployment: Deployment) -> Site:
    assert isinstance(deployment, Site)
    return deployment


# --- The broker ----------------------------------------------------------------------------------


@contextmanager
def broker_frozen(deployment: Deployment, seconds: float) -> Iterator[None]:
    """The node hangs that leads the queues and has all connections. They go to the others."""
    site = _site(deployment)
    _needs_replicas(site, len(site.brokers.nodes))
    node = site.brokers.leader_of(QUEUE)
    node.pause()
    try:
        time.sleep(seconds)
        _delivers()
    finally:
        node.resume()
    yield


@contextmanager
def broker_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """The node that leads the queue of the fan-out is killed. The others go on."""
    site = _site(deployment)
    _needs_replicas(site, len(site.brokers.nodes))
    node = site.brokers.leader_of(QUEUE)
    node.kill()
    time.sleep(seconds)
    _delivers()
    node.start()
    yield


@contextmanager
def most_brokers_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Two of three nodes are killed: the queues have no majority, and take nothing."""
    nodes = _site(deployment).brokers.nodes[:2]
    for node in nodes:
        node.kill()
    time.sleep(seconds)
    for node in nodes:
        node.launch()
    for node in nodes:
        node.wait_ready()
    yield


@contextmanager
def brokers_restarted(deployment: Deployment, seconds: float) -> Iterator[None]:
    """Each node is killed and started again, one after another, as an upgrade would."""
    site = _site(deployment)
    for node in site.brokers.nodes:
        _needs_replicas(site, len(site.brokers.nodes))
        node.kill()
        node.start()
    yield


def _needs_replicas(site: Site, count: int) -> None:
    """Wait until each queue has all of its members."""
    until = time.monotonic() + REPLICATED_SECONDS
    while {*(found := site.brokers.queue_members()).values()} != {count}:
        if time.monotonic() > until:
            raise NoEffect(f"Queues are not replicated: {found}")
        time.sleep(PAUSE)


def _delivers() -> None:
    """Check that what is posted is delivered while the fault lasts."""
    from outbox import services as outbox  # needs Django, like the next line
    from timelines.metrics import FAN_OUTS

    oldest = outbox.unfinished_seconds(FAN_OUTS)
    if oldest > DELIVERED_SECONDS:
        raise NoEffect(f"A post has waited for {oldest:.0f} s, although nodes are there.")


# --- The timelines -------------------------------------------------------------------------------


@contextmanager
def slots_move(deployment: Deployment, seconds: float) -> Iterator[None]:
    """A quarter of the slots of each master but the last moves to the next one."""
    masters = _site(deployment).stores.masters()
    moved = 0
    for source, target in pairwise(masters):
        moved += slots.move(slots.owned(source)[::4], source, target, among=masters)
    if not moved:
        raise NoEffect("No key was in these slots.")
    yield


@contextmanager
def master_killed(deployment: Deployment, seconds: float) -> Iterator[None]:
    """A master is killed, its replica takes over, and it comes back as a replica."""
    stores = _site(deployment).stores
    port = stores.masters()[0]
    server = stores.shape.nodes[port]
    server.kill()
    time.sleep(seconds)
    if port in stores.masters():
        raise NoEffect("No replica has taken over.")
    server.start()
    yield


@contextmanager
def master_killed_as_slots_move(deployment: Deployment, seconds: float) -> Iterator[None]:
    """A master is killed while it gives slots away. Its replica takes over, and gives the rest."""
    stores = _site(deployment).stores
    masters = stores.masters()
    source, target = masters[:2]
    wanted, server = slots.owned(source)[::4], stores.shape.nodes[source]
    killer = Timer(KILLED_AFTER_SECONDS, server.kill)
    killer.start()
    try:
        slots.move(wanted, source, target, among=masters)
    except AWAY:
        killer.join()
    else:
        raise NoEffect("All slots had moved before the master was killed.")
    time.sleep(seconds)
    heirs = [port for port in stores.masters() if port not in masters]
    if not heirs:
        raise NoEffect("No replica has taken over.")
    (heir,) = heirs
    rest = sorted({*wanted} & {*slots.owned(heir)})
    if not rest:
        raise NoEffect("The replica that took over had no slot left to give away.")
    slots.move(rest, heir, target, among=stores.masters())
    server.start()
    yield


FAULTS = [
    Fault("broker node frozen", broker_frozen, 40),  # first, while it has all connections
    Fault("broker node killed", broker_killed, 20, 6),
    Fault("two of three brokers killed", most_brokers_killed, 15),
    Fault("broker nodes restarted", brokers_restarted, 20),
    Fault("slots move", slots_move, 20, 6),
    Fault("master killed", master_killed, 20, 10),
    Fault("master killed as slots move", master_killed_as_slots_move, 20, 10),
]
