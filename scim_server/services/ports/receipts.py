"""Leaver receipts."""

from collections.abc import Collection
from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.receipts import Receipt
from scim_server.services.receipt_queries import Sought


class Receipts(Protocol):
    """Whoever changes a receipt holds its lock; receipts are locked by id, after people."""

    def add(self, *new: Receipt) -> None:
        """Add them with whatever is sent next."""
        ...

    def save(self, *changed: Receipt) -> None:
        """Save what became of locked ones, with whatever is sent next."""
        ...

    def get(self, receipt_id: str) -> Receipt | None: ...

    def lock(self, receipt_id: str) -> Receipt | None: ...

    def lock_open(self, user_ids: Collection[str] | None = None) -> list[Receipt]:
        """The open ones of those people, or of everybody."""
        ...

    def lock_due(self, now: Instant, most: int) -> list[Receipt]:
        """Those whose alarm goes off by now, so many at most."""
        ...

    def lock_closed(self, before: Instant, most: int) -> list[Receipt]:
        """Those that were closed before that moment, so many at most."""
        ...

    def remove(self, receipt_ids: Collection[str]) -> None:
        """Remove locked ones."""
        ...

    def find(self, sought: Sought, after: str, most: int | None, now: Instant) -> list[Receipt]:
        """Those that are sought, the oldest first, behind that id, so many at most; not locked."""
        ...

    def all(self) -> list[Receipt]:
        """Every receipt, by id, not locked."""
        ...
