"""Documents for reading: no domain objects, a fixed number of statements however many resources come back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)

from scim_server.protocol.schemas import ResourceType
from scim_server.resources.ports import Found, Member, Page, Part, Window
from scim_server.resources.representations import ENTERPRISE
from scim_server.store import rosters
from scim_server.store.dossiers import Dossiers
from scim_server.store.memberships import NESTED
from scim_server.store.pages import Source, read_page
from scim_server.store.places import BY_TYPE, ByType, Shelf
from scim_server.store.rows import Row
from scim_server.store.scopes import Answer, Scope
from scim_server.store.sets import among
from scim_server.store.tables import groups, members, users

_TENANT: ColumnElement[Any] = bindparam("tenant")


def _from(shelf: Shelf) -> Select[Any]:
    table = shelf.table
    columns = (table.c.id, table.c.document, table.c.version, table.c.created, table.c.modified)
    return select(*columns).where(table.c.tenant_id == _TENANT, shelf.rows)


_FROM: ByType[Select[Any]] = ByType(_from)
_ONE: ByType[Select[Any]] = ByType(lambda shelf: _from(shelf).where(shelf.table.c.id == bindparam("resource_id")))


def _text(document: Any, name: str) -> Any:
    return document[name].as_string().cast(String)


def _named(table: Table) -> Select[Any]:
    display = _text(table.c.document, "displayName")
    return select(table.c.id, display.label("display")).where(
        table.c.tenant_id == _TENANT, among(table.c.id), display.is_not(None)
    )


_NAMES = union_all(_named(users), _named(groups))


def _groups_of_users() -> Select[Any]:
    """Every group that the users `ids` are in, directly or through nested groups; a cycle is walked once."""
    direct = select(members.c.member_id.label("owner"), members.c.group_id, literal(1).label("is_direct"))
    within = direct.where(members.c.tenant_id == _TENANT, among(members.c.member_id)).cte("within", recursive=True)
    within = within.union(
        select(within.c.owner, members.c.group_id, literal(0))
        .join(members, members.c.member_id == within.c.group_id)
        .where(members.c.tenant_id == _TENANT, NESTED)
    )
    kind = case((func.max(within.c.is_direct) == 1, "direct"), else_="indirect")
    return (
        select(
            within.c.owner,
            within.c.group_id.label("value"),
            func.min(_text(groups.c.document, "displayName")).label("display"),
            kind.label("type"),
        )
        .join(groups, (groups.c.tenant_id == _TENANT) & (groups.c.id == within.c.group_id))
        .group_by(within.c.owner, within.c.group_id)
        .order_by(within.c.owner, within.c.group_id)
    )


def _members_of_groups() -> Select[Any]:
    """Every member of the groups `ids`."""
    nested = groups.alias("nested")
    display = func.coalesce(_text(users.c.document, "displayName"), _text(nested.c.document, "displayName"))
    return (
        select(
            members.c.group_id.label("owner"),
            members.c.member_id.label("value"),
            members.c.kind.label("type"),
            display.label("display"),
        )
        .outerjoin(users, (users.c.tenant_id == _TENANT) & (users.c.id == members.c.member_id))
        .outerjoin(nested, (nested.c.tenant_id == _TENANT) & (nested.c.id == members.c.member_id))
        .where(members.c.tenant_id == _TENANT, among(members.c.group_id))
        .order_by(members.c.group_id, members.c.member_id)
    )


_COMPUTED = {"groups": _groups_of_users(), "members": _members_of_groups()}
"""Computed attributes that have rows of their own."""


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of one tenant."""

    scope: Scope
    dossiers: Dossiers
    expected: dict[tuple[str, str], Answer] = field(default_factory=dict)
    """Computed attributes that were asked for, by resource id and name."""

    def expect(self, resource_id: str, computed: Collection[str]) -> None:
        for name in _COMPUTED.keys() & computed:
            if (resource_id, name) not in self.expected:
                self.expected[resource_id, name] = self.scope.ask(_COMPUTED[name], ids=[resource_id])

    def get(self, kind: ResourceType, resource_id: str, computed: Collection[str]) -> Found | None:
        written = self.dossiers.written.get(resource_id)
        within = [] if self.dossiers.is_alone(resource_id) else [name for name in _COMPUTED if name in computed]
        self.expect(resource_id, within)
        if written is None:
            row = self.scope.row(_ONE[kind.name], resource_id=resource_id)
        else:
            row = {**written, "document": _reread(written["document"])}
        answers = [(name, self.expected.pop((resource_id, name))) for name in within]
        if row is None:
            return None
        found = _found(row)
        for name, answer in answers:
            self._attach(name, [found], answer())
        if "manager" in computed:
            self._name_managers([found])
        return found

    def find(self, parts: Sequence[Part], window: Window) -> Page:
        sources = [Source(part, _FROM[part.kind.name], BY_TYPE[part.kind.name]) for part in parts]
        page = read_page(self.scope, sources, window)
        kinds = {part.kind.name: part.kind for part in parts}
        found = [(kinds[row["kind"]], _found(row)) for row in page.rows]
        for part in parts:
            self._complete([each for kind, each in found if kind is part.kind], part.computed)
        return Page(page.total, found, page.before, page.after)

    def names(self, ids: Collection[str]) -> dict[str, str]:
        return {row["id"]: row["display"] for row in self.scope.rows(_NAMES, ids=ids)} if ids else {}

    def group(self, group_id: str) -> Found | None:
        return rosters.group(self.scope, group_id)

    def members(self, group_id: str, after: str, most: int) -> Sequence[Member]:
        return rosters.batch(self.scope, group_id, after, most)

    def _complete(self, found: list[Found], computed: Collection[str]) -> None:
        """Fill the computed attributes asked for, each with one statement for the whole page."""
        ids = [resource.id for resource in found]
        for name, statement in _COMPUTED.items():
            if ids and name in computed:
                self._attach(name, found, self.scope.rows(statement, ids=ids))
        if "manager" in computed:
            self._name_managers(found)

    def _attach(self, name: str, found: Iterable[Found], rows: Iterable[Row]) -> None:
        by_owner: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            element = {key: row[key] for key in ("value", "display", "type") if row[key] is not None}
            by_owner.setdefault(row["owner"], []).append(element)
        for resource in found:
            if resource.id in by_owner:
                resource.document[name] = by_owner[resource.id]

    def _name_managers(self, found: Iterable[Found]) -> None:
        """RFC 7643 section 4.3: the manager's displayName is the server's to fill."""
        managers = [manager for user in found if (manager := user.document.get(ENTERPRISE, {}).get("manager"))]
        ids = {str(manager["value"]) for manager in managers if manager.get("value")}
        if not ids:
            return
        displays = self.names(ids)
        for manager in managers:
            if displays.get(manager.get("value")) is not None:
                manager["displayName"] = displays[manager["value"]]


def _reread(document: Any) -> Any:
    """A document as the database would give it back: whoever completes it leaves what was written alone."""
    return orjson.loads(orjson.dumps(document))


def _found(row: Row) -> Found:
    return Found(row["id"], row["document"], row["version"], row["created"], row["modified"])
