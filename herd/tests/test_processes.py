"""Five real processes: killed, restarted, cut off, and always of one mind in the end."""

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
from tests.helpers.herd.processes import HOST, PATIENCE, Client, Herd, eventually

NAMES = ["Hill", "Gasol", "Young", "Meeks", "Farmer"]
_clients = (f"client-{number}" for number in count())


@pytest.fixture
def client() -> str:
    """A client that nobody has heard of."""
    return next(_clients)


@pytest.mark.parametrize("name", NAMES)
def test_all_five_know_what_one_is_told(five: Herd, client: str, name: str) -> None:
    five.all_know(client, five.report(name, client))


@pytest.mark.parametrize("name", NAMES)
def test_one_that_is_killed_and_restarted_catches_up(five: Herd, client: str, name: str) -> None:
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


def test_without_a_link_reports_find_another_way(five: Herd, client: str) -> None:
    five.proxies["Hill", "Gasol"].cut()
    eventually(lambda: not five.status("Hill")["neighbours"]["Gasol"]["up"])
    five.all_know(client, five.report("Hill", client))
    five.proxies["Hill", "Gasol"].mend()
    five.wait()
    five.all_know(client, five.report("Gasol", client))


def test_one_that_is_cut_off_and_the_others_learn_from_each_other(five: Herd, client: str) -> None:
    ways = [five.proxies["Hill", "Gasol"], five.proxies["Farmer", "Hill"]]
    for way in ways:
        way.cut()
    eventually(lambda: not any(n["up"] for n in five.status("Hill")["neighbours"].values()))
    inside, outside = five.report("Hill", f"{client}-in"), five.report("Young", f"{client}-out")
    five.report("Young", client)
    last = five.report("Hill", client)
    five.all_know(f"{client}-out", outside, but=["Hill"])
    assert five.known("Hill", f"{client}-out") == b""
    assert five.known("Young", f"{client}-in") == b""
    for way in ways:
        way.mend()
    five.wait()
    five.all_know(f"{client}-in", inside)
    five.all_know(f"{client}-out", outside)
    five.all_know(client, last)


def test_a_link_that_swallows_everything_is_made_anew(five: Herd, client: str) -> None:
    way = five.proxies["Young", "Meeks"]
    way.fall_silent()
    eventually(lambda: not five.status("Young")["neighbours"]["Meeks"]["up"])
    answer = five.report("Young", client)
    way.mend()
    five.wait()
    five.all_know(client, answer)


def test_a_server_that_hangs_is_given_up_and_catches_up(five: Herd, client: str) -> None:
    five.processes["Meeks"].send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: not five.status("Farmer")["neighbours"]["Meeks"]["up"])
        answer = five.report("Farmer", client)
        five.all_know(client, answer, but=["Meeks"])
    finally:
        five.processes["Meeks"].send_signal(signal.SIGCONT)
    five.wait()
    five.all_know(client, answer)


def test_a_stranger_injects_nothing(five: Herd) -> None:
    flood = format_flood(report("stranger"), hop="Gasol")
    with five.client("Hill") as stranger:
        assert stranger.say(flood) == b"? " + flood + b"\n"
    with Client(five.ports["Hill"]["peers"]) as stranger, pytest.raises(ConnectionResetError):
        stranger.say(flood)
    assert five.known("Hill", "stranger") == b""
    assert five.status("Hill")["counts"]["strangers"] >= 1


# --- One server ---------------------------------------------------------------------------------


def test_who_asks_and_closes_one_half_hears_all_answers(five: Herd, client: str) -> None:
    with five.client("Hill") as phone:
        phone.report(client)
        phone.socket.sendall(f"WHATSAT {client} 1 1\r\nnonsense\r\n".encode())
        phone.socket.shutdown(socket.SHUT_WR)
        assert re.fullmatch(rb"AT .*\r\n{.*}\r\n\r\n\? nonsense\r\n", phone.lines.read())


