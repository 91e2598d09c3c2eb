"""Rules, roles and templates, and the problems that somebody can act on."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
    text,
)

from scim_server.store.tables.columns import BYTES, DOCUMENT, metadata, of_tenant, of_user, required

rules = Table(
    "rules",
    metadata,
    *of_tenant("id"),
    required("priority", Integer()),
    Column("group_id", BYTES),
    required("group_name"),
    required("group_name_key"),
    required("enabled", Boolean()),
    required("created"),
    Column("condition", BYTES),
    Column("role", BYTES),
    Column("role_groups", DOCUMENT, nullable=False, server_default=text("'[]'")),
    Column("language", BYTES),
    Column("policy", BYTES),
    Column("all_or_nothing", Boolean(), nullable=False, server_default=false()),
    Column("mail", BYTES),
    UniqueConstraint("tenant_id", "priority"),
    Index(None, "tenant_id", "group_id"),
)

rule_products = Table(
    "rule_products",
    metadata,
    required("tenant_id"),
    required("rule_id"),
    required("product"),
    Column("template", BYTES),
    PrimaryKeyConstraint("tenant_id", "rule_id", "product"),
    ForeignKeyConstraint(["tenant_id", "rule_id"], ["rules.tenant_id", "rules.id"]),
    ForeignKeyConstraint(["product"], ["products.code"]),
)

roles = Table(
    "roles",
    metadata,
    *of_tenant("code"),
    required("name"),
    required("description"),
    required("permissions", DOCUMENT),
    required("created"),
)
"""The roles that a tenant made; the others are the same everywhere (`domain/access.py`)."""

grants = Table(
    "grants",
    metadata,
    required("tenant_id"),
    required("user_id"),
    required("role"),
    required("source"),
    required("scope", DOCUMENT),
    required("since"),
    PrimaryKeyConstraint("tenant_id", "user_id", "role", "source"),
    of_user(),
    Index(None, "tenant_id", "role", "user_id"),
)
"""`scope` lists the ids of the groups that a manager looks after; an empty list means everybody."""

templates = Table(
    "templates",
    metadata,
    *of_tenant("product", "name"),
    required("values", DOCUMENT),
    ForeignKeyConstraint(["product"], ["products.code"]),
)

issues = Table(
    "issues",
    metadata,
    *of_tenant("id"),
    required("code"),
    Column("user_id", BYTES),
    Column("product", BYTES),
    Column("connection_id", BYTES),
    required("subject"),
    required("opened"),
    Column("closed", BYTES),
    Column("group_id", BYTES),
    Index(
        "uq_issues_open",
        "tenant_id",
        "code",
        text("coalesce(user_id, '')"),
        text("coalesce(group_id, '')"),
        text("coalesce(product, '')"),
        "subject",
        unique=True,
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
    Index(None, "tenant_id", "user_id"),
    Index(
        "ix_issues_group",
        "tenant_id",
        "group_id",
        sqlite_where=text("closed IS NULL AND group_id IS NOT NULL"),
        postgresql_where=text("closed IS NULL AND group_id IS NOT NULL"),
    ),
    Index(
        "ix_issues_refused",
        "code",
        "subject",
        sqlite_where=text("closed IS NULL AND user_id IS NULL"),
        postgresql_where=text("closed IS NULL AND user_id IS NULL"),
    ),
)
