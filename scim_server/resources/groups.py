"""RFC 7643 section 4.2: Groups served from the domain, and the one mapping between document and domain.

`members` are not part of the stored document: they are set operations on the membership table, so a change
costs what the change costs, whatever the group's size.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scim_server.domain.directory import Group
from scim_server.protocol.changes import Change
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.patching import apply
from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.validation import check, check_immutable, settle
from scim_server.resources.callers import Caller
from scim_server.resources.memberships import (
    MEMBERS,
    expect_changes,
    ids_of,
    is_about_members,
    plan_everybody,
    plan_members,
    refuse_changed_types,
    refuse_wrong_types,
)
from scim_server.resources.ports import ResourceUnit
from scim_server.resources.references import check_references
from scim_server.services import provisioning

CORE = "urn:ietf:params:scim:schemas:core:2.0:Group"

BUSINESS = ("displayName", "externalId", "members")


def to_document(group: Group) -> dict[str, Any]:
    """The stored document: no id, meta or members."""
    document: dict[str, Any] = {"schemas": group.profile.get("schemas", [CORE])}
    if group.external_id is not None:
        document["externalId"] = group.external_id
    document["displayName"] = group.display_name
    return document | group.profile


def adopt(group: Group, document: Mapping[str, Any]) -> Group:
    """`group` as `document` wants it."""
    return replace(
        group,
        display_name=document["displayName"],
        external_id=document.get("externalId"),
        profile={name: value for name, value in document.items() if name not in BUSINESS},
    )


def newcomer(document: Mapping[str, Any], origin: str, *, unique_name: bool) -> Group:
    """A group as a client describes it for the first time."""
    return adopt(Group(id="", display_name="", origin=origin, unique_name=unique_name), document)


@dataclass(frozen=True, slots=True)
class GroupHandler:
    """The resource type Group. Clients expect 204 from a PATCH unless a tenant says otherwise."""

    kind: ResourceType

    def answers_patch(self, profile: Profile) -> bool:
        return profile.group_patch_answers

    def load(self, uow: ResourceUnit, resource_id: str) -> Group | None:
        return provisioning.lock_group(uow, resource_id)

    def load_to_patch(self, uow: ResourceUnit, resource_id: str, changes: Sequence[Change]) -> Group | None:
        provisioning.enter_groups(uow)
        of_members = list(filter(is_about_members, changes))
        expect_changes(uow, resource_id, of_members, alone=len(of_members) == len(changes))
        return uow.groups.get(resource_id)

    def load_to_delete(self, uow: ResourceUnit, resource_id: str) -> Group | None:
        return provisioning.lock_group(uow, resource_id)

    def version(self, resource: Group) -> int:
        return resource.version

    def create(self, uow: ResourceUnit, caller: Caller, document: Mapping[str, Any]) -> str:
        check(document, self.kind, closed=caller.closes_values)
        wanted, elements = self._parted(document)
        members = self._known(uow, caller, elements)
        check_references(uow, caller, self.kind, {}, wanted)
        group = newcomer(wanted, caller.origin, unique_name=caller.profile.unique_group_names)
        created = provisioning.create_group(uow, group, members)
        unknown = _strangers(elements, members)
        if unknown:
            provisioning.note_unknown_members(uow, created.id, unknown, [])
        return created.id

    def replace(self, uow: ResourceUnit, caller: Caller, resource: Group, document: Mapping[str, Any]) -> int:
        check(document, self.kind, closed=caller.closes_values)
        wanted, elements = self._parted(document)
        if MEMBERS not in document and not caller.profile.put_clears_omitted:
            return self._change(uow, caller, resource, wanted, {}, {})
        plan = plan_everybody(uow, resource.id, elements)
        fresh = {str(element["value"]) for element in plan.added}
        refuse_changed_types(uow, resource.id, [each for each in elements if each.get("value") not in fresh])
        added = self._known(uow, caller, plan.added)
        provisioning.note_unknown_members(uow, resource.id, _strangers(plan.added, added), None)
        return self._change(uow, caller, resource, wanted, added, plan.removed)

    def patch(
        self,
        uow: ResourceUnit,
        caller: Caller,
        resource: Group,
        changes: Sequence[Change],
        read_only: Mapping[str, Any],
    ) -> int:
        before = to_document(resource)
        others = [each for each in changes if not is_about_members(each)]
        wanted = apply(before, others, self.kind, caller.profile, read_only=read_only)
        of_members = [each for each in changes if is_about_members(each)]
        plan = plan_members(uow, resource.id, of_members)
        check(wanted, self.kind, closed=caller.closes_values)
        added = self._known(uow, caller, plan.added)
        if plan.named != []:
            provisioning.note_unknown_members(uow, resource.id, _strangers(plan.added, added), plan.named)
        return self._change(uow, caller, resource, wanted, added, plan.removed)

    def delete(self, uow: ResourceUnit, resource: Group) -> None:
        provisioning.delete_group(uow, resource)

    def _parted(self, document: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
        """The document as it is stored, without its members, and the members, which were settled as it was decoded."""
        rest = {name: value for name, value in document.items() if name != MEMBERS}
        return settle(rest, self.kind), document.get(MEMBERS) or ()

    def _change(
        self,
        uow: ResourceUnit,
        caller: Caller,
        group: Group,
        wanted: Mapping[str, Any],
        added: Mapping[str, str],
        removed: Mapping[str, str],
    ) -> int:
        before = to_document(group)
        check_immutable(before, wanted, self.kind)
        check_references(uow, caller, self.kind, before, wanted)
        after = replace(adopt(group, wanted), unique_name=caller.profile.unique_group_names)
        return provisioning.change_group(uow, group, after, added=added, removed=removed).version

    def _known(self, uow: ResourceUnit, caller: Caller, elements: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Of the elements' ids, those that name somebody here, with the kind.

        Unknown ones are skipped or refused, as the profile says; one of another type than it says is refused.
        """
        ids = ids_of(elements)
        kinds = uow.members.kinds(ids)
        refuse_wrong_types(uow, elements, kinds)
        unknown = _strangers(elements, kinds)
        if unknown and caller.profile.unknown_members == "reject":
            raise InvalidValue(f"members: '{unknown[0]}' names no user or group of this tenant. Create it first.")
        if unknown:
            caller.log.note(f"skipped unknown members: {len(unknown)}")
        return kinds


def _strangers(elements: Sequence[Mapping[str, Any]], known: Collection[str]) -> list[str]:
    """The ids that the elements name and nobody has."""
    return [member_id for member_id in ids_of(elements) if member_id not in known]
