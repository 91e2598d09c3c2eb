"""Who is in the feeds of streams that are about some people only."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_KEY = ("tenant_id", "webhook_id", "subject", "position", "asked")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "stream_subjects",
        *(sa.Column(name, BYTES, nullable=False) for name in _KEY[:3]),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_stream_subjects_tenants")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "webhook_id"],
            ["webhooks.tenant_id", "webhooks.id"],
            name=op.f("fk_stream_subjects_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_stream_subjects")),
    )
