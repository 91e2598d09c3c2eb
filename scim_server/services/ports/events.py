"""Events on their way out."""

from collections.abc import Collection
from typing import Protocol

from scim_server.domain.events import PlacedEvent


class Events(Protocol):
    """The events of one tenant that have positions: 1, 2, 3 and so on in the order in which they are told.

    Whoever has read as far as a position has missed none before it: an event that is committed late has a later one.
    How SCIM tells them, which may be large, is read by `behind` and `among` alone, where it is wanted.
    """

    def behind(
        self,
        position: int,
        most: int,
        *,
        upto: int | None = None,
        types: Collection[str] | None = None,
        scim: bool = True,
    ) -> list[PlacedEvent]:
        """Those behind that position, in order, so many at most; none behind `upto`, and none but of those types."""
        ...

    def at(self, event_id: str) -> PlacedEvent | None:
        """The event of that id, if it has a position yet and is still kept."""
        ...

    def among(self, event_ids: Collection[str], *, scim: bool = True) -> list[PlacedEvent]:
        """Those of these ids that are still kept, in order."""
        ...

    def about(self, subject: str, most: int) -> list[PlacedEvent]:
        """Those about the subject of that key, newest first, so many at most; also those that have no position yet,
        whose position is 0."""
        ...

    def subjects_of(self, event: str, position: int) -> set[str]:
        """Whom or what events of that type behind the position are about, by key, or which have no position yet."""
        ...

    def is_followed(self, event: PlacedEvent, types: Collection[str]) -> bool:
        """Whether there is a later one about its subject, be it without a position yet, of those types or with a
        change that SCIM tells."""
        ...

    def hold(self) -> int:
        """The last position there is; nobody gives another before this transaction ends."""
        ...

    def reach(self) -> tuple[int, int]:
        """The position before the first event that is kept, and that of the last one there ever was; both are 0 where
        there was none."""
        ...
