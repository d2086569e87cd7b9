"""RabbitMQ for tests: a real node from Debian's package, with its files in a given folder."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
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
    """A node that can be killed and started again with its data.

    Nodes of one cluster have one `epmd` port, and each other's names as `peers`. Their folders are
    beside each other.
    """

    def __init__(self, folder: Path, *, epmd: int = 0, peers: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port, self._distribution, own = free_ports(3)
        self._epmd, self._peers = epmd or own, peers
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the node, and wait until it answers."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start the node, and do not wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "cluster.conf").write_text(_formation(self._peers))
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

    def wait_ready(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + TIMEOUT
        while not self._answers():
            has_ended = self._process is None or self._process.poll() is not None
            assert not has_ended, (self.folder / "output").read_text()
            assert time.monotonic() < deadline, (self.folder / "output").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill the node."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """Freeze the node: it keeps its connections, and does not answer."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue a frozen node."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder.parent),  # the nodes of a cluster share a secret there
            "RABBITMQ_NODENAME": name_of(self.folder),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "cluster"),
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

    def control(self, *command: str) -> str:
        """Run rabbitmqctl, and return what it prints."""
        program = _programs()[-1].with_name("rabbitmqctl")
        ran = subprocess.run(
            [str(program), *command], env=self._environment(), capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

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


def name_of(folder: Path) -> str:
    """The name of the node with its files in this folder."""
    return f"{folder.name}@localhost"


def _formation(peers: Sequence[str]) -> str:
    """The settings by which a new node finds its cluster, and heals it after a partition."""
    if not peers:
        return ""
    key = "cluster_formation"
    lines = [f"{key}.peer_discovery_backend = classic_config"]
    lines += [f"{key}.classic_config.nodes.{n} = {name}" for n, name in enumerate(peers, 1)]
    return "\n".join([*lines, "cluster_partition_handling = autoheal", "net_ticktime = 8", ""])


@contextmanager
def running_rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    """Run a node for the duration of the block."""
    broker = RabbitMQ(folder)
    with broker.names():
        try:
            broker.start()
            yield broker
        finally:
            broker.kill()


class RabbitCluster:
    """Nodes that replicate their queues."""

    def __init__(self, folder: Path, count: int = 3) -> None:
        folders = [folder / f"rabbit{number}" for number in range(1, count + 1)]
        (epmd,) = free_ports(1)
        peers = [name_of(each) for each in folders]
        self.nodes = [RabbitMQ(each, epmd=epmd, peers=peers) for each in folders]
        self.url = ";".join(node.url for node in self.nodes)
        self._stack = ExitStack()

    def start(self) -> None:
        """Start all nodes. The first one makes the cluster, which the others join."""
        self.nodes[0].folder.parent.mkdir(parents=True, exist_ok=True)
        self._stack.enter_context(self.nodes[0].names())
        for node in self.nodes:
            self._stack.callback(node.kill)
            node.start()

    def kill(self) -> None:
        """Kill all nodes."""
        self._stack.close()

    def queue_members(self) -> dict[str, int]:
        """The number of members of each quorum queue that run, by its name."""
        rows = self._queues("name", "type", "online")
        return {name: members.count("@") for name, kind, members in rows if kind == "quorum"}

    def leader_of(self, queue: str) -> RabbitMQ:
        """The node that leads a quorum queue."""
        leaders = dict(self._queues("name", "leader"))
        return next(node for node in self.nodes if name_of(node.folder) == leaders[queue])

    def _queues(self, *columns: str) -> list[list[str]]:
        command = ["list_queues", "--quiet", "--no-table-headers", *columns]
        return [line.split("\t") for line in self.nodes[-1].control(*command).splitlines()]
