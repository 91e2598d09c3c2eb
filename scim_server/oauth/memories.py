"""Who stood behind a token a moment ago, so that a read need not ask the store again.

Kept for seconds, in this process. What this process changes of tokens, connections and tenants empties the memory at
once; of another process's change a read learns when the time is over. Writes always ask.
"""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Generic, TypeVar

from scim_server.domain.instants import Instant, later
from scim_server.services.credentials import Credential

T = TypeVar("T")

MOST = 10_000
CONCERNED = frozenset({"connection", "issuer", "oauth_client", "stream", "tenant", "token"})
"""What a change must be of to make a memory wrong."""


class Memory(Generic[T]):
    """Bearers by their credentials. `until` says when a bearer's token expires, None for one not to be remembered."""

    def __init__(self, fresh: timedelta, until: Callable[[T], Instant | None]) -> None:
        self._fresh, self._until = fresh, until
        self._known: dict[Credential, tuple[T, Instant]] = {}
        self.turn = 0
        """Raised by each change, so that what was looked up before it is not remembered after it."""

    def get(self, credential: Credential, now: Instant) -> T | None:
        """The bearer, while the token lives and the memory is fresh."""
        found = self._known.get(credential)
        return found[0] if found is not None and now < found[1] else None

    def keep(self, credential: Credential, bearer: T, now: Instant, turn: int) -> None:
        """Remember who was found just now, by a look-up that began in that turn."""
        expires = self._until(bearer)
        if self._fresh and expires is not None:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[credential] = bearer, min(expires, later(now, self._fresh))
            if turn != self.turn:  # asked last, so that no change can come in between
                self._known.pop(credential, None)

    def changed(self, object_types: Collection[str]) -> None:
        """Forget everybody where something changed that bearers are made of."""
        if not CONCERNED.isdisjoint(object_types):
            self.turn += 1
            self._known.clear()
