"""How a database runs the statements that the server really sends it, told by the database as it runs them.

PostgreSQL: the module auto_explain, which sees each statement behind the wall, in the role of the application, with the
plan that was used, be it one for these very values or a general one of a prepared statement, and with how many rows
each step met. SQLite: EXPLAIN QUERY PLAN.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
from sqlalchemy import event, make_url

from tests.worlds import World

SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
}


def let_explain(url: str, **settings: str) -> None:
    """Have every session that comes from now on told how its statements are run. Wants a superuser."""
    name = make_url(url).database
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("LOAD 'auto_explain'")
        for setting, value in {**SETTINGS, **settings}.items():
            connection.execute(f"ALTER DATABASE \"{name}\" SET {setting} = '{value}'".encode())


@dataclass(frozen=True)
class Explained:
    """A statement and its plan: the nodes on PostgreSQL, the lines on SQLite."""

    statement: str
    plan: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def rows_read(self, tables: frozenset[str]) -> int:
        """How many rows of those tables, or entries of their indexes, were looked at."""
        return sum(map(_read, (node for node in self.plan if node.get("Relation Name") in tables)))

    def whole(self, tables: frozenset[str]) -> list[str]:
        """Which of those tables were read from end to end."""
        return [
            node["Relation Name"]
            for node in self.plan
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables
        ]


@contextmanager
def explaining(world: World) -> Iterator[list[Explained]]:
    """Collects what is told meanwhile of all statements but those that only set something."""
    database = world.installation.database
    told: list[Explained] = []
    name, listen = ("before_cursor_execute", _asking) if database.is_sqlite else ("checkout", _listening)
    listener = listen(told)
    event.listen(database.engine, name, listener)
    try:
        yield told
    finally:
        event.remove(database.engine, name, listener)
        database.dispose()


def _asking(told: list[Explained]) -> Callable[..., None]:
    def ask(_: object, cursor: Any, statement: str, parameters: Any, _context: object, many: bool) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")):
            values = parameters[0] if many else parameters
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            told.append(Explained(statement, lines=[row[3] for row in rows]))

    return ask


def _listening(told: list[Explained]) -> Callable[..., None]:
    def hear(notice: psycopg.errors.Diagnostic) -> None:
        _, found, plan = (notice.message_primary or "").partition("plan:\n")
        if found:
            read = orjson.loads(plan)
            if "set_config" not in read["Query Text"]:
                told.append(Explained(read["Query Text"], list(_nodes(read["Plan"]))))

    def listen(driver: psycopg.Connection[Any], record: Any, _proxy: object) -> None:
        if not record.info.get("heard"):
            record.info["heard"] = True
            driver.add_notice_handler(hear)

    return listen


def _read(node: dict[str, Any]) -> int:
    met = (node.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return int(sum(met) * node["Actual Loops"])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
