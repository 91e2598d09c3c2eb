"""The audit trail as a chain: seat deltas, keys of people, sealed entries and signed checkpoints."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from scim_server.domain.events import Change
from scim_server.services.audit_ciphers import encrypt, new_key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Create the tables of keys, chains and checkpoints, and give the trail's entries their new columns."""
    op.create_table(
        "audit_chains",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_chains_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_chains")),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", BYTES, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("signature", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_checkpoints_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_checkpoints")),
    )
    op.create_table(
        "person_keys",
        sa.Column("tenant_id", BYTES, nullable=False),
        sa.Column("person", BYTES, nullable=False),
        sa.Column("key", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_person_keys_tenants")),
        sa.PrimaryKeyConstraint("tenant_id", "person", name=op.f("pk_person_keys")),
    )
    op.add_column("audit", sa.Column("person", BYTES, nullable=True))
    op.add_column("audit", sa.Column("seats", DOCUMENT, server_default=sa.text("'{}'"), nullable=False))
    op.add_column("audit", sa.Column("sequence", sa.Integer(), nullable=True))
    op.add_column("audit", sa.Column("hash", BYTES, nullable=True))
    op.create_index(op.f("ix_audit_tenant_id_person"), "audit", ["tenant_id", "person"], unique=False)
    op.create_index(op.f("ix_audit_tenant_id_sequence"), "audit", ["tenant_id", "sequence"], unique=True)
    op.create_index(
        "ix_audit_unsealed",
        "audit",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=sa.text("sequence IS NULL"),
        postgresql_where=sa.text("sequence IS NULL"),
    )
    encrypt_old_entries(op.get_bind())


BATCH = 1000
CLEAR = sa.table(
    "audit",
    *map(sa.column, ("tenant_id", "id", "object_type", "object_id", "action", "person")),
    sa.column("before", DOCUMENT),
    sa.column("after", DOCUMENT),
    sa.column("seats", DOCUMENT),
)
KEYS = sa.table("person_keys", *map(sa.column, ("tenant_id", "person", "key")))
TOKENS = sa.table("person_tokens", *map(sa.column, ("tenant_id", "id", "user_id")))


def encrypt_old_entries(connection: sa.Connection) -> None:
    """Bring the facts about people that are there under keys of theirs, and say how many seats were moved."""
    keys: dict[tuple[str, str], str] = {}
    owners = {(row.tenant_id, row.id): row.user_id for row in connection.execute(sa.select(TOKENS))}
    place = ("", "")
    following = sa.select(CLEAR).order_by(CLEAR.c.tenant_id, CLEAR.c.id).limit(BATCH)
    while rows := connection.execute(following.where(sa.tuple_(CLEAR.c.tenant_id, CLEAR.c.id) > place)).all():
        for row in rows:
            _encrypt_entry(connection, row, keys, owners.get((row.tenant_id, row.object_id)))
        place = (rows[-1].tenant_id, rows[-1].id)
    if keys:
        made = [{"tenant_id": tenant, "person": person, "key": key} for (tenant, person), key in keys.items()]
        connection.execute(sa.insert(KEYS), made)


def _encrypt_entry(connection: sa.Connection, row: Any, keys: dict[tuple[str, str], str], owner: str | None) -> None:
    sides = {"before": row.before, "after": row.after}
    if row.object_type == "token" and "user" in (row.after or {}):
        # It named the person by their user name.
        sides["after"] = {**row.after, "user": owner}
    change = Change(row.object_type, row.object_id, row.action, **sides)
    if change.person is not None:
        key = keys.setdefault((row.tenant_id, change.person), new_key())
        for side, facts in sides.items():
            sides[side] = facts and encrypt(key, facts, f"{row.tenant_id}/{row.id}/{side}")
    values = {"person": change.person, "seats": change.seats, **sides}
    connection.execute(sa.update(CLEAR).where(CLEAR.c.tenant_id == row.tenant_id, CLEAR.c.id == row.id).values(values))
