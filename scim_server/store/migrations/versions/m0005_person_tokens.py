"""Tokens of single persons."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create their table."""
    op.create_table(
        "person_tokens",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("revoked", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_person_tokens_tenants")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_person_tokens_users")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_person_tokens")),
    )
    op.create_index(op.f("ix_person_tokens_tenant_id_user_id"), "person_tokens", ["tenant_id", "user_id"])
