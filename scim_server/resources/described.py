"""Resource types that only a schema describes (RFC 7643 section 6): every verb, for whatever the schema says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.domain.resources import Resource
from scim_server.protocol.changes import Change
from scim_server.protocol.patching import apply
from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.validation import check, check_immutable, settle
from scim_server.resources.callers import Caller
from scim_server.resources.ports import ResourceUnit
from scim_server.resources.references import check_references
from scim_server.services import keeping


@dataclass(frozen=True, slots=True)
class DescribedHandler:
    """A resource type from a schema file."""

    kind: ResourceType

    def answers_patch(self, profile: Profile) -> bool:
        del profile
        return True

    def load(self, uow: ResourceUnit, resource_id: str) -> Resource | None:
        return uow.resources.get(self.kind.name, resource_id)

    def load_to_patch(self, uow: ResourceUnit, resource_id: str, changes: Sequence[Change]) -> Resource | None:  # noqa: ARG002
        return self.load(uow, resource_id)

    def load_to_delete(self, uow: ResourceUnit, resource_id: str) -> Resource | None:
        return uow.resources.get(self.kind.name, resource_id)

    def version(self, resource: Resource) -> int:
        return resource.version

    def create(self, uow: ResourceUnit, caller: Caller, document: Mapping[str, Any]) -> str:
        wanted = settle(document, self.kind)
        self._check(uow, caller, {}, wanted)
        newcomer = Resource(id="", type=self.kind.name, origin=caller.origin, document=wanted)
        return keeping.create_resource(uow, newcomer).id

    def replace(self, uow: ResourceUnit, caller: Caller, resource: Resource, document: Mapping[str, Any]) -> int:
        return self._change(uow, caller, resource, settle(document, self.kind))

    def patch(
        self,
        uow: ResourceUnit,
        caller: Caller,
        resource: Resource,
        changes: Sequence[Change],
        read_only: Mapping[str, Any],
    ) -> int:
        wanted = apply(resource.document, changes, self.kind, caller.profile, read_only=read_only)
        return self._change(uow, caller, resource, wanted)

    def delete(self, uow: ResourceUnit, resource: Resource) -> None:
        keeping.delete_resource(uow, resource)

    def _change(self, uow: ResourceUnit, caller: Caller, resource: Resource, wanted: dict[str, Any]) -> int:
        check_immutable(resource.document, wanted, self.kind)
        if wanted == resource.document:
            return resource.version
        self._check(uow, caller, resource.document, wanted)
        return keeping.change_resource(uow, resource, wanted).version

    def _check(self, uow: ResourceUnit, caller: Caller, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        check(wanted, self.kind, closed=caller.closes_values)
        check_references(uow, caller, self.kind, before, wanted)
