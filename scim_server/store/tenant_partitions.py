"""The large tables in partitions by a hash of the tenant, on PostgreSQL, where an operator wants that (docs/scaling.md).

Rows of one tenant lie in one partition of each table, and whoever names the tenant reads that one alone. What the code
and later migrations name is the table, with its keys, indexes, triggers and walls, whether it has partitions or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from scim_server.domain.errors import Invalid, Taken
from scim_server.store.databases import Database
from scim_server.store.walls import raise_walls

PARTITIONED = (
    *("users", "user_emails", "groups", "members", "resources", "tombstones", "sightings"),
    *("claims", "seats", "grants"),
    *("audit", "person_keys", "event_numbers", "outbox"),
)
"""Tables that have a row for each person, membership or change. The others are short, or led by something else:
`addresses` and `unique_values` by what is unique across tenants, `provisioning_log` by time."""
SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
"""How many partitions there may be: any of them can be cut in two, or four, by hand."""

_KIND = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('users')"
_SCOPE = f"'{{{','.join(PARTITIONED)}}}'::regclass[]"
_KEYS = f"""
SELECT conrelid::regclass::text AS owner, quote_ident(conname) AS name, contype = 'f' AS refers,
    pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE conparentid = 0 AND (conrelid = ANY ({_SCOPE}) AND contype IN ('p', 'u', 'f')
    OR confrelid = ANY ({_SCOPE}) AND contype = 'f')
ORDER BY contype = 'f', conrelid, conname
"""
_INDEXES = f"""
SELECT pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY ({_SCOPE}) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
ORDER BY indexrelid
"""
_TRIGGERS = f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = ANY ({_SCOPE}) AND NOT tgisinternal"
_PARTS = """
SELECT count(*) * {parts} > current_setting('max_locks_per_transaction')::int *
    (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)
FROM pg_class AS t LEFT JOIN pg_index ON indrelid IN (t.oid, t.reltoastrelid)
WHERE t.oid = ANY ({scope})
"""


@dataclass(frozen=True, slots=True)
class Cut:
    """A table that was cut, and how many rows it has."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Definitions:
    """What a table has beside its columns, as the statements that make it."""

    keys: list[dict[str, Any]]
    others: list[str]


def partition(database: Database, parts: int) -> list[Cut]:
    """Cut the large tables into so many partitions, in one transaction that everybody else waits for.

    Raises Invalid for SQLite or a number that is not among SIZES, Taken where it was done before.
    """
    if database.is_sqlite:
        raise Invalid("SQLite has no partitions: tables are partitioned on PostgreSQL alone.")
    if parts not in SIZES:
        raise Invalid(f"There can be {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]} partitions, not {parts}.")
    with database.exclusive() as connection:
        _check(connection, parts)
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(PARTITIONED)} IN ACCESS EXCLUSIVE MODE")
        definitions = _definitions(connection)
        for key in definitions.keys:
            if key["refers"]:
                connection.exec_driver_sql(f"ALTER TABLE {key['owner']} DROP CONSTRAINT {key['name']}")
        cut = [_cut(connection, table, parts) for table in PARTITIONED]
        for statement in _restoring(definitions):
            connection.exec_driver_sql(statement.replace("%", "%%"))
        raise_walls(connection)
        connection.exec_driver_sql(f"ANALYZE {', '.join(PARTITIONED)}")
        connection.commit()
    return cut


def _check(connection: Connection, parts: int) -> None:
    if connection.exec_driver_sql(_KIND).scalar():
        raise Taken("The tables are partitioned by tenant already; nothing was changed.")


def _definitions(connection: Connection) -> _Definitions:
    keys = [dict(row) for row in connection.exec_driver_sql(_KEYS).mappings()]
    indexes, triggers = (connection.exec_driver_sql(each).scalars().all() for each in (_INDEXES, _TRIGGERS))
    return _Definitions(keys, [*indexes, *triggers])


def _cut(connection: Connection, table: str, parts: int) -> Cut:
    """Make the table anew, in partitions and without keys, with all its rows. Counts both before the old one goes."""
    whole = f"{table}_whole"
    for statement in (
        f"ALTER TABLE {table} RENAME TO {whole}",
        f"CREATE TABLE {table} (LIKE {whole} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY HASH (tenant_id)",
        *(
            f"CREATE TABLE {table}_{number:03} PARTITION OF {table} "
            f"FOR VALUES WITH (MODULUS {parts}, REMAINDER {number})"
            for number in range(parts)
        ),
        f"INSERT INTO {table} SELECT * FROM {whole}",  # noqa: S608 our own names
    ):
        connection.exec_driver_sql(statement)
    counts = f"SELECT (SELECT count(*) FROM {whole}), (SELECT count(*) FROM {table})"  # noqa: S608 our own names
    before, after = connection.exec_driver_sql(counts).one()
    assert before == after, f"{before} rows of {table} became {after}"
    connection.exec_driver_sql(f"DROP TABLE {whole}")
    return Cut(table, after)


def _restoring(definitions: _Definitions) -> Iterator[str]:
    """Keys first, then indexes and triggers; what refers to a key last."""
    for refers in (False, True):
        for key in definitions.keys:
            if key["refers"] is refers:
                yield f"ALTER TABLE {key['owner']} ADD CONSTRAINT {key['name']} {key['definition']}"
        if not refers:
            yield from definitions.others
