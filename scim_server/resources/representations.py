"""A stored document as a client sees it: `id`, `meta`, references and computed attributes put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from scim_server.domain.rules import Rule
from scim_server.protocol.messages import Query
from scim_server.protocol.projection import project, projection_mark, shows
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import entity_tag
from scim_server.resources.callers import Caller
from scim_server.resources.ports import Found, ResourceUnit
from scim_server.services.people import Portrait, portraits
from scim_server.services.telling import tell_briefly

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEATS = "urn:scim-server:schemas:extension:seats:2.0:User"
EXPLANATION = f"{SEATS}:seats.explanation"
"""Told to whoever asks for it by name: it takes the tenant's rules."""

COMPUTED = {"User": {"groups": "groups", "manager": f"{ENTERPRISE}:manager"}, "Group": {"members": "members"}}
"""Computed attributes by resource type: the name the store knows, and the path a client asks by."""


class Addressing(Protocol):
    """Whoever knows where resources are: a caller knows where it finds them."""

    @property
    def registry(self) -> Registry: ...

    def address(self, endpoint: str, resource_id: str) -> str:
        """The absolute address of a resource."""
        ...


def computed_for(kind: ResourceType, query: Query) -> list[str]:
    """The computed attributes that the answer has a place for; the others are not loaded."""
    return [
        name
        for name, path in COMPUTED.get(kind.name, {}).items()
        if shows(path, kind, query.attributes, query.excluded)
    ]


def by_default(caller: Caller) -> frozenset[str]:
    """What `returned: request` keeps from others and this caller is always answered with."""
    return frozenset({SEATS}) if caller.lists_seats else frozenset()


def seat_extensions(
    uow: ResourceUnit, caller: Caller, kind: ResourceType, user_ids: Sequence[str], query: Query
) -> dict[str, dict[str, Any]]:
    """The seats extension of those users, by id; empty where the answer has no place for it."""
    if kind.name != "User" or not shows(SEATS, kind, query.attributes, query.excluded, by_default(caller)):
        return {}
    explained = shows(EXPLANATION, kind, query.attributes, query.excluded)
    rules = {rule.source: rule for rule in uow.rules.all()} if explained else None
    return {portrait.user.id: _seats(portrait, rules) for portrait in portraits(uow, uow.users.some(user_ids))}


def represent(
    caller: Addressing, kind: ResourceType, found: Found, extension: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The whole resource, before projection."""
    document = found.document
    resource: dict[str, Any] = {"schemas": document["schemas"], "id": found.id, **document}
    resource |= _memberships(caller, kind, document)
    manager = document.get(ENTERPRISE, {}).get("manager")
    if manager is not None and manager.get("value"):
        referring = _referring(caller, manager, "User")
        resource[ENTERPRISE] = {**document[ENTERPRISE], "manager": referring}
    if extension is not None:
        resource[SEATS] = extension
    resource["meta"] = _meta(caller, kind, found)
    return resource


def plain_mark(document: Mapping[str, Any], kind: ResourceType) -> str | None:
    """Marks a stored document that answers by default show as it stands, beside what is put in: nothing of it is hidden
    and nothing in it is computed. None for any other."""
    if document.get(ENTERPRISE, {}).get("manager") or project(document, kind) != document:
        return None
    return projection_mark(kind)


@dataclass(frozen=True, slots=True)
class PlainPage:
    """Resources of plain documents as JSON: the stored text, which is not taken apart, and what is put in. Groups that
    several people of a page are in are written once."""

    caller: Addressing
    groups: dict[tuple[str, str], str] = field(default_factory=dict)

    def represent(self, kind: ResourceType, found: Found, text: str) -> orjson.Fragment:
        """The whole resource, nothing of which an answer hides."""
        listed = found.document.get("groups")
        groups = "" if listed is None else f',"groups":[{self._written(listed)}]'
        meta = orjson.dumps(_meta(self.caller, kind, found)).decode()
        return orjson.Fragment(f'{text[:-1]},"id":"{found.id}"{groups},"meta":{meta}}}')

    def _written(self, listed: Sequence[Mapping[str, Any]]) -> str:
        known = self.groups
        return ",".join([known.get((each["value"], each["type"])) or self._write(each) for each in listed])

    def _write(self, element: Mapping[str, Any]) -> str:
        written = orjson.dumps(_referring(self.caller, element, "Group")).decode()
        return self.groups.setdefault((element["value"], element["type"]), written)


def _memberships(caller: Addressing, kind: ResourceType, document: Mapping[str, Any]) -> dict[str, Any]:
    """The groups of a user, the members of a group, as far as they were asked for."""
    if kind.name == "User" and "groups" in document:
        return {"groups": [_referring(caller, each, "Group") for each in document["groups"]]}
    if kind.name == "Group" and "members" in document:
        return {"members": [_referring(caller, each, each["type"]) for each in document["members"]]}
    return {}


def _meta(caller: Addressing, kind: ResourceType, found: Found) -> dict[str, Any]:
    location, tag = caller.address(kind.endpoint, found.id), entity_tag(found.version)
    if found.created is None:
        return {"resourceType": kind.name, "location": location, "version": tag}
    return {
        "resourceType": kind.name,
        "created": found.created,
        "lastModified": found.modified,
        "location": location,
        "version": tag,
    }


def _referring(caller: Addressing, element: Mapping[str, Any], kind: str) -> dict[str, Any]:
    address = caller.address(caller.registry.resource_type(kind).endpoint, element["value"])
    return {"value": element["value"], "$ref": address, **element}


def _seats(portrait: Portrait, rules: Mapping[str, Rule] | None) -> dict[str, Any]:
    """The extension; with the tenant's rules by source, each seat is explained."""
    extension: dict[str, Any] = {"status": portrait.status.value}
    if portrait.reason:
        extension["reason"] = portrait.reason
    if portrait.last_seen:
        extension["lastSeen"] = portrait.last_seen
    if portrait.seats:
        extension["seats"] = [
            {
                "product": seat.product,
                "state": seat.state.value,
                "since": seat.since,
                "source": portrait.source(seat),
                **({} if rules is None else {"explanation": tell_briefly(seat, portrait.claims, rules)}),
            }
            for seat in portrait.seats
        ]
    if portrait.grants:
        extension["roles"] = [
            {"value": grant.role, "source": grant.source} | ({"scope": list(grant.scope)} if grant.scope else {})
            for grant in portrait.grants
        ]
    if portrait.issues:
        extension["issues"] = [
            {"code": issue.code, "since": issue.opened} | ({"product": issue.product} if issue.product else {})
            for issue in portrait.issues
        ]
    return extension
