"""Five real processes: after kills, restarts and lost links, all of them have the same reports."""

import re
import resource
import signal
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from herd.messages import format_flood
from herd.settings import CHECKOUT
from tests.helpers.herd.chirp import Chirp
from tests.helpers.herd.network import report
from tests.helpers.herd.processes import HOST, TIMEOUT, Client, Herd, eventually

NAMES = ["Hill", "Gasol", "Young", "Meeks", "Farmer"]
_clients = (f"client-{number}" for number in count())


@pytest.fixture
def client() -> str:
    """The name of a client that no server knows yet."""
    return next(_clients)


@pytest.mark.parametrize("name", NAMES)
def test_a_report_reaches_all_five_servers(five: Herd, client: str, name: str) -> None:
    five.all_know(client, five.report(name, client))


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_server_gets_all_reports_after_its_restart(
    five: Herd, client: str, name: str
) -> None:
    other = NAMES[NAMES.index(name) - 1]
    before = five.report(name, client)
    five.all_know(client, before)
    five.kill(name)
    meanwhile = five.report(other, f"{client}-meanwhile")
    five.all_know(f"{client}-meanwhile", meanwhile, but=[name])
    five.start(name)
    five.wait()
    five.all_know(client, before)
    five.all_know(f"{client}-meanwhile", meanwhile)


def test_without_a_link_reports_take_another_path(five: Herd, client: str) -> None:
    five.proxies["Hill", "Gasol"].cut()
    eventually(lambda: not five.status("Hill")["neighbours"]["Gasol"]["up"])
    five.all_know(client, five.report("Hill", client))
    five.proxies["Hill", "Gasol"].mend()
    five.wait()
    five.all_know(client, five.report("Gasol", client))


def test_a_server_without_links_and_the_others_exchange_reports_later(
    five: Herd, client: str
) -> None:
    links = [five.proxies["Hill", "Gasol"], five.proxies["Farmer", "Hill"]]
    for link in links:
        link.cut()
    eventually(lambda: not any(n["up"] for n in five.status("Hill")["neighbours"].values()))
    inside, outside = five.report("Hill", f"{client}-in"), five.report("Young", f"{client}-out")
    five.report("Young", client)
    last = five.report("Hill", client)
    five.all_know(f"{client}-out", outside, but=["Hill"])
    assert five.known("Hill", f"{client}-out") == b""
    assert five.known("Young", f"{client}-in") == b""
    for link in links:
        link.mend()
    five.wait()
    five.all_know(f"{client}-in", inside)
    five.all_know(f"{client}-out", outside)
    five.all_know(client, last)


def test_a_link_that_loses_all_data_is_replaced(five: Herd, client: str) -> None:
    link = five.proxies["Young", "Meeks"]
    link.silence()
    eventually(lambda: not five.status("Young")["neighbours"]["Meeks"]["up"])
    answer = five.report("Young", client)
    link.mend()
    five.wait()
    five.all_know(client, answer)


def test_a_server_that_hangs_is_disconnected_and_catches_up_later(five: Herd, client: str) -> None:
    five.processes["Meeks"].send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: not five.status("Farmer")["neighbours"]["Meeks"]["up"])
        answer = five.report("Farmer", client)
        five.all_know(client, answer, but=["Meeks"])
    finally:
        five.processes["Meeks"].send_signal(signal.SIGCONT)
    five.wait()
    five.all_know(client, answer)


def test_a_stranger_cannot_inject_reports(five: Herd) -> None:
    flood = format_flood(report("stranger"), hop="Gasol")
    with five.client("Hill") as stranger:
        assert stranger.send(flood) == b"? " + flood + b"\n"
    with Client(five.ports["Hill"]["peers"]) as stranger, pytest.raises(ConnectionResetError):
        stranger.send(flood)
    assert five.known("Hill", "stranger") == b""
    assert five.status("Hill")["counts"]["strangers"] >= 1


# --- One server ---------------------------------------------------------------------------------


def test_a_client_that_closes_its_sending_half_gets_all_responses(five: Herd, client: str) -> None:
    with five.client("Hill") as connection:
        connection.report(client)
        connection.socket.sendall(f"WHATSAT {client} 1 1\r\nnonsense\r\n".encode())
        connection.socket.shutdown(socket.SHUT_WR)
        assert re.fullmatch(rb"AT .*\r\n{.*}\r\n\r\n\? nonsense\r\n", connection.lines.read())


