"""Where each resource type keeps what clients search by: columns and tables beside the search copy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    Text,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
)

from scim_server.resources.representations import ENTERPRISE, SEATS
from scim_server.store.columns import Columns, ElementTable
from scim_server.store.expressions import text_at
from scim_server.store.recursions import is_groups
from scim_server.store.tables import groups, members, resources, user_emails, users

T = TypeVar("T")


def _memberships() -> FromClause:
    """Who is in which group, directly or through nested groups, as `groups` of a user shows it.

    Only the pairs of groups are worked out beforehand; an index answers for the people on either side.
    """
    tenant: ColumnElement[Any] = bindparam("tenant")
    above = select(members.c.member_id.label("inner"), members.c.group_id.label("outer"))
    nested = above.where(members.c.tenant_id == tenant, members.c.kind == "Group")
    around = nested.cte("around", recursive=True)
    around = around.union(
        select(around.c.inner, members.c.group_id)
        .join(members, members.c.member_id == around.c.outer)
        .where(is_groups(members, around.c.outer))
    )
    own, known = members.alias("own"), members.alias("known")
    is_direct = (
        select(literal(1))
        .where(known.c.tenant_id == tenant, known.c.member_id == own.c.member_id, known.c.group_id == around.c.outer)
        .correlate(own, around)
        .exists()
    )
    direct = select(own.c.tenant_id, own.c.member_id, own.c.group_id, _text("direct").label("type"))
    indirect = (
        select(own.c.tenant_id, own.c.member_id, around.c.outer, _text("indirect"))
        .join(around, around.c.inner == own.c.group_id)
        .where(own.c.tenant_id == tenant, not_(is_direct))
    )
    return direct.where(own.c.tenant_id == tenant).union_all(indirect).subquery("memberships")


def _text(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'", Text())


_MEMBERSHIPS = _memberships()


def _display_name(table: Any, owner: ColumnElement[Any], membership: Any) -> ColumnElement[Any]:
    """The comparable displayName of the user or group at the other end of a membership."""
    named = table.alias()
    return (
        select(named.c.display_name_key)
        .where(named.c.tenant_id == membership.c.tenant_id, named.c.id == owner)
        .correlate(membership)
        .scalar_subquery()
    )


def _manager_name() -> ColumnElement[Any]:
    """The comparable displayName of a user's manager: made on reading, so looked up here as well."""
    manager = users.alias("manager")
    return (
        select(manager.c.display_name_key)
        .where(
            manager.c.tenant_id == users.c.tenant_id,
            manager.c.id == text_at(users.c.search, (ENTERPRISE, "manager", "value")),
        )
        .correlate(users)
        .scalar_subquery()
    )


_IN_ORDER = frozenset({("id",), ("externalId",), ("meta", "lastModified"), ("meta", "resourceType")})
"""What an index leads to in every table; a constant needs none."""
_VALUE = frozenset({"value"})

USERS = Columns(
    search=users.c.search,
    computed=Columns(users.c.search).computed | {(SEATS,), (ENTERPRISE, "manager", "$ref")},
    simple={
        (ENTERPRISE, "manager", "displayName"): _manager_name(),
        ("id",): users.c.id,
        ("userName",): users.c.user_name_key,
        ("externalId",): users.c.external_id,
        ("displayName",): users.c.display_name_key,
        ("meta", "created"): users.c.created,
        ("meta", "lastModified"): users.c.modified,
    },
    constant={("meta", "resourceType"): "User"},
    in_order=_IN_ORDER | {("userName",), ("displayName",)},
    in_parts=frozenset({("userName",), ("displayName",)}),
    elements={
        ("emails",): ElementTable(
            user_emails,
            and_(user_emails.c.tenant_id == users.c.tenant_id, user_emails.c.user_id == users.c.id),
            user_emails.c.user_id,
            users.c.id,
            {"value": user_emails.c.address_key, "type": user_emails.c.type},
            in_document=True,
            in_order=_VALUE,
            in_parts=_VALUE,
        ),
        ("groups",): ElementTable(
            _MEMBERSHIPS,
            and_(_MEMBERSHIPS.c.tenant_id == users.c.tenant_id, _MEMBERSHIPS.c.member_id == users.c.id),
            _MEMBERSHIPS.c.member_id,
            users.c.id,
            {
                "value": _MEMBERSHIPS.c.group_id,
                "display": _display_name(groups, _MEMBERSHIPS.c.group_id, _MEMBERSHIPS),
                "type": _MEMBERSHIPS.c.type,
            },
            in_order=_VALUE,
        ),
    },
)

GROUPS = Columns(
    search=groups.c.search,
    simple={
        ("id",): groups.c.id,
        ("externalId",): groups.c.external_id,
        ("displayName",): groups.c.display_name_key,
        ("meta", "created"): groups.c.created,
        ("meta", "lastModified"): groups.c.modified,
    },
    constant={("meta", "resourceType"): "Group"},
    in_order=_IN_ORDER | {("displayName",)},
    in_parts=frozenset({("displayName",)}),
    elements={
        ("members",): ElementTable(
            members,
            and_(members.c.tenant_id == groups.c.tenant_id, members.c.group_id == groups.c.id),
            members.c.group_id,
            groups.c.id,
            {
                "value": members.c.member_id,
                "type": func.lower(members.c.kind),
                "display": func.coalesce(
                    _display_name(users, members.c.member_id, members),
                    _display_name(groups, members.c.member_id, members),
                ),
            },
            in_order=_VALUE,
        ),
    },
)


@dataclass(frozen=True)
class Shelf:
    """Where the resources of one type lie: the table, which of its rows they are, and what lies beside them."""

    table: Table
    columns: Columns
    rows: ColumnElement[bool]


SHELVES = {"User": Shelf(users, USERS, true()), "Group": Shelf(groups, GROUPS, true())}


def shelf_of(name: str) -> Shelf:
    """The shelf of a resource type by its name; those that schema files describe share one table."""
    return SHELVES.get(name) or Shelf(resources, _columns_of(name), resources.c.type == name)


def _columns_of(name: str) -> Columns:
    return Columns(
        search=resources.c.search,
        computed=frozenset({("id",), ("meta",)}),
        simple={
            ("id",): resources.c.id,
            ("externalId",): resources.c.external_id,
            ("meta", "created"): resources.c.created,
            ("meta", "lastModified"): resources.c.modified,
        },
        constant={("meta", "resourceType"): name},
        in_order=_IN_ORDER,
    )


class ByType(dict[str, T]):
    """What is built once for each resource type, when its name is first asked for."""

    def __init__(self, build: Callable[[Shelf], T]) -> None:
        super().__init__()
        self._build = build

    def __missing__(self, name: str) -> T:
        self[name] = self._build(shelf_of(name))
        return self[name]


BY_TYPE: ByType[Columns] = ByType(lambda shelf: shelf.columns)
