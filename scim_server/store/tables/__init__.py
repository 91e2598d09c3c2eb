"""The tables. tenant_id leads every key, so the store can be partitioned by tenant (design section 5).

Times are fixed-width UTC text and all comparisons are of bytes (C collation), so that SQLite and PostgreSQL give
the same answers in the same order.
"""

from scim_server.store.tables.authorizations import (
    access_tokens,
    approval_codes,
    client_secrets,
    oauth_clients,
    oauth_grants,
    refresh_tokens,
    signing_keys,
    trusted_issuers,
    used_proofs,
)
from scim_server.store.tables.columns import BYTES, DOCUMENT, SEARCH, metadata
from scim_server.store.tables.directory import (
    addresses,
    groups,
    member_stamps,
    members,
    pending_adds,
    person_tokens,
    resources,
    sightings,
    tombstones,
    unique_values,
    user_emails,
    users,
)
from scim_server.store.tables.ledgers import (
    claims,
    exclusions,
    guarded_releases,
    product_includes,
    products,
    reservations,
    seat_uses,
    seats,
    subscriptions,
)
from scim_server.store.tables.outside import (
    import_rows,
    imports,
    invitations,
    mail_templates,
    mails,
    sessions,
    welcomes,
)
from scim_server.store.tables.records import (
    audit,
    audit_chains,
    audit_checkpoints,
    event_numbers,
    outbox,
    person_keys,
    provisioning_log,
)
from scim_server.store.tables.rulebooks import grants, issues, roles, rule_products, rules, templates
from scim_server.store.tables.tenancy import (
    api_tokens,
    chore_leases,
    connections,
    domains,
    idempotent_requests,
    installation_secrets,
    operator_tokens,
    tenants,
    tokens,
)

__all__ = [
    "BYTES",
    "DOCUMENT",
    "SEARCH",
    "WITHOUT_TENANT",
    "access_tokens",
    "addresses",
    "api_tokens",
    "approval_codes",
    "audit",
    "audit_chains",
    "audit_checkpoints",
    "chore_leases",
    "claims",
    "client_secrets",
    "connections",
    "domains",
    "event_numbers",
    "exclusions",
    "grants",
    "groups",
    "guarded_releases",
    "idempotent_requests",
    "import_rows",
    "imports",
    "installation_secrets",
    "invitations",
    "issues",
    "mail_templates",
    "mails",
    "member_stamps",
    "members",
    "metadata",
    "oauth_clients",
    "oauth_grants",
    "operator_tokens",
    "outbox",
    "pending_adds",
    "person_keys",
    "person_tokens",
    "product_includes",
    "products",
    "provisioning_log",
    "refresh_tokens",
    "reservations",
    "resources",
    "roles",
    "rule_products",
    "rules",
    "seat_uses",
    "seats",
    "sessions",
    "sightings",
    "signing_keys",
    "subscriptions",
    "templates",
    "tenants",
    "tokens",
    "tombstones",
    "trusted_issuers",
    "unique_values",
    "used_proofs",
    "user_emails",
    "users",
    "welcomes",
]

WITHOUT_TENANT = frozenset(
    {
        "tenants",
        "products",
        "product_includes",
        "addresses",
        "unique_values",
        "installation_secrets",
        "chore_leases",
        "operator_tokens",
        "idempotent_requests",
        "signing_keys",
    }
)
"""Tables that the tenant does not lead: the tenants, the vendor's catalogue, what is unique across tenants, the
secrets and keys that the installation makes for itself, when its chores are due, the operator's own tokens, and
requests with a key, which the operator makes as well."""
