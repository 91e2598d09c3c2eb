"""Asynchronous requests of SCIM clients: those that wait, and what came of them."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WAITING = sa.text("finished IS NULL")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, BYTES, nullable=nullable) for name in names]


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "async_requests",
        *_texts("tenant_id", "id", "actor"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_texts("method", "path"),
        sa.Column("headers", sa.JSON(none_as_null=True), nullable=False),
        *_texts("body"),
        sa.Column("operations", sa.Integer(), nullable=True),
        *_texts("accepted", "due"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_texts("trouble", "lease", "holder", "finished", nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_async_requests_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_async_requests")),
        sa.UniqueConstraint("tenant_id", "actor", "number", name=op.f("uq_async_requests_tenant_id_actor_number")),
    )
    op.create_index(
        "ix_async_requests_waiting",
        "async_requests",
        ["tenant_id", "actor", "number"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "async_results",
        *_texts("tenant_id", "request_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_async_results_tenants")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "request_id"],
            ["async_requests.tenant_id", "async_requests.id"],
            name=op.f("fk_async_results_async_requests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "request_id", "number", name=op.f("pk_async_results")),
    )
