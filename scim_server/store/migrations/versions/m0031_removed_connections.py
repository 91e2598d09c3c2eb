"""Connections that were removed: when, what they were called, and which one has what they managed."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns. What is removed has its id for a name: on SQLite a table that others refer to cannot be made
    anew, so that names stay unique among all there ever were."""
    for name in ("removed", "former_name", "successor"):
        op.add_column("connections", sa.Column(name, BYTES, nullable=True))
    op.add_column("connections", sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()))
