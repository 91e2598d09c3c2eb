"""RFC 9967 section 2.4: what SCIM makes of a change of a user or a group, whoever made it and by whatever edge.

It is worked out from what the audit trail keeps of the change. So changes by the console, the API, the command line and
imports are told as a client's are, and what a dialect put right is told as it was understood.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from scim_server.domain.events import Change, ScimChange
from scim_server.domain.tenants import FULL
from scim_server.protocol.projection import given, project
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import entity_tag
from scim_server.resources.memberships import MEMBERS
from scim_server.resources.ports import Documents, Found, Member
from scim_server.resources.representations import ENTERPRISE, represent
from scim_server.resources.resource_changes import KINDS, ResourceChange, shown
from scim_server.resources.rolls import GROUP

CREATE, PUT, PATCH, DELETE = "create", "put", "patch", "delete"
LONGEST = 65_536
"""Bytes of data that are kept, as JSON: of a change that has more, the names of attributes are told."""
MOST_MEMBERS = LONGEST // 48
"""More of them have more bytes than that, however little is said of each."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the changes of one transaction of a tenant, which has written all of them.

    `form` is the tenant's (`Tenant.tells`), `base_url` what goes before /Users in its addresses.
    """

    documents: Documents
    registry: Registry
    base_url: str
    form: str

    def told(self, changes: Iterable[Change], replaced: Collection[str]) -> dict[str, ScimChange]:
        """Those of users and groups that changed anything, by the id of whom they are about.

        `replaced` are those of whom all there is was set. It costs a statement for all new people, and one for each
        group that is new or replaced; none where nobody wants the data.
        """
        found = [ResourceChange.of(each, self.registry.resource_type(KINDS[each.object_type])) for each in changes]
        known = [each for each in found if each is not None]
        names = self._names_of_managers(known)
        told = {each.id: self._told(each, _method(each, replaced), names) for each in known}
        return {resource_id: each for resource_id, each in told.items() if each is not None}

    def address(self, endpoint: str, resource_id: str) -> str:
        """The absolute address of a resource."""
        return f"{self.base_url}{endpoint}/{resource_id}"

    def _told(self, change: ResourceChange, method: str, names: Mapping[str, str]) -> ScimChange | None:
        paths = change.paths
        if not paths and method in {PUT, PATCH}:
            return None
        return ScimChange(
            method=method,
            uri=f"{change.kind.endpoint}/{change.id}",
            external_id=change.last.document.get("externalId"),
            version=None if change.after is None else entity_tag(change.after.version),
            attributes=() if method == DELETE else tuple(sorted(paths)),
            data=self._data(change, method, names),
            active=change.turned,
            identifiers=change.identifiers,
        )

    def _data(self, change: ResourceChange, method: str, names: Mapping[str, str]) -> Mapping[str, Any] | None:
        if self.form != FULL or method == DELETE or len(change.left) + len(change.joined) > MOST_MEMBERS:
            return None
        data = change.message if method == PATCH else self._whole(change, method, names)
        return None if data is None or len(orjson.dumps(data)) > LONGEST else data

    def _whole(self, change: ResourceChange, method: str, names: Mapping[str, str]) -> Mapping[str, Any] | None:
        """What a PUT would take, or a GET answers; None where there are too many members."""
        members = self._members(change)
        if len(members) > MOST_MEMBERS:
            return None
        if method == CREATE:
            return self._representation(change.kind, change.last, members, names)
        listed = [{"value": each.id, "type": each.kind} for each in members]
        return shown(change.last.document, change.kind) | ({MEMBERS: listed} if listed else {})

    def _representation(
        self, kind: ResourceType, found: Found, members: Sequence[Member], names: Mapping[str, str]
    ) -> dict[str, Any]:
        document = _with_name_of_manager(found.document, names)
        if members:
            document = {**document, MEMBERS: [_element(each) for each in members]}
        answered = Found(found.id, document, found.version, found.created, found.modified)
        return project(represent(self, kind, answered, None), kind, requested=given(found.document, kind))

    def _members(self, change: ResourceChange) -> Sequence[Member]:
        return self.documents.members(change.id, "", MOST_MEMBERS + 1) if change.kind.name == GROUP else ()

    def _names_of_managers(self, changes: Iterable[ResourceChange]) -> dict[str, str]:
        new = (each.last.document for each in changes if each.before is None)
        ids = {manager["value"] for document in new if (manager := _manager(document)).get("value")}
        return self.documents.names(ids) if ids and self.form == FULL else {}


def _method(change: ResourceChange, replaced: Collection[str]) -> str:
    if change.after is None:
        return DELETE
    if change.before is None:
        return CREATE
    return PUT if change.id in replaced else PATCH


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
    named = {} if member.display is None else {"display": member.display}
    return {"value": member.id, **named, "type": member.kind}
