"""RabbitMQ for tests: a real node from Debian's package, with its files in a given folder."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.helpers.ports import free_ports

LIBRARIES = Path("/usr/lib/rabbitmq/lib")
TIMEOUT = 60.0  # seconds
GREETING = b"AMQP\x00\x00\x09\x01"


def is_installed() -> bool:
    """Whether Debian's package is installed. script/test installs it where it has permission."""
    return shutil.which("epmd") is not None and bool(_programs())


def _programs() -> list[Path]:
    return sorted(LIBRARIES.glob("rabbitmq_server-*/sbin/rabbitmq-server"))


class RabbitMQ:
    """A node that can be killed and started again with its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._distribution, self._epmd = free_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the node, and wait until it answers."""
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [str(_programs()[-1])],
                env=self._environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + TIMEOUT
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "output").read_text()
            assert time.monotonic() < deadline, (self.folder / "output").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill the node."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),  # the node writes its secret there
            "RABBITMQ_NODENAME": "chirp@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd),
        }

    def _answers(self) -> bool:
        """Whether it accepts AMQP connections: its first frame starts with 1."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            probe.settimeout(1)
            probe.sendall(GREETING)
            return probe.recv(1) == b"\x01"
        return False

    @contextmanager
    def names(self) -> Iterator[None]:
        """Run epmd, Erlang's name server, for the block: a node would start it and not stop it."""
        command = ["epmd", "-port", str(self._epmd), "-address", "127.0.0.1"]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            yield
        finally:
            server.kill()
            server.wait()


@contextmanager
def running_rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    """Run a node for the duration of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    broker = RabbitMQ(folder)
    with broker.names():
        try:
            broker.start()
            yield broker
        finally:
            broker.kill()
