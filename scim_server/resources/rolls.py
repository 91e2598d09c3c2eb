"""What an answer shows of the members of a group: which parts of each, and how it refers to them."""

from dataclasses import dataclass
from typing import Any

from scim_server.protocol.messages import Query
from scim_server.protocol.projection import shows
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.callers import Caller
from scim_server.resources.ports import Found, Member, ResourceUnit
from scim_server.resources.renderings import BATCH, Rendering, State, Subject, render

GROUP = "Group"
PARTS = ("value", "$ref", "display", "type")
"""RFC 7643 section 4.2: the sub-attributes of `members`."""


@dataclass(frozen=True, slots=True)
class Roll:
    """The members of the groups that one request asks for."""

    caller: Caller
    parts: tuple[str, ...]
    addresses: dict[str, str]
    """Where the resources of each type are, by its name."""

    @classmethod
    def of(cls, caller: Caller, kind: ResourceType, query: Query) -> "Roll | None":
        """None where the answer has no place for members."""
        if kind.name != GROUP or not shows("members", kind, query.attributes, query.excluded):
            return None
        parts = tuple(part for part in PARTS if shows(f"members.{part}", kind, query.attributes, query.excluded))
        types = caller.registry.resource_types
        addresses = {name: caller.address(types[name].endpoint, "") for name in ("User", GROUP)}
        return cls(caller, parts, addresses)

    def subject(self, found: Found) -> Subject:
        """What is rendered of that group."""
        return self.caller.tenant.id, self.caller.base_url, found.id, self.parts

    def state(self, found: Found) -> State:
        """What it depends on. A version could come back when a backup does, but not with its moment."""
        return found.version, found.stamp, found.modified

    def render(self, uow: ResourceUnit, found: Found) -> Rendering:
        """All of the members."""
        return render(lambda after: uow.documents.members(found.id, after, BATCH), self.element)

    def render_few(self, uow: ResourceUnit, found: Found) -> Rendering | None:
        """The same with one statement; None where there are more members than that gives."""
        members = uow.documents.members(found.id, "", BATCH)
        return None if len(members) == BATCH else render(lambda _: members, self.element)

    def element(self, member: Member) -> dict[str, Any]:
        """A member as it is answered; what has no name has no display."""
        whole: dict[str, Any] = {
            "value": member.id,
            "$ref": self.addresses[member.kind] + member.id,
            "display": member.display,
            "type": member.kind,
        }
        if self.parts == PARTS and member.display is not None:
            return whole
        return {part: whole[part] for part in self.parts if whole[part] is not None}
