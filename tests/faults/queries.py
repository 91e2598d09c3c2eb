"""Faults of filters as SQL, on each database."""

from dataclasses import replace
from typing import Any

from sqlalchemy import String, and_, false, func, not_, or_, update
from sqlalchemy import bindparam as bound

from scim_server.protocol.filters import And, Not, Or, ValuePath
from scim_server.store import columns, expressions, filtering, places, rows
from scim_server.store.people import Users
from scim_server.store.tables import groups, members, users
from tests.faults.catalogue import SQL, Area, Patch
from tests.faults.mutations import wrap_method

area = Area("queries")


@area.fault(
    "wildcards-unescaped",
    "`%` and `_` reach PostgreSQL's LIKE as wildcards.",
    "filter.percent-co filter.underscore-co filter.percent-ew",
    databases=("postgresql",),
)
def wildcards_unescaped(patch: Patch) -> None:
    patch.setattr(expressions, "_plain", lambda part: part)


@area.fault(
    "wildcards-co",
    "`co` is LIKE with the client's text in it.",
    "filter.percent-co filter.underscore-co",
    databases=SQL,
)
def wildcards_co(patch: Patch) -> None:
    patch.setitem(filtering._PARTS, "co", lambda text, part: text.like(f"%{part}%"))


@area.fault(
    "wildcards-sw",
    "`sw` is LIKE with the client's text in it.",
    "filter.underscore filter.percent",
    databases=SQL,
)
def wildcards_sw(patch: Patch) -> None:
    patch.setitem(filtering._PARTS, "sw", lambda text, part: text.like(f"{part}%"))


@area.fault(
    "case-ignored",
    "`eq` ignores case where caseExact is true, too.",
    "filter.external-id-exact",
    databases=SQL,
)
def case_ignored(patch: Patch) -> None:
    def equal(value: Any, comparand: Any) -> Any:
        texts = isinstance(value.type, String)
        return func.lower(value) == func.lower(comparand) if texts else value == comparand

    patch.setitem(filtering._ORDERS, "eq", equal)


@area.fault("sw-inside", "`sw` finds what lies inside a value.", "filter.sw-not-inside", databases=SQL)
def sw_inside(patch: Patch) -> None:
    patch.setitem(filtering._PARTS, "sw", expressions.contains)


@area.fault("ew-inside", "`ew` finds what lies inside a value.", "filter.ew-not-inside", databases=SQL)
def ew_inside(patch: Patch) -> None:
    patch.setitem(filtering._PARTS, "ew", expressions.contains)


@area.fault("gt-equal", "`gt` finds the equal value as well.", "filter.gt", databases=SQL)
def gt_equal(patch: Patch) -> None:
    patch.setitem(filtering._ORDERS, "gt", lambda value, comparand: value >= comparand)


@area.fault("le-less", "`le` does not find the equal value.", "filter.le", databases=SQL)
def le_less(patch: Patch) -> None:
    patch.setitem(filtering._ORDERS, "le", lambda value, comparand: value < comparand)


@area.fault("ne-missing", "`ne` does not find who has no value.", "filter.ne-missing", databases=SQL)
def ne_missing(patch: Patch) -> None:
    def compared(original: Any, value: Any, node: Any) -> Any:
        return value != filtering._bound(node.value) if node.operator == "ne" else original(value, node)

    wrap_method(patch, filtering, "_compared", compared)


@area.fault("negated-missing", "A negated `eq` does not find who has no value.", "filter.not-eq-missing", databases=SQL)
def negated_missing(patch: Patch) -> None:
    def condition(original: Any, node: Any, place: Any, *, negated: bool) -> Any:
        if isinstance(node, Not | And | Or):
            return original(node, place, negated=negated)
        return not_(filtering._test(node, place)) if negated else filtering._indexed(node, place)

    wrap_method(patch, filtering, "_condition", condition)


@area.fault(
    "pr-false",
    "`pr` does not find a value that is false.",
    "filter.pr-false filter.not-pr-false",
    databases=SQL,
)
def pr_false(patch: Patch) -> None:
    def present(original: Any, path: Any, place: Any, node: Any) -> Any:
        if path.leaf.type != "boolean":
            return original(path, place, node)
        return place.value(path).is_(True)

    wrap_method(patch, filtering, "_present", present)


@area.fault("pr-empty", "`pr` finds an empty text.", "unset.empty-text", databases=SQL, profile="rfc")
def pr_empty(patch: Patch) -> None:
    patch.setattr(filtering, "_TEXTS", frozenset())


@area.fault(
    "any-element",
    "Terms in brackets may hold for different elements.",
    "filter.same-element",
    databases=SQL,
)
def any_element(patch: Patch) -> None:
    def value_path(original: Any, node: ValuePath, place: Any) -> Any:
        if not isinstance(node.filter, And):
            return original(node, place)
        return and_(*(original(ValuePath(node.path, term), place) for term in node.filter.terms))

    wrap_method(patch, filtering, "_value_path", value_path)


@area.fault(
    "first-element",
    "Of a list, only the first element is searched.",
    "filter.any-element filter.bare-list filter.same-element-found",
    databases=SQL,
)
def first_element(patch: Patch) -> None:
    def elements(original: Any, place: Any, path: Any, node: Any) -> Any:
        if path.attribute is None or path.attribute.name != "emails":
            return original(place, path, node)
        holder = expressions.leading_at(place.columns.search, ("emails",), primary=False)
        return _Only(columns.ElementPlace(holder))

    wrap_method(patch, columns.ResourcePlace, "elements", elements)


class _Only:
    """One element that stands for all."""

    def __init__(self, place: Any) -> None:
        self.place = place

    def exist(self, test: Any = None) -> Any:
        return or_(test(self.place)) if test else expressions.is_object(self.place.holder, ())


@area.fault("groups-unsearched", "A filter on the groups of users finds nobody.", "filter.groups", databases=SQL)
def groups_unsearched(patch: Patch) -> None:
    elements = places.USERS.elements
    patch.setitem(elements, ("groups",), replace(elements[("groups",)], join=false(), in_order=frozenset()))


@area.fault(
    "members-unjoined",
    "A filter on members finds groups by the members of others.",
    "filter.members-other",
    databases=SQL,
)
def members_unjoined(patch: Patch) -> None:
    elements = places.GROUPS.elements
    tenant = members.c.tenant_id == groups.c.tenant_id
    patch.setitem(elements, ("members",), replace(elements[("members",)], join=tenant, in_order=frozenset()))


@area.fault(
    "stale-search",
    "What a change writes is not what is searched afterwards.",
    "patch-replace.found-by-new-value patch-replace.rename put.rename",
)
def stale_search(patch: Patch) -> None:
    written = ("document", "version", "modified")
    statement = (
        update(users)
        .where(users.c.tenant_id == bound("tenant"), users.c.id == bound("user_id"))
        .values({name: bound(name) for name in written})
    )

    def save(repository: Any, user: Any) -> None:
        row = rows.user_row(user, repository.kind)
        repository.scope.run(statement, user_id=user.id, **{name: row[name] for name in written})

    patch.setattr(Users, "save", save)
