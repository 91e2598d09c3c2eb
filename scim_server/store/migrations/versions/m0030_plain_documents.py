"""Which documents of users answers show as they stand."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column; documents that there are by now are marked as they change."""
    op.add_column("users", sa.Column("plain", BYTES, nullable=True))
