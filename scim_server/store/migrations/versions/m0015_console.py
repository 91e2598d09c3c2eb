"""The console: visits of people and of the operator."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "visits",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("begun", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_visits_tenants")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_visits_users")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_tenant_id_user_id"), "visits", ["tenant_id", "user_id"])
    op.create_table(
        "operator_visits",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("begun", BYTES, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_visits")),
    )
