"""What else than its version the members of a group are shown by."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table of stamps; a group without one has none yet."""
    op.create_table(
        "member_stamps",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("group_id", BYTES, nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_member_stamps_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "group_id", name=op.f("pk_member_stamps")),
    )
