"""The tables that a tenant takes along when it moves, and how rows of each go from one database into another.

Rows travel by COPY into a temporary table, as no COPY goes through the wall around the table itself (PostgreSQL, "Row
Security Policies"), and are put in their places from there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.types import Integer

from scim_server.domain.errors import Taken, Unavailable
from scim_server.store.tables import (
    idempotent_requests,
    metadata,
    operator_webhooks,
    product_includes,
    products,
    resource_counts,
    tenants,
)

STAY_AT_HOME = frozenset({idempotent_requests.name})
"""Tables with a tenant_id that are kept in one place for all cells."""
COUNTED = frozenset({resource_counts.name})
"""Tables that each database fills by itself as rows of others come and go (triggers)."""
_REFERRED_TO = frozenset(key.column.table.name for table in metadata.tables.values() for key in table.foreign_keys)
ARRIVING = "arriving"
"""A copy of a tenant that lives elsewhere, until it arrives."""
_PLACE = ("cell", "moved", "copy")
"""What each database says of a tenant by itself."""


@dataclass(frozen=True)
class MovedTable:
    """One table. Statements are text: COPY has no other form, and the rows never become objects here."""

    table: Table

    @property
    def name(self) -> str:
        return self.table.name

    def load(self, here: Any, there: Any, tenant_id: str, since: str | None) -> int:
        """Bring the rows that it or a later transaction wrote, or all, to beside the table there; answers how many."""
        there.execute(f'CREATE TEMP TABLE "{self._arriving}" (LIKE "{self.name}") ON COMMIT DROP')
        changed = "" if since is None else " AND age(xmin) <= age(%s::xid8::xid)"
        chosen = f'SELECT {self._columns} FROM "{self.name}" WHERE tenant_id = %s{changed}'  # noqa: S608 our own names
        values = (tenant_id,) if since is None else (tenant_id, since)
        return _copy(here, f"COPY ({chosen}) TO STDOUT", values, there, f'"{self._arriving}" ({self._columns})')

    def arrive_anew(self, there: Any, tenant_id: str) -> int:
        """How many of the rows that were brought are not there yet."""
        found: int = _one(
            there,
            f'SELECT count(*) FROM "{self._arriving}" AS a WHERE NOT EXISTS '  # noqa: S608 our own names
            f'(SELECT FROM "{self.name}" AS t WHERE t.tenant_id = %s AND {self._same_key})',
            tenant_id,
        )
        return found

    def load_staying(self, here: Any, there: Any, tenant_id: str) -> None:
        """Bring the keys of all rows that there are here."""
        keys = ", ".join(self._keys)
        empty = f'SELECT {keys} FROM "{self.name}" WITH NO DATA'  # noqa: S608 our own names
        there.execute(f'CREATE TEMP TABLE "{self._staying}" ON COMMIT DROP AS {empty}')
        chosen = f'SELECT {keys} FROM "{self.name}" WHERE tenant_id = %s'  # noqa: S608 our own names
        _copy(here, f"COPY ({chosen}) TO STDOUT", (tenant_id,), there, f'"{self._staying}" ({keys})')
        there.execute(f'ANALYZE "{self._staying}"')

    def take_out(self, there: Any, tenant_id: str) -> None:
        """Remove the rows whose keys did not come as staying."""
        there.execute(
            f'DELETE FROM "{self.name}" AS t WHERE t.tenant_id = %s AND NOT EXISTS '  # noqa: S608 our own names
            f'(SELECT FROM "{self._staying}" AS a WHERE {self._same_key})',
            (tenant_id,),
        )

    def make_room(self, there: Any, tenant_id: str) -> None:
        """Remove the rows that come anew, where nothing refers to them.

        Of what others refer to only the values that must be unique are set aside: two rows may have exchanged theirs.
        """
        matching = f'"{self._arriving}" AS a WHERE t.tenant_id = %s AND {self._same_key}'
        if self.name not in _REFERRED_TO:
            there.execute(f'DELETE FROM "{self.name}" AS t USING {matching}', (tenant_id,))  # noqa: S608 our own names
        elif self._aside:
            there.execute(f'UPDATE "{self.name}" AS t SET {self._aside} FROM {matching}', (tenant_id,))  # noqa: S608

    def put_in(self, there: Any) -> None:
        """Put what arrived in its place."""
        onto = ""
        if self.name in _REFERRED_TO:
            values = ", ".join(f"{name} = excluded.{name}" for name in _quoted(self._others))
            onto = f" ON CONFLICT ({', '.join(self._keys)}) DO UPDATE SET {values}"
        there.execute(
            f'INSERT INTO "{self.name}" ({self._columns}) SELECT {self._columns} FROM "{self._arriving}"{onto}'  # noqa: S608
        )

    def remove(self, driver: Any, tenant_id: str, most: int) -> int:
        """Remove so many of the tenant's rows at most; answers how many."""
        keys = ", ".join(self._keys)
        removed: int = driver.execute(
            f'DELETE FROM "{self.name}" WHERE tenant_id = %s AND ({keys}) IN '  # noqa: S608 our own names
            f'(SELECT {keys} FROM "{self.name}" WHERE tenant_id = %s LIMIT %s)',
            (tenant_id, tenant_id, most),
        ).rowcount
        return removed

    @property
    def _arriving(self) -> str:
        return f"arriving_{self.name}"

    @property
    def _staying(self) -> str:
        return f"staying_{self.name}"

    @cached_property
    def _columns(self) -> str:
        return ", ".join(_quoted(self.table.columns.keys()))

    @cached_property
    def _keys(self) -> list[str]:
        return _quoted(self.table.primary_key.columns.keys())

    @cached_property
    def _others(self) -> list[str]:
        return [name for name in self.table.columns.keys() if name not in self.table.primary_key.columns]  # noqa: SIM118

    @cached_property
    def _same_key(self) -> str:
        return " AND ".join(f"t.{key} = a.{key}" for key in self._keys)

    @cached_property
    def _aside(self) -> str:
        """Values that no row has, for all columns that a second unique constraint looks at."""
        unique = [each.columns.keys() for each in self.table.constraints if isinstance(each, UniqueConstraint)]
        unique += [index.columns.keys() for index in self.table.indexes if index.unique]
        names = sorted({name for columns in unique for name in columns} & set(self._others))
        key = " || ' ' || ".join(f"t.{key}" for key in self._keys)
        return ", ".join(
            f'"{name}" = -1 - t."{name}"'
            if isinstance(self.table.columns[name].type, Integer)
            else f'"{name}" = chr(1) || {key}'
            for name in names
        )


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]


