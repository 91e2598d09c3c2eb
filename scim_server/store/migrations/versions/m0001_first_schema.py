"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)
SEARCH = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "products",
        sa.Column("code", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_products")),
    )
    op.create_table(
        "tenants",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("slug", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("profile", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
    )
    op.create_table(
        "audit",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("actor", BYTES, nullable=False),
        sa.Column("request_id", BYTES, nullable=False),
        sa.Column("cause", BYTES, nullable=False),
        sa.Column("object_type", BYTES, nullable=False),
        sa.Column("object_id", BYTES, nullable=False),
        sa.Column("action", BYTES, nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("after", DOCUMENT, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit")),
    )
    op.create_index(
        op.f("ix_audit_tenant_id_object_type_object_id"),
        "audit",
        ["tenant_id", "object_type", "object_id"],
        unique=False,
    )
    op.create_index(op.f("ix_audit_tenant_id_request_id"), "audit", ["tenant_id", "request_id"], unique=False)
    op.create_table(
        "connections",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("idp", BYTES, nullable=False),
        sa.Column("manages_entitlements", BYTES, nullable=False),
        sa.Column("wrote_entitlements", sa.Boolean(), nullable=False),
        sa.Column("max_role", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_connections_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_connections")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_connections_tenant_id_name")),
    )
    op.create_table(
        "event_numbers",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_event_numbers_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_event_numbers")),
    )
    op.create_table(
        "groups",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("unique_name_key", BYTES, nullable=True),
        sa.Column("display_name_key", BYTES, nullable=False),
        sa.Column("external_id", BYTES, nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("search", SEARCH, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("modified", BYTES, nullable=False),
        sa.Column("origin", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_groups_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_groups")),
        sa.UniqueConstraint("tenant_id", "unique_name_key", name=op.f("uq_groups_tenant_id_unique_name_key")),
    )
    op.create_index(
        op.f("ix_groups_tenant_id_display_name_key_id"), "groups", ["tenant_id", "display_name_key", "id"], unique=False
    )
    op.create_index(op.f("ix_groups_tenant_id_external_id"), "groups", ["tenant_id", "external_id"], unique=False)
    op.create_index(op.f("ix_groups_tenant_id_modified_id"), "groups", ["tenant_id", "modified", "id"], unique=False)
    op.create_table(
        "issues",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("code", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=True),
        sa.Column("product", BYTES, nullable=True),
        sa.Column("connection_id", BYTES, nullable=True),
        sa.Column("subject", BYTES, nullable=False),
        sa.Column("opened", BYTES, nullable=False),
        sa.Column("closed", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_issues_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_issues")),
    )
    op.create_index(
        "ix_issues_refused",
        "issues",
        ["code", "subject"],
        unique=False,
        sqlite_where=sa.text("closed IS NULL AND user_id IS NULL"),
        postgresql_where=sa.text("closed IS NULL AND user_id IS NULL"),
    )
    op.create_index(op.f("ix_issues_tenant_id_user_id"), "issues", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", BYTES, nullable=False),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("request_id", BYTES, nullable=False),
        sa.Column("delivered", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_outbox_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("tenant_id", "user_id", "number", name=op.f("uq_outbox_tenant_id_user_id_number")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["at"],
        unique=False,
        sqlite_where=sa.text("delivered IS NULL"),
        postgresql_where=sa.text("delivered IS NULL"),
    )
    op.create_table(
        "product_includes",
        sa.Column("code", BYTES, nullable=False),
        sa.Column("included", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["code"], ["products.code"], name=op.f("fk_product_includes_products")),
        sa.ForeignKeyConstraint(["included"], ["products.code"], name="fk_product_includes_included"),
        sa.PrimaryKeyConstraint("code", "included", name=op.f("pk_product_includes")),
    )
    op.create_table(
        "rules",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("group_id", BYTES, nullable=True),
        sa.Column("group_name", BYTES, nullable=False),
        sa.Column("group_name_key", BYTES, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_rules_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rules")),
        sa.UniqueConstraint("tenant_id", "priority", name=op.f("uq_rules_tenant_id_priority")),
    )
    op.create_index(op.f("ix_rules_tenant_id_group_id"), "rules", ["tenant_id", "group_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("overage", sa.Integer(), nullable=False),
        sa.Column("policy", BYTES, nullable=False),
        sa.Column("assigned", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "assigned >= 0 AND assigned <= seats + overage", name=op.f("ck_subscriptions_assigned_within_seats")
        ),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_subscriptions_waiting_not_negative")),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_subscriptions_products")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_subscriptions_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "product", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "tombstones",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("user_name_key", BYTES, nullable=False),
        sa.Column("external_id", BYTES, nullable=True),
        sa.Column("address_key", BYTES, nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("origin", BYTES, nullable=False),
        sa.Column("deleted", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tombstones_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tombstones")),
    )
    op.create_index(
        op.f("ix_tombstones_tenant_id_user_name_key"), "tombstones", ["tenant_id", "user_name_key"], unique=False
    )
    op.create_table(
        "users",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("user_name_key", BYTES, nullable=False),
        sa.Column("external_id", BYTES, nullable=True),
        sa.Column("display_name_key", BYTES, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("address_key", BYTES, nullable=True),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("search", SEARCH, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("modified", BYTES, nullable=False),
        sa.Column("origin", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_users_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_users")),
        sa.UniqueConstraint("tenant_id", "user_name_key", name=op.f("uq_users_tenant_id_user_name_key")),
    )
    op.create_index(op.f("ix_users_tenant_id_address_key"), "users", ["tenant_id", "address_key"], unique=False)
    op.create_index(
        op.f("ix_users_tenant_id_display_name_key_id"), "users", ["tenant_id", "display_name_key", "id"], unique=False
    )
    op.create_index(op.f("ix_users_tenant_id_external_id"), "users", ["tenant_id", "external_id"], unique=False)
    op.create_index(op.f("ix_users_tenant_id_modified_id"), "users", ["tenant_id", "modified", "id"], unique=False)
    op.create_table(
        "addresses",
        sa.Column("scope", BYTES, nullable=False),
        sa.Column("address_key", BYTES, nullable=False),
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_addresses_users")
        ),
        sa.PrimaryKeyConstraint("scope", "address_key", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_tenant_id_user_id"), "addresses", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("source", BYTES, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("since", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_claims_products")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_claims_users")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "product", "source", name=op.f("pk_claims")),
    )
    op.create_table(
        "members",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("group_id", BYTES, nullable=False),
        sa.Column("member_id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"], ["groups.tenant_id", "groups.id"], name=op.f("fk_members_groups")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "group_id", "member_id", name=op.f("pk_members")),
    )
    op.create_index(
        op.f("ix_members_tenant_id_member_id_group_id"), "members", ["tenant_id", "member_id", "group_id"], unique=False
    )
    op.create_table(
        "rule_products",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("rule_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_rule_products_products")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rule_id"], ["rules.tenant_id", "rules.id"], name=op.f("fk_rule_products_rules")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "rule_id", "product", name=op.f("pk_rule_products")),
    )
    op.create_table(
        "seats",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("since", BYTES, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("claimed", BYTES, nullable=False),
        sa.CheckConstraint("state IN ('assigned', 'waiting', 'held')", name=op.f("ck_seats_known_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product"],
            ["subscriptions.tenant_id", "subscriptions.product"],
            name=op.f("fk_seats_subscriptions"),
        ),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_seats_users")),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "product", name=op.f("pk_seats")),
    )
    op.create_index("ix_seats_queue", "seats", ["tenant_id", "product", "state", "rank", "claimed", "id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("connection_id", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("revoked", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connections.tenant_id", "connections.id"],
            name=op.f("fk_tokens_connections"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_tokens_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tokens")),
    )
    op.create_table(
        "user_emails",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("address_key", BYTES, nullable=False),
        sa.Column("type", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_user_emails_users")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "position", name=op.f("pk_user_emails")),
    )
    op.create_index(
        op.f("ix_user_emails_tenant_id_address_key"), "user_emails", ["tenant_id", "address_key"], unique=False
    )
    op.create_index(
        "uq_issues_open",
        "issues",
        ["tenant_id", "code", sa.text("coalesce(user_id, '')"), sa.text("coalesce(product, '')"), "subject"],
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("users", "groups"):
            op.create_index(
                f"ix_{table}_search",
                table,
                ["search"],
                postgresql_using="gin",
                postgresql_ops={"search": "jsonb_path_ops"},
            )
    op.create_index(
        "ix_members_nested",
        "members",
        ["tenant_id"],
        sqlite_where=sa.text("kind = 'Group'"),
        postgresql_where=sa.text("kind = 'Group'"),
    )
