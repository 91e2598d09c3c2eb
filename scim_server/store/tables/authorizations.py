"""The authorization server: clients, what it issues to them, its keys, and the issuers it trusts."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, UniqueConstraint

from scim_server.store.tables.columns import BYTES, DOCUMENT, metadata, of_client, of_connection, of_tenant, required

oauth_clients = Table(
    "oauth_clients",
    metadata,
    *of_tenant("id"),
    Column("connection_id", BYTES),
    required("name"),
    required("method"),
    required("scopes", DOCUMENT),
    required("redirect_uris", DOCUMENT),
    Column("jwks", DOCUMENT),
    Column("jwks_uri", BYTES),
    required("token_seconds", Integer()),
    required("dpop", Boolean()),
    required("certificate_bound", Boolean()),
    required("pkce", Boolean()),
    required("created"),
    Column("revoked", BYTES),
    UniqueConstraint("tenant_id", "name"),
    of_connection(),
    CheckConstraint(
        "method IN ('client_secret_basic', 'client_secret_post', 'private_key_jwt', 'federation')", name="known_method"
    ),
    Index(None, "tenant_id", "connection_id"),
)
"""Clients of the authorization server. Access tokens of one with a connection act as that connection; one without
opens the admin API alone. `redirect_uris` are of those that are given codes; `dpop` and `certificate_bound` demand
tokens that are bound to a key of the client's; without `pkce` a code may be asked for without a challenge."""

client_secrets = Table(
    "client_secrets",
    metadata,
    *of_tenant("id"),
    required("client_id"),
    required("digest"),
    required("created"),
    required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
    of_client(),
    Index(None, "tenant_id", "client_id"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    *of_tenant("id"),
    required("client_id"),
    Column("family", BYTES),
    required("scopes", DOCUMENT),
    required("resource"),
    required("created"),
    required("expires"),
    Column("revoked", BYTES),
    of_client(),
    Index(None, "tenant_id", "client_id", "expires"),
    Index(None, "tenant_id", "family"),
    Index("ix_access_tokens_expires", "expires"),
)
"""What the authorization server issued, by `jti` (RFC 9068). `family` is of tokens that came of one consent: the id of
the grant. Rows go when the token has long expired."""

oauth_grants = Table(
    "oauth_grants",
    metadata,
    *of_tenant("id"),
    required("client_id"),
    required("digest"),
    required("redirect_uri"),
    Column("challenge", BYTES),
    required("scopes", DOCUMENT),
    required("resource"),
    required("approver"),
    required("created"),
    required("expires"),
    Column("redeemed", BYTES),
    Column("revoked", BYTES),
    of_client(),
    Index(None, "tenant_id", "client_id"),
    Index("ix_oauth_grants_expires", "expires"),
)
"""What an `approver` consented to, and the authorization code it began as: `digest`, `redirect_uri` and `challenge`,
that of PKCE by S256 (RFC 7636) if it had one, are the code's, which is `redeemed` once. `expires` moves on as the
client uses it."""

approval_codes = Table(
    "approval_codes",
    metadata,
    *of_tenant("id"),
    required("client_id"),
    required("digest"),
    required("approver"),
    Column("permits", DOCUMENT),
    required("created"),
    required("expires"),
    Column("used", BYTES),
    of_client(),
    Index("ix_approval_codes_expires", "expires"),
)
"""With each, somebody may consent once to what a client asks for, in the name of the `approver` and as far as that one
may go: `permits`, none for everything."""

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    *of_tenant("id"),
    required("client_id"),
    required("family"),
    required("digest"),
    required("scopes", DOCUMENT),
    required("resource"),
    required("created"),
    required("expires"),
    Column("used", BYTES),
    Column("revoked", BYTES),
    of_client(),
    Index(None, "tenant_id", "family"),
    Index("ix_refresh_tokens_expires", "expires"),
)
"""Each is good once; one that comes again ends its `family`, the grant it came of (RFC 9700 section 4.14)."""

used_proofs = Table(
    "used_proofs",
    metadata,
    *of_tenant("kind", "digest"),
    required("expires"),
    Index("ix_used_proofs_expires", "expires"),
)
"""Client assertions and DPoP proofs that were seen, by a digest of their issuer or key and `jti`."""

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", BYTES, primary_key=True),
    required("algorithm"),
    required("public", DOCUMENT),
    required("private"),
    required("created"),
    required("starts"),
    Column("ends", BYTES),
)
"""Keys that access tokens are signed with, by `kid`: from `starts` on the newest signs; after `ends` it is published no
more. `private` is sealed."""

trusted_issuers = Table(
    "trusted_issuers",
    metadata,
    *of_tenant("id"),
    required("connection_id"),
    Column("client_id", BYTES),
    required("name"),
    required("issuer"),
    required("audience"),
    Column("subject", BYTES),
    required("claims", DOCUMENT),
    Column("jwks_uri", BYTES),
    required("scopes", DOCUMENT),
    required("created"),
    UniqueConstraint("tenant_id", "name"),
    of_connection(),
    of_client(),
    Index("ix_trusted_issuers_issuer", "issuer"),
)
"""Whose tokens stand for a connection, or, with `client_id`, for that client at the token endpoint. `claims` must be in
the token with just these values."""

sign_in_providers = Table(
    "sign_in_providers",
    metadata,
    *of_tenant(),
    required("issuer"),
    required("client_id"),
    required("client_secret"),
    required("claim"),
    required("created"),
)
"""Whom a tenant's people sign in to the console with, one at most. `client_secret` is sealed."""
