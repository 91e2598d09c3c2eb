"""Plans: an index that has the ids of names in it, and how many resources there are, counted by triggers.

A migration that makes one of the three tables anew, as SQLite needs for some changes, has to make its triggers anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

TYPES = {"users": "'User'", "groups": "'Group'", "resources": "type"}
"""The type of a row of each table of resources."""

COUNT = """
CREATE FUNCTION {schema}.count_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed record;
BEGIN
    FOR changed IN
        SELECT tenant_id, {type} AS type, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END AS number
        FROM touched GROUP BY 1, 2
    LOOP
        UPDATE {schema}.resource_counts SET total = total + changed.number
        WHERE (tenant_id, type, slot) = (
            SELECT free.tenant_id, free.type, free.slot FROM {schema}.resource_counts AS free
            WHERE free.tenant_id = changed.tenant_id AND free.type = changed.type
            LIMIT 1 FOR UPDATE SKIP LOCKED
        );
        IF NOT FOUND THEN
            INSERT INTO {schema}.resource_counts (tenant_id, type, slot, total)
            VALUES (changed.tenant_id, changed.type, pg_current_xact_id()::text, changed.number);
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""
"""A slot that another transaction holds is passed over, and where all are held there is one more: nobody waits, so
nobody can be in anybody's way."""


def upgrade() -> None:
    """Make the index and the counts, of the resources there are to begin with."""
    op.create_table(
        "resource_counts",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("type", BYTES, nullable=False),
        sa.Column("slot", BYTES, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_resource_counts_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "type", "slot", name=op.f("pk_resource_counts")),
    )
    op.create_index(
        op.f("ix_resources_tenant_id_type_modified_id"),
        "resources",
        ["tenant_id", "type", "modified", "id"],
        unique=False,
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, kind in TYPES.items():
        op.execute(
            f"INSERT INTO resource_counts (tenant_id, type, slot, total) SELECT tenant_id, {kind}, '', count(*) "  # noqa: S608
            f"FROM {table} GROUP BY 1, 2"
        )
        (_count_on_sqlite if is_sqlite else _count_on_postgresql)(table, kind)
    if not is_sqlite:
        op.execute(
            "ALTER TABLE users DROP CONSTRAINT uq_users_tenant_id_user_name_key, "
            "ADD CONSTRAINT uq_users_tenant_id_user_name_key UNIQUE (tenant_id, user_name_key) INCLUDE (id)"
        )


def _count_on_sqlite(table: str, kind: str) -> None:
    for event, row, number in (("INSERT", "NEW", 1), ("DELETE", "OLD", -1)):
        of_type = f"{row}.type" if kind == "type" else kind
        op.execute(
            f"CREATE TRIGGER count_{table}_{event.lower()} AFTER {event} ON {table} BEGIN "
            "INSERT INTO resource_counts (tenant_id, type, slot, total) "
            f"VALUES ({row}.tenant_id, {of_type}, '', {number}) "
            f"ON CONFLICT (tenant_id, type, slot) DO UPDATE SET total = total + {number}; END"
        )


def _count_on_postgresql(table: str, kind: str) -> None:
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar()
    op.execute(COUNT.format(schema=schema, table=table, type=kind))
    for event, rows in (("INSERT", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER count_{table}_{event.lower()} AFTER {event} ON {table} "
            f"REFERENCING {rows} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION count_{table}()"
        )
