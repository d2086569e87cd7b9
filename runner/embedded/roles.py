"""The roles of the embedded PostgreSQL: Chirp's own, and the superuser that sets it up."""

import contextlib
from pathlib import Path

import psycopg

from chirp.embedded_urls import DATABASE, postgres_socket

SUPERUSER = "postgres"
# Containers run the same file.
SETUP = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "1-setup.sql"
# Of a cluster whose superuser still is `chirp`: a role cannot rename itself, but this one can.
MOVER = "chirp_mover"


def connect(var: Path, *, role: str = SUPERUSER, database: str = SUPERUSER) -> psycopg.Connection:
    """A connection over the socket, as the superuser. It commits each statement."""
    return psycopg.connect(
        host=str(postgres_socket(var).parent),
        port=5432,
        user=role,
        dbname=database,
        connect_timeout=2,
        autocommit=True,
    )


def answers(var: Path) -> bool:
    """Whether the server accepts connections, within a few seconds, whatever its roles are."""
    address = f"host={postgres_socket(var).parent} port=5432 user={SUPERUSER} connect_timeout=2"
    return psycopg.pq.PGconn.ping(address.encode()) == psycopg.pq.Ping.OK


def ensure(var: Path, *, for_tests: bool = False) -> None:
    """Create the database and the roles that are missing. `chirp` owns it and is no superuser.

    `for_tests` allows it to create databases, which Django's test runner does.
    """
    role = _superuser(var)
    with connect(var, role=role) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [DATABASE]).fetchone() is None:
            # Another process may have created it meanwhile.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(f"CREATE DATABASE {DATABASE}")
    with connect(var, role=role, database=DATABASE) as connection:
        connection.execute(SETUP.read_bytes())
    with connect(var) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {MOVER}")
        if for_tests:
            connection.execute(f"ALTER ROLE {DATABASE} CREATEDB")


def _superuser(var: Path) -> str:
    """The role to do that as: the superuser, or in an older cluster the one that renames it."""
    try:
        connect(var).close()
        return SUPERUSER
    except psycopg.OperationalError:
        with connect(var, role=DATABASE) as connection:
            exists = "SELECT 1 FROM pg_roles WHERE rolname = %s"
            if connection.execute(exists, [MOVER]).fetchone() is None:
                connection.execute(f"CREATE ROLE {MOVER} LOGIN SUPERUSER")
        return MOVER
