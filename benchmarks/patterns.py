"""What the server writes when somebody is created, as a pattern that thousands more can be made after.

A pattern is what one request left in every table, ids, moments, keys and the person's number put as blanks. Two people
must leave the same pattern, so what is filled into it is what the server itself would have written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import JSON, Table

from benchmarks.people import digits
from scim_server.services.audit_ciphers import decrypt, encrypt, new_key
from scim_server.store.identifiers import new_id
from scim_server.store.tables import metadata
from scim_server.store.walls import OPERATOR
from tests.worlds import World

Row = tuple[Any, ...]
Key = tuple[Any, ...]
Contents = dict[str, dict[Key, Row]]
"""Rows as the driver gives them, documents as text, by table and primary key."""

_BLANK = re.compile(
    r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"
)
_SIDES = ("before", "after")
_PASSING = frozenset({"provisioning_log.milliseconds"})
"""What differs between two people for no reason of theirs."""


class Irregular(Exception):
    """Two people did not leave the same pattern; the message says in which table."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A column that grows by so much with each person."""

    table: str
    key: Key
    column: str
    by: int


@dataclass(frozen=True)
class Pattern:
    """Rows by table with blanks, facts of the audit trail readable, and what is counted up."""

    rows: Mapping[str, list[dict[str, Any]]]
    counters: frozenset[Counter]
    ids: int
    moments: int
    tenant_id: str

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        return {table: list(rows[0]) for table, rows in self.rows.items()}

    @cached_property
    def person(self) -> str:
        """The blank that is the person's id."""
        return str(self.rows["users"][0]["id"])

    def check(self, other: "Pattern") -> None:
        """Raises Irregular where another person's pattern is not the same."""
        for table in self.rows.keys() | other.rows.keys():
            if self.rows.get(table) != other.rows.get(table):
                raise Irregular(f"{table}: {self.rows.get(table)} and {other.rows.get(table)}")
        if self.counters != other.counters:
            raise Irregular(f"counters: {self.counters ^ other.counters}")

    def fill(self, number: int, now: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of person `number`, created at `now`; the audit trail's not sealed yet."""
        blanks = {f"id{place}": new_id() for place in range(self.ids)}
        blanks |= {f"at{place}": now for place in range(self.moments)}
        blanks |= {"number": digits(number), "key": new_key()}
        filled = {
            table: [
                {name: value % blanks if type(value) is str else value for name, value in row.items()} for row in rows
            ]
            for table, rows in self.rows.items()
        }
        for row in filled["audit"]:
            for side in _SIDES:
                if row["person"] is not None and row[side] is not None:
                    sealed = encrypt(blanks["key"], orjson.loads(row[side]), _place(self.tenant_id, row["id"], side))
                    row[side] = orjson.dumps(sealed).decode()
        return filled


def contents(world: World) -> Contents:
    """Every row of every table."""
    with world.installation.database.read(OPERATOR) as connection:
        found: Contents = {}
        for table in metadata.sorted_tables:
            columns = ", ".join(_column(table, column.name, world) for column in table.columns)
            rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{table.name}"').all()
            places = [table.columns.keys().index(column.name) for column in table.primary_key]
            found[table.name] = {tuple(row[place] for place in places): tuple(row) for row in rows}
        return found


def pattern(before: Contents, after: Contents, number: int, tenant_id: str) -> Pattern:
    """What came between two looks at the tables, by the creation of that person. Raises Irregular."""
    added = {table: [row for key, row in rows.items() if key not in before[table]] for table, rows in after.items()}
    rows = {table: [_named(table, row) for row in found] for table, found in added.items() if found}
    _open(rows, tenant_id)
    known = {match[0] for match in _BLANK.finditer(repr(before))}
    fresh = {kind: sorted(_new(rows, kind) - known) for kind in ("id", "at")}
    blanks = {value: f"%({kind}{place})s" for kind, values in fresh.items() for place, value in enumerate(values)}
    blanks |= {digits(number): "%(number)s", rows["person_keys"][0]["key"]: "%(key)s"}
    blanked = {
        table: sorted((_blanked(table, row, blanks) for row in found), key=repr) for table, found in rows.items()
    }
    return Pattern(blanked, frozenset(_counters(before, after)), len(fresh["id"]), len(fresh["at"]), tenant_id)


def _column(table: Table, name: str, world: World) -> str:
    if isinstance(table.columns[name].type, JSON) and not world.installation.database.is_sqlite:
        return f'CAST("{name}" AS text)'
    return f'"{name}"'


def _named(table: str, row: Row) -> dict[str, Any]:
    return dict(zip(metadata.tables[table].columns.keys(), row, strict=True))


def _open(rows: Mapping[str, list[dict[str, Any]]], tenant_id: str) -> None:
    """Put what the audit trail's ciphertexts say in their place."""
    keys = {row["person"]: row["key"] for row in rows["person_keys"]}
    for row in rows["audit"]:
        for side in _SIDES:
            if row["person"] is not None and row[side] is not None:
                facts = decrypt(keys[row["person"]], orjson.loads(row[side]), _place(tenant_id, row["id"], side))
                row[side] = orjson.dumps(facts).decode()


def _new(rows: Mapping[str, list[dict[str, Any]]], kind: str) -> set[str]:
    return {match[0] for match in _BLANK.finditer(repr(rows)) if match.lastgroup == kind}


def _blanked(table: str, row: Mapping[str, Any], blanks: Mapping[str, str]) -> dict[str, Any]:
    blanked: dict[str, Any] = {}
    for name, value in row.items():
        if f"{table}.{name}" in _PASSING:
            value = 1
        elif isinstance(value, str):
            value = value.replace("%", "%%")
            for found, blank in blanks.items():
                value = value.replace(found, blank)
        blanked[name] = value
    return blanked


def _counters(before: Contents, after: Contents) -> Iterator[Counter]:
    for table, rows in after.items():
        for key, row in rows.items():
            earlier = before[table].get(key, row)
            for column, was, now in zip(metadata.tables[table].columns.keys(), earlier, row, strict=True):
                if was == now:
                    continue
                if type(was) is not int or type(now) is not int:
                    raise Irregular(f"{table}.{column} went from {was!r} to {now!r}: that can not be counted up")
                yield Counter(table, key, column, now - was)


def _place(tenant_id: str, entry_id: str, side: str) -> str:
    return f"{tenant_id}/{entry_id}/{side}"
