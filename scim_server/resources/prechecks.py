"""RFC 9967 section 2.5.1: what can be said of a change at once that is to be made later.

All that the request says by itself, and whether what it changes is there, may be changed, and is what the client
expects; the same is asked again when the change is made (corner case C-137).
"""

from dataclasses import dataclass
from typing import Any

from scim_server.protocol.bulk import read_bulk
from scim_server.protocol.codec import decode_resource
from scim_server.protocol.limits import check_patch
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.validation import check, settle
from scim_server.protocol.versions import Conditions
from scim_server.resources.callers import Caller
from scim_server.resources.guards import check_own
from scim_server.resources.handler import Handler
from scim_server.resources.handlers import handler_of
from scim_server.resources.operations import Operations
from scim_server.resources.rolls import GROUP
from scim_server.resources.steps import loaded


@dataclass(frozen=True, slots=True)
class Prechecks:
    """One function for each verb; each raises what the verb would."""

    operations: Operations
    caller: Caller

    def create(self, kind: ResourceType, body: Any) -> None:
        self._check_document(kind, body)

    def replace(self, kind: ResourceType, resource_id: str, body: Any, conditions: Conditions) -> None:
        self._check_there(kind, resource_id, conditions)
        self._check_document(kind, body)

    def patch(self, kind: ResourceType, resource_id: str, body: Any, conditions: Conditions) -> None:
        check_patch(body, kind, self.operations.steps.limits)
        self._check_there(kind, resource_id, conditions)
        self.operations.steps.planned(self.caller, kind, body)

    def delete(self, kind: ResourceType, resource_id: str, conditions: Conditions) -> None:
        self._check_there(kind, resource_id, conditions)

    def bulk(self, body: Any) -> int:
        """How many operations the message has; each of them is judged when it is its turn."""
        return len(read_bulk(body, self.caller.registry, self.operations.steps.limits).operations)

    def _check_document(self, kind: ResourceType, body: Any) -> None:
        document = decode_resource(body, kind, self.caller.profile)
        check(settle(document, kind), kind, closed=self.caller.closes_values)

    def _check_there(self, kind: ResourceType, resource_id: str, conditions: Conditions) -> None:
        """Locks nothing, unless whose resource it is matters."""
        caller = self.caller
        if caller.connection is not None and caller.connection.creator_only:
            handler: Handler[Any] = handler_of(kind)
            with self.operations.units.write(caller.tenant, caller.cause("look whose it is")) as uow:
                resource = loaded(handler.load(uow, resource_id), kind, resource_id)
                check_own(caller, kind, resource)
                conditions.check(handler.version(resource))
                return
        with self.operations.units.read(caller.tenant) as uow:
            documents = uow.documents
            found = documents.group(resource_id) if kind.name == GROUP else documents.get(kind, resource_id, ())
            conditions.check(loaded(found, kind, resource_id).version)
