"""Requests that wait in one process of the web server, given to another one that has nothing to do.

A connection that stays open belongs to the process that accepted it, and a process runs one view at
a time. So the requests of two busy connections would wait for each other in one process while the
next one has none. A process with more than one request to answer therefore passes a connection and
the header that was read from it (SCM_RIGHTS) to the pool, if another process is idle. All processes
read from the pool, this one too: what no other process has taken by the next turn of its loop, it
answers itself. docs/decisions/0047-views-in-the-event-loop.md
"""

import mmap
import socket

MOST_PROCESSES = 256
MOST_BYTES = 64 * 1024  # of a request's header


class Pool:
    """What the processes of a web server share. It is made before they are forked."""

    def __init__(self) -> None:
        self._idle = mmap.mmap(-1, MOST_PROCESSES)  # a byte for each process: 1 if it is idle
        # Each message is received by one process, whole.
        self._giving, self.taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._giving.setblocking(False)
        self.taking.setblocking(False)

    def forget_idle(self) -> None:
        """Take no process for idle until it says so again."""
        self._idle[:] = bytes(MOST_PROCESSES)

    def set_idle(self, process: int, idle: bool) -> None:
        """Say whether a process, by its number, has nothing to do but wait for the network."""
        self._idle[process % MOST_PROCESSES] = idle

    def has_idle(self) -> bool:
        """Whether there is an idle process."""
        return self._idle.find(b"\1") >= 0

    def give(self, connection: socket.socket, head: bytes) -> bool:
        """Pass a connection with the request that was read of it. Returns whether it was passed.

        One idle process counts as busy from now on. The caller then closes its copy.
        """
        process = self._idle.find(b"\1")
        if process < 0:
            return False
        self._idle[process] = 0
        try:
            socket.send_fds(self._giving, [head], [connection.fileno()])
        except OSError:  # there is no room for it
            return False
        return True

    def take(self) -> tuple[socket.socket, bytes] | None:
        """Receive a connection and its request, if there is one."""
        try:
            head, fds, _, _ = socket.recv_fds(self.taking, MOST_BYTES, 1)
        except OSError:  # another process has taken it
            return None
        return (socket.socket(fileno=fds[0]), head) if fds else None
