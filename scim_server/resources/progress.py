"""RFC 9967 section 2.5.1: what becomes known of a request that was answered before it is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from scim_server.protocol.schemas import ResourceType
from scim_server.services.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Carried:
    """A request, or an operation of a Bulk by its number, that was carried out, or failed by `error`.

    `resource_id` is as the request names it where it failed. `method` is None for that of the request itself, `version`
    for what is gone.
    """

    number: int = 0
    kind: ResourceType | None = None
    resource_id: str | None = None
    version: int | None = None
    method: str | None = None
    bulk_id: str | None = None
    error: Exception | None = None


class Progress(Protocol):
    """How far such a request is, which is written down as it goes on."""

    @property
    def made(self) -> Mapping[int, str | None]:
        """The operations that are over, with the ids of their resources; None for one that failed."""
        ...

    @property
    def failures(self) -> int: ...

    @property
    def note(self) -> str:
        """What the provisioning log says of it."""
        ...

    def go_on(self) -> None:
        """Raises Unavailable where this process is about to end, Forbidden where whoever sent it is gone by now."""
        ...

    def is_broken_off_by(self, error: Exception) -> bool:
        """Whether an error is no outcome: the operation is begun again later, or by somebody else."""
        ...

    def carried_out(self, uow: UnitOfWork, *carried: Carried) -> None:
        """Write down what the transaction has carried out. Raises TakenOver."""
        ...

    def failed(self, *carried: Carried) -> None:
        """Write down, in a transaction of its own, what failed. Raises TakenOver."""
        ...