MOVED = tuple(
    MovedTable(table)
    for table in metadata.sorted_tables
    if "tenant_id" in table.columns and table.name not in STAY_AT_HOME | COUNTED
)
"""In the order of their references: who is referred to first."""
COUNTS = tuple(MovedTable(metadata.tables[name]) for name in sorted(COUNTED))
_COMPARED = (
    (tenants.name, "id", [name for name in tenants.columns.keys() if name not in _PLACE]),  # noqa: SIM118
    *((table.name, "tenant_id", table.table.columns.keys()) for table in MOVED),
)


def bring_tenant(here: Any, there: Any, tenant_id: str) -> None:
    """Bring the tenant's own row; it goes on living where it does, and what is there is a copy."""
    names = _quoted([name for name in tenants.columns.keys() if name not in _PLACE])  # noqa: SIM118
    every = ", ".join([*names, "cell", "moved"])
    there.execute("CREATE TEMP TABLE arriving_tenants (LIKE tenants) ON COMMIT DROP")
    _copy(
        here,
        f"COPY (SELECT {every} FROM tenants WHERE id = %s) TO STDOUT",  # noqa: S608 our own names
        (tenant_id,),
        there,
        f"arriving_tenants ({every})",
    )
    values = ", ".join(f"{name} = excluded.{name}" for name in [*names[1:], "copy"])
    there.execute(
        f"INSERT INTO tenants ({every}, copy) SELECT {every}, '{ARRIVING}' FROM arriving_tenants "  # noqa: S608
        f"ON CONFLICT (id) DO UPDATE SET {values}"
    )


