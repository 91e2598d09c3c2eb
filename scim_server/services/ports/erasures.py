"""What is left of somebody who is erased, outside their own rows."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person is found: the ids they had, and texts that tell of them alone."""

    ids: frozenset[str]
    texts: frozenset[str]


class Erasures(Protocol):
    """What one tenant has of somebody who was deleted."""

    def is_invited(self, traces: Traces) -> bool:
        """Whether an invitation to the person is open."""
        ...

    def is_awaited(self, traces: Traces) -> bool:
        """Whether the person waits to be added."""
        ...

    def remove(self, traces: Traces) -> dict[str, int]:
        """Remove what is about them, and blank what names them; answers of how many rows in which table."""
        ...

    def destroy_keys(self, people: Collection[str]) -> int:
        """Destroy the keys of their facts in the audit trail, for good; answers how many there were."""
        ...
