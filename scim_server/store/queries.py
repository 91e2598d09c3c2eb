"""Documents for reading: no domain objects, a fixed number of statements however many resources come back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Table, Text, bindparam, case, func, null, select, union_all

from scim_server.protocol.schemas import ResourceType
from scim_server.resources.ports import Found, Member, Page, Part, Window
from scim_server.resources.representations import ENTERPRISE
from scim_server.store import rosters
from scim_server.store.completions import COMPLETED, Elements, completed, found_in
from scim_server.store.pages import Source, read_page
from scim_server.store.places import BY_TYPE, ByType, Shelf
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import groups, members, users

_TENANT: ColumnElement[Any] = bindparam("tenant")


def _from(shelf: Shelf) -> Select[Any]:
    table = shelf.table
    columns = (table.c.id, table.c.document, table.c.version, table.c.created, table.c.modified)
    return select(*columns).where(table.c.tenant_id == _TENANT, shelf.rows)


def _from_plain(shelf: Shelf) -> Select[Any]:
    """The same with the text in place of each document that has the mark which `plain` binds."""
    if shelf.table is not users:
        return _from(shelf).add_columns(null().cast(Text).label("text"))
    mark: ColumnElement[Any] = bindparam("plain")
    document = case((users.c.plain.is_distinct_from(mark), users.c.document)).label("document")
    text = case((users.c.plain == mark, users.c.document.cast(Text))).label("text")
    columns = (users.c.id, document, users.c.version, users.c.created, users.c.modified, text)
    return select(*columns).where(users.c.tenant_id == _TENANT, shelf.rows)


_FROM: ByType[Select[Any]] = ByType(_from)
_FROM_PLAIN: ByType[Select[Any]] = ByType(_from_plain)
_ONE: ByType[Select[Any]] = ByType(lambda shelf: _from(shelf).where(shelf.table.c.id == bindparam("resource_id")))


@cache
def _one(kind: str, computed: frozenset[str]) -> Select[Any]:
    """One resource of the type, with those of the computed attributes that are filled in beside the row."""
    return completed(_ONE[kind].cte("page"), computed) if computed else _ONE[kind]


def _text(document: Any, name: str) -> Any:
    return document[name].as_string().cast(String)


def _named(table: Table) -> Select[Any]:
    display = _text(table.c.document, "displayName")
    return select(table.c.id, display.label("display")).where(
        table.c.tenant_id == _TENANT, among(table.c.id), display.is_not(None)
    )


_NAMES = union_all(_named(users), _named(groups))


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


_MEMBERS = _members_of_groups()


@dataclass
class Documents:
    """The documents of one tenant."""

    scope: Scope
    expected: frozenset[str] | None = None
    """What is filled in when a document is answered that this unit writes."""

    def expect(self, computed: Collection[str]) -> None:
        self.expected = COMPLETED.intersection(computed)

    def wrote(self, kind: ResourceType, row: Row, *, is_new: bool = False) -> None:
        """A row as it is from now on, which is asked for if it is expected to be answered.

        Of somebody new there is nothing to be asked but the manager's name: they are in no group yet.
        """
        if self.expected is None:
            return
        statement, of_row = _one(kind.name, self.expected), {"resource_id": row["id"]}
        if is_new and "manager" not in row["document"].get(ENTERPRISE, {}):
            self.scope.expectations.note(statement, of_row, lambda: [row])
        else:
            self.scope.expect(statement, **of_row)

    def get(self, kind: ResourceType, resource_id: str, computed: Collection[str]) -> Found | None:
        statement = _one(kind.name, COMPLETED.intersection(computed))
        rows = self.scope.expected(statement, resource_id=resource_id)
        if not rows:
            return None
        found = found_in(rows[0], {})
        if "members" in computed:
            self._attach_members([found])
        return found

    def find(self, parts: Sequence[Part], window: Window) -> Page:
        rows = _FROM if all(part.plain is None for part in parts) else _FROM_PLAIN
        sources = [Source(part, rows[part.kind.name], BY_TYPE[part.kind.name]) for part in parts]
        page = read_page(self.scope, sources, window)
        kinds = {part.kind.name: part.kind for part in parts}
        known: Elements = {}
        found = [(kinds[row["kind"]], found_in(row, known)) for row in page.rows]
        for part in parts:
            if "members" in part.computed:
                self._attach_members([each for kind, each in found if kind is part.kind])
        return Page(page.total, found, page.before, page.after)

    def names(self, ids: Collection[str]) -> dict[str, str]:
        return {row["id"]: row["display"] for row in self.scope.rows(_NAMES, ids=ids)} if ids else {}

    def group(self, group_id: str) -> Found | None:
        return rosters.group(self.scope, group_id)

    def members(self, group_id: str, after: str, most: int) -> Sequence[Member]:
        return rosters.batch(self.scope, group_id, after, most)

    def _attach_members(self, found: Sequence[Found]) -> None:
        """With one statement for all of the groups."""
        rows = self.scope.rows(_MEMBERS, ids=[group.id for group in found]) if found else []
        by_owner = _by_owner(rows)
        for group in found:
            if group.id in by_owner:
                group.document["members"] = by_owner[group.id]


def _by_owner(rows: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
    by_owner: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        element = {key: row[key] for key in ("value", "display", "type") if row[key] is not None}
        by_owner.setdefault(row["owner"], []).append(element)
    return by_owner
