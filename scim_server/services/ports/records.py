"""The provisioning log and the audit trail."""

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from scim_server.domain.events import Change
from scim_server.domain.instants import Instant
from scim_server.services.audit_entries import (
    AuditEntry,
    Chain,
    Checkpoint,
    Joining,
    SealedEntry,
    SoughtEntries,
    Verification,
)
from scim_server.services.log_entries import Activity, LogEntry, Sought


class ProvisioningLog(Protocol):
    def add(self, entries: Sequence[LogEntry]) -> None:
        """Add entries with the commit at the latest; those that are there already stay as they are."""
        ...

    def forget(self, request_id: str) -> None:
        """Remove the entry of a request, for another of the same that comes with this transaction."""
        ...

    def find(self, sought: Sought) -> list[LogEntry]:
        """The newest entries that meet every condition, oldest first."""
        ...

    def activity(self, most: int) -> list[Activity]:
        """Who sent the newest `most` requests of the tenant."""
        ...


class RequestLog(Protocol):
    """What is known so far of the request that a transaction belongs to."""

    def note(self, text: str) -> None:
        """Say in the log what was left out or passed over."""
        ...

    def answering(self, resource_id: str, *, shown: bool) -> None:
        """Say which resource is answered, and whether the answer has a body."""
        ...

    def entry(self, changes: Sequence[Change]) -> LogEntry | None:
        """The entry to write with a commit that makes those changes; None where it is written otherwise."""
        ...

    def committed(self, changes: Sequence[Change]) -> None:
        """Say that those changes, and the entry, are there to stay."""
        ...


class Trail(Protocol):
    """The audit trail and its chain. Entries come into it by `UnitOfWork.record`."""

    def chain(self) -> Chain:
        """The end of the chain."""
        ...

    def lock_chain(self) -> Chain:
        """The end of the chain, which nobody else moves before this transaction ends."""
        ...

    def places(self) -> tuple[int, int] | None:
        """The first and the last place that any entry or checkpoint has; None where none has one."""
        ...

    def unsealed(self, limit: int) -> list[SealedEntry]:
        """So many entries at most that have no place in the chain yet, by id."""
        ...

    def seal(self, places: Sequence[tuple[str, Chain]], checkpoint: Checkpoint) -> None:
        """Give entries (by id) their places, and sign for the last; the chain must be locked."""
        ...

    def sealed(self, above: int, upto: int) -> list[SealedEntry]:
        """The entries in those places of the chain, in order."""
        ...

    def checkpoints(self, above: int, upto: int) -> list[Checkpoint]:
        """The checkpoints in those places of the chain, in order."""
        ...

    def in_order(self) -> Iterator[AuditEntry]:
        """Every entry, decrypted where there is a key, in the order of the trail: by its place in the chain, then what
        is not sealed yet, by id. Holds a batch in memory, and what is not sealed."""
        ...

    def of_objects(self, object_type: str, object_ids: Collection[str]) -> list[AuditEntry]:
        """Every entry about those objects of one type, in the same order."""
        ...

    def about(self, person: str) -> list[AuditEntry]:
        """Every entry about that person, in the same order."""
        ...

    def of_type(self, object_type: str, *, mentioning: str | None = None) -> list[AuditEntry]:
        """Every entry about objects of one type, in the same order; with `mentioning` those whose facts, which must
        not be those of people, hold that text. Reads all entries of the type."""
        ...

    def since(self, object_type: str, moment: Instant) -> list[AuditEntry]:
        """The entries about objects of one type that were written after that moment, in the same order."""
        ...

    def begins(self) -> Instant | None:
        """When the first entry was written."""
        ...

    def find(self, sought: SoughtEntries) -> list[AuditEntry]:
        """The newest entries that meet every condition, newest first, decrypted where there is a key."""
        ...

    def joinings(self, group_ids: Collection[str], member_ids: Collection[str]) -> list[Joining]:
        """When any of those members came into any of those groups, as far as it was recorded; the newest last."""
        ...

    def of_requests(self, request_ids: Collection[str], object_types: Collection[str]) -> list[AuditEntry]:
        """The entries of those requests about objects of those types, oldest first, decrypted where there is a key."""
        ...


class Verifications(Protocol):
    """How far the trail was verified."""

    def last(self) -> Verification | None:
        """The verification that runs or ran last."""
        ...

    def begin(self, begun: Verification) -> None:
        """Put it in the place of any other."""
        ...

    def move(self, before: Verification, after: Verification) -> None:
        """Write down how far it is, unless it is not where it was before."""
        ...