def bring_shared(here: Any, there: Any) -> None:
    """Bring what rows of tenants refer to and the other side does not know: products, which never change, and webhooks
    of the operator, which it learns of anew as they do."""
    for table in (products, product_includes, operator_webhooks):
        columns = ", ".join(_quoted(table.columns.keys()))
        there.execute(f'CREATE TEMP TABLE "arriving_{table.name}" (LIKE "{table.name}") ON COMMIT DROP')
        chosen = f'SELECT {columns} FROM "{table.name}"'  # noqa: S608 our own names
        _copy(here, f"COPY ({chosen}) TO STDOUT", (), there, f'"arriving_{table.name}" ({columns})')
        there.execute(
            f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM "arriving_{table.name}" '  # noqa: S608
            "ON CONFLICT DO NOTHING"
        )


def filled(driver: Any, tenant_id: str) -> list[MovedTable]:
    """The tables in which the tenant has any rows."""
    statement = " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT FROM \"{table.name}\" WHERE tenant_id = %(tenant)s)"  # noqa: S608
        for table in MOVED
    )
    found = {name for (name,) in driver.execute(statement, {"tenant": tenant_id}).fetchall()}
    return [table for table in MOVED if table.name in found]


def tallies(driver: Any, tenant_id: str, since: str) -> dict[str, tuple[int, int]]:
    """How many rows the tenant has in each table, and how many of them that transaction or a later one wrote.

    A row says which transaction wrote it. Numbers of transactions go round: some older rows may be counted as new.
    """
    statement = " UNION ALL ".join(
        f"SELECT '{table.name}', count(*), count(*) FILTER (WHERE age(xmin) <= age(%(since)s::xid8::xid)) "  # noqa: S608
        f'FROM "{table.name}" WHERE tenant_id = %(tenant)s'
        for table in MOVED
    )
    found = driver.execute(statement, {"tenant": tenant_id, "since": since}).fetchall()
    return {name: (rows, changed) for name, rows, changed in found}


def digests(driver: Any, tenant_id: str) -> dict[str, tuple[int, str]]:
    """How many rows a tenant has in each table, and a digest of all that is in them, whatever their order.

    The digest adds up both halves of each row's SHA-256: no sort, and no memory, however many rows there are.
    """
    statement = " UNION ALL ".join(
        f"SELECT '{name}', count(*), {_sum(1)}, {_sum(33)} FROM (SELECT encode(sha256(convert_to("  # noqa: S608
        f"ROW({', '.join(_quoted(columns))})::text, 'UTF8')), 'hex') AS hash "
        f'FROM "{name}" WHERE "{owner}" = %(tenant)s) AS hashes'
        for name, owner, columns in _COMPARED
    )
    found = driver.execute(statement, {"tenant": tenant_id}).fetchall()
    return {name: (count, f"{int(first):x}.{int(second):x}") for name, count, first, second in found}


def _sum(first: int) -> str:
    return f"coalesce(sum(('x' || substr(hash, {first}, 15))::bit(60)::bigint), 0)::text"


@contextmanager
def translated() -> Iterator[None]:
    """The driver's trouble in the words of the domain.

    Raises Taken where something that must be unique in a cell belongs to another tenant there, Unavailable where a
    database cannot be reached.
    """
    import psycopg  # An installation over SQLite need not have it.

    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise Taken(
            f"The tenant lives where it did: something of it in the table '{error.diag.table_name}', such as an "
            "address, must be unique among all tenants of a cell and belongs to another tenant there. Let one of them "
            "give it up first."
        ) from error
    except psycopg.OperationalError as error:
        raise Unavailable(f"the database cannot be reached: {next(iter(str(error).splitlines()), '')}") from error


def _copy(here: Any, outgoing: str, values: Sequence[str], there: Any, onto: str) -> int:
    """Rows of one side into a table of the other; answers how many."""
    with here.cursor() as reader, there.cursor() as writer:
        with reader.copy(outgoing, values) as rows, writer.copy(f"COPY {onto} FROM STDIN") as arriving:
            for block in rows:
                arriving.write(block)
        moved: int = writer.rowcount
        return moved


def _one(driver: Any, statement: str, value: str) -> Any:
    return driver.execute(statement, (value,)).fetchone()[0]
