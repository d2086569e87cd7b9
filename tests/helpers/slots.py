"""Moves slots of a Redis Cluster from one master to another, with the keys that are in them.

That is what `valkey-cli --cluster reshard` does, with the commands that it sends.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from tests.helpers.valkeys import talk_to

KEYS_AT_ONCE = 20
MIGRATE_MS = 5_000


def owned(port: int) -> list[int]:
    """The slots of the master at this port."""
    with talk_to(port) as node:
        me = node.execute_command("CLUSTER", "MYID")
        rows = node.execute_command("CLUSTER", "SLOTS")
    ranges = [range(first, last + 1) for first, last, master, *_ in rows if master[2] == me]
    return [slot for each in ranges for slot in each]


def move(slots: Iterable[int], source: int, target: int, *, among: Iterable[int]) -> int:
    """Move slots between two of the masters at these ports. Returns how many keys were in them.

    A master whose last slot is moved would become a replica of the other.
    """
    moved = 0
    with ExitStack() as stack:
        nodes = {port: stack.enter_context(talk_to(port)) for port in among}
        names = {port: node.execute_command("CLUSTER", "MYID") for port, node in nodes.items()}
        for slot in slots:
            _setslot(nodes[target], slot, "IMPORTING", names[source])
            _setslot(nodes[source], slot, "MIGRATING", names[target])
            moved += _move_keys(nodes[source], slot, target)
            # The target first: while the source does not know, it sends clients there.
            _setslot(nodes[target], slot, "NODE", names[target])
            for port in nodes.keys() - {target}:
                _setslot(nodes[port], slot, "NODE", names[target])
    return moved


def _setslot(node: Any, slot: int, state: str, name: bytes) -> None:
    node.execute_command("CLUSTER", "SETSLOT", slot, state, name)


def _move_keys(node: Any, slot: int, target: int) -> int:
    moved = 0
    while keys := node.execute_command("CLUSTER", "GETKEYSINSLOT", slot, KEYS_AT_ONCE):
        node.execute_command("MIGRATE", "127.0.0.1", target, "", 0, MIGRATE_MS, "KEYS", *keys)
        moved += len(keys)
    return moved
