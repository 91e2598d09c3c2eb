"""People, groups and other resources, and what is unique among them."""

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

from scim_server.store.tables.columns import BYTES, DOCUMENT, SEARCH, metadata, of_tenant, of_user, required

users = Table(
    "users",
    metadata,
    *of_tenant("id"),
    required("user_name_key"),
    Column("external_id", BYTES),
    Column("display_name_key", BYTES),
    required("active", Boolean()),
    Column("blocked_for", BYTES),
    Column("true_name", BYTES),
    Column("address_key", BYTES),
    required("document", DOCUMENT),
    required("search", SEARCH),
    required("version", Integer()),
    required("created"),
    required("modified"),
    required("origin"),
    Column("plain", BYTES),
    Column("seen", Boolean(), nullable=False, server_default=false()),
    UniqueConstraint("tenant_id", "user_name_key", postgresql_include=["id"]),
    Index(None, "tenant_id", "external_id"),
    Index(None, "tenant_id", "display_name_key", "id"),
    Index(None, "tenant_id", "modified", "id"),
    Index(None, "tenant_id", "address_key"),
    Index(
        "ix_users_suspended",
        "tenant_id",
        "id",
        sqlite_where=text("NOT active OR blocked_for IS NOT NULL"),
        postgresql_where=text("NOT active OR blocked_for IS NOT NULL"),
    ),
    Index("ix_users_unseen", "tenant_id", "id", sqlite_where=text("NOT seen"), postgresql_where=text("NOT seen")),
)
"""`plain` marks a document that answers show as it stands (`resources/representations.py`). `seen` is whether there is
a sighting: few may have none, and are found among many by their index."""

user_emails = Table(
    "user_emails",
    metadata,
    required("tenant_id"),
    required("user_id"),
    required("position", Integer()),
    required("address_key"),
    Column("type", BYTES),
    PrimaryKeyConstraint("tenant_id", "user_id", "position"),
    of_user(),
    Index(None, "tenant_id", "address_key"),
)

addresses = Table(
    "addresses",
    metadata,
    required("scope"),
    required("address_key"),
    required("tenant_id"),
    required("user_id"),
    PrimaryKeyConstraint("scope", "address_key"),
    of_user(),
    Index(None, "tenant_id", "user_id"),
)

tombstones = Table(
    "tombstones",
    metadata,
    *of_tenant("id"),
    required("user_name_key"),
    Column("external_id", BYTES),
    Column("address_key", BYTES),
    required("document", DOCUMENT),
    required("origin"),
    required("deleted"),
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
    *of_tenant("id"),
    Column("unique_name_key", BYTES),
    required("display_name_key"),
    Column("external_id", BYTES),
    required("document", DOCUMENT),
    required("search", SEARCH),
    required("version", Integer()),
    required("created"),
    required("modified"),
    required("origin"),
    UniqueConstraint("tenant_id", "unique_name_key"),
    Index(None, "tenant_id", "display_name_key", "id"),
    Index(None, "tenant_id", "external_id"),
    Index(None, "tenant_id", "modified", "id"),
)

members = Table(
    "members",
    metadata,
    required("tenant_id"),
    required("group_id"),
    required("member_id"),
    required("kind"),
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
    *of_tenant("id"),
    required("type"),
    Column("external_id", BYTES),
    required("document", DOCUMENT),
    required("search", SEARCH),
    required("version", Integer()),
    required("created"),
    required("modified"),
    required("origin"),
    Index(None, "tenant_id", "type", "id"),
    Index(None, "tenant_id", "type", "modified", "id"),
    Index(None, "tenant_id", "external_id"),
)

resource_counts = Table(
    "resource_counts",
    metadata,
    *of_tenant("type", "slot"),
    required("total", Integer()),
)
"""How many resources of a type a tenant has: the sum over its slots. Triggers of the tables of resources keep it in the
transaction of each change; on PostgreSQL each takes a slot that no other transaction holds, so nobody waits."""

member_stamps = Table(
    "member_stamps",
    metadata,
    *of_tenant("group_id"),
    required("stamp", Integer()),
)
"""How often names of a group's members have changed: what else than its version its members are shown by.

Beside the groups, whose rows are locked while members join: a change of somebody's name must not wait for that.
"""

unique_values = Table(
    "unique_values",
    metadata,
    required("scope"),
    required("attribute"),
    required("value_key"),
    required("tenant_id"),
    required("resource_id"),
    PrimaryKeyConstraint("scope", "attribute", "value_key"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    Index(None, "tenant_id", "resource_id"),
)

person_tokens = Table(
    "person_tokens",
    metadata,
    *of_tenant("id"),
    required("user_id"),
    required("digest"),
    required("created"),
    required("expires"),
    Column("revoked", BYTES),
    Column("last_used", BYTES),
    of_user(),
    Index(None, "tenant_id", "user_id"),
)

visits = Table(
    "visits",
    metadata,
    *of_tenant("id"),
    required("user_id"),
    required("digest"),
    required("created"),
    required("expires"),
    Column("begun", BYTES),
    of_user(),
    Index(None, "tenant_id", "user_id"),
)
"""Visits of the console, which are links as long as they have not begun."""

sightings = Table(
    "sightings",
    metadata,
    *of_tenant("user_id"),
    required("last_seen"),
    of_user(),
)

pending_adds = Table(
    "pending_adds",
    metadata,
    *of_tenant("id"),
    required("address_key"),
    required("newcomer", DOCUMENT),
    required("created"),
    UniqueConstraint("tenant_id", "address_key"),
)
"""People whom an admin wants to add as soon as nobody outside the tenant has their address."""

for _table in (users, groups, resources):
    _table.add_is_dependent_on(resource_counts)
    Index(
        f"ix_{_table.name}_search",
        _table.c.search,
        postgresql_using="gin",
        postgresql_ops={"search": "jsonb_path_ops"},
    ).ddl_if(dialect="postgresql")

TRIGRAMS = {
    "ix_users_names": (users.c.user_name_key, users.c.display_name_key),
    "ix_user_emails_addresses": (user_emails.c.address_key,),
    "ix_groups_names": (groups.c.display_name_key,),
}
"""Indexes over parts of texts, on PostgreSQL where it has the extension for them (`store/trigrams.py`)."""

for _name, _columns in TRIGRAMS.items():
    Index(
        _name,
        *_columns,
        postgresql_using="gin",
        postgresql_ops={column.name: "gin_trgm_ops" for column in _columns},
    ).ddl_if(dialect="postgresql")
