"""Cells: which database each tenant lives in, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Every tenant that there is lives at home."""
    op.add_column("tenants", sa.Column("cell", BYTES, server_default="home", nullable=False))
    op.add_column("tenants", sa.Column("moved", BYTES, nullable=True))
    op.add_column("tenants", sa.Column("copy", BYTES, nullable=True))
