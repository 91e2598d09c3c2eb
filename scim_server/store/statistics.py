"""What SQLite is told of how many rows there are, so that it plans for a large tenant whatever there is now.

Left alone it takes a tenant for ten rows and sorts nothing that it could read in order instead: it would rather walk
through everybody by id than look an externalId up. Its own statistics (ANALYZE) would age, and differ between machines.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

ROWS = 100_000
"""In a table, and as many of one tenant."""
SHORT = frozenset(
    {
        *(
            "resource_counts",
            "subscriptions",
            "connections",
            "tokens",
            "api_tokens",
            "oauth_clients",
            "trusted_issuers",
            "sign_in_providers",
        ),
        *("domains", "rules", "rule_products", "roles", "templates", "mail_templates"),
    }
)
"""Tables of which a tenant has ten rows."""
FEW = frozenset({"kind", "type", "state", "product", "role", "code", "verdict", "object_type", "scope", "import_id"})
"""Columns that have few values; of any other one there are few rows to a value."""

_INDEXES = """
SELECT tables.name, indexes.name, indexes."unique", indexes.partial
FROM sqlite_schema AS tables, pragma_index_list(tables.name) AS indexes
WHERE tables.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(tables.name) WHERE name = 'tenant_id')
"""


def assume_sizes(connection: Connection) -> None:
    """Replace whatever SQLite knows of the tables of tenants; those who connect from then on go by it."""
    connection.exec_driver_sql("ANALYZE alembic_version")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table, name, is_unique, is_partial in connection.exec_driver_sql(_INDEXES).all():
        found = connection.exec_driver_sql("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (name,))
        rows = ROWS // 1000 if is_partial else ROWS
        of_tenant = 10 if table in SHORT else rows
        numbers = _rows_to_a_key(found.scalars().all(), rows, of_tenant, is_unique=bool(is_unique))
        stat = " ".join(map(str, numbers))
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", (table, name, stat))


def _rows_to_a_key(columns: Any, rows: int, of_tenant: int, *, is_unique: bool) -> Iterator[int]:
    """How many rows there are, then how many to a value of the first column, of the first two, and so on."""
    yield rows
    for place, column in enumerate(columns, 1):
        rows = min(rows, of_tenant if column == "tenant_id" else rows // 10 if column in FEW else 10)
        if is_unique and place == len(columns):
            rows = 1
        yield max(rows, 1)
