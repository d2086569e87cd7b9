"""The search for secrets in the logs of a test run: it finds what must not be logged."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from conftest import PASSWORD
from tests.helpers import secret_logs
from tests.helpers.secret_logs import LogSearch

SESSION_KEY = "k3" * 16
# In parts, so that neither this file nor a failing test's output looks like a leak.
CANARIES = {
    "a password hash": "argon2" + "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
    "an e-mail address": "alice" + "@example.org",
    "a token": ".".join(("eyJ" + "hbGciOiJSUzI1NiJ9", "eyJ" + "zdWIiOiIxMjM0In0", "c2lnbmF0dXJl")),
    "a private key": "-----BEGIN " + "PRIVATE KEY-----",
    "a session cookie": "Cookie: sessionid=" + "x7" * 16,
    "a session key": SESSION_KEY,
    "a password": PASSWORD,
    "the SECRET_KEY": "a key that signs everything",
}
HARMLESS = (
    "GET /@:handle/117149977870336 200 request_id=0af7651916cd43dd8448eb211c80319c ms=7.1",
    "Sent timelines.fan_out. event_id=1 tweet_id=117149977870336",
    "a password that was not used here",
)

LEAKING_TEST = """
import logging

SECRET = "alice" + "@example.org"


def test_it(tmp_path):
    logging.getLogger("x").warning(SECRET)
    (tmp_path / "log").write_text(SECRET)
"""


@pytest.fixture
def search() -> LogSearch:
    """A search that knows the secrets above."""
    search = LogSearch()
    search.learn_password(PASSWORD)
    search.learn_session_key(SESSION_KEY)
    search.others["the SECRET_KEY"] = CANARIES["the SECRET_KEY"].encode()
    return search


def kinds(sentences: list[str]) -> str:
    return "\n".join(sentences)


@pytest.mark.parametrize("kind", CANARIES)
@pytest.mark.parametrize(
    "name", ["log", "log/postgres.log", "relay.log", "log/anything", "x.log.1"]
)
def test_it_finds_each_secret_in_each_log(
    search: LogSearch, tmp_path: Path, kind: str, name: str
) -> None:
    log = tmp_path / "of-a-test" / name
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(f"INFO before\nERROR detail: {CANARIES[kind]} (and more)\nINFO after\n")
    search.check_files(tmp_path)
    assert kind in kinds(search.found)
    log.write_text("")  # this run's own search would find it


@pytest.mark.parametrize("kind", CANARIES)
def test_it_finds_each_secret_in_messages_fields_and_tracebacks(
    search: LogSearch, kind: str
) -> None:
    def record(message: str, *args: object, error: bool = False) -> logging.LogRecord:
        info = sys.exc_info() if error else None
        return logging.LogRecord("chirp", logging.INFO, "", 0, message, args, info)

    in_fields = record("Done.")
    in_fields.fields = {"login": CANARIES[kind]}
    records = [record("Signed in: %s.", CANARIES[kind]), in_fields]
    try:
        raise ValueError(CANARIES[kind])
    except ValueError:
        records.append(record("Failed.", error=True))
    for number, each in enumerate(records):
        search.check_record(each, f"test {number}")
        assert f"test {number} logged {kind}" in kinds(search.found)


def test_it_finds_handles_where_the_formats_of_the_site_leave_them(
    search: LogSearch, tmp_path: Path
) -> None:
    handle = "@" + "alice"
    ours = logging.LogRecord("chirp", logging.INFO, "", 0, "By %s.", (handle,), None)
    search.check_record(ours, "test 1")
    (tmp_path / "log").write_text(f"GET /{handle}/1")
    search.check_files(tmp_path)
    (tmp_path / "log").write_text("")
    assert [each.partition(" a handle")[0][-6:] for each in search.found] == ["logged", "og has"]
    error = ValueError(handle)
    told = logging.LogRecord("chirp", logging.INFO, "", 0, "No: %s", (error,), None)
    search.check_record(told, "test 2")
    assert "test 2" not in kinds(search.found)


def test_a_secret_on_the_border_of_two_blocks_is_found(
    search: LogSearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_logs, "BLOCK", 64)
    monkeypatch.setattr(secret_logs, "OVERLAP", 40)
    log = tmp_path / "log"
    log.write_text("x" * 50 + PASSWORD)
    search.check_files(tmp_path)
    log.write_text("")
    assert "a password" in kinds(search.found)


def test_it_finds_nothing_in_ordinary_lines(search: LogSearch, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n".join(HARMLESS))
    search.check_files(tmp_path)
    assert search.found == []


@pytest.mark.slow
@pytest.mark.parametrize("processes", [(), ("-p", "xdist", "-n", "1")], ids=["one", "several"])
def test_a_run_that_logs_a_secret_fails(tmp_path: Path, processes: tuple[str, ...]) -> None:
    """A run of its own: its only test passes, and it fails all the same."""
    test, inner = tmp_path / "test_leak.py", tmp_path / "inner"
    test.write_text(LEAKING_TEST)
    base = settings.BASE_DIR
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--no-servers", "-q", "-p", "no:cacheprovider"),
            *("--rootdir", base, "-c", base / "pyproject.toml"),
            *(f"--basetemp={inner}", *processes, str(test)),
        ],
        cwd=base,
        capture_output=True,
        text=True,
        check=False,
    )
    for log in inner.rglob("log"):
        log.unlink()  # or the search of this run would find it too
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 1
    assert re.search(r"test_it \(call\) logged an e-mail address", ran.stdout)
    assert re.search(r"/log has an e-mail address", ran.stdout)
