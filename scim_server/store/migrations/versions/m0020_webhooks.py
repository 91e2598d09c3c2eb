"""Events have positions, which whoever reads them goes by; webhooks, how far each is, and what was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PENDING, PLACED = sa.text("position IS NULL"), sa.text("position IS NOT NULL")
DUE, PARKED = sa.text("due IS NOT NULL"), sa.text("state = 'parked'")


def upgrade() -> None:
    """Put positions in the place of what nobody filled, and count them."""
    op.drop_index("ix_outbox_pending", "outbox")
    op.drop_column("outbox", "delivered")
    op.add_column("outbox", sa.Column("position", sa.Integer(), nullable=True))
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["tenant_id", "user_id", "number"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index(
        "ix_outbox_position",
        "outbox",
        ["tenant_id", "position"],
        unique=True,
        sqlite_where=PLACED,
        postgresql_where=PLACED,
    )
    op.create_table(
        "event_positions",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_event_positions_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_event_positions")),
    )
    _make_webhooks()


def _make_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("url", BYTES, nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("created", BYTES, nullable=False),
        sa.Column("stopped", BYTES, nullable=True),
        sa.Column("secret", BYTES, nullable=False),
        sa.Column("former_secret", BYTES, nullable=False),
        sa.Column("overlaps", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_webhooks_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_webhooks_tenant_id_name")),
    )
    op.create_table(
        "webhook_cursors",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("webhook_id", BYTES, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.JSON(), nullable=False),
        sa.Column("due", BYTES, nullable=True),
        sa.Column("lease", BYTES, nullable=True),
        sa.Column("holder", BYTES, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing", BYTES, nullable=True),
        sa.Column("trouble", BYTES, nullable=True),
        sa.Column("accepted", BYTES, nullable=True),
        sa.Column("replays", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_webhook_cursors_tenants")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "webhook_id"],
            ["webhooks.tenant_id", "webhooks.id"],
            name=op.f("fk_webhook_cursors_webhooks"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "webhook_id", name=op.f("pk_webhook_cursors")),
    )
    op.create_index("ix_webhook_cursors_due", "webhook_cursors", ["due"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        "deliveries",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("id", BYTES, nullable=False),
        sa.Column("webhook_id", BYTES, nullable=False),
        sa.Column("event_id", BYTES, nullable=False),
        sa.Column("event", BYTES, nullable=False),
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun", BYTES, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("detail", BYTES, nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("due", BYTES, nullable=True),
        sa.CheckConstraint(
            "state IN ('delivered', 'failed', 'parked', 'dead')", name=op.f("ck_deliveries_known_state")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_deliveries_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        op.f("ix_deliveries_tenant_id_webhook_id_id"), "deliveries", ["tenant_id", "webhook_id", "id"]
    )
    op.create_index(
        "ix_deliveries_parked",
        "deliveries",
        ["tenant_id", "webhook_id", "position"],
        sqlite_where=PARKED,
        postgresql_where=PARKED,
    )
