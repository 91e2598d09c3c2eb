"""Webhooks and streams, how far they have come, and what was sent to them."""

from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import ClientSecret, OAuthClient
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.tenants import ApiToken
from scim_server.domain.webhooks import Delivery, Progress, Secrets, State, Webhook


@dataclass(frozen=True, slots=True)
class Owned:
    """A webhook or a stream, and whose the stream is as far as that is in the tenant: a token of the admin API, or a
    client with its secrets."""

    receiver: Receiver
    token: ApiToken | None = None
    client: OAuthClient | None = None
    secrets: tuple[ClientSecret, ...] = ()


class Webhooks(Protocol):
    """The webhooks of one tenant. Whoever writes one holds the tenant's guard, exclusively, or holds its lease."""

    def all(self) -> list[Webhook]:
        """Every one by name."""
        ...

    def receiver(self, receiver_id: str) -> Receiver | None:
        """The webhook or stream of that id."""
        ...

    def owned(self, receiver_id: str) -> Owned | None:
        """The same with whose it is."""
        ...

    def add(self, webhook: Webhook, secrets: Secrets, position: int) -> None:
        """Add one that gets the events behind that position. Raises Taken where the name is in use."""
        ...

    def save(self, webhook: Webhook) -> None:
        """Raises Taken where the name is in use."""
        ...

    def remove(self, receiver_id: str) -> None:
        """Remove a webhook or a stream."""
        ...

    def secrets(self, webhook_id: str) -> Secrets:
        """What it is signed with, the former secret as long as it is kept; of a stream its authorization, or ''."""
        ...

    def replace_secrets(self, webhook_id: str, secrets: Secrets) -> None: ...


class Streams(Protocol):
    """The streams of one tenant, written as webhooks are; `Webhooks` has their secrets and removes them."""

    def all(self) -> list[Stream]:
        """Every one by name."""
        ...

    def get(self, stream_id: str) -> Stream | None: ...

    def add(self, stream: Stream, authorization: str | None, position: int) -> None:
        """Add one that gets the events behind that position. Raises Taken where the name is in use."""
        ...

    def save(self, stream: Stream) -> None:
        """Raises Taken where the name is in use."""
        ...

    def replace_authorization(self, stream_id: str, authorization: str | None) -> None: ...


class Cursors(Protocol):
    """How far each webhook and stream of one tenant has come, by its id."""

    def all(self) -> dict[str, Progress]: ...

    def lock(self, receiver_id: str) -> Progress:
        """How far it has come, which nobody else changes before this transaction ends. Raises Missing where it was
        removed meanwhile."""
        ...

    def lease(self, receiver_id: str, holder: str, until: Instant) -> Progress | None:
        """Take it until that moment; None where it is not due, or somebody else has it."""
        ...

    def held(self, receiver_id: str, holder: str) -> Progress | None:
        """The same where that is still who has it; nobody else takes it before this transaction ends."""
        ...

    def settle(self, receiver_id: str, progress: Progress) -> None:
        """Write how far it has come, and let it go."""
        ...

    def request(self, receiver_id: str, progress: Progress) -> None:
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
