"""RFC 7644 section 3.5.2 on `members`: what the operations of one request add up to, as two sets of ids.

The members themselves are looked at only as far as the request names them; a filter on anything but `value`
and a removal of everybody are the exceptions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.protocol.changes import Change
from scim_server.protocol.errors import InvalidValue, Mutability, NoTarget
from scim_server.protocol.filters import Comparison, Filter, Or
from scim_server.protocol.matching import element_matches
from scim_server.resources.ports import ResourceUnit
from scim_server.services import provisioning

MEMBERS = "members"
MEMBER_TYPES = frozenset({"user", "group"})


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """Members to add that are none yet, as the client describes them, and members to remove, id to kind.

    `named` are the ids that the request speaks of by value; None where it says who all the members are.
    """

    added: list[Mapping[str, Any]]
    removed: dict[str, str]
    named: list[str] | None


def is_about_members(change: Change) -> bool:
    """Whether a change concerns the membership table."""
    attribute = change.target.path.attribute
    return change.target.path.urn is None and attribute is not None and attribute.name == MEMBERS


def ids_of(elements: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids that member elements name, each once, in order; elements that name nobody are passed over."""
    return list(dict.fromkeys(str(element["value"]) for element in elements if element.get("value")))


def refuse_only_strangers(present: Collection[str], ids: Collection[str], known: Collection[str]) -> None:
    """A list that names only strangers is no order to remove everybody: clients say that with an empty list."""
    if ids and present and not known:
        raise InvalidValue(
            "members: none of the ids named is known here, so the group keeps its members. "
            "Provision the people first, or send an empty list to empty the group."
        )


