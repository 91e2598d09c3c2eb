"""What users are answered with beside their own rows: their groups, and the names of their managers.

Both come in the statement of the page itself, so that an answer is as of one moment and one round trip.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    UnaryExpression,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
)

from scim_server.resources.ports import Found
from scim_server.resources.representations import ENTERPRISE
from scim_server.store.expressions import list_of, mentions, text_at
from scim_server.store.recursions import is_groups
from scim_server.store.rows import Row
from scim_server.store.sets import among_rows
from scim_server.store.tables import groups, members, users

COMPLETED = frozenset({"groups", "manager"})
"""The computed attributes that are filled in here."""

_TENANT: ColumnElement[Any] = bindparam("tenant")
_MANAGER = (ENTERPRISE, "manager", "value")
_WAY, _NAMED = literal_column("'/'", String()), literal_column("'='", String())
_INDIRECT, _DIRECT = literal_column("'indirect'", String()), literal_column("'direct'", String())
"""A membership is told as one text, which costs a third of what an array does: ID/WAY=NAME, or ID/WAY of no name."""
Elements = dict[str, dict[str, Any]]
"""The elements of `groups` that were met, by how they were told: most people of a page are in the same groups."""


def completed(page: CTE, computed: Collection[str], order: Iterable[UnaryExpression[Any]] = ()) -> Select[Any]:
    """The rows of `page`, which have an id and a document, with what is to be filled in; `order` is that of the page.

    Where it has rows of several types, `kind` says which are users.
    """
    whole: Select[Any] = select(page)
    is_user: ColumnElement[bool] = page.c.kind == literal_column("'User'") if "kind" in page.c else true()
    if "groups" in computed:
        mine = _groups_of(page).subquery("mine")
        joined = page.outerjoin(mine, and_(mine.c.owner == page.c.id, is_user))
        whole = whole.add_columns(mine.c.groups).select_from(joined)
    if "manager" in computed:
        whole = whole.add_columns(_name_of_manager(page).label("manager_name"))
    return whole.order_by(*order)


def _groups_of(page: CTE) -> Select[Any]:
    """Every group that the users of a page are in, directly or through nested groups; a cycle is walked once."""
    direct = select(members.c.member_id.label("owner"), members.c.group_id, _DIRECT.label("way"))
    within = direct.where(members.c.tenant_id == _TENANT, among_rows(members.c.member_id, select(page.c.id))).cte(
        "within", recursive=True
    )
    within = within.union(
        select(within.c.owner, members.c.group_id, _INDIRECT)
        .join(members, members.c.member_id == within.c.group_id)
        .where(is_groups(members, within.c.group_id))
    )
    display = groups.c.document["displayName"].as_string().cast(String)
    named = (
        select(groups.c.id, func.coalesce(_NAMED + display, "").label("display"))
        .where(groups.c.tenant_id == _TENANT, among_rows(groups.c.id, select(within.c.group_id).distinct()))
        .cte("named")
        .prefix_with("MATERIALIZED")
    )
    listed = list_of(within.c.group_id + _WAY + within.c.way + named.c.display).label("groups")
    return select(within.c.owner, listed).join(named, named.c.id == within.c.group_id).group_by(within.c.owner)


def _name_of_manager(page: CTE) -> ColumnElement[Any]:
    """RFC 7643 section 4.3: the manager's displayName is the server's to fill.

    Documents that name none are not taken apart: of a page that would cost a third.
    """
    manager = users.alias("manager")
    named = case((mentions(page.c.document, "manager"), text_at(page.c.document, _MANAGER)))
    return (
        select(manager.c.document["displayName"].as_string().cast(String))
        .where(manager.c.tenant_id == _TENANT, manager.c.id == named)
        .correlate(page)
        .scalar_subquery()
    )


def found_in(row: Row, known: Elements) -> Found:
    """The resource of a row, with what was filled in. Elements of `groups` are shared."""
    text = row.get("text")
    document = row["document"] if text is None else {}
    if row.get("groups"):
        document["groups"] = _elements(row["groups"], known)
    if row.get("manager_name") is not None:
        document[ENTERPRISE]["manager"]["displayName"] = row["manager_name"]
    return Found(row["id"], document, row["version"], row["created"], row["modified"], text=text)


def _elements(listed: list[str], known: Elements) -> list[dict[str, Any]]:
    """In order of their ids, each group once. Who is in a group directly and through another one, is directly."""
    found: Elements = {}
    for told in sorted(listed):
        element = known.get(told) or known.setdefault(told, _element(told))
        found.setdefault(element["value"], element)
    return list(found.values())


def _element(told: str) -> dict[str, Any]:
    group_id, _, rest = told.partition("/")
    way, named, display = rest.partition("=")
    return {"value": group_id, **({"display": display} if named else {}), "type": way}
