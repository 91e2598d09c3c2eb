"""The ledger whole: rules, roles, exclusions, held seats, sessions, invitations and mails."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create the new tables and give the old ones their new columns."""
    op.create_table(
        "chore_leases",
        sa.Column("name", BYTES, nullable=False),
        sa.Column("until", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore_leases")),
    )
    op.create_table(
        "invitations",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("address", BYTES, nullable=False),
        sa.Column("address_key", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("answered", BYTES, nullable=True),
        sa.Column("offer", DOCUMENT, nullable=False),
        sa.Column("user_id", BYTES, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'expired')", name=op.f("ck_invitations_known_state")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_invitations_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("tenant_id", "digest", name=op.f("uq_invitations_tenant_id_digest")),
    )
    op.create_index(
        "ix_invitations_open",
        "invitations",
        ["tenant_id", "address_key"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "mails",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("recipient", BYTES, nullable=False),
        sa.Column("subject", BYTES, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("about", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("sent", BYTES, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_mails_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mails")),
    )
    op.create_index(op.f("ix_mails_tenant_id_about"), "mails", ["tenant_id", "about"], unique=False)
    op.create_index(
        "ix_mails_pending",
        "mails",
        ["next_attempt"],
        unique=False,
        sqlite_where=sa.text("sent IS NULL"),
        postgresql_where=sa.text("sent IS NULL"),
    )
    op.create_table(
        "pending_adds",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("address_key", BYTES, nullable=False),
        sa.Column("newcomer", DOCUMENT, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_pending_adds_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_pending_adds")),
        sa.UniqueConstraint("tenant_id", "address_key", name=op.f("uq_pending_adds_tenant_id_address_key")),
    )
    op.create_table(
        "roles",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("code", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("description", BYTES, nullable=False),
        sa.Column("permissions", DOCUMENT, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_roles_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("pk_roles")),
    )
    op.create_table(
        "sessions",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("organiser", BYTES, nullable=True),
        sa.Column("title", BYTES, nullable=False),
        sa.Column("starts", BYTES, nullable=False),
        sa.Column("ends", BYTES, nullable=True),
        sa.Column("co_organisers", DOCUMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('meeting', 'webinar', 'training', 'recording')", name=op.f("ck_sessions_known_kind")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_sessions_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sessions")),
    )
    op.create_index(
        op.f("ix_sessions_tenant_id_organiser_starts"), "sessions", ["tenant_id", "organiser", "starts"], unique=False
    )
    op.create_table(
        "templates",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("values", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_templates_products")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_templates_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "product", "name", name=op.f("pk_templates")),
    )
    op.create_table(
        "exclusions",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("source", BYTES, nullable=False),
        sa.Column("reason", BYTES, nullable=False),
        sa.Column("since", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_exclusions_products")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_exclusions_users")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "product", "source", name=op.f("pk_exclusions")),
    )
    op.create_table(
        "grants",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("role", BYTES, nullable=False),
        sa.Column("source", BYTES, nullable=False),
        sa.Column("scope", DOCUMENT, nullable=False),
        sa.Column("since", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_grants_users")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "role", "source", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_tenant_id_role_user_id"), "grants", ["tenant_id", "role", "user_id"], unique=False)
    op.create_table(
        "guarded_releases",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product"],
            ["subscriptions.tenant_id", "subscriptions.product"],
            name=op.f("fk_guarded_releases_subscriptions"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_guarded_releases_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guarded_releases")),
    )
    op.create_index(
        op.f("ix_guarded_releases_tenant_id_product_at"),
        "guarded_releases",
        ["tenant_id", "product", "at"],
        unique=False,
    )
    op.create_table(
        "reservations",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("invitation_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("since", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "invitation_id"],
            ["invitations.tenant_id", "invitations.id"],
            name=op.f("fk_reservations_invitations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product"],
            ["subscriptions.tenant_id", "subscriptions.product"],
            name=op.f("fk_reservations_subscriptions"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_reservations_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "invitation_id", "product", name=op.f("pk_reservations")),
    )
    op.create_table(
        "sightings",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("last_seen", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["users.tenant_id", "users.id"], name=op.f("fk_sightings_users")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_sightings_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_sightings")),
    )
    op.add_column("issues", sa.Column("group_id", BYTES, nullable=True))
    op.drop_index("uq_issues_open", "issues")
    op.create_index(
        "uq_issues_open",
        "issues",
        [
            "tenant_id",
            "code",
            sa.text("coalesce(user_id, '')"),
            sa.text("coalesce(group_id, '')"),
            sa.text("coalesce(product, '')"),
            "subject",
        ],
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_index(
        "ix_issues_group",
        "issues",
        ["tenant_id", "group_id"],
        unique=False,
        sqlite_where=sa.text("closed IS NULL AND group_id IS NOT NULL"),
        postgresql_where=sa.text("closed IS NULL AND group_id IS NOT NULL"),
    )
    op.add_column("rule_products", sa.Column("template", BYTES, nullable=True))
    op.add_column("rules", sa.Column("condition", BYTES, nullable=True))
    op.add_column("rules", sa.Column("role", BYTES, nullable=True))
    op.add_column("rules", sa.Column("role_groups", DOCUMENT, server_default=sa.text("'[]'"), nullable=False))
    op.add_column("rules", sa.Column("language", BYTES, nullable=True))
    op.add_column("rules", sa.Column("policy", BYTES, nullable=True))
    op.add_column("rules", sa.Column("all_or_nothing", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("seats", sa.Column("policy", BYTES, nullable=True))
    op.add_column("seats", sa.Column("bond", BYTES, nullable=True))
    op.add_column("seats", sa.Column("due", BYTES, nullable=True))
    op.add_column("seats", sa.Column("held_for", BYTES, nullable=True))
    op.create_index(
        "ix_seats_due",
        "seats",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.add_column("tenants", sa.Column("attribute_rules", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("tenants", sa.Column("settings", DOCUMENT, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("tombstones", sa.Column("snapshot", DOCUMENT, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("tombstones", sa.Column("successor", BYTES, nullable=True))
    op.create_index(
        op.f("ix_tombstones_tenant_id_address_key"), "tombstones", ["tenant_id", "address_key"], unique=False
    )
    op.create_index(op.f("ix_tombstones_tenant_id_deleted"), "tombstones", ["tenant_id", "deleted"], unique=False)
    op.create_index(
        op.f("ix_tombstones_tenant_id_external_id"), "tombstones", ["tenant_id", "external_id"], unique=False
    )
    op.create_index(op.f("ix_tombstones_tenant_id_successor"), "tombstones", ["tenant_id", "successor"], unique=False)
    op.add_column("users", sa.Column("blocked_for", BYTES, nullable=True))
    op.add_column("users", sa.Column("true_name", BYTES, nullable=True))
    op.execute("UPDATE users SET blocked_for = 'by_admin' WHERE blocked")
    op.drop_column("users", "blocked")
