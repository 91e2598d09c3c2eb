"""What the tables are made of: types, keys that the tenant leads, and references."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BYTES: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte."""
DOCUMENT: TypeEngine[Any] = JSON(none_as_null=True)
"""A document kept as it came: key order and all."""
SEARCH: TypeEngine[Any] = JSON(none_as_null=True).with_variant(postgresql.JSONB(), "postgresql")
"""A document to be searched."""


def required(name: str, kind: TypeEngine[Any] = BYTES) -> Column[Any]:
    """A column that is never null."""
    return Column(name, kind, nullable=False)


def of_tenant(
    *keys: str, types: Mapping[str, TypeEngine[Any]] = MappingProxyType({})
) -> list[Column[Any] | ForeignKeyConstraint | PrimaryKeyConstraint]:
    """The columns that lead a key, and the key: the tenant first."""
    return [
        required("tenant_id"),
        *(required(key, types.get(key, BYTES)) for key in keys),
        PrimaryKeyConstraint("tenant_id", *keys),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    ]


def of_user() -> ForeignKeyConstraint:
    """The reference to a user of the tenant."""
    return ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"])


def of_connection() -> ForeignKeyConstraint:
    """The reference to a connection of the tenant."""
    return ForeignKeyConstraint(["tenant_id", "connection_id"], ["connections.tenant_id", "connections.id"])


def of_client() -> ForeignKeyConstraint:
    """The reference to an OAuth client of the tenant."""
    return ForeignKeyConstraint(["tenant_id", "client_id"], ["oauth_clients.tenant_id", "oauth_clients.id"])
