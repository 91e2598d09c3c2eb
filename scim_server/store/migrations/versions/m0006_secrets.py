"""Secrets that the installation makes for itself."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table of secrets."""
    op.create_table(
        "installation_secrets",
        sa.Column("name", BYTES, nullable=False),
        sa.Column("secret", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation_secrets")),
    )
