"""Events are about groups, products and the tenant as well as people, and are called as the catalogue has them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PENDING = sa.text("position IS NULL")
OLD, NEW = "uq_outbox_tenant_id_user_id_number", "uq_outbox_tenant_id_subject_number"
_OF_PEOPLE = [f"UPDATE {table} SET subject = 'user:' || subject" for table in ("event_numbers", "outbox", "deliveries")]  # noqa: S608
_NAMED = "UPDATE outbox SET subject_name = {name}, payload = {rest} WHERE {name} IS NOT NULL"
_WAYS = {
    "postgresql": ("payload ->> 'userName'", "CAST(CAST(payload AS jsonb) - 'userName' AS json)"),
    "sqlite": ("json_extract(payload, '$.userName')", "json_remove(payload, '$.userName')"),
}
_PROVISIONED = "UPDATE outbox SET event = 'user.provisioned' WHERE event = 'user.created'"


def upgrade() -> None:
    """Put the subject in the place of the person, with the name that the payload had of them."""
    op.drop_index("ix_outbox_pending", "outbox")
    op.execute("ALTER TABLE deliveries RENAME COLUMN user_id TO subject")
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        _rename_on_sqlite()
    else:
        op.alter_column("event_numbers", "user_id", new_column_name="subject")
        op.alter_column("outbox", "user_id", new_column_name="subject")
        op.add_column("outbox", sa.Column("subject_name", BYTES, nullable=True))
        op.execute(f"ALTER TABLE outbox RENAME CONSTRAINT {OLD} TO {NEW}")
    name, rest = _WAYS[dialect]
    for statement in (*_OF_PEOPLE, _NAMED.format(name=name, rest=rest), _PROVISIONED):
        op.execute(statement)
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["tenant_id", "subject", "number"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )


def _rename_on_sqlite() -> None:
    """A constraint gets another name only with its table made anew."""
    with op.batch_alter_table("event_numbers") as numbers:
        numbers.alter_column("user_id", new_column_name="subject")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(OLD)
        outbox.alter_column("user_id", new_column_name="subject")
        outbox.add_column(sa.Column("subject_name", BYTES, nullable=True))
    with op.batch_alter_table("outbox") as outbox:
        outbox.create_unique_constraint(NEW, ["tenant_id", "subject", "number"])
