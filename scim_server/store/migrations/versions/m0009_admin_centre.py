"""The admin centre: tokens of the admin API, imports, seat use over time, mail templates and welcomes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create the new tables, and give rules and sessions what they lack."""
    op.create_table(
        "idempotent_requests",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("caller", BYTES, nullable=False),
        sa.Column("key", BYTES, nullable=False),
        sa.Column("fingerprint", BYTES, nullable=False),
        sa.Column("request_id", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("until", BYTES, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("location", BYTES, nullable=True),
        sa.Column("body", BYTES, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "caller", "key", name=op.f("pk_idempotent_requests")),
    )
    op.create_index(op.f("ix_idempotent_requests_created"), "idempotent_requests", ["created"], unique=False)
    op.create_table(
        "operator_tokens",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("revoked", BYTES, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_tokens")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("revoked", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_api_tokens_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_tokens")),
    )
    op.create_table(
        "imports",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("file_name", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("mode", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("actor", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("finished", BYTES, nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("columns", DOCUMENT, nullable=False),
        sa.Column("seats", DOCUMENT, nullable=False),
        sa.Column("max_role", BYTES, nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("lease", BYTES, nullable=True),
        sa.Column("failure", BYTES, nullable=True),
        sa.CheckConstraint("mode IN ('all_or_nothing', 'best_effort')", name=op.f("ck_imports_known_mode")),
        sa.CheckConstraint(
            "state IN ('reading', 'ready', 'running', 'done', 'refused', 'cancelled')",
            name=op.f("ck_imports_known_state"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_imports_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_imports")),
    )
    op.create_index(
        "ix_imports_running",
        "imports",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "mail_templates",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("language", BYTES, nullable=False),
        sa.Column("subject", BYTES, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_mail_templates_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "name", "language", name=op.f("pk_mail_templates")),
    )
    op.create_table(
        "seat_uses",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("product", BYTES, nullable=False),
        sa.Column("day", BYTES, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("peak", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.code"], name=op.f("fk_seat_uses_products")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_seat_uses_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "product", "day", name=op.f("pk_seat_uses")),
    )
    op.create_table(
        "import_rows",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("import_id", BYTES, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", DOCUMENT, nullable=False),
        sa.Column("address_key", BYTES, nullable=True),
        sa.Column("problem", BYTES, nullable=True),
        sa.Column("verdict", BYTES, nullable=True),
        sa.Column("reason", BYTES, nullable=True),
        sa.Column("waits", DOCUMENT, nullable=True),
        sa.Column("user_id", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["imports.tenant_id", "imports.id"], name=op.f("fk_import_rows_imports")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_import_rows_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "import_id", "number", name=op.f("pk_import_rows")),
    )
    op.create_index(
        op.f("ix_import_rows_tenant_id_import_id_verdict_number"),
        "import_rows",
        ["tenant_id", "import_id", "verdict", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_import_rows_tenant_id_import_id_address_key_number"),
        "import_rows",
        ["tenant_id", "import_id", "address_key", "number"],
        unique=False,
    )
    op.create_table(
        "welcomes",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("first", BYTES, nullable=False),
        sa.Column("last", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_welcomes_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_welcomes")),
    )
    op.add_column("rules", sa.Column("mail", BYTES, nullable=True))
    op.create_index(op.f("ix_sessions_tenant_id_starts_id"), "sessions", ["tenant_id", "starts", "id"], unique=False)
