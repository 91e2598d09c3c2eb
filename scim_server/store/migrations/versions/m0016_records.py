"""Indexes for whoever searches the provisioning log and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SOUGHT = (
    ("provisioning_log", ("actor", "method", "resource_type", "resource_id")),
    ("audit", ("actor", "action")),
)
REFUSED = sa.text("status >= 400")


def upgrade() -> None:
    """Make the indexes, on PostgreSQL those of every partition with them."""
    for table, columns in SOUGHT:
        for column in columns:
            op.create_index(op.f(f"ix_{table}_tenant_id_{column}_id"), table, ["tenant_id", column, "id"])
    op.create_index(
        "ix_provisioning_log_refused",
        "provisioning_log",
        ["tenant_id", "id"],
        sqlite_where=REFUSED,
        postgresql_where=REFUSED,
    )
