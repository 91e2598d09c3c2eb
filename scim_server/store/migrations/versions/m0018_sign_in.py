"""Identity providers that people sign in to the console with, found by the domains of their addresses too."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "sign_in_providers",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("issuer", BYTES, nullable=False),
        sa.Column("client_id", BYTES, nullable=False),
        sa.Column("client_secret", BYTES, nullable=False),
        sa.Column("claim", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_sign_in_providers_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_sign_in_providers")),
    )
    op.create_index("ix_domains_name", "domains", ["name"])
