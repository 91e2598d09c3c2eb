"""What was done: audit trail, provisioning log and outbox."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, Table, UniqueConstraint, text

from scim_server.store.tables.columns import BYTES, DOCUMENT, metadata, of_tenant, required

audit = Table(
    "audit",
    metadata,
    *of_tenant("id"),
    required("at"),
    required("actor"),
    required("request_id"),
    required("cause"),
    required("object_type"),
    required("object_id"),
    required("action"),
    Column("person", BYTES),
    Column("before", DOCUMENT),
    Column("after", DOCUMENT),
    Column("seats", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("sequence", Integer()),
    Column("hash", BYTES),
    Index(None, "tenant_id", "object_type", "object_id"),
    Index(None, "tenant_id", "request_id"),
    Index(None, "tenant_id", "person"),
    *(Index(None, "tenant_id", column, "id") for column in ("actor", "action")),
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
    *of_tenant("person"),
    required("key"),
)
"""What the audit trail's personal facts are encrypted with; whoever's row is dropped is erased from it."""

audit_chains = Table(
    "audit_chains",
    metadata,
    *of_tenant(),
    required("sequence", Integer()),
    required("hash"),
)
"""The end of each tenant's chain; whoever seals holds this row."""

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    required("tenant_id"),
    required("sequence", Integer()),
    required("hash"),
    required("at"),
    required("signature"),
    PrimaryKeyConstraint("tenant_id", "sequence"),
    ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
)

audit_verifications = Table(
    "audit_verifications",
    metadata,
    *of_tenant(),
    required("begun"),
    required("upto", Integer()),
    required("hash"),
    required("sequence", Integer()),
    required("signed", Integer()),
    required("checkpoints", Integer()),
    Column("finished", BYTES),
    Column("fault", BYTES),
)
"""How far each tenant's chain was followed by the verification that runs or ran last."""

provisioning_log = Table(
    "provisioning_log",
    metadata,
    *of_tenant("id"),
    required("at"),
    required("actor"),
    Column("client_request_id", BYTES),
    required("method"),
    required("path"),
    Column("body", BYTES),
    required("habits", DOCUMENT),
    required("notes", DOCUMENT),
    required("changes", DOCUMENT),
    required("status", Integer()),
    Column("scim_type", BYTES),
    Column("detail", BYTES),
    Column("resource_type", BYTES),
    Column("resource_id", BYTES),
    required("milliseconds", Integer()),
    Index(None, "id"),
    *(Index(None, "tenant_id", column, "id") for column in ("actor", "method", "resource_type", "resource_id")),
    Index(
        "ix_provisioning_log_refused",
        "tenant_id",
        "id",
        sqlite_where=text("status >= 400"),
        postgresql_where=text("status >= 400"),
    ),
)
"""Ids are UUIDv7, so the key keeps a tenant's requests in the order they came, and `id` those of all tenants."""

event_numbers = Table(
    "event_numbers",
    metadata,
    *of_tenant("subject"),
    required("last", Integer()),
)

outbox = Table(
    "outbox",
    metadata,
    *of_tenant("id"),
    required("subject"),
    Column("subject_name", BYTES),
    required("number", Integer()),
    required("event"),
    required("payload", DOCUMENT),
    required("at"),
    required("request_id"),
    Column("position", Integer()),
    Column("scim", DOCUMENT),
    UniqueConstraint("tenant_id", "subject", "number"),
    Index(
        "ix_outbox_pending",
        "tenant_id",
        "subject",
        "number",
        sqlite_where=text("position IS NULL"),
        postgresql_where=text("position IS NULL"),
    ),
    Index(
        "ix_outbox_position",
        "tenant_id",
        "position",
        unique=True,
        sqlite_where=text("position IS NOT NULL"),
        postgresql_where=text("position IS NOT NULL"),
    ),
)
"""`position` is an event's place among all of its tenant, unknown until the relay has seen it committed."""

event_positions = Table(
    "event_positions",
    metadata,
    *of_tenant(),
    required("last", Integer()),
)
"""The last position of each tenant that was given to an event; whoever gives some holds this row."""
