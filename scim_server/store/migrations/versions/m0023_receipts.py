"""Leaver receipts: what the application has to end for people who were suspended or deleted, and by when."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OPEN, ALARM = sa.text("closed IS NULL"), sa.text("alarm IS NOT NULL")
_REQUIRED = ("tenant_id", "id", "user_id", "ended", "since", "due", "escalates")
_LATER = ("alarm", "reported", "escalated", "closed", "outcome")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "receipts",
        *(sa.Column(name, BYTES, nullable=False) for name in _REQUIRED),
        sa.Column("acknowledged", sa.JSON(none_as_null=True), nullable=False),
        *(sa.Column(name, BYTES, nullable=True) for name in _LATER),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_receipts_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_tenant_id_user_id", "receipts", ["tenant_id", "user_id"])
    op.create_index("ix_receipts_open", "receipts", ["tenant_id", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_receipts_alarm", "receipts", ["alarm"], sqlite_where=ALARM, postgresql_where=ALARM)
