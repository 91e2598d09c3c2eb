"""RFC 7643 section 2.2, `uniqueness`: values that a schema makes unique, each held by one resource.

The primary key of `unique_values` is the constraint: `server` is per tenant and resource type, `global` per
attribute of a schema, whoever's resource it is. userName has a column of its own, with a constraint on it. An
externalId is unique where the tenant's switch says so.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, String, Table, bindparam, delete, func, insert, literal, select

from scim_server.domain.errors import Taken
from scim_server.protocol.paths import AttributePath, leaves, resolve, values_at
from scim_server.protocol.schemas import ResourceType
from scim_server.store.scopes import Scope
from scim_server.store.tables import groups, resources, unique_values, users

EVERYWHERE = "*"
"""The scope of values that are unique across tenants; otherwise the scope is the tenant's id."""

_OF_EXTERNAL_ID = " externalId"
"""Follows the name of the resource type; no other attribute is called so."""
_TABLES: tuple[tuple[Table, ColumnElement[str]], ...] = (
    (users, literal("User", String())),
    (groups, literal("Group", String())),
    (resources, resources.c.type),
)

Key = tuple[str, str, str]
"""Scope, attribute and value."""

_MINE = (unique_values.c.tenant_id == bindparam("tenant"), unique_values.c.resource_id == bindparam("resource_id"))
_HELD = select(unique_values.c.scope, unique_values.c.attribute, unique_values.c.value_key).where(*_MINE)
_RELEASE = delete(unique_values).where(*_MINE)
_DROP = _RELEASE.where(
    unique_values.c.scope == bindparam("old_scope"),
    unique_values.c.attribute == bindparam("old_attribute"),
    unique_values.c.value_key == bindparam("old_value"),
)


@lru_cache(maxsize=1024)
def unique_paths(kind: ResourceType) -> tuple[AttributePath, ...]:
    """What `unique_values` has to watch in a resource type."""
    found = (path for path in leaves(kind) if path.leaf.uniqueness in {"server", "global"})
    return tuple(path for path in found if path.attribute not in kind.common and path.leaf.comparison != "username")


def hold(scope: Scope, kind: ResourceType, resource_id: str, search: Mapping[str, Any]) -> None:
    """Give the resource the unique values in `search`, its comparable copy, and no others. Raises Taken."""
    paths = _paths(scope, kind)
    if not paths:
        return
    wanted = {key: path for path in paths for key in _keys(scope, kind, path, search)}
    held = _held(scope, resource_id)
    scope.run_each(
        _DROP,
        [
            {"resource_id": resource_id, "old_scope": where, "old_attribute": attribute, "old_value": value}
            for where, attribute, value in sorted(held - wanted.keys())
        ],
    )
    missing = sorted(wanted.keys() - held)
    if not missing:
        return
    scope.insert_absent(
        unique_values,
        *(
            {"scope": where, "attribute": attribute, "value_key": value, "resource_id": resource_id}
            for where, attribute, value in missing
        ),
    )
    held = _held(scope, resource_id)
    for key in missing:
        if key not in held:
            raise Taken(_refusal(wanted[key], kind))


def release(scope: Scope, kind: ResourceType, resource_id: str) -> None:
    """Free the unique values of a resource that goes."""
    if _paths(scope, kind):
        scope.run(_RELEASE, resource_id=resource_id)


def hold_external_ids(scope: Scope) -> None:
    """Give every resource of the tenant its externalId. Raises Taken, with an example, where two share one."""
    for table, kind in _TABLES:
        mine = (table.c.tenant_id == bindparam("tenant"), table.c.external_id.is_not(None))
        shared = select(table.c.external_id).where(*mine).group_by(kind, table.c.external_id)
        example = scope.scalar(shared.having(func.count() > 1).order_by(table.c.external_id).limit(1))
        if example is not None:
            raise Taken(f"externalId: '{example}' belongs to two resources of one type. Change one of them first.")
        columns = (literal(scope.tenant_id), kind + _OF_EXTERNAL_ID, table.c.external_id, table.c.tenant_id, table.c.id)
        names = ("scope", "attribute", "value_key", "tenant_id", "resource_id")
        scope.run(insert(unique_values).from_select(names, select(*columns).where(*mine)))


def release_external_ids(scope: Scope) -> None:
    """Free every externalId of the tenant."""
    scope.run(delete(unique_values).where(_MINE[0], unique_values.c.attribute.endswith(_OF_EXTERNAL_ID)))


def _paths(scope: Scope, kind: ResourceType) -> tuple[AttributePath, ...]:
    external_id = (resolve("externalId", kind),) if scope.unique_external_ids else ()
    return (*external_id, *unique_paths(kind))


def _held(scope: Scope, resource_id: str) -> set[Key]:
    rows = scope.rows(_HELD, resource_id=resource_id)
    return {(row["scope"], row["attribute"], row["value_key"]) for row in rows}


def _keys(scope: Scope, kind: ResourceType, path: AttributePath, search: Mapping[str, Any]) -> Iterator[Key]:
    everywhere = path.leaf.uniqueness == "global"
    name = ".".join(path.keys[1:] if path.urn else path.keys)
    attribute = f"{path.urn or kind.schema.urn}:{name}" if everywhere else f"{kind.name} {path}"
    for value in values_at(search, path.keys):
        yield EVERYWHERE if everywhere else scope.tenant_id, attribute, _text(value)


def _text(value: Any) -> str:
    """A comparable value as text; equal numbers are equal texts."""
    return value if isinstance(value, str) else format(Decimal(repr(value)).normalize(), "f")


def _refusal(path: AttributePath, kind: ResourceType) -> str:
    """Says nothing of the holder, who may be another tenant's."""
    if path.leaf.uniqueness == "global":
        return f"{path}: the value is in use and must be unique everywhere. Send another one."
    return f"{path}: another {kind.name} has the value, and it must be unique. Send another one, or update that one."
