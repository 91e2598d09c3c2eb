"""The large tables in partitions by a hash of the tenant, on PostgreSQL, for an operator who wants that.

Rows of one tenant lie in one partition of each table, and whoever names the tenant reads that one alone. What the code
and later migrations name is the table, with its keys, indexes, triggers and walls, whether it has partitions or not.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from scim_server.domain.errors import Contention, Invalid, Refusal, Taken
from scim_server.store.databases import IS_CUT, Database
from scim_server.store.walls import OPERATOR, raise_walls

PARTITIONED = (
    *("users", "user_emails", "groups", "members", "resources", "tombstones", "sightings"),
    *("claims", "seats", "grants"),
    *("audit", "person_keys", "event_numbers", "outbox"),
)
"""Tables that have a row for each person, membership or change. The others are short, or led by something else:
`addresses` and `unique_values` by what is unique across tenants, `provisioning_log` by time."""
SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
"""How many partitions there may be: any of them can be cut in two, or four, by hand."""
PATIENCE = "5s"
"""How long to wait for those who are at work in the tables; whoever comes later waits meanwhile."""

_SCOPE = f"'{{{','.join(PARTITIONED)}}}'::regclass[]"
_BYTES = f"SELECT sum(pg_total_relation_size(oid)) FROM unnest({_SCOPE}) AS oid"  # noqa: S608 our own names
_LOCKS = f"""
SELECT 2 * count(DISTINCT t.oid) + count(indexrelid), current_setting('max_connections')::int,
    current_setting('max_locks_per_transaction')::int
FROM pg_class AS t LEFT JOIN pg_index ON indrelid IN (t.oid, t.reltoastrelid) WHERE t.oid = ANY ({_SCOPE})
"""  # noqa: S608 our own names
"""How many locks a partition of every table takes, and of how many connections the server has room for how many."""
_KEYS = f"""
SELECT conrelid::regclass::text AS owner, confrelid::regclass::text AS other, quote_ident(conname) AS name,
    contype = 'f' AS refers, pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE conparentid = 0 AND (conrelid = ANY ({_SCOPE}) AND contype IN ('p', 'u', 'f')
    OR confrelid = ANY ({_SCOPE}) AND contype = 'f')
ORDER BY contype = 'f', conrelid, conname
"""  # noqa: S608 our own names
_INDEXES = f"""
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = ANY ({_SCOPE})
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
ORDER BY indexrelid
"""  # noqa: S608 our own names
_TRIGGERS = f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = ANY ({_SCOPE}) AND NOT tgisinternal"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Cut:
    """A table that was cut into partitions, and how many rows it has."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of a table, or what of one `refers` to another table's."""

    owner: str
    other: str
    name: str
    refers: bool
    definition: str


def check(database: Database, parts: int) -> int:
    """How many bytes there are to be copied, indexes included.

    Raises Invalid for SQLite, for a number that is not among SIZES, and where the server has not enough locks; Taken
    where the tables are in partitions already.
    """
    if database.is_sqlite:
        raise Invalid("SQLite has no partitions: tables are cut on PostgreSQL alone.")
    if parts not in SIZES:
        raise Invalid(f"There can be {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]} partitions, not {parts}.")
    with database.read(OPERATOR) as connection:
        _refuse_cut(connection)
        locks, connections, locks_of_each = connection.exec_driver_sql(_LOCKS).one()
        if parts * locks > connections * locks_of_each:
            raise Invalid(
                f"{parts} partitions take {parts * locks} locks at once, more than this server has: set "
                f"max_locks_per_transaction to {-(-parts * locks // connections)} or more, at least until it is done."
            )
        return int(connection.exec_driver_sql(_BYTES).scalar_one())


def partition(database: Database, parts: int) -> list[Cut]:
    """Cut the large tables into so many partitions, in one transaction that everybody else waits for.

    Raises as `check` does, and Taken where somebody does not let go of the tables.
    """
    check(database, parts)
    try:
        with database.exclusive() as connection:
            cut = _partition(connection, parts)
            connection.commit()
    except Contention as error:
        raise Taken(
            "Nothing was changed: others are at work in the tables. Run it again when there is less to do, or stop the "
            "servers meanwhile."
        ) from error
    return cut


def _partition(connection: Connection, parts: int) -> list[Cut]:
    _refuse_cut(connection)
    keys = _lock(connection)
    indexes, triggers = (connection.exec_driver_sql(each).scalars().all() for each in (_INDEXES, _TRIGGERS))
    references = [key for key in keys if key.refers]
    for key in references:
        connection.exec_driver_sql(f"ALTER TABLE {key.owner} DROP CONSTRAINT {key.name}")
    cut = [_cut(connection, table, parts) for table in PARTITIONED]
    for statement in (
        *(_adding(key) for key in keys if not key.refers),
        *indexes,
        *triggers,
        *(_adding(key) for key in references),
    ):
        connection.exec_driver_sql(statement)
    raise_walls(connection)
    connection.exec_driver_sql(f"ANALYZE {', '.join(PARTITIONED)}")
    return cut


def _refuse_cut(connection: Connection) -> None:
    if connection.exec_driver_sql(IS_CUT).scalar():
        raise Taken("The tables are in partitions by tenant already; nothing was changed.")


def _lock(connection: Connection) -> list[_Key]:
    """Keep everybody from the tables, and from those that refer to them or are referred to; answers the keys."""
    keys = [_Key(**row) for row in connection.exec_driver_sql(_KEYS).mappings()]
    around = {name for key in keys if key.refers for name in (key.owner, key.other)}
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
    connection.exec_driver_sql(f"LOCK TABLE {', '.join(sorted({*around, *PARTITIONED}))} IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    return keys


def _cut(connection: Connection, table: str, parts: int) -> Cut:
    """Make the table anew, in partitions and without keys; the rows of both are counted before the old one goes."""
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
    if before != after:
        raise Refusal(f"Nothing was changed: of {before} rows of the table '{table}' {after} arrived.")
    connection.exec_driver_sql(f"DROP TABLE {whole}")
    return Cut(table, after)


def _adding(key: _Key) -> str:
    return f"ALTER TABLE {key.owner} ADD CONSTRAINT {key.name} {key.definition}"
