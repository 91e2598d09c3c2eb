"""Webhooks and streams, how far each has come, and the log of what was sent."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, Table, UniqueConstraint, text

from scim_server.domain.webhooks import WEBHOOK
from scim_server.store.tables.columns import BYTES, DOCUMENT, metadata, of_tenant, required

webhooks = Table(
    "webhooks",
    metadata,
    *of_tenant("id"),
    required("name"),
    required("url"),
    required("types", DOCUMENT),
    required("created"),
    Column("stopped", BYTES),
    required("secret"),
    required("former_secret"),
    Column("overlaps", BYTES),
    Column("protocol", BYTES, nullable=False, server_default=WEBHOOK),
    Column("stream", DOCUMENT),
    UniqueConstraint("tenant_id", "name"),
)
"""`stopped` is why nothing is sent. What is sent is signed with the former secret as well until `overlaps`; it is empty
where there was none.

`protocol` is how it is told: `webhook`, or as a `stream` of security event tokens, `push` or `poll`. Of a stream the
secret is the Authorization header that goes with what is pushed, if there is one; a poll stream has no `url`."""

webhook_cursors = Table(
    "webhook_cursors",
    metadata,
    *of_tenant("webhook_id"),
    required("position", Integer()),
    required("ahead", DOCUMENT),
    Column("due", BYTES),
    Column("lease", BYTES),
    Column("holder", BYTES),
    required("failures", Integer()),
    Column("failing", BYTES),
    Column("trouble", BYTES),
    Column("accepted", BYTES),
    required("replays", DOCUMENT),
    Column("acked", DOCUMENT, nullable=False, server_default=text("'[]'")),
    ForeignKeyConstraint(["tenant_id", "webhook_id"], ["webhooks.tenant_id", "webhooks.id"]),
    Index(
        "ix_webhook_cursors_due",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
)
"""All events up to `position` are dealt with, and those `ahead`. When it is `due` somebody takes it, whose `holder` it
says until `lease`. Of events whose tokens were taken in part a poll stream has the ids of those that were `acked`."""

deliveries = Table(
    "deliveries",
    metadata,
    *of_tenant("id"),
    required("webhook_id"),
    required("event_id"),
    required("event"),
    required("subject"),
    Column("position", Integer()),
    required("kind"),
    required("state"),
    required("attempts", Integer()),
    required("begun"),
    required("at"),
    Column("status", Integer()),
    Column("detail", BYTES),
    required("milliseconds", Integer()),
    Column("due", BYTES),
    CheckConstraint("state IN ('delivered', 'failed', 'parked', 'dead')", name="known_state"),
    Index(None, "tenant_id", "webhook_id", "id"),
    Index(
        "ix_deliveries_parked",
        "tenant_id",
        "webhook_id",
        "position",
        sqlite_where=text("state = 'parked'"),
        postgresql_where=text("state = 'parked'"),
    ),
)
"""One row for each attempt, but of what is parked one for all. It does not refer to `webhooks`: what is left of one
that is gone is removed in time."""
