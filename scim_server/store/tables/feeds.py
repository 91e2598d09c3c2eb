"""Who the streams of a tenant are about."""

from sqlalchemy import Boolean, ForeignKeyConstraint, Integer, Table

from scim_server.store.tables.columns import metadata, of_tenant, required

stream_subjects = Table(
    "stream_subjects",
    metadata,
    *of_tenant("webhook_id", "subject", "position", "asked", types={"position": Integer(), "asked": Boolean()}),
    required("inside", Boolean()),
    ForeignKeyConstraint(["tenant_id", "webhook_id"], ["webhooks.tenant_id", "webhooks.id"], ondelete="CASCADE"),
)
"""Whether a subject is inside the feed of a stream from the event at `position` on or, where the receiver `asked`,
whether it wants to know of it behind that one."""
