"""How long what asynchronous requests say is, so that no tenant keeps more than it may."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what waits by now counts as nothing."""
    op.add_column("async_requests", sa.Column("size", sa.Integer(), nullable=False, server_default=sa.text("0")))
