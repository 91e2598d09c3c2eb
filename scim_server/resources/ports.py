"""What the service provider needs beside the use cases' own ports: documents to answer with."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.protocol.filters import Filter
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import ResourceType
from scim_server.services.ports import UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class Found:
    """A resource with the computed attributes that were asked for; `$ref`s are left to the caller.

    What is worked out and not stored has no moment of its own: `created` and `modified` are None.
    """

    id: str
    document: dict[str, Any]
    version: int
    created: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which resources to find: `count` of them from the `start_index`th (from 1), oldest first unless sorted."""

    condition: Filter | None
    start_index: int
    count: int
    sort_by: AttributePath | None = None
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the resources that match, and how many match in all."""

    total: int
    found: Sequence[Found]


class Source(Protocol):
    """Reads documents: a fixed number of statements, however many come back."""

    def get(self, kind: ResourceType, resource_id: str, computed: Collection[str]) -> Found | None:
        """One resource. `computed` names the computed attributes to fill: groups, members, manager."""
        ...

    def find(self, kind: ResourceType, selection: Selection, computed: Collection[str]) -> Page:
        """One page of the resources that match, and how many match."""
        ...


class Documents(Source, Protocol):
    """The documents that are stored."""

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """The display names of users and groups that have one."""
        ...


class ResourceUnit(UnitOfWork, Protocol):
    """A unit of work that also answers documents, as of its own transaction."""

    @property
    def documents(self) -> Documents: ...


class ResourceUnits(Units, Protocol):
    """Opens such units of work."""

    def write(self, tenant: Tenant, cause: Cause) -> AbstractContextManager[ResourceUnit]: ...

    def read(self, tenant: Tenant) -> AbstractContextManager[ResourceUnit]: ...
