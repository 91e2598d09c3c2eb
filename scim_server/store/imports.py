"""Lists of people brought in from files, and their rows."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, text, update

from scim_server.domain.imports import EMAIL, Import, ImportRow, Mode, State, Supply, Verdict
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.protocol.normalising import address_key
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import import_rows, imports, tenants

_TENANT: ColumnElement[Any] = bindparam("tenant")
_ALL = select(imports).where(imports.c.tenant_id == _TENANT).order_by(imports.c.id)
_BEFORE = (
    select(imports)
    .where(imports.c.tenant_id == _TENANT, imports.c.id < bindparam("below"))
    .order_by(imports.c.id.desc())
    .limit(bindparam("most"))
)
_LATEST = "~"
"""Behind every id."""
_ONE = select(imports).where(imports.c.tenant_id == _TENANT, imports.c.id == bindparam("of_import"))
_SAVE = (
    update(imports)
    .where(imports.c.tenant_id == _TENANT, imports.c.id == bindparam("of_import"))
    .values({column.name: bindparam(column.name) for column in imports.c if column.name not in {"tenant_id", "id"}})
)
_MINE = (import_rows.c.tenant_id == _TENANT, import_rows.c.import_id == bindparam("of_import"))
_REMOVE_ROWS = delete(import_rows).where(import_rows.c.tenant_id == _TENANT, among(import_rows.c.import_id))
_REMOVE = delete(imports).where(imports.c.tenant_id == _TENANT, among(imports.c.id))
_AFTER = (
    select(import_rows)
    .where(*_MINE, import_rows.c.number > bindparam("above"))
    .order_by(import_rows.c.number)
    .limit(bindparam("most"))
)
_AFTER_OF = _AFTER.where(among(import_rows.c.verdict, "verdicts"))
_FIRST = (
    select(
        import_rows.c.address_key,
        func.min(import_rows.c.number).label("number"),
        func.min(import_rows.c.line).label("line"),
    )
    .where(*_MINE, among(import_rows.c.address_key))
    .group_by(import_rows.c.address_key)
)
_ADD = text(
    "INSERT INTO import_rows (tenant_id, import_id, number, line, cells, address_key, problem) "
    "SELECT :tenant, :of_import, number, line, cells, address_key, problem "
    "FROM json_to_recordset(CAST(:brought AS json)) "
    "AS brought(number integer, line integer, cells json, address_key text, problem text)"
)
"""For PostgreSQL: a thousand rows are one value to send."""
_WEIGH = text("ANALYZE import_rows")
_VERDICT = (
    update(import_rows)
    .where(*_MINE, import_rows.c.number == bindparam("of_number"))
    .values({name: bindparam(f"new_{name}") for name in ("verdict", "reason", "waits", "user_id")})
)
_VERDICTS = text(
    "UPDATE import_rows SET verdict = judged.verdict, reason = judged.reason, waits = judged.waits, "
    "user_id = judged.user_id FROM json_to_recordset(CAST(:judged AS json)) "
    "AS judged(number integer, verdict text, reason text, waits json, user_id text) "
    "WHERE import_rows.tenant_id = :tenant AND import_rows.import_id = :of_import "
    "AND import_rows.number BETWEEN :first AND :last AND import_rows.number = judged.number"
)
"""For PostgreSQL: told of them one by one it might, by a bad plan, look through the whole import each time."""
_LAPSED = (
    select(tenants)
    .where(
        select(imports.c.id)
        .where(
            imports.c.tenant_id == tenants.c.id,
            imports.c.state.in_([State.READING.value, State.READY.value, State.RUNNING.value]),
            imports.c.lease <= bindparam("now"),
        )
        .exists()
    )
    .order_by(tenants.c.slug)
)


@dataclass(frozen=True, slots=True)
class Imports:
    """The imports of one tenant."""

    scope: Scope

    def all(self) -> list[Import]:
        return [_import_of(row) for row in self.scope.rows(_ALL)]

    def before(self, import_id: str | None, most: int) -> list[Import]:
        return [_import_of(row) for row in self.scope.rows(_BEFORE, below=import_id or _LATEST, most=most)]

    def get(self, import_id: str) -> Import | None:
        row = self.scope.row(_ONE, of_import=import_id)
        return None if row is None else _import_of(row)

    def lock(self, import_id: str) -> Import | None:
        row = self.scope.row(_ONE.with_for_update(), of_import=import_id)
        return None if row is None else _import_of(row)

    def add(self, new: Import) -> None:
        self.scope.insert(imports, _row(new))

    def save(self, changed: Import) -> None:
        row = _row(changed)
        self.scope.run(_SAVE, of_import=row.pop("id"), **row)

    def remove(self, import_ids: Collection[str]) -> None:
        self.scope.run(_REMOVE_ROWS, ids=import_ids)
        self.scope.run(_REMOVE, ids=import_ids)

    def weigh_rows(self) -> None:
        if not self.scope.is_sqlite:
            self.scope.run(_WEIGH)

    def add_rows(self, import_id: str, new: Sequence[ImportRow]) -> None:
        brought = [
            {
                "number": row.number,
                "line": row.line,
                "cells": dict(row.cells),
                "address_key": address_key(row.cell(EMAIL)) or None,
                "problem": row.problem,
            }
            for row in new
        ]
        if self.scope.is_sqlite:
            self.scope.insert(import_rows, *({"import_id": import_id, **each} for each in brought))
        else:
            self.scope.run(_ADD, of_import=import_id, brought=orjson.dumps(brought).decode())

    def rows_after(self, import_id: str, number: int, most: int, verdicts: Collection[Verdict] = ()) -> list[ImportRow]:
        asked: dict[str, Any] = {"of_import": import_id, "above": number, "most": most}
        if verdicts:
            found = self.scope.rows(_AFTER_OF, **asked, verdicts=[verdict.value for verdict in verdicts])
        else:
            found = self.scope.rows(_AFTER, **asked)
        return [_import_row_of(row) for row in found]

    def first_lines(self, import_id: str, among_rows: Collection[ImportRow]) -> dict[int, int]:
        keys = {row.number: address_key(row.cell(EMAIL)) for row in among_rows}
        found = self.scope.rows(_FIRST, of_import=import_id, ids=set(keys.values()))
        firsts = {row["address_key"]: (row["number"], row["line"]) for row in found}
        return {number: firsts[key][1] for number, key in keys.items() if key in firsts and firsts[key][0] < number}

    def save_verdicts(self, import_id: str, judged: Sequence[ImportRow]) -> None:
        verdicts = [
            {
                "number": row.number,
                "verdict": row.verdict,
                "reason": row.reason,
                "waits": list(row.waits) or None,
                "user_id": row.user_id,
            }
            for row in judged
        ]
        if self.scope.is_sqlite:
            self.scope.run_each(
                _VERDICT,
                [
                    {"of_import": import_id, "of_number": each.pop("number")}
                    | {f"new_{name}": value for name, value in each.items()}
                    for each in verdicts
                ],
            )
        elif judged:
            numbers = [row.number for row in judged]
            self.scope.run(
                _VERDICTS,
                of_import=import_id,
                judged=orjson.dumps(verdicts).decode(),
                first=min(numbers),
                last=max(numbers),
            )


def tenants_with_lapsed_imports(connection: Connection, now: Instant) -> list[Tenant]:
    """The tenants with an import that is to run and that nobody is at work on, by slug."""
    return [rows.tenant_of(row) for row in connection.execute(_LAPSED, {"now": now}).mappings()]


def _row(job: Import) -> dict[str, Any]:
    return {
        **asdict(job),
        "columns": list(job.columns),
        "counts": dict(job.counts),
        "seats": [asdict(supply) for supply in job.seats],
    }


def _import_of(row: rows.Row) -> Import:
    values = {name: row[name] for name in row if name != "tenant_id"}
    return Import(
        **{
            **values,
            "mode": Mode(row["mode"]),
            "state": State(row["state"]),
            "columns": tuple(row["columns"]),
            "seats": tuple(Supply(**supply) for supply in row["seats"]),
        }
    )


def _import_row_of(row: rows.Row) -> ImportRow:
    return rows.record_of(
        ImportRow,
        row,
        verdict=None if row["verdict"] is None else Verdict(row["verdict"]),
        waits=tuple(row["waits"] or ()),
    )
