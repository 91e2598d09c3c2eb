"""Webhooks and streams, how far each has come, and the log of what was sent."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    false,
    text,
)

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
    Column("operator_id", BYTES),
    UniqueConstraint("tenant_id", "name"),
)
"""`stopped` is why nothing is sent. What is sent is signed with the former secret as well until `overlaps`; it is empty
where there was none. With an `operator_id` it stands for a webhook of the operator, which has all but the id.

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
    Column("operator_id", BYTES),
    ForeignKeyConstraint(["tenant_id", "webhook_id"], ["webhooks.tenant_id", "webhooks.id"]),
    Index(
        "ix_webhook_cursors_due",
        "due",
        sqlite_where=text("due IS NOT NULL"),
        postgresql_where=text("due IS NOT NULL"),
    ),
    Index(
        "ix_webhook_cursors_operator",
        "operator_id",
        "tenant_id",
        sqlite_where=text("operator_id IS NOT NULL"),
        postgresql_where=text("operator_id IS NOT NULL"),
    ),
)
"""All events up to `position` are dealt with, and those `ahead`. When it is `due` somebody takes it, whose `holder` it
says until `lease`. Of events whose tokens were taken in part a poll stream has the ids of those that were `acked`.
`operator_id` is that of its webhook: whoever looks for what is due need not join those of all tenants."""

operator_webhooks = Table(
    "operator_webhooks",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("name", BYTES, nullable=False, unique=True),
    required("url"),
    required("types", DOCUMENT),
    required("tenants", DOCUMENT),
    required("created"),
    Column("stopped", BYTES),
    required("secret"),
    required("former_secret"),
    Column("overlaps", BYTES),
    required("version", Integer()),
    Column("removed", Boolean(), nullable=False, server_default=false()),
    Column("settled", Integer(), nullable=False, server_default=text("0")),
    Column("failures", Integer(), nullable=False, server_default=text("0")),
    Column("failing", BYTES),
    Column("trouble", BYTES),
    Column("due", BYTES),
    Column("prober", BYTES),
)
"""Webhooks of the operator, which get the events of all tenants, or of those named. Home has the truth; each cell has a
copy, as long as its `version` is the same. `settled` is the version that all tenants were set up for, as home knows.

What each database has for itself is how its receiver does: while it fails it is left alone until it is `due`, then one
webhook of one tenant tries, the `prober`."""

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
    Index(
        "ix_deliveries_dead",
        "tenant_id",
        "id",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
)
"""One row for each attempt, but of what is parked one for all. It does not refer to `webhooks`: what is left of one
that is gone is removed in time."""
