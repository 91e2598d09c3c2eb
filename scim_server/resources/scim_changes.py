"""RFC 9967 section 2.4: what SCIM makes of a change of a user or a group, whoever made it and by whatever edge.

It is worked out from what the audit trail keeps of the change. So changes by the console, the API, the command line and
imports are told as a client's are, and what a dialect put right is told as it was understood.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from scim_server.domain.directory import User
from scim_server.domain.events import GROUP, USER, Change, ScimChange
from scim_server.domain.recollections import group_of, user_of
from scim_server.domain.tenants import FULL
from scim_server.protocol.differences import PATCH_OP, operations_between, paths_between
from scim_server.protocol.projection import given, project
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import entity_tag
from scim_server.resources import groups, users
from scim_server.resources.memberships import MEMBERS
from scim_server.resources.ports import Documents, Found, Member
from scim_server.resources.representations import ENTERPRISE, represent

CREATE, PUT, PATCH, DELETE = "create", "put", "patch", "delete"
LONGEST = 65_536
"""Bytes of data that are kept as JSON: of a change that has more, the names of attributes are told."""
MOST_MEMBERS = LONGEST // 48
"""More of them have more bytes, whatever is said of each."""
KINDS = {USER: "User", GROUP: "Group"}


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the changes of one transaction of a tenant, which has written all of them.

    `form` is the tenant's (`Tenant.tells`), `base_url` what goes before /Users in its addresses.
    """

    documents: Documents
    registry: Registry
    base_url: str
    form: str

    def told(self, changes: Collection[Change], replaced: Collection[str]) -> dict[str, ScimChange]:
        """Those of users and groups that changed something, by the id of whom they are about.

        `replaced` are those of whom a client sent all there is. It costs a statement for all new people, and one for
        each group that is new or replaced; none where nobody wants the data.
        """
        sides = [_Sides.of(change) for change in changes if change.object_type in KINDS]
        resources = [each for each in sides if each.before is not None or each.after is not None]
        names = self._names_of_managers(resources)
        told = {each.id: self._told(each, names, is_put=each.id in replaced) for each in resources}
        return {resource_id: each for resource_id, each in told.items() if each is not None}

    def address(self, endpoint: str, resource_id: str) -> str:
        """The absolute address of a resource."""
        return f"{self.base_url}{endpoint}/{resource_id}"

    def _told(self, sides: "_Sides", names: Mapping[str, str], *, is_put: bool) -> ScimChange | None:
        kind = self.registry.resource_type(KINDS[sides.object_type])
        paths = sides.paths(kind)
        method = sides.method or (PUT if is_put else PATCH)
        if not paths and method in {PUT, PATCH}:
            return None
        last = sides.after or sides.before
        assert last is not None, "one of both is there"
        return ScimChange(
            method=method,
            uri=f"{kind.endpoint}/{sides.id}",
            external_id=last.document.get("externalId"),
            version=None if sides.after is None else entity_tag(sides.after.version),
            attributes=() if method == DELETE else tuple(sorted(paths)),
            data=_bounded(self._data(sides, kind, method, names)),
            active=sides.turned,
            identifiers=sides.identifiers,
        )

    def _data(
        self, sides: "_Sides", kind: ResourceType, method: str, names: Mapping[str, str]
    ) -> Mapping[str, Any] | None:
        if self.form != FULL or sides.after is None or len(sides.come) + len(sides.gone) > MOST_MEMBERS:
            return None
        if method == PATCH:
            return _patch(sides, kind)
        found, members = sides.after, self._members(kind, sides.id)
        if len(members) > MOST_MEMBERS:
            return None
        if method == CREATE:
            return self._representation(kind, found, members, names)
        listed = {MEMBERS: [{"value": each.id, "type": each.kind} for each in members]} if members else {}
        return {**_shown(found.document, kind), **listed}

    def _representation(
        self, kind: ResourceType, found: Found, members: Sequence[Member], names: Mapping[str, str]
    ) -> dict[str, Any]:
        """As a GET answers it."""
        document = _with_name_of_manager(found.document, names)
        if members:
            document = {**document, MEMBERS: [_element(each) for each in members]}
        whole = represent(self, kind, Found(found.id, document, found.version, found.created, found.modified), None)
        return project(whole, kind, requested=given(found.document, kind))

    def _members(self, kind: ResourceType, group_id: str) -> Sequence[Member]:
        return self.documents.members(group_id, "", MOST_MEMBERS + 1) if kind.name == KINDS[GROUP] else ()

    def _names_of_managers(self, resources: Iterable["_Sides"]) -> dict[str, str]:
        new = (each.after.document for each in resources if each.before is None and each.after is not None)
        ids = {manager["value"] for document in new if (manager := _manager(document)).get("value")}
        return self.documents.names(ids) if ids and self.form == FULL else {}


