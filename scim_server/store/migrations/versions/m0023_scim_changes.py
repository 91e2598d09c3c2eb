"""What SCIM makes of each change, beside its event, where the tenant has somebody who wants to know."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; nobody listens yet."""
    op.add_column("tenants", sa.Column("tells", BYTES, nullable=True))
    op.add_column("outbox", sa.Column("scim", sa.JSON(none_as_null=True), nullable=True))
