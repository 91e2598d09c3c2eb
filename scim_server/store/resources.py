"""Resources of types that schema files describe, all in one table."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, literal, select, union_all, update

from scim_server.domain.resources import Resource
from scim_server.protocol.registry import Registry
from scim_server.store import rows, uniqueness
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import groups, resources, users

_MINE = (resources.c.tenant_id == bindparam("tenant"), resources.c.id == bindparam("resource_id"))
_ONE = select(resources).where(*_MINE, resources.c.type == bindparam("type")).with_for_update()
_SOME = select(resources).where(resources.c.tenant_id == bindparam("tenant"), among(resources.c.id))
_SAVE = (
    update(resources)
    .where(*_MINE)
    .values({name: bindparam(name) for name in ("external_id", "document", "search", "version", "modified")})
)
_REMOVE = delete(resources).where(*_MINE)
_TYPES = union_all(
    *(
        select(table.c.id, kind.label("type")).where(table.c.tenant_id == bindparam("tenant"), among(table.c.id))
        for table, kind in (
            (users, literal("User")),
            (groups, literal("Group")),
            (resources, resources.c.type),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of one tenant."""

    scope: Scope
    registry: Registry

    def get(self, kind: str, resource_id: str) -> Resource | None:
        row = self.scope.row(_ONE, resource_id=resource_id, type=kind)
        return None if row is None else rows.resource_of(row)

    def add(self, resource: Resource) -> None:
        kind = self.registry.resource_type(resource.type)
        row = rows.resource_row(resource, kind)
        self.scope.insert(resources, row)
        uniqueness.hold(self.scope, kind, resource.id, row["search"])

    def save(self, resource: Resource) -> None:
        kind = self.registry.resource_type(resource.type)
        row = rows.resource_row(resource, kind)
        kept = {name: row[name] for name in ("external_id", "document", "search", "version", "modified")}
        self.scope.run(_SAVE, resource_id=resource.id, **kept)
        uniqueness.hold(self.scope, kind, resource.id, row["search"])

    def remove(self, resource: Resource) -> None:
        uniqueness.release(self.scope, self.registry.resource_type(resource.type), resource.id)
        self.scope.run(_REMOVE, resource_id=resource.id)

    def some(self, resource_ids: Collection[str]) -> list[Resource]:
        return [rows.resource_of(row) for row in self.scope.rows(_SOME, ids=resource_ids)]

    def types(self, ids: Collection[str]) -> dict[str, str]:
        return {row["id"]: row["type"] for row in self.scope.rows(_TYPES, ids=ids)} if ids else {}
