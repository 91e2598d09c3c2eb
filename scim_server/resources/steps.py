"""RFC 7644 section 3: what each writing verb does inside a unit of work that somebody else opens and ends.

A step is prepared from the request alone, before a unit of work is opened, and taken inside one; again where that
one lost against another. A step loads and locks, checks who may change the resource and the condition, and hands the
change to the type's handler.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from scim_server.protocol.changes import Change, operations_of
from scim_server.protocol.codec import decode_message, decode_resource
from scim_server.protocol.errors import NotFound, ScimError
from scim_server.protocol.limits import Limits, check_patch
from scim_server.protocol.messages import Query
from scim_server.protocol.planning import plan
from scim_server.protocol.projection import given, given_by
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import Conditions
from scim_server.resources.callers import Caller
from scim_server.resources.guards import check_own
from scim_server.resources.handler import Handler
from scim_server.resources.handlers import handler_of
from scim_server.resources.ports import ResourceUnit
from scim_server.resources.representations import computed_for, represent, seat_extensions

R = TypeVar("R")

FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Written:
    """What a step left behind: the resource, its version (the last where it is gone), and what the client wrote."""

    id: str
    version: int
    names: frozenset[str] = frozenset()


Step = Callable[[ResourceUnit], Written]


@dataclass(frozen=True, slots=True)
class Steps:
    """Prepares the steps of every resource type that can be written."""

    limits: Limits

    def create(self, caller: Caller, kind: ResourceType, body: Any) -> Step:
        """RFC 7644 section 3.3."""
        document = decode_resource(body, kind, caller.profile)

        def take(uow: ResourceUnit) -> Written:
            resource_id = handler_of(kind).create(uow, caller, document)
            return Written(resource_id, FIRST_VERSION, given(document, kind))

        return take

    def replace(self, caller: Caller, kind: ResourceType, resource_id: str, body: Any, conditions: Conditions) -> Step:
        """RFC 7644 section 3.5.1."""
        handler: Handler[Any] = handler_of(kind)
        decoded = _Attempt(lambda: decode_resource(body, kind, caller.profile))

        def take(uow: ResourceUnit) -> Written:
            resource = loaded(handler.load(uow, resource_id), kind, resource_id)
            check_own(caller, kind, resource)
            conditions.check(handler.version(resource))
            document = decoded.result()
            uow.mark_replaced(resource_id)
            return Written(resource_id, handler.replace(uow, caller, resource, document), given(document, kind))

        return take

    def patch(self, caller: Caller, kind: ResourceType, resource_id: str, body: Any, conditions: Conditions) -> Step:
        """RFC 7644 section 3.5.2. Raises TooLarge beyond the limits, before anything else is looked at."""
        check_patch(body, kind, self.limits)
        handler: Handler[Any] = handler_of(kind)
        planned = _Attempt(lambda: self.planned(caller, kind, body))

        def take(uow: ResourceUnit) -> Written:
            resource = loaded(handler.load_to_patch(uow, resource_id, planned.result_or([])), kind, resource_id)
            check_own(caller, kind, resource)
            conditions.check(handler.version(resource))
            changes = planned.result()
            read_only = self._read_only(uow, caller, kind, resource_id, changes)
            version = handler.patch(uow, caller, resource, changes, read_only)
            return Written(resource_id, version, given_by(changes, kind))

        return take

    def delete(self, caller: Caller, kind: ResourceType, resource_id: str, conditions: Conditions) -> Step:
        """RFC 7644 section 3.6."""
        handler: Handler[Any] = handler_of(kind)

        def take(uow: ResourceUnit) -> Written:
            resource = loaded(handler.load_to_delete(uow, resource_id), kind, resource_id)
            check_own(caller, kind, resource)
            conditions.check(handler.version(resource))
            handler.delete(uow, resource)
            return Written(resource_id, handler.version(resource))

        return take

    def planned(self, caller: Caller, kind: ResourceType, body: Any) -> list[Change]:
        """The changes that a PatchOp asks for."""
        message = decode_message(body, caller.registry.messages["PatchOp"])
        return plan(operations_of(message), kind, caller.profile)

    def _read_only(
        self, uow: ResourceUnit, caller: Caller, kind: ResourceType, resource_id: str, changes: Sequence[Change]
    ) -> dict[str, Any]:
        """The readOnly values as they are answered, where a change is to be compared with them (corner case C-14)."""
        if all(change.op != "confirm" for change in changes):
            return {}
        found = loaded(uow.documents.get(kind, resource_id, computed_for(kind, Query())), kind, resource_id)
        extension = seat_extensions(uow, caller, kind, [resource_id], Query()).get(resource_id)
        resource = represent(caller, kind, found, extension)
        return {name: value for name, value in resource.items() if name not in found.document or name == "groups"}


class _Attempt(Generic[R]):
    """Work on a body, done before a transaction is opened; a refusal waits until the precondition was judged (C-37)."""

    def __init__(self, work: Callable[[], R]) -> None:
        self._refusal: ScimError | None = None
        try:
            self._result = work()
        except ScimError as refusal:
            self._refusal = refusal

    def result(self) -> R:
        """What came of the work; raises its refusal."""
        if self._refusal is not None:
            raise self._refusal
        return self._result

    def result_or(self, other: R) -> R:
        """What came of the work; the other where it was refused."""
        return self._result if self._refusal is None else other


def loaded(resource: R | None, kind: ResourceType, resource_id: str) -> R:
    """The resource, which must be there. Raises NotFound."""
    if resource is None:
        raise NotFound(f"There is no {kind.name} with the id '{resource_id}'.")
    return resource
