"""Indexes for whoever searches the provisioning log and the audit trail, and how far the trail was verified."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SOUGHT = (
    ("provisioning_log", ("actor", "method", "resource_type", "resource_id")),
    ("audit", ("actor", "action")),
)
REFUSED = sa.text("status >= 400")


def upgrade() -> None:
    """Make the indexes, on PostgreSQL those of every partition with them, and the table."""
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
    op.create_table(
        "audit_verifications",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("begun", BYTES, nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("hash", BYTES, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Integer(), nullable=False),
        sa.Column("checkpoints", sa.Integer(), nullable=False),
        sa.Column("finished", BYTES, nullable=True),
        sa.Column("fault", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_verifications_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_verifications")),
    )
