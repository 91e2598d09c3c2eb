"""What a resource type does with the five verbs; the verbs themselves are in `operations`."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from scim_server.protocol.changes import Change
from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.callers import Caller
from scim_server.resources.ports import ResourceUnit

R = TypeVar("R")


class Handler(Protocol[R]):
    """Serves one resource type from the domain object `R`, inside the caller's transaction.

    Every change returns the version the resource then has.
    """

    @property
    def kind(self) -> ResourceType: ...

    def answers_patch(self, profile: Profile) -> bool:
        """Whether a PATCH answers the resource, not only 204, without being asked to."""
        ...

    def load(self, uow: ResourceUnit, resource_id: str) -> R | None:
        """The domain object, locked for a change."""
        ...

    def load_to_patch(self, uow: ResourceUnit, resource_id: str, changes: Sequence[Change]) -> R | None:
        """The same, and maybe along with it what those changes will want to know."""
        ...

    def load_to_delete(self, uow: ResourceUnit, resource_id: str) -> R | None:
        """The domain object, locked with everything its removal touches."""
        ...

    def version(self, resource: R) -> int: ...

    def create(self, uow: ResourceUnit, caller: Caller, document: Mapping[str, Any]) -> str:
        """Take the resource in; answers its id."""
        ...

    def replace(self, uow: ResourceUnit, caller: Caller, resource: R, document: Mapping[str, Any]) -> int: ...

    def patch(
        self,
        uow: ResourceUnit,
        caller: Caller,
        resource: R,
        changes: Sequence[Change],
        read_only: Mapping[str, Any],
    ) -> int:
        """`read_only` holds the readOnly values that `confirm` changes are compared with."""
        ...

    def delete(self, uow: ResourceUnit, resource: R) -> None: ...
