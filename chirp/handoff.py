"""Hand a connection from the web server to the process that serves streams. Imports no Django.

Streams stay open for hours, and a web process runs one view at a time and has room for some
connections. So once it has read the header of a request for a stream, it passes the socket itself
(SCM_RIGHTS) and what was read of it, over a Unix socket, and forgets about it. The client notices
nothing: one origin, one port, and no process in between. docs/decisions/0035-streams.md.
"""

import socket
from pathlib import Path

from chirp.embedded_urls import run_dir

NATIVE = "/api/stream"
MASTODON = "/api/v1/streaming"
SECONDS = 1.0  # that a web process waits for the other one, which only has to take the socket
MOST_BYTES = 64 * 1024  # of a request's header


def socket_path(var: Path) -> Path:
    """Where the process with the streams listens."""
    return run_dir(var) / "stream.sock"


def is_stream(path: str) -> bool:
    """Whether a path is one of a stream."""
    return path in (NATIVE, MASTODON) or path.startswith(f"{MASTODON}/")


def hand_over(connection: socket.socket, head: bytes, *, to: Path) -> bool:
    """Pass a connection on with the request that was read of it. Returns whether it was taken.

    The caller then closes its copy.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(SECONDS)
        try:
            peer.connect(str(to))
            socket.send_fds(peer, [head[:1]], [connection.fileno()])
            peer.sendall(head[1:])
            peer.shutdown(socket.SHUT_WR)
            return peer.recv(1) == b"+"
        except OSError:
            return False


def take(peer: socket.socket) -> tuple[socket.socket, bytes] | None:
    """Receive a connection and its request, and confirm it; None if the other side gave up."""
    taken: list[int] = []
    head = bytearray()
    with peer:
        peer.settimeout(SECONDS)
        try:
            while True:
                data, fds, _, _ = socket.recv_fds(peer, MOST_BYTES, 4)
                taken += fds
                if not data or len(head) > MOST_BYTES:
                    break
                head += data
            peer.sendall(b"+")
            return socket.socket(fileno=taken.pop(0)), bytes(head)
        except (OSError, IndexError):
            return None
        finally:
            for fd in taken:
                socket.close(fd)


__all__ = ["MASTODON", "NATIVE", "hand_over", "is_stream", "socket_path", "take"]
