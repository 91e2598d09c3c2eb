"""What remembers whom it belongs to: its origin, which is that of a connection, or says how else it was made."""

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol


class Belonging(StrEnum):
    """A kind of thing with an origin, called as the audit trail calls it."""

    GROUP = "group"
    USER = "user"
    RESOURCE = "resource"
    TOMBSTONE = "tombstone"


class Belongings(Protocol):
    """All of those of one tenant, by their origins."""

    def page(self, kind: Belonging, origin: str, after: str, most: int) -> list[str]:
        """The ids of the next of that origin, so many at most, not locked; the first ones after an empty text."""
        ...

    def lock(self, kind: Belonging, origin: str, ids: Collection[str]) -> list[str]:
        """Lock those that are of that origin still, by id; answers their ids."""
        ...

    def hand(self, kind: Belonging, ids: Collection[str], origin: str) -> None:
        """Have those be of that origin, and nothing else of them be different. They must be locked."""
        ...
