"""Ports for servers of tests: free, low, and others than those of the process beside."""

import os
import socket
from itertools import islice

from tests.helpers import ports


def test_ports_and_bus_ports_are_below_those_of_outgoing_connections() -> None:
    tried = set(islice(ports.ports_of(os.getpid()), ports.COUNT))
    assert len(tried) == ports.COUNT
    assert min(tried) == ports.LOWEST > 1024
    assert max(tried) + ports.BUS == ports.HIGHEST < 32_768


def test_processes_beside_each_other_begin_apart() -> None:
    begun = [set(islice(ports.ports_of(pid), 100)) for pid in range(30_000, 30_050)]
    assert len(set.union(*begun)) == 50 * 100


def test_a_port_in_use_is_passed_over() -> None:
    (port,) = ports.free_ports(1)
    following = port + 1
    with socket.socket() as server:
        server.bind(("127.0.0.1", following))
        server.listen()
        assert following not in ports.free_ports(20)
