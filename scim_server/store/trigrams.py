"""Indexes over parts of texts on PostgreSQL, which serve filters with `co`; they need the extension pg_trgm.

It comes with PostgreSQL and whoever owns a database may add it, so every upgrade of the schema does. Where it is not
installed or not allowed, such filters read all of the tenant, until an administrator has added it and `db upgrade` has
run again.
"""

from sqlalchemy import Connection

from scim_server.store.tables import TRIGRAMS

_MAY_ADD = """
SELECT bool_or(installed OR (trusted AND has_database_privilege(current_database(), 'CREATE')))
FROM pg_available_extension_versions WHERE name = 'pg_trgm'
"""
_SCHEMA = """
SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'pg_trgm'
"""
_MISSING = "SELECT to_regclass('{table}') IS NOT NULL AND to_regclass('{name}') IS NULL"


def index_parts(connection: Connection) -> None:
    """Make what is missing of the indexes, for the tables there are."""
    if not connection.exec_driver_sql(_MAY_ADD).scalar():
        return
    connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    schema = connection.exec_driver_sql(_SCHEMA).scalar()
    for name, columns in TRIGRAMS.items():
        table = columns[0].table.name
        if connection.exec_driver_sql(_MISSING.format(table=table, name=name)).scalar():
            keys = ", ".join(f"{column.name} {schema}.gin_trgm_ops" for column in columns)
            connection.exec_driver_sql(f"CREATE INDEX {name} ON {table} USING gin ({keys})")
