"""The cells that tenants live in, and moving one from one to another, step by step."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from scim_server.domain.cells import CellState, ReplicaState, TableCheck
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant

if TYPE_CHECKING:
    from scim_server.services.ports.units import Units

Tell = Callable[[str, int], None]
"""Takes a table and how many of its rows were brought."""


class Switch(Protocol):
    """The tenant while nobody writes for it."""

    def throw(self, since: Instant) -> None:
        """Let the tenant live in the other cell from now on: with this, and only with it, it does."""
        ...


class Relocation(Protocol):
    """One tenant on its way. What is in the other cell is a copy that nobody looks at until the switch is thrown."""

    def begun(self) -> AbstractContextManager[bool]:
        """Whether the tenant lives where it is to go from, and nobody else moves it until the block is left."""
        ...

    def since(self) -> tuple[Instant | None, Instant | None]:
        """Since when the tenant lives where it does, and since when it does not live where it is to go."""
        ...

    def clear(self) -> int:
        """Remove the copy that an earlier attempt left; answers how many rows."""
        ...

    def copy(self, tell: Tell) -> None:
        """Bring everything as it is at one moment. Raises Taken where something must be unique and is not."""
        ...

    def catch_up(self, tell: Tell) -> int:
        """Bring what has changed since the last look; answers how many rows did. Raises Taken likewise."""
        ...

    def pause(self) -> AbstractContextManager[Switch | None]:
        """Have whoever writes for the tenant wait until the block is left; None where one is at it for too long."""
        ...

    def compare(self) -> list[TableCheck]:
        """Each table as both cells have it."""
        ...

    def arrive(self, since: Instant) -> None:
        """Have everybody know that the switch was thrown; who met the old place knew it already."""
        ...


class Cells(Protocol):
    """The databases that tenants live in, home among them."""

    def states(self) -> list[CellState]:
        """Each as it is found, home first."""
        ...

    def replica_states(self) -> list[ReplicaState]:
        """Each replica as it is found, by cell."""
        ...

    def settled(self, tenant: Tenant) -> Tenant:
        """The tenant with the cell where it lives at this moment."""
        ...

    def relocation(self, tenant: Tenant, to: str) -> Relocation:
        """The way of the tenant to another cell. Raises Missing where there is no such cell, Taken where its database
        is not at the schema of this version."""
        ...

    def looking_at(self, units: "Units", cell: str) -> "Units":
        """Those that read what that cell has of a tenant, whether it lives there or not."""
        ...

    def remove_left(self, before: Instant) -> int:
        """Remove what tenants left behind that moved away before then; answers how many rows."""
        ...

    def remove_attempts(self, tenant: Tenant) -> int:
        """Remove what attempts to move the tenant left in other cells, when nobody is at one; answers how many rows."""
        ...
