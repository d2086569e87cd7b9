"""The settings file and the key."""

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from herd import key, settings
from herd.settings import Address, BadSettings, Limits

Change = Callable[[dict[str, Any]], object]


def server(number: int) -> dict[str, str]:
    return {name: f"127.0.0.1:{n}{number}" for n, name in enumerate(settings.ADDRESSES, 100)}


GOOD: dict[str, Any] = {
    "chirp": "http://127.0.0.1:8000/",
    "servers": {"Hill": server(1), "Gasol": server(2), "Young": server(3)},
    "links": [["Hill", "Gasol"], ["Young", "Gasol"]],
}


def test_the_default_herd_has_five_servers_and_is_not_fully_connected() -> None:
    herd = settings.load(settings.DEFAULT)
    assert list(herd.servers) == ["Hill", "Gasol", "Young", "Meeks", "Farmer"]
    assert 5 - 1 <= len(herd.links) < 5 * 4 / 2


@pytest.mark.parametrize("lost", ["Hill", "Gasol", "Young", "Meeks", "Farmer"])
def test_the_default_herd_stays_connected_without_any_one_server(lost: str) -> None:
    herd = settings.load(settings.DEFAULT)
    links = [link for link in herd.links if lost not in link]
    start = next(name for name in herd.servers if name != lost)
    assert settings._reachable(start, links) == set(herd.servers) - {lost}


def test_the_default_file_contains_the_default_limits() -> None:
    assert settings.load(settings.DEFAULT).limits == Limits()


def test_a_link_is_dialled_from_one_side() -> None:
    herd = settings.parse(GOOD)
    assert herd.chirp == "http://127.0.0.1:8000"
    assert herd.dialled_by("Hill") == ["Gasol"]
    assert herd.dialled_by("Gasol") == []
    assert herd.dialling("Gasol") == ["Hill", "Young"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: s.pop("chirp"), "chirp has to be a URL"),
        (lambda s: s.update(chirp="ftp://x"), "chirp has to be a URL"),
        (lambda s: s.update(colour="red"), "colour is not a known key of the file"),
        (lambda s: s.update(servers={}), "there are no servers"),
        (lambda s: s.update(servers=5), "servers has to be a table"),
        (lambda s: s["servers"].update(Hill=1), "servers.Hill has to be a table"),
        (lambda s: s["servers"].update({"A B": server(4)}), "'A B' is not a valid name"),
        (lambda s: s["servers"]["Hill"].pop("peers"), "Hill.peers has to be an address"),
        (lambda s: s["servers"]["Hill"].update(peers="x:0"), "Hill.peers has to be an address"),
        (lambda s: s["servers"]["Hill"].update(peers=":80"), "Hill.peers has to be an address"),
        (lambda s: s["servers"]["Hill"].update(port=1), "port is not a known key of servers.Hill"),
        (lambda s: s["servers"].update(HILL=server(4)), "two servers have the same name"),
        (
            lambda s: s["servers"].update(Hill=server(2)),
            "Gasol.clients and Hill.clients have the same address",
        ),
        (lambda s: s.update(links=[["Hill", "Gasol"]]), "no link leads to Young"),
        (lambda s: s.pop("links"), "no link leads to Gasol"),
        (lambda s: s["links"].append(["Hill", "Hill"]), "is not a link"),
        (lambda s: s["links"].append(["Hill"]), "is not a link"),
        (lambda s: s["links"].append(["Hill", "Meeks"]), "names 'Meeks'"),
        (lambda s: s["links"].append(["Gasol", "Hill"]), "are linked twice"),
        (lambda s: s.update(limits={"idle": -1}), "limits.idle has to be more than 0"),
        (lambda s: s.update(limits={"idle": float("nan")}), "limits.idle has to be more than 0"),
        (lambda s: s.update(limits={"idle": "1"}), "limits.idle has to be a number"),
        (lambda s: s.update(limits={"idle": True}), "limits.idle has to be a number"),
        (lambda s: s.update(limits={"reports": 1.5}), "limits.reports has to be a number"),
        (lambda s: s.update(limits={"speed": 1}), "speed is not a known key of limits"),
    ],
)
def test_invalid_settings_are_refused(change: Change, why: str) -> None:
    document = copy.deepcopy(GOOD)
    change(document)
    with pytest.raises(BadSettings, match=why):
        settings.parse(document)


def test_addresses_may_be_ipv6() -> None:
    assert settings.address("[::1]:80", "x") == Address("::1", 80)
    assert str(Address("::1", 80)) == "[::1]:80"


@pytest.mark.parametrize("content", [b"chirp = ", b"\xff", None])
def test_a_file_that_cannot_be_read_is_reported(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "herd.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadSettings, match=r"herd\.toml"):
        settings.load(path)


# --- The key ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERD_KEY", raising=False)


def test_the_key_file_is_created_once_and_is_private(tmp_path: Path) -> None:
    created = key.shared_key(tmp_path)
    assert len(created) >= key.MIN_LENGTH
    assert key.shared_key(tmp_path) == created
    (file,) = (tmp_path / "secrets").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_servers_that_start_concurrently_agree_on_a_key(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from herd import key; " \
        "print(key.shared_key(Path(sys.argv[1])))"  # fmt: skip
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=settings.CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    assert len({process.communicate()[0] for process in started}) == 1
    assert len(list((tmp_path / "secrets").iterdir())) == 1


def test_the_key_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERD_KEY", "k" * key.MIN_LENGTH)
    assert key.shared_key(tmp_path) == b"k" * key.MIN_LENGTH
    assert not (tmp_path / "secrets").exists()


def test_a_short_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_KEY", "k" * (key.MIN_LENGTH - 1))
    with pytest.raises(BadSettings, match="HERD_KEY is too short"):
        key.shared_key(tmp_path)
    monkeypatch.delenv("HERD_KEY")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "herd_key").write_text("")
    with pytest.raises(BadSettings, match="herd_key is too short"):
        key.shared_key(tmp_path)
