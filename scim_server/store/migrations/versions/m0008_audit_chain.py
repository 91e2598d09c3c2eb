"""The audit trail as a chain: seat deltas, keys of people, sealed entries and signed checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create the tables of keys, chains and checkpoints, and give the trail's entries their new columns."""
    op.create_table(
        "audit_chains",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_chains_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_chains")),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", BYTES, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("signature", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_checkpoints_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_checkpoints")),
    )
    op.create_table(
        "person_keys",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("person", BYTES, nullable=False),
        sa.Column("key", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_person_keys_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "person", name=op.f("pk_person_keys")),
    )
    op.add_column("audit", sa.Column("person", BYTES, nullable=True))
    op.add_column("audit", sa.Column("seats", DOCUMENT, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("audit", sa.Column("sequence", sa.Integer(), nullable=True))
    op.add_column("audit", sa.Column("hash", BYTES, nullable=True))
    op.create_index(op.f("ix_audit_tenant_id_person"), "audit", ["tenant_id", "person"], unique=False)
    op.create_index(op.f("ix_audit_tenant_id_sequence"), "audit", ["tenant_id", "sequence"], unique=True)
    op.create_index(
        "ix_audit_unsealed",
        "audit",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=sa.text("sequence IS NULL"),
        postgresql_where=sa.text("sequence IS NULL"),
    )
