"""Asynchronous requests, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.async_requests import AsyncRequest, Completion
from scim_server.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class Queue:
    """How many requests wait of the tenant, how many of these are of one sender, the last number of theirs, and how
    many bytes all that wait say."""

    waiting: int
    of_actor: int
    last: int
    size: int


class AsyncRequests(Protocol):
    """Those of one tenant."""

    def queue(self, actor: str) -> Queue: ...

    def add(self, request: AsyncRequest) -> None:
        """Raises Contention where another of the same sender came at the same moment."""
        ...

    def get(self, request_id: str) -> AsyncRequest | None:
        """Without its body."""
        ...

    def body(self, request_id: str) -> str | None:
        """What it says; None where it says nothing, or nothing any more. Raises WrongKey."""
        ...

    def find(self, *, waiting: bool | None, actor: str | None, before: str | None, most: int) -> list[AsyncRequest]:
        """The newest, or those that wait or do not, of one sender, older than that id, so many at most; without
        bodies."""
        ...

    def take(self, actor: str, holder: str, leases: Sequence[Instant]) -> AsyncRequest | None:
        """Take the first of a sender that waits, without its body, until the first of those moments, or a later one
        the more often it was begun before; None where there is none, or it is not due, or somebody else has it."""
        ...

    def stand_behind(self, actor: str) -> None:
        """The first of a sender is due from now on only, where it is nobody's."""
        ...

    def hold(self, request_id: str, holder: str, lease: Instant) -> bool:
        """Whether that is still who has it, who then keeps it until that moment; nobody takes it before this
        transaction ends. What was done so far counts as progress."""
        ...

    def let_go(self, request_id: str, holder: str, due: Instant, trouble: str | None) -> bool:
        """Whether that is still who has it, who then has it no longer. Without trouble it was not begun at all."""
        ...

    def finish(self, request_id: str, holder: str) -> bool:
        """Whether that is still who has it, which then is over; its body is forgotten."""
        ...

    def add_results(self, request_id: str, results: Sequence[Completion]) -> None: ...

    def results(self, request_ids: Sequence[str]) -> dict[str, list[Completion]]:
        """What came of each, in the order of the operations."""
        ...

    def counts(self, request_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """How many operations of each are over, and how many of these failed."""
        ...

    def cancel(self, request_id: str) -> bool:
        """Whether it waited until now; whoever carries it out does not go on."""
        ...

    def is_revoked(self, token: str) -> bool:
        """Whether the token of that id, with which a request came, was revoked since."""
        ...

    def forget(self, before: str, most: int) -> int:
        """Remove the oldest that are finished with ids below `before`, so many at most; answers how many."""
        ...
