"""PgBouncer in transaction mode for tests and tools: Debian's, in front of an embedded Postgres."""

import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import psycopg

from chirp.embedded_urls import DATABASE, postgres_socket
from runner.embedded import Server, postgres_user, private_dir, system_user

NAME = "pgbouncer"
SERVER_CONNECTIONS = 3
# The port is part of the socket's name. Clients need no password: the folder is private.
CONFIGURATION = """
[databases]
{database} = host={server} port=5432 user={user} connect_query='SET statement_timeout = 5000'
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = any
admin_users = {user}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
server_round_robin = 1
server_login_retry = 1
query_wait_timeout = 5
"""


def is_installed() -> bool:
    """Whether there is a PgBouncer. script/test installs it where it has permission."""
    return shutil.which(NAME) is not None


def pgbouncer(var: Path, folder: Path, *, database: str = DATABASE) -> Server:
    """A PgBouncer in front of the Postgres of `var`, which is not started yet.

    `folder` is its own. It gives the same server connection to many clients in turns.
    """
    private_dir(folder)
    lead_to(var, folder, database=database)
    if postgres_user():  # it refuses to run as root, too
        system_user.give(system_user.ensure(), folder)
    return Server(
        NAME,
        [str(shutil.which(NAME)), str(folder / "pgbouncer.ini")],
        log=folder.with_name(f"{folder.name}.log"),
        answers=lambda: _answers(folder),
        stop_signal=signal.SIGINT,
        user=postgres_user(),
    )


def lead_to(var: Path, folder: Path, *, database: str = DATABASE) -> None:
    """Write the configuration of a PgBouncer in front of the Postgres of `var`.

    One that runs reads it at RELOAD.
    """
    configuration = CONFIGURATION.format(
        database=database,
        user=DATABASE,
        server=postgres_socket(var).parent,
        folder=folder,
        size=SERVER_CONNECTIONS,
    )
    (folder / "pgbouncer.ini").write_text(configuration)


def administer(folder: Path, command: str) -> None:
    """Run a command in the console of a PgBouncer, such as RELOAD."""
    address = f"host={folder} port=6432 user={DATABASE} dbname=pgbouncer"
    with psycopg.connect(address, autocommit=True) as console:
        console.pgconn.exec_(command.encode())


def pgbouncer_url(folder: Path, *, database: str = DATABASE) -> str:
    """For DATABASE_URL."""
    return f"postgresql://{DATABASE}@{quote(str(folder), safe='')}:6432/{database}"


def _answers(folder: Path) -> bool:
    address = f"host={folder} port=6432 user={DATABASE} dbname=pgbouncer connect_timeout=2"
    return psycopg.pq.PGconn.ping(address.encode()) == psycopg.pq.Ping.OK