def refuse_wrong_types(uow: ResourceUnit, elements: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> None:
    """A member that is of another type than the element says is refused (RFC 7643 section 2.2, referenceTypes).

    `kinds` are the users and groups among them; `type` texts that name neither say nothing.
    """
    claims = _claims(elements)
    others = claims.keys() - kinds.keys()
    found = {**kinds, **(uow.resources.types(others) if others else {})}
    for member_id, said in claims.items():
        if found.get(member_id, said).lower() != said.lower():
            raise InvalidValue(f"members: '{member_id}' is of type {found[member_id]}, not {said}. Correct its 'type'.")


def refuse_changed_types(uow: ResourceUnit, group_id: str, elements: Iterable[Mapping[str, Any]]) -> None:
    """The same for elements that name members of the group."""
    claims = _claims(elements)
    if claims:
        nested = uow.members.nested_in(group_id)
        kinds = {member_id: "Group" if member_id in nested else "User" for member_id in claims}
        refuse_wrong_types(uow, elements, kinds)


def _claims(elements: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What elements say of the type of whom they name, where it can be told true from false."""
    claims = {str(each["value"]): str(each["type"]) for each in elements if each.get("value") and each.get("type")}
    return {member_id: said for member_id, said in claims.items() if said.lower() in MEMBER_TYPES}


def plan_everybody(uow: ResourceUnit, group_id: str, elements: Iterable[Mapping[str, Any]]) -> MemberPlan:
    """The members become those that the elements name: the database compares, and tells of the difference alone.

    Raises InvalidValue where it would empty the group by naming nobody who is known.
    """
    wanted = _by_id(elements)
    absent = uow.members.absent(group_id, wanted)
    others = uow.members.others(group_id, wanted)
    if others and len(absent) == len(wanted):
        refuse_only_strangers(others, wanted, uow.members.kinds(wanted))
    return MemberPlan([element for member_id, element in wanted.items() if member_id in absent], others, None)


def expect_changes(uow: ResourceUnit, group_id: str, changes: Sequence[Change], *, alone: bool) -> None:
    """Have the group locked with the next question, and what changes of its members will want to know read behind that.

    Whoever else changes the group waits for one round trip less each time. Where they are the PATCH `alone`, the group
    keeps its name, and nobody is concerned but whom they name.
    """
    named = _all_named(changes)
    if not named:
        return
    uow.groups.expect(group_id)
    uow.issues.expect_of_group(group_id)
    if alone:
        provisioning.expect_members(uow, named)
    uow.members.expect([member_id for change in changes if change.op == "add" for member_id in _named(change) or ()])
    uow.members.expect_present(group_id, named)


def plan_members(uow: ResourceUnit, group_id: str, changes: Sequence[Change]) -> MemberPlan:
    """Work the changes through in order. Raises NoTarget and Mutability as RFC 7644 section 3.5.2 says."""
    if not changes:
        return MemberPlan([], {}, [])
    if len(changes) == 1 and _says_all(changes[0]):
        return plan_everybody(uow, group_id, changes[0].value or ())
    draft = _Draft(uow, group_id, _before(uow, group_id, changes))
    for change in changes:
        draft.take(change)
    return MemberPlan(
        added=[element for member_id, element in draft.now.items() if member_id not in draft.before],
        removed={member_id: kind for member_id, kind in draft.before.items() if member_id not in draft.now},
        named=_spoken_of(changes),
    )


def _says_all(change: Change) -> bool:
    """Whether a change names everybody who is to be a member."""
    target = change.target
    return change.op == "replace" and target.filter is None and target.sub is None and target.path.sub is None


def _spoken_of(changes: Sequence[Change]) -> list[str] | None:
    """A filter on anything but ids speaks of people who are known."""
    if any(change.target.filter is None and change.op != "add" for change in changes):
        return None
    return [member_id for change in changes for member_id in _named(change) or ()]


def _before(uow: ResourceUnit, group_id: str, changes: Sequence[Change]) -> dict[str, str]:
    """The members as far as the changes can tell them apart."""
    named = _all_named(changes)
    return uow.members.of(group_id) if named is None else uow.members.present(group_id, named)


def _all_named(changes: Iterable[Change]) -> list[str] | None:
    """The ids that the changes can possibly concern, each once; None where only the members themselves can tell."""
    named: dict[str, None] = {}
    for change in changes:
        ids = _named(change)
        if ids is None:
            return None
        named |= dict.fromkeys(ids)
    return list(named)


def _named(change: Change) -> list[str] | None:
    """The ids a change can possibly concern; None where only the members themselves can tell."""
    if change.target.filter is not None:
        return _ids_in(change.target.filter)
    return ids_of(change.value or ()) if change.op == "add" else None


def _ids_in(condition: Filter) -> list[str] | None:
    """The ids of `value eq "a" or value eq "b"`; None for any other filter."""
    terms = condition.terms if isinstance(condition, Or) else (condition,)
    ids = []
    for term in terms:
        if not isinstance(term, Comparison) or term.operator != "eq" or term.path.leaf.name != "value":
            return None
        ids.append(str(term.value))
    return ids


def _by_id(elements: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(element["value"]): element for element in elements if element.get("value")}


@dataclass
class _Draft:
    uow: ResourceUnit
    group_id: str
    before: dict[str, str]

    def __post_init__(self) -> None:
        self.now: dict[str, Mapping[str, Any]] = {member_id: {"value": member_id} for member_id in self.before}

    def take(self, change: Change) -> None:
        if change.target.sub is not None or change.target.path.sub is not None:
            raise Mutability(
                "The parts of a member (value, type, $ref, display) cannot be changed in place; "
                "remove the member and add another."
            )
        if change.target.filter is not None:
            self._take_matching(change, change.target.filter)
        elif change.op == "add":
            self.now |= _by_id(change.value or ())
        elif change.op == "replace":
            self._replace(_by_id(change.value or ()))
        else:
            self.now.clear()

    def _replace(self, elements: dict[str, Mapping[str, Any]]) -> None:
        refuse_only_strangers(self.now, elements, self.uow.members.kinds(elements))
        self.now = elements

    def _take_matching(self, change: Change, condition: Filter) -> None:
        matching = _ids_in(condition)
        if matching is None:
            attribute = change.target.path.leaf
            matching = [each["value"] for each in self._elements() if element_matches(condition, attribute, each)]
        present = [member_id for member_id in matching if member_id in self.now]
        if change.op == "remove":
            self._drop(present)
            return
        if not present:
            raise NoTarget("members: the filter in 'path' matches no member of the group.")
        if change.op == "replace":
            self._drop(present)
        self.now |= _by_id([change.value] if isinstance(change.value, Mapping) else change.value or ())

    def _drop(self, ids: Iterable[str]) -> None:
        for member_id in ids:
            self.now.pop(member_id, None)

    def _elements(self) -> list[dict[str, str]]:
        """The present members as clients see them, newly added ones included."""
        displays = self.uow.documents.names(list(self.now))
        kinds = {**self.uow.members.kinds(list(self.now)), **self.before}
        return [
            {"value": member_id, "type": kinds.get(member_id, ""), "display": displays.get(member_id, "")}
            for member_id in self.now
        ]