@dataclass(frozen=True, slots=True)
class _Sides:
    """A user or a group before and after; neither where the change says nothing of the resource itself.

    `gone` and `come` are the ids of members.
    """

    object_type: str
    id: str
    before: Found | None
    after: Found | None
    people: tuple[User | None, User | None]
    gone: Sequence[str]
    come: Sequence[str]

    @classmethod
    def of(cls, change: Change) -> "_Sides":
        then, now = change.before or {}, change.after or {}
        people: list[User | None] = [None, None]
        if change.object_type == USER:
            people = [user_of(change.object_id, side) if "version" in side else None for side in (then, now)]
            before, after = (None if each is None else _found(each, users.to_document(each)) for each in people)
        else:
            found = [group_of(change.object_id, side) if "version" in side else None for side in (then, now)]
            before, after = (None if each is None else _found(each, groups.to_document(each)) for each in found)
        members = (then.get(MEMBERS, ()), now.get(MEMBERS, ()))
        return cls(change.object_type, change.object_id, before, after, (people[0], people[1]), *members)

    @property
    def method(self) -> str | None:
        """None where the resource was there before, and still is."""
        if self.after is None:
            return DELETE
        return CREATE if self.before is None else None

    def paths(self, kind: ResourceType) -> list[str]:
        then, now = ({} if each is None else each.document for each in (self.before, self.after))
        return [*paths_between(then, now, kind), *([MEMBERS] if self.gone or self.come else [])]

    @property
    def turned(self) -> bool | None:
        """What `active` became; who does not state it is as they were, at first active."""
        before, after = self.people
        if before is None or after is None or before.active == after.active:
            return None
        return after.active

    @property
    def identifiers(self) -> dict[str, str]:
        before, after = self.people
        if before is None or after is None:
            return {}
        names, emails = ((read(before), read(after)) for read in (_name, _email))
        return _renamed("userName", *names) | _renamed("email", *emails)


def _found(resource: Any, document: dict[str, Any]) -> Found:
    return Found(resource.id, document, resource.version, resource.created, resource.modified)


def _name(user: User) -> str | None:
    return user.user_name


def _email(user: User) -> str | None:
    return None if user.chosen_email is None else str(user.chosen_email["value"])


def _renamed(name: str, before: str | None, after: str | None) -> dict[str, str]:
    """What was and what is, under the name and its like with `new` before it."""
    if before == after:
        return {}
    sides = {name: before, f"new{name[0].upper()}{name[1:]}": after}
    return {key: value for key, value in sides.items() if value is not None}


def _patch(sides: _Sides, kind: ResourceType) -> Mapping[str, Any] | None:
    """A PatchOp message; None where all that is different is shown to nobody."""
    assert sides.before is not None, "what was not there is not patched"
    assert sides.after is not None, "what is not there is not patched"
    then, now = (_shown(each.document, kind) for each in (sides.before, sides.after))
    operations = [*operations_between(then, now, kind), *_of_members(sides)]
    return {"schemas": [PATCH_OP], "Operations": operations} if operations else None


def _of_members(sides: _Sides) -> Iterator[dict[str, Any]]:
    for member_id in sides.gone:
        yield {"op": "remove", "path": f'{MEMBERS}[value eq "{member_id}"]'}
    if sides.come:
        yield {"op": "add", "path": MEMBERS, "value": [{"value": member_id} for member_id in sides.come]}


def _shown(document: Mapping[str, Any], kind: ResourceType) -> dict[str, Any]:
    """What is stored, without what nobody is ever shown (RFC 7643 section 7: `returned` never)."""
    return project(document, kind, requested=given(document, kind))


def _manager(document: Mapping[str, Any]) -> Mapping[str, Any]:
    manager: Mapping[str, Any] = document.get(ENTERPRISE, {}).get("manager", {})
    return manager


def _with_name_of_manager(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    manager = _manager(document)
    name = names.get(manager.get("value", ""))
    if name is None:
        return document
    return {**document, ENTERPRISE: {**document[ENTERPRISE], "manager": {**manager, "displayName": name}}}


def _element(member: Member) -> dict[str, Any]:
    shown = {} if member.display is None else {"display": member.display}
    return {"value": member.id, **shown, "type": member.kind}


def _bounded(data: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if data is None or len(orjson.dumps(data)) > LONGEST else data
