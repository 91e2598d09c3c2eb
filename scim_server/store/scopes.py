"""A connection held to one tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Column, Executable, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from scim_server.domain.errors import Taken
from scim_server.store.expectations import Answer, Expectations
from scim_server.store.limits import LIMITS, Limits
from scim_server.store.rows import Row
from scim_server.store.short_ways import Meaning, ShortWay
from scim_server.store.vaults import Vault


@dataclass(frozen=True, slots=True)
class Scope:
    """What every repository of one unit of work shares. Every statement it runs gets the tenant as `tenant`.

    `limits` are of searches (`store/searches.py`). `vault` seals what is to be read again. `unique_external_ids` says
    that no two resources of one type may have the same externalId.
    """

    connection: ShortWay
    tenant_id: str
    is_sqlite: bool
    vault: Vault
    unique_external_ids: bool = False
    limits: Limits = LIMITS
    expectations: Expectations = field(default_factory=Expectations)

    def rows(self, statement: Executable, **values: Any) -> Sequence[Row]:
        """All rows of a statement, as mappings."""
        found: Sequence[Row] = self._answered(statement, values).mappings().all()
        return found

    def together(self, *asked: tuple[Executable, Mapping[str, Any]]) -> list[Sequence[Row]]:
        """All rows of several statements, which see the same state where the database is asked once for all of them."""
        wanted = [(statement, {"tenant": self.tenant_id, **values}) for statement, values in asked]
        return [answered.mappings().all() for answered in self.connection.together(*wanted)]

    def ask(self, statement: Executable, **values: Any) -> Answer:
        """Ask with whatever is sent next, the tenant's rows as they are then; all of them, when they are wanted."""
        answer = self.connection.ask(statement, {"tenant": self.tenant_id, **values})
        return cache(lambda: answer().mappings().all())

    def expect(self, statement: Executable, **values: Any) -> Answer:
        """Ask beforehand what `expected` or `known` will want."""
        return self.expectations.note(statement, values, self.ask(statement, **values))

    def expected(self, statement: Executable, **values: Any) -> Sequence[Row]:
        """All rows of a statement, maybe with those of more ids, as they were when they were expected; good for once.

        As they are now, where nobody expected them.
        """
        answer = self.expectations.find(statement, values)
        self.forget(statement)
        return self.rows(statement, **values) if answer is None else answer()

    def known(self, statement: Executable, **values: Any) -> Sequence[Row]:
        """The same, good until it is forgotten."""
        return (self.expectations.find(statement, values) or self.expect(statement, **values))()

    def forget(self, statement: Executable) -> None:
        """What was expected by the statement may have changed."""
        self.expectations.forget(statement)

    def row(self, statement: Executable, **values: Any) -> Row | None:
        """The first row, if there is one."""
        found: Row | None = self._answered(statement, values).mappings().first()
        return found

    def scalar(self, statement: Executable, **values: Any) -> Any:
        """The first value of the first row, None where there is none."""
        return self._answered(statement, values).scalar()

    def run(self, statement: Executable, **values: Any) -> int:
        """Execute; answers how many rows it touched."""
        touched: int = self._answered(statement, values).rowcount
        return touched

    def _answered(self, statement: Executable, values: Mapping[str, Any]) -> Any:
        return self.connection.execute(statement, {"tenant": self.tenant_id, **values})

    def run_each(self, statement: Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """Execute once per mapping, in one batch."""
        if values:
            self.connection.execute(statement, [{"tenant": self.tenant_id, **each} for each in values])

    def insert(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert rows of this tenant, in one batch."""
        self.insert_by(_insert(table), rows)

    def insert_by(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of this tenant by `statement`, which says what happens to those that are there already."""
        if rows:
            self.connection.execute(statement, [{"tenant_id": self.tenant_id, **row} for row in rows])

    def leave(
        self,
        statement: Executable,
        *batch: Mapping[str, Any],
        meaning: Meaning | None = None,
        last: bool = False,
    ) -> None:
        """Execute once per mapping with whatever is sent next, the commit at the latest; inserts get `tenant_id`.

        What fails, fails there, with what a broken constraint is said to mean. One to come `last` comes behind all that
        is left before the next question, or the commit.
        """
        tenant = "tenant_id" if isinstance(statement, Insert) else "tenant"
        values = [{tenant: self.tenant_id, **each} for each in batch]
        if values:
            self.connection.leave(statement, values, meaning, last=last)

    def insert_absent(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Insert those rows of this tenant that no unique constraint keeps out, with whatever is sent next."""
        self.leave(insert_where_absent(table, self.is_sqlite), *rows)

    def inserted_by(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> Sequence[Row]:
        """Insert rows of this tenant by `statement`, which says what is answered of each."""
        batch = [{"tenant_id": self.tenant_id, **row} for row in rows]
        return self.connection.execute(statement, batch).mappings().all() if batch else []

    def inserted(self, table: Table, column: Column[Any], *rows: Mapping[str, Any]) -> Sequence[Row]:
        """The same for at least one row; answers `column` of those that were inserted."""
        return self.inserted_by(insert_returning(table, column, self.is_sqlite), rows)


_insert = cache(insert)


@cache
def insert_where_absent(table: Table, is_sqlite: bool) -> Insert:
    """Inserts those rows that no unique constraint keeps out."""
    if is_sqlite:
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


@cache
def insert_returning(table: Table, column: Column[Any], is_sqlite: bool) -> Executable:
    """The same; answers `column` of those that were inserted."""
    return insert_where_absent(table, is_sqlite).returning(column)


def taken(error: IntegrityError, name: str, detail: str) -> Exception:
    """The refusal behind a broken unique constraint; any other broken constraint as it is.

    `name` is part of the constraint's name, and of what SQLite says instead: behind a wall PostgreSQL tells no columns.
    """
    return Taken(detail) if name in str(error.orig) else error
