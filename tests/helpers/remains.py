"""Search everything that a site stores for what should be gone: all tables, keys and files.

The search knows no table by name. It reads every column of every table as text, so it finds what
was left behind in one that did not exist when it was written.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from chirp.redis.client import client

BRIEF = 3_600  # seconds: keys that expire within an hour by themselves are counters of requests
COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position
"""


def in_tables(*wanted: str) -> set[str]:
    """The columns (`table.column`) that hold one of these texts, in any case."""
    patterns = [f"%{text}%" for text in wanted]
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column in cursor.fetchall():
            query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {}::text ILIKE ANY (%s))")
            names = sql.Identifier(table), sql.Identifier(column)
            cursor.execute(query.format(*names), [patterns])
            if cursor.fetchone() == (True,):
                found.add(f"{table}.{column}")
    return found


def in_redis(*wanted: str) -> set[str]:
    """The keys that hold one of these texts, or have it in their name, and stay."""
    server = client()
    keys = [key for key in server.scan_iter(count=1000) if not 0 <= server.ttl(key) <= BRIEF]
    return {key.decode() for key in keys if any(text.encode() in _content(key) for text in wanted)}


def _content(key: bytes) -> bytes:
    server: Any = client()
    kind = server.type(key)
    if kind == b"string":
        values = [server.get(key) or b""]
    elif kind == b"zset":
        values = server.zrange(key, 0, -1)
    elif kind == b"hash":
        values = [part for pair in server.hgetall(key).items() for part in pair]
    else:
        values = list(server.smembers(key) if kind == b"set" else server.lrange(key, 0, -1))
    return b"\n".join([key, *values])


def in_files(folders: Collection[Path], *wanted: str) -> set[Path]:
    """The files below the folders that hold one of these texts, or have it in their name."""
    texts = [text.lower().encode() for text in wanted]
    return {
        path
        for path in _files(folders)
        if any(text in str(path).encode() + path.read_bytes().lower() for text in texts)
    }


def _files(folders: Collection[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in folder.rglob("*"):
            # The files of the database itself keep deleted rows until it needs the room.
            if path.is_file() and "postgres" not in path.relative_to(folder).parts:
                yield path
