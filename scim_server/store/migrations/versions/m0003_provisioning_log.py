"""Each request of a client leaves an entry in the provisioning log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create the provisioning log."""
    op.create_table(
        "provisioning_log",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("actor", BYTES, nullable=False),
        sa.Column("client_request_id", BYTES, nullable=True),
        sa.Column("method", BYTES, nullable=False),
        sa.Column("path", BYTES, nullable=False),
        sa.Column("body", BYTES, nullable=True),
        sa.Column("habits", DOCUMENT, nullable=False),
        sa.Column("notes", DOCUMENT, nullable=False),
        sa.Column("changes", DOCUMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("scim_type", BYTES, nullable=True),
        sa.Column("detail", BYTES, nullable=True),
        sa.Column("resource_type", BYTES, nullable=True),
        sa.Column("resource_id", BYTES, nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_provisioning_log_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_provisioning_log")),
    )
    op.create_index(op.f("ix_provisioning_log_id"), "provisioning_log", ["id"], unique=False)
