"""Faults of groups and their members (RFC 7643 sections 4.1.2 and 4.2)."""

from dataclasses import replace
from typing import Any

from scim_server.protocol.errors import Mutability
from scim_server.protocol.planning import _Planner
from scim_server.resources import groups, memberships, representations
from scim_server.resources.rolls import Roll
from scim_server.services import provisioning
from scim_server.store import completions, queries
from scim_server.store.queries import Documents
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import wrap_method

area = Area("groups")


@area.fault(
    "filter-empties",
    "remove of a member by a filter empties the group.",
    "members-remove.one members-remove.several members-remove.not-there",
)
def filter_empties(patch: Patch) -> None:
    def planned(original: Any, uow: Any, group_id: str, changes: Any) -> Any:
        targets = [replace(each, target=replace(each.target, filter=None)) for each in changes if each.op == "remove"]
        return original(uow, group_id, targets or changes)

    wrap_method(patch, groups, "plan_members", planned)


@area.fault("add-replaces", "add of a member replaces all the others.", "members-add.one members-add.no-path")
def add_replaces(patch: Patch) -> None:
    def planned(original: Any, uow: Any, group_id: str, changes: Any) -> Any:
        return original(uow, group_id, [replace(each, op="replace") if each.op == "add" else each for each in changes])

    wrap_method(patch, groups, "plan_members", planned)


@area.fault("replace-adds", "replace of members adds to them.", "members-replace.all members-replace.none")
def replace_adds(patch: Patch) -> None:
    def replaced(draft: Any, elements: Any) -> None:
        draft.now |= elements

    def everybody(original: Any, *given: Any) -> Any:
        return replace(original(*given), removed={})

    patch.setattr(memberships._Draft, "_replace", replaced)
    wrap_method(patch, memberships, "plan_everybody", everybody)


@area.fault("rename-empties", "Renaming a group takes its members away.", "members-replace.name-only")
def rename_empties(patch: Patch) -> None:
    def change(
        original: Any, handler: Any, uow: Any, caller: Any, group: Any, wanted: Any, added: Any, removed: Any
    ) -> int:
        if wanted["displayName"] != group.display_name:
            removed = uow.members.of(group.id)
        return int(original(handler, uow, caller, group, wanted, added, removed))

    wrap_method(patch, groups.GroupHandler, "_change", change)


@area.fault(
    "in-place-passed-over",
    "A change of who an element of members is is passed over in silence.",
    "members-replace.in-place",
)
def in_place_passed_over(patch: Patch) -> None:
    def write(original: Any, planner: Any, *given: Any) -> Any:
        try:
            yield from original(planner, *given)
        except Mutability:
            return

    wrap_method(patch, _Planner, "_write", write)


@area.fault("no-reference", "Members and groups have no $ref.", "group.member-reference")
def no_reference(patch: Patch) -> None:
    _referring(patch, lambda element: {name: value for name, value in element.items() if name != "$ref"})


@area.fault("no-type", "Members have no type.", "group.member-type")
def no_type(patch: Patch) -> None:
    _referring(patch, lambda element: {name: value for name, value in element.items() if name != "type"})


@area.fault("type-of-user", "Every member is called a User.", "group.member-type")
def type_of_user(patch: Patch) -> None:
    _referring(patch, lambda element: {**element, "type": "User"})


@area.fault("wrong-reference", "The $ref of a member leads nowhere.", "group.member-reference")
def wrong_reference(patch: Patch) -> None:
    _referring(patch, lambda element: {**element, "$ref": f"{element['$ref']}/x"})


def _referring(patch: Patch, alter: Any) -> None:
    original = representations._referring
    patch.setattr(representations, "_referring", lambda *given: alter(original(*given)))
    wrap_method(patch, Roll, "element", lambda shown, roll, member: alter(shown(roll, member)))


def _groups_of_people(patch: Patch, alter: Any) -> None:
    """Show the groups of people otherwise: `alter` gets those of one person."""
    original = completions._elements
    patch.setattr(completions, "_elements", lambda listed: alter(list(original(listed))))


@area.fault("indirect-missing", "A user does not show the groups around its own.", "user.groups-indirect")
def indirect_missing(patch: Patch) -> None:
    _groups_of_people(patch, lambda elements: [each for each in elements if each["type"] == "direct"])


@area.fault("indirect-as-direct", "All groups of a user are called direct.", "user.groups-indirect")
def indirect_as_direct(patch: Patch) -> None:
    _groups_of_people(patch, lambda elements: [{**each, "type": "direct"} for each in elements])


@area.fault("groups-missing", "Users do not show their groups.", "user.groups user.groups-reference")
def groups_missing(patch: Patch) -> None:
    _groups_of_people(patch, lambda elements: [])


@area.fault(
    "members-cut", "A group shows its first member alone.", "group.members members-add.many bulk.members-of-many"
)
def members_cut(patch: Patch) -> None:
    original = queries._by_owner
    patch.setattr(queries, "_by_owner", lambda rows: {owner: of[:1] for owner, of in original(rows).items()})
    wrap_method(patch, Documents, "members", lambda read, documents, *given: read(documents, *given)[:1])


@area.fault("stranger-listed", "A member who does not exist is listed.", "group.member-unknown members-add.unknown")
def stranger_listed(patch: Patch) -> None:
    def known(original: Any, handler: Any, uow: Any, caller: Any, elements: Any) -> Any:
        return {**dict.fromkeys(memberships.ids_of(elements), "User"), **original(handler, uow, caller, elements)}

    def locked(original: Any, uow: Any, members: Any) -> Any:
        people, _ = original(uow, members)
        return people, dict(members)

    wrap_method(patch, groups.GroupHandler, "_known", known)
    wrap_method(patch, provisioning, "_lock_members", locked)
