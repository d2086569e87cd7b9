"""An embedded PostgreSQL and Valkey, from Python wheels, for one machine.

Everything is below one directory, here called `var`: PostgreSQL's files in `var/postgres`, the
sockets in `var/run`, which no other user may enter. There is no TCP port. The URLs depend on `var`
alone, so that the settings can name the servers before they run.

Valkey keeps nothing on disk, on purpose. It holds copies that are rebuilt from PostgreSQL, and a
broker whose loss the outbox makes harmless. Stale copies after a restart would be worse than none.
"""

from chirp.embedded_urls import broker_url, database_url, redis_url, run_dir
from runner.embedded.paths import (
    EmbeddedError,
    NoWheel,
    clear_run_dir,
    private_dir,
    wait_gone,
    working_in,
)
from runner.embedded.postgres import (
    ensure_database,
    init_postgres,
    postgres_command,
    postgres_processes,
    postgres_user,
    wait_for_postgres,
)
from runner.embedded.servers import Server, Servers, die_with_parent, running, wait_ready
from runner.embedded.valkey import init_valkey, valkey_command, wait_for_valkey

__all__ = [
    "EmbeddedError",
    "NoWheel",
    "Server",
    "Servers",
    "broker_url",
    "clear_run_dir",
    "database_url",
    "die_with_parent",
    "ensure_database",
    "init_postgres",
    "init_valkey",
    "postgres_command",
    "postgres_processes",
    "postgres_user",
    "private_dir",
    "redis_url",
    "run_dir",
    "running",
    "valkey_command",
    "wait_for_postgres",
    "wait_for_valkey",
    "wait_gone",
    "wait_ready",
    "working_in",
]
