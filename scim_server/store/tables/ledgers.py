"""Products and subscriptions, who claims what, and who has which seat."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, Table, text

from scim_server.store.tables.columns import BYTES, metadata, of_tenant, of_user, required

products = Table(
    "products",
    metadata,
    Column("code", BYTES, primary_key=True),
    required("name"),
)

product_includes = Table(
    "product_includes",
    metadata,
    required("code"),
    required("included"),
    PrimaryKeyConstraint("code", "included"),
    ForeignKeyConstraint(["code"], ["products.code"]),
    ForeignKeyConstraint(["included"], ["products.code"], name="fk_product_includes_included"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    *of_tenant("product"),
    required("seats", Integer()),
    required("overage", Integer()),
    required("policy"),
    required("assigned", Integer()),
    required("waiting", Integer()),
    ForeignKeyConstraint(["product"], ["products.code"]),
    CheckConstraint("assigned >= 0 AND assigned <= seats + overage", name="assigned_within_seats"),
    CheckConstraint("waiting >= 0", name="waiting_not_negative"),
)

claims = Table(
    "claims",
    metadata,
    required("tenant_id"),
    required("user_id"),
    required("product"),
    required("source"),
    required("rank", Integer()),
    required("since"),
    PrimaryKeyConstraint("tenant_id", "user_id", "product", "source"),
    of_user(),
    ForeignKeyConstraint(["product"], ["products.code"]),
)

seats = Table(
    "seats",
    metadata,
    required("tenant_id"),
    required("user_id"),
    required("product"),
    required("id"),
    required("state"),
    required("since"),
    required("rank", Integer()),
    required("claimed"),
    Column("policy", BYTES),
    Column("bond", BYTES),
    Column("due", BYTES),
    Column("held_for", BYTES),
    PrimaryKeyConstraint("tenant_id", "user_id", "product"),
    ForeignKeyConstraint(["tenant_id", "product"], ["subscriptions.tenant_id", "subscriptions.product"]),
    of_user(),
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
    required("tenant_id"),
    required("user_id"),
    required("product"),
    required("source"),
    required("reason"),
    required("since"),
    PrimaryKeyConstraint("tenant_id", "user_id", "product", "source"),
    of_user(),
    ForeignKeyConstraint(["product"], ["products.code"]),
)
"""Whose claims on what, by which source, count for nothing; the source `*` means all that is derived."""

guarded_releases = Table(
    "guarded_releases",
    metadata,
    *of_tenant("id"),
    required("product"),
    required("at"),
    required("seats", Integer()),
    ForeignKeyConstraint(["tenant_id", "product"], ["subscriptions.tenant_id", "subscriptions.product"]),
    Index(None, "tenant_id", "product", "at"),
)

reservations = Table(
    "reservations",
    metadata,
    *of_tenant("invitation_id", "product"),
    required("id"),
    required("since"),
    ForeignKeyConstraint(["tenant_id", "invitation_id"], ["invitations.tenant_id", "invitations.id"]),
    ForeignKeyConstraint(["tenant_id", "product"], ["subscriptions.tenant_id", "subscriptions.product"]),
)
"""Seats kept for people who are invited; each counts as assigned."""

seat_uses = Table(
    "seat_uses",
    metadata,
    *of_tenant("product", "day"),
    required("seats", Integer()),
    required("assigned", Integer()),
    required("held", Integer()),
    required("waiting", Integer()),
    required("peak", Integer()),
    ForeignKeyConstraint(["product"], ["products.code"]),
)
"""How each subscription was used on each day (UTC): as last seen that day, and the most assigned seats seen."""
