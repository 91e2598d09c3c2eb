"""What comes from outside and goes there: sessions, imports, invitations, mails."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)

from scim_server.store.tables.columns import BYTES, DOCUMENT, metadata, of_tenant, required

sessions = Table(
    "sessions",
    metadata,
    *of_tenant("id"),
    required("kind"),
    Column("organiser", BYTES),
    required("title"),
    required("starts"),
    Column("ends", BYTES),
    required("co_organisers", DOCUMENT),
    CheckConstraint("kind IN ('meeting', 'webinar', 'training', 'recording')", name="known_kind"),
    Index(None, "tenant_id", "organiser", "starts"),
    Index(None, "tenant_id", "starts", "id"),
)
"""`organiser` is a user's id, of one who is gone as well; only a sealed recording, which nobody sees, has none."""

imports = Table(
    "imports",
    metadata,
    *of_tenant("id"),
    required("file_name"),
    required("digest"),
    required("mode"),
    required("state"),
    required("actor"),
    required("created"),
    Column("finished", BYTES),
    required("rows", Integer()),
    required("done", Integer()),
    required("counts", DOCUMENT),
    required("columns", DOCUMENT),
    required("seats", DOCUMENT),
    required("max_role"),
    required("quiet", Boolean()),
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
    *of_tenant("import_id", "number", types={"number": Integer()}),
    required("line", Integer()),
    required("cells", DOCUMENT),
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

invitations = Table(
    "invitations",
    metadata,
    *of_tenant("id"),
    required("address"),
    required("address_key"),
    required("digest"),
    required("state"),
    required("created"),
    required("expires"),
    Column("answered", BYTES),
    required("offer", DOCUMENT),
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

mail_templates = Table(
    "mail_templates",
    metadata,
    *of_tenant("name", "language"),
    required("subject"),
    required("body"),
)
"""The tenant's own words of its mails, in place of those that come with the server."""

receipts = Table(
    "receipts",
    metadata,
    *of_tenant("id"),
    required("user_id"),
    required("ended"),
    required("since"),
    required("due"),
    required("escalates"),
    required("acknowledged", DOCUMENT),
    Column("alarm", BYTES),
    Column("reported", BYTES),
    Column("escalated", BYTES),
    Column("closed", BYTES),
    Column("outcome", BYTES),
    Index(None, "tenant_id", "user_id"),
    Index(
        "ix_receipts_open",
        "tenant_id",
        "id",
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
    Index(
        "ix_receipts_alarm",
        "alarm",
        sqlite_where=text("alarm IS NOT NULL"),
        postgresql_where=text("alarm IS NOT NULL"),
    ),
)
"""What the application has to end for people who left. It does not refer to `users`: it outlives them."""

welcomes = Table(
    "welcomes",
    metadata,
    *of_tenant("user_id"),
    required("sent", Integer()),
    required("first"),
    required("last"),
)
"""Who was welcomed by mail, how often and when. It does not refer to `users`: who gets a seat that became free is noted
here without a lock on them, which a reference would take. What is left of people who are gone is removed in time."""

mails = Table(
    "mails",
    metadata,
    *of_tenant("id"),
    required("recipient"),
    required("subject"),
    required("body"),
    required("about"),
    required("created"),
    Column("sent", BYTES),
    required("attempts", Integer()),
    required("next_attempt"),
    Index(None, "tenant_id", "about"),
    Index(
        "ix_mails_pending",
        "next_attempt",
        sqlite_where=text("sent IS NULL"),
        postgresql_where=text("sent IS NULL"),
    ),
)
"""`about` is the id of what a mail is about. The body is blanked when the mail is sent: it may hold a secret link."""
