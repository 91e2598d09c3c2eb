"""Who is suspended is found by an index of those people alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SUSPENDED = sa.text("NOT active OR blocked_for IS NOT NULL")


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_users_suspended", "users", ["tenant_id", "id"], sqlite_where=SUSPENDED, postgresql_where=SUSPENDED
    )
