"""Resources of types that schema files describe, and values that are unique by their schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)
SEARCH = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables `resources` and `unique_values`."""
    op.create_table(
        "resources",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("type", BYTES, nullable=False),
        sa.Column("external_id", BYTES, nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("search", SEARCH, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("modified", BYTES, nullable=False),
        sa.Column("origin", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_resources_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_resources")),
    )
    op.create_index(op.f("ix_resources_tenant_id_type_id"), "resources", ["tenant_id", "type", "id"])
    op.create_index(op.f("ix_resources_tenant_id_external_id"), "resources", ["tenant_id", "external_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_resources_search",
            "resources",
            ["search"],
            postgresql_using="gin",
            postgresql_ops={"search": "jsonb_path_ops"},
        )
    op.create_table(
        "unique_values",
        sa.Column("scope", BYTES, nullable=False),
        sa.Column("attribute", BYTES, nullable=False),
        sa.Column("value_key", BYTES, nullable=False),
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("resource_id", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_unique_values_tenants")),
        sa.PrimaryKeyConstraint("scope", "attribute", "value_key", name=op.f("pk_unique_values")),
    )
    op.create_index(op.f("ix_unique_values_tenant_id_resource_id"), "unique_values", ["tenant_id", "resource_id"])
