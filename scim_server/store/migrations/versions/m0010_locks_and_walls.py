"""Locks and walls: the authorization server, foreign issuers, domains of tenants, and what tokens and connections lack.

The walls themselves, roles and policies of PostgreSQL, are raised after every upgrade (`store/walls.py`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create the new tables, and give tokens and connections what they lack."""
    op.create_table(
        "signing_keys",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("algorithm", BYTES, nullable=False),
        sa.Column("public", DOCUMENT, nullable=False),
        sa.Column("private", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("starts", BYTES, nullable=False),
        sa.Column("ends", BYTES, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "domains",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("proof", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("verified", BYTES, nullable=True),
        sa.Column("checked", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_domains_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_domains")),
    )
    op.create_table(
        "used_proofs",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_used_proofs_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "digest", name=op.f("pk_used_proofs")),
    )
    op.create_index("ix_used_proofs_expires", "used_proofs", ["expires"], unique=False)
    op.create_table(
        "oauth_clients",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("connection_id", BYTES, nullable=True),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("method", BYTES, nullable=False),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("redirect_uris", DOCUMENT, nullable=False),
        sa.Column("jwks", DOCUMENT, nullable=True),
        sa.Column("jwks_uri", BYTES, nullable=True),
        sa.Column("token_seconds", sa.Integer(), nullable=False),
        sa.Column("dpop", sa.Boolean(), nullable=False),
        sa.Column("certificate_bound", sa.Boolean(), nullable=False),
        sa.Column("pkce", sa.Boolean(), nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("revoked", BYTES, nullable=True),
        sa.CheckConstraint(
            "method IN ('client_secret_basic', 'client_secret_post', 'private_key_jwt', 'federation')",
            name=op.f("ck_oauth_clients_known_method"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connections.tenant_id", "connections.id"],
            name=op.f("fk_oauth_clients_connections"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_oauth_clients_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_oauth_clients")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_oauth_clients_tenant_id_name")),
    )
    op.create_index(
        op.f("ix_oauth_clients_tenant_id_connection_id"), "oauth_clients", ["tenant_id", "connection_id"], unique=False
    )
    op.create_table(
        "access_tokens",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("client_id", BYTES, nullable=False),
        sa.Column("family", BYTES, nullable=True),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("resource", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("revoked", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_clients.tenant_id", "oauth_clients.id"],
            name=op.f("fk_access_tokens_oauth_clients"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_access_tokens_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_access_tokens")),
    )
    op.create_index("ix_access_tokens_expires", "access_tokens", ["expires"], unique=False)
    op.create_index(
        op.f("ix_access_tokens_tenant_id_client_id_expires"),
        "access_tokens",
        ["tenant_id", "client_id", "expires"],
        unique=False,
    )
    op.create_index(op.f("ix_access_tokens_tenant_id_family"), "access_tokens", ["tenant_id", "family"], unique=False)
    op.create_table(
        "oauth_grants",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("client_id", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("redirect_uri", BYTES, nullable=False),
        sa.Column("challenge", BYTES, nullable=True),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("resource", BYTES, nullable=False),
        sa.Column("approver", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("redeemed", BYTES, nullable=True),
        sa.Column("revoked", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_clients.tenant_id", "oauth_clients.id"],
            name=op.f("fk_oauth_grants_oauth_clients"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_oauth_grants_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_oauth_grants")),
    )
    op.create_index("ix_oauth_grants_expires", "oauth_grants", ["expires"], unique=False)
    op.create_index(
        op.f("ix_oauth_grants_tenant_id_client_id"), "oauth_grants", ["tenant_id", "client_id"], unique=False
    )
    op.create_table(
        "approval_codes",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("client_id", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("approver", BYTES, nullable=False),
        sa.Column("permits", DOCUMENT, nullable=True),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("used", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_clients.tenant_id", "oauth_clients.id"],
            name=op.f("fk_approval_codes_oauth_clients"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_approval_codes_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_approval_codes")),
    )
    op.create_index("ix_approval_codes_expires", "approval_codes", ["expires"], unique=False)
    op.create_table(
        "client_secrets",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("client_id", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("revoked", BYTES, nullable=True),
        sa.Column("last_used", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_clients.tenant_id", "oauth_clients.id"],
            name=op.f("fk_client_secrets_oauth_clients"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_client_secrets_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_client_secrets")),
    )
    op.create_index(
        op.f("ix_client_secrets_tenant_id_client_id"), "client_secrets", ["tenant_id", "client_id"], unique=False
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("client_id", BYTES, nullable=False),
        sa.Column("family", BYTES, nullable=False),
        sa.Column("digest", BYTES, nullable=False),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("resource", BYTES, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("expires", BYTES, nullable=False),
        sa.Column("used", BYTES, nullable=True),
        sa.Column("revoked", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_clients.tenant_id", "oauth_clients.id"],
            name=op.f("fk_refresh_tokens_oauth_clients"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_refresh_tokens_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_refresh_tokens")),
    )
    op.create_index("ix_refresh_tokens_expires", "refresh_tokens", ["expires"], unique=False)
    op.create_index(op.f("ix_refresh_tokens_tenant_id_family"), "refresh_tokens", ["tenant_id", "family"], unique=False)
    op.create_table(
        "trusted_issuers",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("connection_id", BYTES, nullable=False),
        sa.Column("client_id", BYTES, nullable=True),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("issuer", BYTES, nullable=False),
        sa.Column("audience", BYTES, nullable=False),
        sa.Column("subject", BYTES, nullable=True),
        sa.Column("claims", DOCUMENT, nullable=False),
        sa.Column("jwks_uri", BYTES, nullable=True),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["oauth_clients.tenant_id", "oauth_clients.id"],
            name=op.f("fk_trusted_issuers_oauth_clients"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["connections.tenant_id", "connections.id"],
            name=op.f("fk_trusted_issuers_connections"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_trusted_issuers_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_trusted_issuers")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_trusted_issuers_tenant_id_name")),
    )
    op.create_index("ix_trusted_issuers_issuer", "trusted_issuers", ["issuer"], unique=False)
    op.add_column("api_tokens", sa.Column("last_used", BYTES, nullable=True))
    op.add_column("connections", sa.Column("accepts_basic", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("connections", sa.Column("accepts_raw", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("connections", sa.Column("creator_only", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("connections", sa.Column("networks", DOCUMENT, server_default=sa.text("'[]'"), nullable=False))
    op.add_column("operator_tokens", sa.Column("last_used", BYTES, nullable=True))
    op.add_column("person_tokens", sa.Column("last_used", BYTES, nullable=True))
    op.add_column(
        "tokens",
        sa.Column("scopes", DOCUMENT, server_default=sa.text('\'["scim:read", "scim:write"]\''), nullable=False),
    )
    op.add_column("tokens", sa.Column("last_used", BYTES, nullable=True))
