"""Tenants, what connects to them, and what the installation keeps for itself."""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint, false, text

from scim_server.domain.cells import HOME
from scim_server.store.tables.columns import BYTES, DOCUMENT, metadata, of_connection, of_tenant, required

tenants = Table(
    "tenants",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("slug", BYTES, nullable=False, unique=True),
    required("name"),
    required("profile"),
    required("created"),
    Column("switched", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("settings", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("attribute_rules", Boolean(), nullable=False, server_default=false()),
    Column("cell", BYTES, nullable=False, server_default=HOME),
    Column("moved", BYTES),
    Column("copy", BYTES),
    Column("tells", BYTES),
    Column("told", DOCUMENT, nullable=False, server_default=text("'[]'")),
)
"""`tells`: how events say what SCIM makes of changes, `notice` or `full`; NULL where nobody listens. `told` are
the URIs of the security events that the tenant's streams can have.

`attribute_rules`: whether any of the tenant's rules has a condition, so that changes of people ask once, no more.

`cell` is the database that the tenant lives in, since `moved`; home knows it of every tenant, and a cell that a tenant
has left says where it went. `copy`: what there is here of a tenant that lives elsewhere, `arriving` or `left`."""

domains = Table(
    "domains",
    metadata,
    *of_tenant("name"),
    required("proof"),
    required("created"),
    Column("verified", BYTES),
    Column("checked", BYTES),
    Index("ix_domains_name", "name"),
)
"""Domains that a tenant says are its own, in the ASCII form of DNS. `verified` is when its `proof` was found."""

connections = Table(
    "connections",
    metadata,
    *of_tenant("id"),
    required("name"),
    required("idp"),
    required("manages_entitlements"),
    required("wrote_entitlements", Boolean()),
    required("max_role"),
    required("created"),
    Column("accepts_basic", Boolean(), nullable=False, server_default=false()),
    Column("accepts_raw", Boolean(), nullable=False, server_default=false()),
    Column("creator_only", Boolean(), nullable=False, server_default=false()),
    Column("networks", DOCUMENT, nullable=False, server_default=text("'[]'")),
    Column("removed", BYTES),
    Column("former_name", BYTES),
    Column("successor", BYTES),
    Column("settled", Boolean(), nullable=False, server_default=false()),
    UniqueConstraint("tenant_id", "name"),
)
"""`accepts_basic` and `accepts_raw`: whether a token may come by HTTP Basic, or without a scheme. Under `creator_only`
it changes nobody but whom it created. From outside `networks` it takes no request; an empty list means anywhere.

A `removed` one gives up its name: `name` is its id then, and `former_name` what it was called. `successor` is the id of
the connection that has what it managed, NULL for none; `settled` is whether nothing belongs to it any more."""

tokens = Table(
    "tokens",
    metadata,
    *of_tenant("id"),
    required("connection_id"),
    required("digest"),
    required("created"),
    required("expires"),
    Column("revoked", BYTES),
    Column("scopes", DOCUMENT, nullable=False, server_default=text("""'["scim:read", "scim:write"]'""")),
    Column("last_used", BYTES),
    of_connection(),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    *of_tenant("id"),
    required("name"),
    required("digest"),
    required("scopes", DOCUMENT),
    required("created"),
    required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
)
"""What opens the admin API of one tenant; `scopes` lists the permissions."""

operator_tokens = Table(
    "operator_tokens",
    metadata,
    Column("id", BYTES, primary_key=True),
    required("name"),
    required("digest"),
    required("scopes", DOCUMENT),
    required("created"),
    required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
)
"""What opens the admin API of every tenant, and what stands above them."""

operator_visits = Table(
    "operator_visits",
    metadata,
    Column("id", BYTES, primary_key=True),
    required("digest"),
    required("created"),
    required("expires"),
    Column("begun", BYTES),
)
"""The operator's visits of the console."""

installation_secrets = Table(
    "installation_secrets",
    metadata,
    Column("name", BYTES, primary_key=True),
    required("secret"),
)

chore_leases = Table(
    "chore_leases",
    metadata,
    Column("name", BYTES, primary_key=True),
    required("until"),
)
"""Until when nobody else runs a chore: whoever sets the time forward has it."""

idempotent_requests = Table(
    "idempotent_requests",
    metadata,
    required("tenant_id"),
    required("caller"),
    required("key"),
    required("fingerprint"),
    required("request_id"),
    required("created"),
    required("until"),
    Column("status", Integer()),
    Column("location", BYTES),
    Column("body", BYTES),
    PrimaryKeyConstraint("tenant_id", "caller", "key"),
    Index(None, "created"),
)
"""POSTs to the admin API that carry a key, with what was answered; until then, somebody is at it until `until`.
`tenant_id` is empty for what the operator asks above all tenants."""
