"""Helpers for tests of query plans: what the queries of a call read, by the plans that they run."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

Query = tuple[str, Any]  # SQL and parameters
Node = dict[str, Any]


def queries_of(call: Callable[[], object]) -> list[Query]:
    """Run a function, and return the queries that it makes."""
    found: list[Query] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    return found


def plan(query: Query) -> list[Node]:
    """Run a query again, and return the nodes of its plan with their actual row counts.

    For a query of chirp.db.prepared this is the generic plan.
    """
    sql, params = query
    with connection.cursor() as cursor:
        if "$1" not in sql:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            return list(_below(_root(cursor.fetchone()[0])))
        given = ", ".join(["%s::text"] * len(params))
        cursor.execute("PREPARE explained AS " + sql.replace("%", "%%"), [])
        blanks = ", ".join(["%%L"] * len(params))
        cursor.execute(f"SELECT format('EXECUTE explained ({blanks})', {given})", params)
        execute = cursor.fetchone()[0]
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {execute.replace('%', '%%')}", [])
        found = list(_below(_root(cursor.fetchone()[0])))
        cursor.execute("DEALLOCATE explained")
    return found


def rows_read(call: Callable[[], object]) -> int:
    """Return how many rows the queries of a call read from tables and indexes.

    Rows that a filter dropped are included.
    """
    return sum(rows for query in queries_of(call) for _, rows in reads(query))


def reads(query: Query) -> list[tuple[str, int]]:
    """Return what a query read from: each index or table, and the number of rows."""
    return [(_source(node), _rows(node)) for node in plan(query) if "Relation Name" in node]


def drawn(nodes: list[Node]) -> str:
    """A plan as text, for the message of a test that fails: a line for each node."""
    return "\n".join(["", *map(_line, nodes)])


def _line(node: Node) -> str:
    source = node.get("Index Name", node.get("Relation Name", ""))
    return (
        f"{node['Node Type']} {source}: rows {node['Plan Rows']} estimated, "
        f"{node['Actual Rows']} read in {node['Actual Loops']} loops; "
        f"cost {node['Startup Cost']} to {node['Total Cost']}"
    )


def _source(node: Node) -> str:
    return f"{node['Node Type']} {node.get('Index Name', node['Relation Name'])}"


def _rows(node: Node) -> int:
    each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return int(node["Actual Loops"] * each)


def _root(answer: Any) -> Node:
    found: Node = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return found


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", []):
        yield from _below(child)
