"""Tenants may set single switches of their profile."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give tenants their switches."""
    switched = sa.Column("switched", sa.JSON(none_as_null=True), nullable=False, server_default=sa.text("'{}'"))
    op.add_column("tenants", switched)
