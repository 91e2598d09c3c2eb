"""A change of a user or a group, out of what the audit trail keeps of it, as documents and in the terms of PATCH."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.domain.directory import User
from scim_server.domain.events import GROUP, USER, Change
from scim_server.domain.recollections import group_of, user_of
from scim_server.protocol.differences import PATCH_OP, operations_between, paths_between
from scim_server.protocol.projection import given, project
from scim_server.protocol.schemas import ResourceType
from scim_server.resources import groups, users
from scim_server.resources.memberships import MEMBERS
from scim_server.resources.ports import Found

KINDS = {USER: "User", GROUP: "Group"}
"""The names of the resource types, by the type of object in the trail."""


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """A resource before and after; None where it was or is not there. Of a group, who `left` and who `joined`, by id.

    `people` are both sides of a user as the business has them.
    """

    id: str
    kind: ResourceType
    before: Found | None
    after: Found | None
    people: tuple[User | None, User | None] = (None, None)
    left: Sequence[str] = ()
    joined: Sequence[str] = ()

    @classmethod
    def of(cls, change: Change, kind: ResourceType) -> "ResourceChange | None":
        """None where the change is not of the resource itself, such as that somebody owns an address now."""
        sides = [side if side and "version" in side else None for side in (change.before, change.after)]
        if sides == [None, None]:
            return None
        if change.object_type == USER:
            then, now = (None if side is None else user_of(change.object_id, side) for side in sides)
            return cls(change.object_id, kind, _found(then), _found(now), (then, now))
        before, after = (None if side is None else group_of(change.object_id, side) for side in sides)
        left, joined = ((side or {}).get(MEMBERS, ()) for side in (change.before, change.after))
        return cls(change.object_id, kind, _found(before), _found(after), left=left, joined=joined)

    @property
    def last(self) -> Found:
        """The resource as it was last seen."""
        found = self.after or self.before
        assert found is not None, "it is there on one side"
        return found

    @property
    def paths(self) -> list[str]:
        """What is different, as a PATCH names it."""
        then, now = ({} if each is None else each.document for each in (self.before, self.after))
        return [*paths_between(then, now, self.kind), *([MEMBERS] if self.left or self.joined else [])]

    @property
    def message(self) -> Mapping[str, Any] | None:
        """A PatchOp that does the same to what was there; None where nobody is shown what is different."""
        then, now = ({} if each is None else shown(each.document, self.kind) for each in (self.before, self.after))
        operations = [*operations_between(then, now, self.kind), *self._of_members()]
        return {"schemas": [PATCH_OP], "Operations": operations} if operations else None

    def _of_members(self) -> Iterator[dict[str, Any]]:
        for member_id in self.left:
            yield {"op": "remove", "path": f'{MEMBERS}[value eq "{member_id}"]'}
        if self.joined:
            yield {"op": "add", "path": MEMBERS, "value": [{"value": member_id} for member_id in self.joined]}

    @property
    def turned(self) -> bool | None:
        """What `active` became, None where it is as it was; whoever does not state it is active at first."""
        before, after = self.people
        if before is None or after is None or before.active == after.active:
            return None
        return after.active

    @property
    def identifiers(self) -> dict[str, str]:
        """Of the name and the primary address what was, and under `new...` what is, where that is another.

        A name that is put in disguise before a deletion is no other (`domain/renames.py`).
        """
        return self._renamed("userName", _name) | self._renamed("email", _email)

    def _renamed(self, name: str, read: Callable[[User], str | None]) -> dict[str, str]:
        before, after = self.people
        if before is None or after is None or read(before) == read(after):
            return {}
        sides = {name: read(before), f"new{name[0].upper()}{name[1:]}": read(after)}
        return {key: value for key, value in sides.items() if value is not None}


def shown(document: Mapping[str, Any], kind: ResourceType) -> dict[str, Any]:
    """What is stored, without what nobody is ever shown (RFC 7643 section 7: `returned` never)."""
    return project(document, kind, requested=given(document, kind))


def _found(resource: Any) -> Found | None:
    if resource is None:
        return None
    document = (users if isinstance(resource, User) else groups).to_document(resource)
    return Found(resource.id, document, resource.version, resource.created, resource.modified)


def _name(user: User) -> str | None:
    return user.undisguised().user_name


def _email(user: User) -> str | None:
    return None if user.chosen_email is None else str(user.chosen_email["value"])
