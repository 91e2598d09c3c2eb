"""An operation of a bulk in the RFC's shape, and what it refers to (RFC 7644 section 3.7.2)."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scim_server.protocol.bulk import BulkOperation
from scim_server.protocol.references import bulk_id_in, references
from scim_server.protocol.schemas import ResourceType

Verb = Literal["create", "replace", "patch"]
Normalise = Callable[[Verb, ResourceType, Any], Any]
"""Brings the body of an operation into the RFC's shape, whatever client it comes from."""

VERBS: Mapping[str, Verb] = {"POST": "create", "PUT": "replace", "PATCH": "patch"}


@dataclass(frozen=True, slots=True)
class Task:
    """An operation with its body in the RFC's shape, and the bulkIds it refers to."""

    operation: BulkOperation
    body: Any
    refers_to: Collection[str]

    @classmethod
    def of(cls, operation: BulkOperation, normalise: Normalise) -> "Task":
        place, verb = operation.place, VERBS.get(operation.method)
        if operation.fault is not None or place is None:
            return cls(operation, None, ())
        body = None if verb is None else normalise(verb, place.kind, operation.data)
        found = references(body, place.kind, patch=verb == "patch")
        target = bulk_id_in(place.resource_id or "")
        return cls(operation, body, found | ({target} if target else set()))

    @property
    def target(self) -> str | None:
        """What a change is about, as the request names it."""
        text = self.operation.place.resource_id if self.operation.place else None
        bulk_id = bulk_id_in(text or "")
        return text if bulk_id is None else f"bulkId:{bulk_id}"

    def touches(self) -> set[str]:
        """Every name of a resource in the operation."""
        names = {f"bulkId:{bulk_id}" for bulk_id in self.refers_to}
        return names | ({self.target} if self.target else set())
