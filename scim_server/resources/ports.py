"""What the service provider needs beside the use cases' own ports: documents to answer with."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.protocol.cursors import Position
from scim_server.protocol.filters import Filter
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import ResourceType
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import UnitOfWork, Units


@dataclass(slots=True)
class Found:
    """A resource with the computed attributes that were asked for; `$ref`s are left to the caller.

    What is worked out and not stored has no moment of its own: `created` and `modified` are None. `stamp` is what else
    than its version the members of a group are shown by: it is raised when one of them is renamed. Of a document that
    is plain the `text` is here as it is stored, and `document` has what was filled in. Nothing of it is changed; not
    frozen, which would take as long again for each of a page.
    """

    id: str
    document: dict[str, Any]
    version: int
    created: str | None = None
    modified: str | None = None
    stamp: int = 0
    text: str | None = None


class Member(NamedTuple):
    """A member of a group as it is shown: its id, the name of its type, and its display name where it has one."""

    id: str
    kind: str
    display: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """What is sought among the resources of one type, and the computed attributes to fill in what is found.

    `sort_by` is None where nothing is sorted by, or where the type lacks the attribute: its value is missing then.
    `plain` is the mark of documents that are wanted as text, if any are.
    """

    kind: ResourceType
    condition: Filter | None
    sort_by: AttributePath | None
    computed: Collection[str]
    plain: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Which of the resources that match: `count` of them, oldest first unless sorted, ties broken by id.

    By index, those after the first `skipped`; `by_cursor`, those beyond `position`, or the first without one.
    """

    count: int
    skipped: int = 0
    by_cursor: bool = False
    position: Position | None = None
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the resources that match, each with its type, and how many match in all.

    By cursor, `before` and `after` are where the neighbouring pages are, None where there is none.
    """

    total: int
    found: Sequence[tuple[ResourceType, Found]]
    before: Position | None = None
    after: Position | None = None


class Source(Protocol):
    """Reads documents: a fixed number of statements, however many come back."""

    def get(self, kind: ResourceType, resource_id: str, computed: Collection[str]) -> Found | None:
        """One resource. `computed` names the computed attributes to fill: groups, members, manager."""
        ...

    def find(self, parts: Sequence[Part], window: Window) -> Page:
        """One page of the resources that match any of the parts, each of another type, and how many match."""
        ...


class Documents(Source, Protocol):
    """The documents that are stored."""

    def expect(self, computed: Collection[str]) -> None:
        """Have the documents that are written from now on read as they are then, with those computed attributes.

        They are asked for with the next question after each; `get` answers them.
        """
        ...

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """The display names of users and groups that have one."""
        ...

    def group(self, group_id: str) -> Found | None:
        """A group without its members, with its stamp."""
        ...

    def members(self, group_id: str, after: str, most: int) -> Sequence[Member]:
        """The next members of the group by id, so many at most; the first ones after an empty text."""
        ...


class ResourceUnit(UnitOfWork, Protocol):
    """A unit of work that also answers documents, as of its own transaction."""

    @property
    def documents(self) -> Documents: ...

    def mark_replaced(self, resource_id: str) -> None:
        """Note that a client sends all there is of a resource, which is how its change is told."""
        ...


class ResourceUnits(Units, Protocol):
    """Opens such units of work."""

    def write(self, tenant: Tenant, cause: Cause) -> AbstractContextManager[ResourceUnit]: ...

    def read(self, tenant: Tenant) -> AbstractContextManager[ResourceUnit]: ...

    def browse(self, tenant: Tenant) -> AbstractContextManager[ResourceUnit]: ...

    def snapshot(self, tenant: Tenant) -> AbstractContextManager[ResourceUnit]:
        """Like `read`, all statements as of one moment. It costs more to open."""
        ...


class Outcome(Protocol):
    """What a trial has done so far."""

    @property
    def changes(self) -> Sequence[AuditEntry]:
        """The entries that the trail would have got."""
        ...

    @property
    def entry(self) -> LogEntry | None:
        """The log entry of the request, where a transaction would have taken it along."""
        ...


class Trial(ResourceUnits, Protocol):
    """Units of work of which nothing stays; what one has done is seen by those after it."""

    @property
    def outcome(self) -> Outcome: ...
