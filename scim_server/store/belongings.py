"""What belongs to a connection or to nobody's connection: people and groups, other resources, and who was deleted."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from scim_server.services.ports import Belonging
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import groups, resources, tombstones, users

_TABLES = {
    Belonging.GROUP: groups,
    Belonging.USER: users,
    Belonging.RESOURCE: resources,
    Belonging.TOMBSTONE: tombstones,
}
_PAGES = {
    kind: select(table.c.id)
    .where(
        table.c.tenant_id == bindparam("tenant"),
        table.c.origin == bindparam("of_origin"),
        table.c.id > bindparam("behind"),
    )
    .order_by(table.c.id)
    .limit(bindparam("most"))
    for kind, table in _TABLES.items()
}
_LOCK = {
    kind: select(table.c.id)
    .where(table.c.tenant_id == bindparam("tenant"), table.c.origin == bindparam("of_origin"), among(table.c.id))
    .order_by(table.c.id)
    .with_for_update()
    for kind, table in _TABLES.items()
}
_HAND = {
    kind: update(table)
    .where(table.c.tenant_id == bindparam("tenant"), among(table.c.id))
    .values(origin=bindparam("to"))
    for kind, table in _TABLES.items()
}


@dataclass(frozen=True, slots=True)
class Belongings:
    """Of one tenant."""

    scope: Scope

    def page(self, kind: Belonging, origin: str, after: str, most: int) -> list[str]:
        return [row["id"] for row in self.scope.rows(_PAGES[kind], of_origin=origin, behind=after, most=most)]

    def lock(self, kind: Belonging, origin: str, ids: Collection[str]) -> list[str]:
        return [row["id"] for row in self.scope.rows(_LOCK[kind], of_origin=origin, ids=ids)]

    def hand(self, kind: Belonging, ids: Collection[str], origin: str) -> None:
        self.scope.run(_HAND[kind], ids=ids, to=origin)
