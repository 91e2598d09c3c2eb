"""How long what asynchronous requests say is, and which token each came with, and when it was called off."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; what waits by now counts as nothing, and came with no token that is known."""
    op.add_column("async_requests", sa.Column("size", sa.Integer(), nullable=False, server_default=sa.text("0")))
    for name in ("token_id", "cancelled"):
        op.add_column("async_requests", sa.Column(name, BYTES, nullable=True))
