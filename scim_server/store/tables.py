"""The tables. tenant_id leads every key, so the store can be partitioned by tenant (design section 5).

Times are fixed-width UTC text and all comparisons are of bytes (C collation), so that SQLite and PostgreSQL give
the same answers in the same order.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BYTES: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte."""
DOCUMENT: TypeEngine[Any] = JSON(none_as_null=True)
"""A document kept as it came: key order and all."""
SEARCH: TypeEngine[Any] = JSON(none_as_null=True).with_variant(postgresql.JSONB(), "postgresql")
"""A document to be searched."""

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


def _required(name: str, kind: TypeEngine[Any] = BYTES) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _of_tenant(
    *keys: str, types: Mapping[str, TypeEngine[Any]] = MappingProxyType({})
) -> list[Column[Any] | ForeignKeyConstraint | PrimaryKeyConstraint]:
    return [
        _required("tenant_id"),
        *(_required(key, types.get(key, BYTES)) for key in keys),
        PrimaryKeyConstraint("tenant_id", *keys),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    ]


def _of_user() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"])


def _of_connection() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "connection_id"], ["connections.tenant_id", "connections.id"])


def _of_client() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "client_id"], ["oauth_clients.tenant_id", "oauth_clients.id"])


tenants = Table(
    "tenants",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("slug", BYTES, nullable=False, unique=True),
    _required("name"),
    _required("profile"),
    _required("created"),
    Column("switched", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("settings", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("attribute_rules", Boolean(), nullable=False, server_default=false()),
)
"""`attribute_rules`: whether any of the tenant's rules has a condition, so that changes of people ask once, no more."""

installation_secrets = Table(
    "installation_secrets",
    metadata,
    Column("name", BYTES, primary_key=True),
    _required("secret"),
)

chore_leases = Table(
    "chore_leases",
    metadata,
    Column("name", BYTES, primary_key=True),
    _required("until"),
)
"""Until when nobody else runs a chore: whoever sets the time forward has it."""

connections = Table(
    "connections",
    metadata,
    *_of_tenant("id"),
    _required("name"),
    _required("idp"),
    _required("manages_entitlements"),
    _required("wrote_entitlements", Boolean()),
    _required("max_role"),
    _required("created"),
    Column("accepts_basic", Boolean(), nullable=False, server_default=false()),
    Column("accepts_raw", Boolean(), nullable=False, server_default=false()),
    Column("creator_only", Boolean(), nullable=False, server_default=false()),
    Column("networks", DOCUMENT, nullable=False, server_default=text("'[]'")),
    UniqueConstraint("tenant_id", "name"),
)
"""`accepts_basic` and `accepts_raw`: whether a token may come by HTTP Basic, or without a scheme. Under `creator_only`
it changes nobody but whom it created. From outside `networks` it takes no request; an empty list means anywhere."""

tokens = Table(
    "tokens",
    metadata,
    *_of_tenant("id"),
    _required("connection_id"),
    _required("digest"),
    _required("created"),
    _required("expires"),
    Column("revoked", BYTES),
    Column("scopes", DOCUMENT, nullable=False, server_default=text("""'["scim:read", "scim:write"]'""")),
    Column("last_used", BYTES),
    _of_connection(),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    *_of_tenant("id"),
    _required("name"),
    _required("digest"),
    _required("scopes", DOCUMENT),
    _required("created"),
    _required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
)
"""What opens the admin API of one tenant; `scopes` lists the permissions."""

operator_tokens = Table(
    "operator_tokens",
    metadata,
    Column("id", BYTES, primary_key=True),
    _required("name"),
    _required("digest"),
    _required("scopes", DOCUMENT),
    _required("created"),
    _required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
)
"""What opens the admin API of every tenant, and what stands above them."""

idempotent_requests = Table(
    "idempotent_requests",
    metadata,
    _required("tenant_id"),
    _required("caller"),
    _required("key"),
    _required("fingerprint"),
    _required("request_id"),
    _required("created"),
    _required("until"),
    Column("status", Integer()),
    Column("location", BYTES),
    Column("body", BYTES),
    PrimaryKeyConstraint("tenant_id", "caller", "key"),
    Index(None, "created"),
)
"""POSTs to the admin API that carry a key, with what was answered; until then, somebody is at it until `until`.
`tenant_id` is empty for what the operator asks above all tenants."""

products = Table(
    "products",
    metadata,
    Column("code", BYTES, primary_key=True),
    _required("name"),
)

product_includes = Table(
    "product_includes",
    metadata,
    _required("code"),
    _required("included"),
    PrimaryKeyConstraint("code", "included"),
    ForeignKeyConstraint(["code"], ["products.code"]),
    ForeignKeyConstraint(["included"], ["products.code"], name="fk_product_includes_included"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    *_of_tenant("product"),
    _required("seats", Integer()),
    _required("overage", Integer()),
    _required("policy"),
    _required("assigned", Integer()),
    _required("waiting", Integer()),
    ForeignKeyConstraint(["product"], ["products.code"]),
    CheckConstraint("assigned >= 0 AND assigned <= seats + overage", name="assigned_within_seats"),
    CheckConstraint("waiting >= 0", name="waiting_not_negative"),
)

users = Table(
    "users",
    metadata,
    *_of_tenant("id"),
    _required("user_name_key"),
    Column("external_id", BYTES),
    Column("display_name_key", BYTES),
    _required("active", Boolean()),
    Column("blocked_for", BYTES),
    Column("true_name", BYTES),
    Column("address_key", BYTES),
    _required("document", DOCUMENT),
    _required("search", SEARCH),
    _required("version", Integer()),
    _required("created"),
    _required("modified"),
    _required("origin"),
    UniqueConstraint("tenant_id", "user_name_key"),
    Index(None, "tenant_id", "external_id"),
    Index(None, "tenant_id", "display_name_key", "id"),
    Index(None, "tenant_id", "modified", "id"),
    Index(None, "tenant_id", "address_key"),
)

user_emails = Table(
    "user_emails",
    metadata,
    _required("tenant_id"),
    _required("user_id"),
    _required("position", Integer()),
    _required("address_key"),
    Column("type", BYTES),
    PrimaryKeyConstraint("tenant_id", "user_id", "position"),
    _of_user(),
    Index(None, "tenant_id", "address_key"),
)

addresses = Table(
    "addresses",
    metadata,
    _required("scope"),
    _required("address_key"),
    _required("tenant_id"),
    _required("user_id"),
    PrimaryKeyConstraint("scope", "address_key"),
    _of_user(),
    Index(None, "tenant_id", "user_id"),
)

tombstones = Table(
    "tombstones",
    metadata,
    *_of_tenant("id"),
    _required("user_name_key"),
    Column("external_id", BYTES),
    Column("address_key", BYTES),
    _required("document", DOCUMENT),
    _required("origin"),
    _required("deleted"),
    Column("snapshot", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("successor", BYTES),
    Index(None, "tenant_id", "user_name_key"),
    Index(None, "tenant_id", "external_id"),
    Index(None, "tenant_id", "address_key"),
    Index(None, "tenant_id", "successor"),
    Index(None, "tenant_id", "deleted"),
)
"""`snapshot` keeps what the document does not say and `user restore` brings back; `successor` is who came after."""

groups = Table(
    "groups",
    metadata,
    *_of_tenant("id"),
    Column("unique_name_key", BYTES),
    _required("display_name_key"),
    Column("external_id", BYTES),
    _required("document", DOCUMENT),
    _required("search", SEARCH),
    _required("version", Integer()),
    _required("created"),
    _required("modified"),
    _required("origin"),
    UniqueConstraint("tenant_id", "unique_name_key"),
    Index(None, "tenant_id", "display_name_key", "id"),
    Index(None, "tenant_id", "external_id"),
    Index(None, "tenant_id", "modified", "id"),
)

members = Table(
    "members",
    metadata,
    _required("tenant_id"),
    _required("group_id"),
    _required("member_id"),
    _required("kind"),
    PrimaryKeyConstraint("tenant_id", "group_id", "member_id"),
    ForeignKeyConstraint(["tenant_id", "group_id"], ["groups.tenant_id", "groups.id"]),
    Index(None, "tenant_id", "member_id", "group_id"),
    Index(
        "ix_members_nested",
        "tenant_id",
        sqlite_where=text("kind = 'Group'"),
        postgresql_where=text("kind = 'Group'"),
    ),
)

resources = Table(
    "resources",
    metadata,
    *_of_tenant("id"),
    _required("type"),
    Column("external_id", BYTES),
    _required("document", DOCUMENT),
    _required("search", SEARCH),
    _required("version", Integer()),
    _required("created"),
    _required("modified"),
    _required("origin"),
    Index(None, "tenant_id", "type", "id"),
    Index(None, "tenant_id", "external_id"),
)

unique_values = Table(
    "unique_values",
    metadata,
    _required("scope"),
    _required("attribute"),
    _required("value_key"),
    _required("tenant_id"),
    _required("resource_id"),
    PrimaryKeyConstraint("scope", "attribute", "value_key"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    Index(None, "tenant_id", "resource_id"),
)

rules = Table(
    "rules",
    metadata,
    *_of_tenant("id"),
    _required("priority", Integer()),
    Column("group_id", BYTES),
    _required("group_name"),
    _required("group_name_key"),
    _required("enabled", Boolean()),
    _required("created"),
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
    _required("tenant_id"),
    _required("rule_id"),
    _required("product"),
    Column("template", BYTES),
    PrimaryKeyConstraint("tenant_id", "rule_id", "product"),
    ForeignKeyConstraint(["tenant_id", "rule_id"], ["rules.tenant_id", "rules.id"]),
    ForeignKeyConstraint(["product"], ["products.code"]),
)

person_tokens = Table(
    "person_tokens",
    metadata,
    *_of_tenant("id"),
    _required("user_id"),
    _required("digest"),
    _required("created"),
    _required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
    _of_user(),
    Index(None, "tenant_id", "user_id"),
)

claims = Table(
    "claims",
    metadata,
    _required("tenant_id"),
    _required("user_id"),
    _required("product"),
    _required("source"),
    _required("rank", Integer()),
    _required("since"),
    PrimaryKeyConstraint("tenant_id", "user_id", "product", "source"),
    _of_user(),
    ForeignKeyConstraint(["product"], ["products.code"]),
)

seats = Table(
    "seats",
    metadata,
    _required("tenant_id"),
    _required("user_id"),
    _required("product"),
    _required("id"),
    _required("state"),
    _required("since"),
    _required("rank", Integer()),
    _required("claimed"),
    Column("policy", BYTES),
    Column("bond", BYTES),
    Column("due", BYTES),
    Column("held_for", BYTES),
    PrimaryKeyConstraint("tenant_id", "user_id", "product"),
    ForeignKeyConstraint(["tenant_id", "product"], ["subscriptions.tenant_id", "subscriptions.product"]),
    _of_user(),
    CheckConstraint("state IN ('assigned', 'waiting', 'held')", name="known_state"),
    Index("ix_seats_queue", "tenant_id", "product", "state", "rank", "claimed", "id"),
    Index(
        "ix_seats_due",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
)
"""`policy` and `bond` are those of the best claim: the policy of its rule, and the rule that gives all or nothing.
`due` and `held_for` are of a held seat: when it goes, and the cause of its removal."""

exclusions = Table(
    "exclusions",
    metadata,
    _required("tenant_id"),
    _required("user_id"),
    _required("product"),
    _required("source"),
    _required("reason"),
    _required("since"),
    PrimaryKeyConstraint("tenant_id", "user_id", "product", "source"),
    _of_user(),
    ForeignKeyConstraint(["product"], ["products.code"]),
)
"""Whose claims on what, by which source, count for nothing; the source `*` means all that is derived."""

guarded_releases = Table(
    "guarded_releases",
    metadata,
    *_of_tenant("id"),
    _required("product"),
    _required("at"),
    _required("seats", Integer()),
    ForeignKeyConstraint(["tenant_id", "product"], ["subscriptions.tenant_id", "subscriptions.product"]),
    Index(None, "tenant_id", "product", "at"),
)

roles = Table(
    "roles",
    metadata,
    *_of_tenant("code"),
    _required("name"),
    _required("description"),
    _required("permissions", DOCUMENT),
    _required("created"),
)
"""The roles that a tenant made; the others are the same everywhere (`domain/access.py`)."""

grants = Table(
    "grants",
    metadata,
    _required("tenant_id"),
    _required("user_id"),
    _required("role"),
    _required("source"),
    _required("scope", DOCUMENT),
    _required("since"),
    PrimaryKeyConstraint("tenant_id", "user_id", "role", "source"),
    _of_user(),
    Index(None, "tenant_id", "role", "user_id"),
)
"""`scope` lists the ids of the groups that a manager looks after; an empty list means everybody."""

templates = Table(
    "templates",
    metadata,
    *_of_tenant("product", "name"),
    _required("values", DOCUMENT),
    ForeignKeyConstraint(["product"], ["products.code"]),
)

sightings = Table(
    "sightings",
    metadata,
    *_of_tenant("user_id"),
    _required("last_seen"),
    _of_user(),
)

pending_adds = Table(
    "pending_adds",
    metadata,
    *_of_tenant("id"),
    _required("address_key"),
    _required("newcomer", DOCUMENT),
    _required("created"),
    UniqueConstraint("tenant_id", "address_key"),
)
"""People whom an admin wants to add as soon as nobody outside the tenant has their address."""

sessions = Table(
    "sessions",
    metadata,
    *_of_tenant("id"),
    _required("kind"),
    Column("organiser", BYTES),
    _required("title"),
    _required("starts"),
    Column("ends", BYTES),
    _required("co_organisers", DOCUMENT),
    CheckConstraint("kind IN ('meeting', 'webinar', 'training', 'recording')", name="known_kind"),
    Index(None, "tenant_id", "organiser", "starts"),
    Index(None, "tenant_id", "starts", "id"),
)
"""`organiser` is a user's id, of one who is gone as well; only a sealed recording, which nobody sees, has none."""

imports = Table(
    "imports",
    metadata,
    *_of_tenant("id"),
    _required("file_name"),
    _required("digest"),
    _required("mode"),
    _required("state"),
    _required("actor"),
    _required("created"),
    Column("finished", BYTES),
    _required("rows", Integer()),
    _required("done", Integer()),
    _required("counts", DOCUMENT),
    _required("columns", DOCUMENT),
    _required("seats", DOCUMENT),
    _required("max_role"),
    _required("quiet", Boolean()),
    Column("lease", BYTES),
    Column("failure", BYTES),
    CheckConstraint("mode IN ('all_or_nothing', 'best_effort')", name="known_mode"),
    CheckConstraint("state IN ('reading', 'ready', 'running', 'done', 'refused', 'cancelled')", name="known_state"),
    Index(
        "ix_imports_running",
        "tenant_id",
        "id",
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
)
"""Lists of people to bring in. `done` is the number of the last row that was carried out, `counts` how many rows ended
how, `digest` what the file was; `columns` are its own in their order, `seats` what it takes of each product. `max_role`
is the highest role that it may grant. Until `lease` some process is at work on it."""

import_rows = Table(
    "import_rows",
    metadata,
    *_of_tenant("import_id", "number", types={"number": Integer()}),
    _required("line", Integer()),
    _required("cells", DOCUMENT),
    Column("address_key", BYTES),
    Column("problem", BYTES),
    Column("verdict", BYTES),
    Column("reason", BYTES),
    Column("waits", DOCUMENT),
    Column("user_id", BYTES),
    ForeignKeyConstraint(["tenant_id", "import_id"], ["imports.tenant_id", "imports.id"]),
    Index(None, "tenant_id", "import_id", "verdict", "number"),
    Index(None, "tenant_id", "import_id", "address_key", "number"),
)
"""`problem` is what is wrong with the cells themselves, `waits` lists the products that no seat is free of."""

seat_uses = Table(
    "seat_uses",
    metadata,
    *_of_tenant("product", "day"),
    _required("seats", Integer()),
    _required("assigned", Integer()),
    _required("held", Integer()),
    _required("waiting", Integer()),
    _required("peak", Integer()),
    ForeignKeyConstraint(["product"], ["products.code"]),
)
"""How each subscription was used on each day (UTC): as last seen that day, and the most assigned seats seen."""

mail_templates = Table(
    "mail_templates",
    metadata,
    *_of_tenant("name", "language"),
    _required("subject"),
    _required("body"),
)
"""The tenant's own words of its mails, in place of those that come with the server."""

welcomes = Table(
    "welcomes",
    metadata,
    *_of_tenant("user_id"),
    _required("sent", Integer()),
    _required("first"),
    _required("last"),
)
"""Who was welcomed by mail, how often and when. It does not refer to `users`: who gets a seat that became free is noted
here without a lock on them, which a reference would take. What is left of people who are gone is removed in time."""

invitations = Table(
    "invitations",
    metadata,
    *_of_tenant("id"),
    _required("address"),
    _required("address_key"),
    _required("digest"),
    _required("state"),
    _required("created"),
    _required("expires"),
    Column("answered", BYTES),
    _required("offer", DOCUMENT),
    Column("user_id", BYTES),
    UniqueConstraint("tenant_id", "digest"),
    CheckConstraint("state IN ('open', 'accepted', 'declined', 'expired')", name="known_state"),
    Index(
        "ix_invitations_open",
        "tenant_id",
        "address_key",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
"""`offer` is who the person is to become: names, products, role; `user_id` is the id they then got."""

reservations = Table(
    "reservations",
    metadata,
    *_of_tenant("invitation_id", "product"),
    _required("id"),
    _required("since"),
    ForeignKeyConstraint(["tenant_id", "invitation_id"], ["invitations.tenant_id", "invitations.id"]),
    ForeignKeyConstraint(["tenant_id", "product"], ["subscriptions.tenant_id", "subscriptions.product"]),
)
"""Seats kept for people who are invited; each counts as assigned."""

mails = Table(
    "mails",
    metadata,
    *_of_tenant("id"),
    _required("recipient"),
    _required("subject"),
    _required("body"),
    _required("about"),
    _required("created"),
    Column("sent", BYTES),
    _required("attempts", Integer()),
    _required("next_attempt"),
    Index(None, "tenant_id", "about"),
    Index(
        "ix_mails_pending",
        "next_attempt",
        sqlite_where=text("sent IS NULL"),
        postgresql_where=text("sent IS NULL"),
    ),
)
"""`about` is the id of what a mail is about. The body is blanked when the mail is sent: it may hold a secret link."""

issues = Table(
    "issues",
    metadata,
    *_of_tenant("id"),
    _required("code"),
    Column("user_id", BYTES),
    Column("product", BYTES),
    Column("connection_id", BYTES),
    _required("subject"),
    _required("opened"),
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

oauth_clients = Table(
    "oauth_clients",
    metadata,
    *_of_tenant("id"),
    Column("connection_id", BYTES),
    _required("name"),
    _required("method"),
    _required("scopes", DOCUMENT),
    _required("redirect_uris", DOCUMENT),
    Column("jwks", DOCUMENT),
    Column("jwks_uri", BYTES),
    _required("token_seconds", Integer()),
    _required("dpop", Boolean()),
    _required("certificate_bound", Boolean()),
    _required("pkce", Boolean()),
    _required("created"),
    Column("revoked", BYTES),
    UniqueConstraint("tenant_id", "name"),
    _of_connection(),
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
    *_of_tenant("id"),
    _required("client_id"),
    _required("digest"),
    _required("created"),
    _required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
    _of_client(),
    Index(None, "tenant_id", "client_id"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    *_of_tenant("id"),
    _required("client_id"),
    Column("family", BYTES),
    _required("scopes", DOCUMENT),
    _required("resource"),
    _required("created"),
    _required("expires"),
    Column("revoked", BYTES),
    _of_client(),
    Index(None, "tenant_id", "client_id", "expires"),
    Index(None, "tenant_id", "family"),
    Index("ix_access_tokens_expires", "expires"),
)
"""What the authorization server issued, by `jti` (RFC 9068). `family` is of tokens that came of one consent: the id of
the grant. Rows go when the token has long expired."""

oauth_grants = Table(
    "oauth_grants",
    metadata,
    *_of_tenant("id"),
    _required("client_id"),
    _required("digest"),
    _required("redirect_uri"),
    Column("challenge", BYTES),
    _required("scopes", DOCUMENT),
    _required("resource"),
    _required("approver"),
    _required("created"),
    _required("expires"),
    Column("redeemed", BYTES),
    Column("revoked", BYTES),
    _of_client(),
    Index(None, "tenant_id", "client_id"),
    Index("ix_oauth_grants_expires", "expires"),
)
"""What an `approver` consented to, and the authorization code it began as: `digest`, `redirect_uri` and `challenge`,
that of PKCE by S256 (RFC 7636) if it had one, are the code's, which is `redeemed` once. `expires` moves on as the
client uses it."""

approval_codes = Table(
    "approval_codes",
    metadata,
    *_of_tenant("id"),
    _required("client_id"),
    _required("digest"),
    _required("approver"),
    Column("permits", DOCUMENT),
    _required("created"),
    _required("expires"),
    Column("used", BYTES),
    _of_client(),
    Index("ix_approval_codes_expires", "expires"),
)
"""With each, somebody may consent once to what a client asks for, in the name of the `approver` and as far as that one
may go: `permits`, none for everything."""

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    *_of_tenant("id"),
    _required("client_id"),
    _required("family"),
    _required("digest"),
    _required("scopes", DOCUMENT),
    _required("resource"),
    _required("created"),
    _required("expires"),
    Column("used", BYTES),
    Column("revoked", BYTES),
    _of_client(),
    Index(None, "tenant_id", "family"),
    Index("ix_refresh_tokens_expires", "expires"),
)
"""Each is good once; one that comes again ends its `family`, the grant it came of (RFC 9700 section 4.14)."""

used_proofs = Table(
    "used_proofs",
    metadata,
    *_of_tenant("kind", "digest"),
    _required("expires"),
    Index("ix_used_proofs_expires", "expires"),
)
"""Client assertions and DPoP proofs that were seen, by a digest of their issuer or key and `jti`."""

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("id", BYTES, primary_key=True),
    _required("algorithm"),
    _required("public", DOCUMENT),
    _required("private"),
    _required("created"),
    _required("starts"),
    Column("ends", BYTES),
)
"""Keys that access tokens are signed with, by `kid`: from `starts` on the newest signs; after `ends` it is published no
more. `private` is sealed."""

trusted_issuers = Table(
    "trusted_issuers",
    metadata,
    *_of_tenant("id"),
    _required("connection_id"),
    Column("client_id", BYTES),
    _required("name"),
    _required("issuer"),
    _required("audience"),
    Column("subject", BYTES),
    _required("claims", DOCUMENT),
    Column("jwks_uri", BYTES),
    _required("scopes", DOCUMENT),
    _required("created"),
    UniqueConstraint("tenant_id", "name"),
    _of_connection(),
    _of_client(),
    Index("ix_trusted_issuers_issuer", "issuer"),
)
"""Whose tokens stand for a connection, or, with `client_id`, for that client at the token endpoint. `claims` must be in
the token with just these values."""

domains = Table(
    "domains",
    metadata,
    *_of_tenant("name"),
    _required("proof"),
    _required("created"),
    Column("verified", BYTES),
    Column("checked", BYTES),
)
"""Domains that a tenant says are its own, in the ASCII form of DNS. `verified` is when its `proof` was found."""

audit = Table(
    "audit",
    metadata,
    *_of_tenant("id"),
    _required("at"),
    _required("actor"),
    _required("request_id"),
    _required("cause"),
    _required("object_type"),
    _required("object_id"),
    _required("action"),
    Column("person", BYTES),
    Column("before", DOCUMENT),
    Column("after", DOCUMENT),
    Column("seats", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("sequence", Integer()),
    Column("hash", BYTES),
    Index(None, "tenant_id", "object_type", "object_id"),
    Index(None, "tenant_id", "request_id"),
    Index(None, "tenant_id", "person"),
    Index(None, "tenant_id", "sequence", unique=True),
    Index(
        "ix_audit_unsealed",
        "tenant_id",
        "id",
        sqlite_where=text("sequence IS NULL"),
        postgresql_where=text("sequence IS NULL"),
    ),
)
"""`before` and `after` of an entry about a `person` are encrypted under their key. `sequence` and `hash` are the
entry's place in the chain, unknown until it is sealed."""

person_keys = Table(
    "person_keys",
    metadata,
    *_of_tenant("person"),
    _required("key"),
)
"""What the audit trail's personal facts are encrypted with; whoever's row is dropped is erased from it."""

audit_chains = Table(
    "audit_chains",
    metadata,
    *_of_tenant(),
    _required("sequence", Integer()),
    _required("hash"),
)
"""The end of each tenant's chain; whoever seals holds this row."""

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    _required("tenant_id"),
    _required("sequence", Integer()),
    _required("hash"),
    _required("at"),
    _required("signature"),
    PrimaryKeyConstraint("tenant_id", "sequence"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

provisioning_log = Table(
    "provisioning_log",
    metadata,
    *_of_tenant("id"),
    _required("at"),
    _required("actor"),
    Column("client_request_id", BYTES),
    _required("method"),
    _required("path"),
    Column("body", BYTES),
    _required("habits", DOCUMENT),
    _required("notes", DOCUMENT),
    _required("changes", DOCUMENT),
    _required("status", Integer()),
    Column("scim_type", BYTES),
    Column("detail", BYTES),
    Column("resource_type", BYTES),
    Column("resource_id", BYTES),
    _required("milliseconds", Integer()),
    Index(None, "id"),
)
"""Ids are UUIDv7, so the key keeps a tenant's requests in the order they came, and `id` those of all tenants."""

event_numbers = Table(
    "event_numbers",
    metadata,
    *_of_tenant("user_id"),
    _required("last", Integer()),
)

outbox = Table(
    "outbox",
    metadata,
    *_of_tenant("id"),
    _required("user_id"),
    _required("number", Integer()),
    _required("event"),
    _required("payload", DOCUMENT),
    _required("at"),
    _required("request_id"),
    Column("delivered", BYTES),
    UniqueConstraint("tenant_id", "user_id", "number"),
    Index(
        "ix_outbox_pending",
        "at",
        sqlite_where=text("delivered IS NULL"),
        postgresql_where=text("delivered IS NULL"),
    ),
)

for _table in (users, groups, resources):
    Index(
        f"ix_{_table.name}_search",
        _table.c.search,
        postgresql_using="gin",
        postgresql_ops={"search": "jsonb_path_ops"},
    ).ddl_if(dialect="postgresql")
