"""Webhooks and what was sent to them."""

from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.webhooks import Delivery, Progress, Secrets, State, Webhook


class Webhooks(Protocol):
    """The webhooks of one tenant. Whoever writes one holds the tenant's guard, exclusively, or holds its lease."""

    def all(self) -> list[Webhook]:
        """Every one by name."""
        ...

    def get(self, webhook_id: str) -> Webhook | None: ...

    def add(self, webhook: Webhook, secrets: Secrets, position: int) -> None:
        """Add one that gets the events behind that position. Raises Taken where the name is in use."""
        ...

    def save(self, webhook: Webhook) -> None:
        """Raises Taken where the name is in use."""
        ...

    def remove(self, webhook_id: str) -> None: ...

    def secrets(self, webhook_id: str) -> Secrets:
        """What it is signed with, the former secret as long as it is kept."""
        ...

    def replace_secrets(self, webhook_id: str, secrets: Secrets) -> None: ...

    def progress(self) -> dict[str, Progress]:
        """How far each has come, by id."""
        ...

    def lock_progress(self, webhook_id: str) -> Progress:
        """How far it has come, which nobody else changes before this transaction ends."""
        ...

    def lease(self, webhook_id: str, holder: str, until: Instant) -> Progress | None:
        """Take it until that moment; None where it is not due, or somebody else has it."""
        ...

    def held(self, webhook_id: str, holder: str) -> Progress | None:
        """The same where that is still who has it; nobody else takes it before this transaction ends."""
        ...

    def settle(self, webhook_id: str, progress: Progress) -> None:
        """Write how far it has come, and let it go."""
        ...

    def request(self, webhook_id: str, progress: Progress) -> None:
        """Write what is to be done next, whoever has it meanwhile."""
        ...


class Deliveries(Protocol):
    """The log of what was sent to webhooks, with what is parked."""

    def add(self, *new: Delivery) -> None: ...

    def save(self, *tried: Delivery) -> None:
        """Note the latest attempts of what is parked, or was."""
        ...

    def parked(self, webhook_id: str) -> list[Delivery]:
        """What is parked, by position."""
        ...

    def latest(self, webhook_id: str, most: int, state: State | None, before: str | None) -> list[Delivery]:
        """The newest entries, or those in that state, older than the one of the id `before`, so many at most."""
        ...

    def forget(self, before: str, dead_before: str, most: int) -> int:
        """Remove the oldest entries with ids below `before`, of dead letters below `dead_before`, so many at most;
        answers how many."""
        ...
