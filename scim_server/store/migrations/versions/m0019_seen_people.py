"""Who was never seen is found by an index of those people alone."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UNSEEN = sa.text("NOT seen")
_SEEN = """
UPDATE users SET seen = true
WHERE EXISTS (SELECT 1 FROM sightings WHERE sightings.tenant_id = users.tenant_id AND sightings.user_id = users.id)
"""


def upgrade() -> None:
    """Note who was seen, and create the index."""
    op.add_column("users", sa.Column("seen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_SEEN)
    op.create_index("ix_users_unseen", "users", ["tenant_id", "id"], sqlite_where=UNSEEN, postgresql_where=UNSEEN)