def test_who_does_not_read_is_dropped(five: Herd) -> None:
    before = five.status("Hill")["counts"]["dropped_slow"]
    with five.client("Hill") as phone:
        phone.socket.setblocking(False)

        def dropped() -> bool:
            try:
                phone.socket.send(b"STATUS\n" * 1000)
            except BlockingIOError:
                pass
            except OSError:
                return True
            return False

        eventually(dropped)
    assert five.status("Hill")["counts"]["dropped_slow"] == before + 1


def test_thousands_may_be_connected(five: Herd) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 10_000), hard))
    phones = [five.client("Hill") for _ in range(3000)]
    try:
        for number, phone in enumerate(phones):
            assert phone.report(f"crowd-{number}").startswith(b"AT Hill ")
        assert five.status("Hill")["clients"] >= 3000
        eventually(lambda: five.status("Young")["reports"] >= 3000)
    finally:
        for phone in phones:
            phone.__exit__()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    eventually(lambda: five.status("Hill")["clients"] == 0)


def test_it_keeps_logs_named_by_when_it_started(five: Herd) -> None:
    logs = sorted((five.folder / "herd" / "Hill").iterdir())
    assert {path.stat().st_mode & 0o777 for path in logs} == {0o600}
    names = [path.name for path in logs]
    time = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}Z"
    assert all(re.fullmatch(rf"{time}(\.error)?\.log", name) for name in names), names
    assert "link to Gasol is up" in logs[-1].read_text()
    assert "Unhandled" not in five.errors("Hill")


def test_it_stops_when_told_to(five: Herd) -> None:
    assert five.kill("Young", signal.SIGTERM) == 0
    assert five.kill("Meeks", signal.SIGINT) == 0  # Ctrl-C
    five.start("Young")
    five.start("Meeks")
    five.wait()


def test_nobody_logged_anything_unexpected(five: Herd) -> None:
    """The last of those who share the herd."""
    for name in NAMES:
        assert "Traceback" not in five.errors(name) + five.said(name)


def test_where_few_files_may_be_open_there_is_less_room(tmp_path: Path) -> None:
    """And that room is kept for neighbours and for Chirp: nobody runs out of files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Chirp() as chirp:
        herd = Herd(tmp_path, names=["Hill"], chirp=chirp.url, files=250)
        with herd:
            phones = [herd.client("Hill") for _ in range(60)]
            heard = [phone.try_to_say("STATUS") for phone in phones]
            assert 45 <= sum(line != b"" for line in heard) <= 50
            assert herd.status("Hill")["counts"]["refused_full"] >= 10
            for phone in phones:
                phone.__exit__()
    assert "Traceback" not in herd.said("Hill")
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)


# --- What it refuses ----------------------------------------------------------------------------


def run(*command: str, var: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env={"VAR_DIR": str(var), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_name_that_is_not_in_the_settings_is_refused(tmp_path: Path) -> None:
    result = run("-m", "herd", "Bryant", var=tmp_path)
    assert result.returncode == 1
    assert result.stderr == (
        "herd: there is no server 'Bryant': Hill, Gasol, Young, Meeks, Farmer.\n"
    )


def test_settings_that_are_not_there_are_named(tmp_path: Path) -> None:
    result = run("-m", "herd", "Hill", "--settings", str(tmp_path / "none.toml"), var=tmp_path)
    assert result.returncode == 1
    assert result.stderr.endswith("none.toml cannot be read: No such file or directory.\n")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    herd = Herd(tmp_path, names=["Hill"], chirp="http://127.0.0.1:1")
    port = herd.ports["Hill"]["clients"]
    with socket.create_server((HOST, port)):
        result = run("-m", "herd", "Hill", "--settings", str(herd._file("Hill")), var=tmp_path)
    assert result.returncode == 1
    assert f"herd: Hill cannot listen: Couldn't listen on 127.0.0.1:{port}" in result.stderr
    assert "Traceback" not in result.stderr
