"""RFC 7644 section 3: the verbs, one function each, for every resource type.

A writing verb prepares its step, opens a unit of work, takes the step, reads the answer back inside the same
unit of work, and commits. One that loses against another transaction runs again as a whole.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scim_server.domain.errors import AddressTaken, LastSuperAdmin
from scim_server.protocol.messages import Query
from scim_server.protocol.projection import project
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import Conditions, entity_tag, is_among
from scim_server.resources.callers import Caller
from scim_server.resources.catalogues import source
from scim_server.resources.handlers import handler_of
from scim_server.resources.ports import Found, ResourceUnit, ResourceUnits
from scim_server.resources.progress import Carried
from scim_server.resources.renderings import Rendering, Renderings
from scim_server.resources.representations import by_default, computed_for, represent, seat_extensions
from scim_server.resources.rolls import GROUP, Roll
from scim_server.resources.steps import Step, Steps, loaded
from scim_server.services.provisioning import note_refusal
from scim_server.services.retrying import retried

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Answer:
    """A resource as it is answered. `resource` is None where nothing but the new version is answered; `members` are
    those of a group that has any and is to be shown with them, and are not in `resource`."""

    version: int
    location: str
    resource: dict[str, Any] | None = None
    members: Rendering | None = None
    unchanged: bool = False
    """If-None-Match named this version: the client has it already."""

    @property
    def tag(self) -> str:
        return entity_tag(self.version)


@dataclass(frozen=True)
class Operations:
    """The verbs over one store."""

    units: ResourceUnits
    steps: Steps
    renderings: Renderings = field(default_factory=Renderings)

    def create(self, caller: Caller, kind: ResourceType, body: Any, query: Query) -> Answer:
        """RFC 7644 section 3.3."""
        step = self.steps.create(caller, kind, body)
        return self._write(caller, f"create {kind.name}", kind, step, query)

    def read(
        self, caller: Caller, kind: ResourceType, resource_id: str, query: Query, conditions: Conditions
    ) -> Answer:
        """RFC 7644 section 3.4.1."""
        roll = Roll.of(caller, kind, query)
        with self.units.read(caller.tenant) as uow:
            found = self._found(uow, caller, kind, resource_id, query)
            held = conditions.if_none_match
            if held is not None and is_among(found.version, held):
                return Answer(found.version, caller.address(kind.endpoint, found.id), unchanged=True)
            members = None if roll is None else self._kept(uow, roll, found)
            if roll is None or members is not None:
                return self._answer(uow, caller, kind, found, query, members)
        with self.units.snapshot(caller.tenant) as uow:
            found = self._found(uow, caller, kind, resource_id, query)
            members = roll.render(uow, found)
            self.renderings.put(roll.subject(found), roll.state(found), members)
            return self._answer(uow, caller, kind, found, query, members)

    def _kept(self, uow: ResourceUnit, roll: Roll, found: Found) -> Rendering | None:
        """The members as they were rendered for this state of the group, or as one statement reads them.

        None where there are too many for one statement: what several read is the group as it was at no time.
        """
        subject, state = roll.subject(found), roll.state(found)
        kept = self.renderings.get(subject, state)
        if kept is not None:
            return kept
        with self.renderings.turn(subject):
            kept = self.renderings.get(subject, state) or roll.render_few(uow, found)
            if kept is not None:
                self.renderings.put(subject, state, kept)
        return kept

    def replace(
        self, caller: Caller, kind: ResourceType, resource_id: str, body: Any, query: Query, conditions: Conditions
    ) -> Answer:
        """RFC 7644 section 3.5.1."""
        step = self.steps.replace(caller, kind, resource_id, body, conditions)
        return self._write(caller, f"replace {kind.name}", kind, step, query)

    def patch(
        self, caller: Caller, kind: ResourceType, resource_id: str, body: Any, query: Query, conditions: Conditions
    ) -> Answer:
        """RFC 7644 section 3.5.2: 200 with the resource where the type or the client wants it, else 204."""
        step = self.steps.patch(caller, kind, resource_id, body, conditions)
        answers = handler_of(kind).answers_patch(caller.profile) or query.attributes or query.excluded
        return self._write(caller, f"patch {kind.name}", kind, step, query if answers else None)

    def delete(self, caller: Caller, kind: ResourceType, resource_id: str, conditions: Conditions) -> None:
        """RFC 7644 section 3.6."""
        step = self.steps.delete(caller, kind, resource_id, conditions)

        def work(uow: ResourceUnit) -> None:
            written = step(uow)
            caller.log.answering(written.id, shown=False)
            if caller.progress is not None:
                caller.progress.carried_out(uow, Carried(0, kind, written.id))

        self.carry_out(caller, f"delete {kind.name}", work)

    @retried
    def carry_out(self, caller: Caller, reason: str, work: Callable[[ResourceUnit], R]) -> R:
        """What comes of `work` in a unit of work of its own, committed; run again as a whole where that one loses.

        One refused for an address owned elsewhere or for the last super admin leaves an issue, in a transaction of its
        own (invariants 5 and 8).
        """
        try:
            with self.units.write(caller.tenant, caller.cause(reason)) as uow:
                result = work(uow)
                uow.commit(caller.log)
        except (AddressTaken, LastSuperAdmin) as refused:
            self._note(caller, refused)
            raise
        return result

    def _note(self, caller: Caller, refused: AddressTaken | LastSuperAdmin) -> None:
        with self.units.write(caller.tenant, caller.cause("note a refusal")) as uow:
            note_refusal(uow, refused, caller.connection.id if caller.connection else None)
            uow.commit()

    def _write(self, caller: Caller, reason: str, kind: ResourceType, step: Step, query: Query | None) -> Answer:
        """Take the step and answer the resource as `query` asks, or nothing but its version; nobody waits for the
        answer of a request whose progress is written down."""

        def work(uow: ResourceUnit) -> Answer:
            if caller.progress is not None:
                written = step(uow)
                caller.log.answering(written.id, shown=query is not None)
                caller.progress.carried_out(uow, Carried(0, kind, written.id, written.version))
                return Answer(written.version, caller.address(kind.endpoint, written.id))
            if query is not None:
                uow.documents.expect(computed_for(kind, query))
            written = step(uow)
            caller.log.answering(written.id, shown=query is not None)
            if query is None:
                return Answer(written.version, caller.address(kind.endpoint, written.id))
            found = self._found(uow, caller, kind, written.id, query)
            roll = Roll.of(caller, kind, query)
            members = None if roll is None else roll.render(uow, found)
            return self._answer(uow, caller, kind, found, query, members, written.names)

        return self.carry_out(caller, reason, work)

    def _found(self, uow: ResourceUnit, caller: Caller, kind: ResourceType, resource_id: str, query: Query) -> Found:
        """The resource without the members of a group. Raises NotFound."""
        if kind.name == GROUP:
            return loaded(uow.documents.group(resource_id), kind, resource_id)
        documents = source(uow, caller, kind)
        return loaded(documents.get(kind, resource_id, computed_for(kind, query)), kind, resource_id)

    def _answer(
        self,
        uow: ResourceUnit,
        caller: Caller,
        kind: ResourceType,
        found: Found,
        query: Query,
        members: Rendering | None,
        written: AbstractSet[str] = frozenset(),
    ) -> Answer:
        extension = seat_extensions(uow, caller, kind, [found.id], query).get(found.id)
        whole = represent(caller, kind, found, extension)
        resource = project(whole, kind, query.attributes, query.excluded, written | by_default(caller))
        has_members = members is not None and members.length > 0
        location = caller.address(kind.endpoint, found.id)
        return Answer(found.version, location, resource, members if has_members else None)
