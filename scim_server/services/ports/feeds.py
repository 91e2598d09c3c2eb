"""Who the streams of a tenant are about."""

from collections.abc import Collection, Mapping
from typing import Protocol

from scim_server.domain.feeds import Standing


class Feeds(Protocol):
    """How subjects, by their keys, stand with the feeds of one tenant's streams. Written by whoever holds a stream's
    lease or the tenant's guard."""

    def standings(self, stream_id: str, subjects: Collection[str]) -> dict[str, list[Standing]]:
        """Those of each subject in order; nothing of those without any."""
        ...

    def put(self, stream_id: str, standings: Mapping[str, Standing]) -> None:
        """Write one for each of those subjects, over what there is at its place."""
        ...

    def drop(self, stream_id: str, subject: str, standings: Collection[Standing]) -> None: ...

    def clear_present(self, stream_id: str) -> None:
        """Forget everybody who is there, but not what the receiver has asked for."""
        ...

    def drop_gone(self) -> None:
        """Forget, for all streams, who is there no more, cannot be restored, and is in no event that is kept."""
        ...
