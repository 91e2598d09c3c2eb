"""Webhooks of the operator, which get the events of all tenants."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DEAD = sa.text("state = 'dead'")
OF_OPERATOR = sa.text("operator_id IS NOT NULL")
_REQUIRED, _LATER = ("name", "url", "created", "secret", "former_secret"), ("stopped", "overlaps")
_STATE = ("failing", "trouble", "due", "prober")


def upgrade() -> None:
    """Create the table, let webhooks of tenants stand for such, and find dead letters for metrics."""
    op.create_table(
        "operator_webhooks",
        sa.Column("id", BYTES, nullable=False),
        *(sa.Column(name, BYTES, nullable=False) for name in _REQUIRED),
        *(sa.Column(name, sa.JSON(none_as_null=True), nullable=False) for name in ("types", "tenants")),
        *(sa.Column(name, BYTES, nullable=True) for name in (*_LATER, *_STATE)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0")) for name in ("settled", "failures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_webhooks")),
        sa.UniqueConstraint("name", name=op.f("uq_operator_webhooks_name")),
    )
    for table in ("webhooks", "webhook_cursors"):
        op.add_column(table, sa.Column("operator_id", BYTES, nullable=True))
    op.create_index(
        "ix_webhook_cursors_operator",
        "webhook_cursors",
        ["operator_id", "tenant_id"],
        sqlite_where=OF_OPERATOR,
        postgresql_where=OF_OPERATOR,
    )
    op.create_index("ix_deliveries_dead", "deliveries", ["tenant_id", "id"], sqlite_where=DEAD, postgresql_where=DEAD)
