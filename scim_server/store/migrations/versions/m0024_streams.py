"""Streams beside webhooks, what of an event a poll stream has had, and the security events that a tenant sends."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; everything there is so far is a webhook."""
    op.add_column("webhooks", sa.Column("protocol", BYTES, nullable=False, server_default="webhook"))
    op.add_column("webhooks", sa.Column("stream", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("webhook_cursors", sa.Column("acked", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("tenants", sa.Column("told", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