def test_a_client_that_does_not_read_is_dropped(five: Herd) -> None:
    before = five.status("Hill")["counts"]["dropped_slow"]
    with five.client("Hill") as connection:
        connection.socket.setblocking(False)

        def dropped() -> bool:
            try:
                connection.socket.send(b"STATUS\n" * 1000)
            except BlockingIOError:
                pass
            except OSError:
                return True
            return False

        eventually(dropped)
    assert five.status("Hill")["counts"]["dropped_slow"] == before + 1


def test_thousands_of_clients_can_be_connected(five: Herd) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 10_000), hard))
    connections = [five.client("Hill") for _ in range(3000)]
    try:
        for number, connection in enumerate(connections):
            assert connection.report(f"crowd-{number}").startswith(b"AT Hill ")
        assert five.status("Hill")["clients"] >= 3000
        eventually(lambda: five.status("Young")["reports"] >= 3000)
    finally:
        for connection in connections:
            connection.__exit__()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    eventually(lambda: five.status("Hill")["clients"] == 0)


def test_logs_are_named_by_the_time_of_the_start(five: Herd) -> None:
    logs = sorted((five.folder / "herd" / "Hill").iterdir())
    assert {path.stat().st_mode & 0o777 for path in logs} == {0o600}
    names = [path.name for path in logs]
    time = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}Z"
    assert all(re.fullmatch(rf"{time}(\.error)?\.log", name) for name in names), names
    assert "link to Gasol is up" in logs[-1].read_text()
    assert "Unhandled" not in five.errors("Hill")


def test_it_stops_on_a_signal(five: Herd) -> None:
    assert five.kill("Young", signal.SIGTERM) == 0
    assert five.kill("Meeks", signal.SIGINT) == 0  # Ctrl-C
    five.start("Young")
    five.start("Meeks")
    five.wait()


def test_no_server_has_logged_a_traceback(five: Herd) -> None:
    """The last test that uses the shared herd."""
    for name in NAMES:
        assert "Traceback" not in five.errors(name) + five.output(name)


def test_a_low_limit_of_open_files_means_fewer_connections(tmp_path: Path) -> None:
    """Some files stay reserved for neighbours and for Chirp, so the server does not run out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Chirp() as chirp:
        herd = Herd(tmp_path, names=["Hill"], chirp=chirp.url, files=250)
        with herd:
            connections = [herd.client("Hill") for _ in range(60)]
            responses = [connection.try_to_send("STATUS") for connection in connections]
            assert 45 <= sum(line != b"" for line in responses) <= 50
            assert herd.status("Hill")["counts"]["refused_full"] >= 10
            for connection in connections:
                connection.__exit__()
    assert "Traceback" not in herd.output("Hill")
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)


# --- Errors at the start ------------------------------------------------------------------------


def run(*command: str, var: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env={"VAR_DIR": str(var), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def test_an_unknown_server_is_refused(tmp_path: Path) -> None:
    result = run("-m", "herd", "Bryant", var=tmp_path)
    assert result.returncode == 1
    assert result.stderr == (
        "herd: there is no server 'Bryant': Hill, Gasol, Young, Meeks, Farmer.\n"
    )


def test_a_missing_settings_file_is_reported(tmp_path: Path) -> None:
    result = run("-m", "herd", "Hill", "--settings", str(tmp_path / "none.toml"), var=tmp_path)
    assert result.returncode == 1
    assert result.stderr.endswith("none.toml cannot be read: No such file or directory.\n")


def test_a_port_in_use_is_reported(tmp_path: Path) -> None:
    herd = Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1")
    port = herd.ports["Hill"]["clients"]
    with socket.create_server((HOST, port)):
        result = run("-m", "herd", "Hill", "--settings", str(herd._file("Hill")), var=tmp_path)
    assert result.returncode == 1
    assert f"herd: Hill cannot listen: Couldn't listen on 127.0.0.1:{port}" in result.stderr
    assert "Traceback" not in result.stderr
