"""Asynchronous requests: answered before they are carried out, one after the other for each sender (RFC 9967 section
2.5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.domain.events import REQUEST_COMPLETED, TENANT, Event, Subject
from scim_server.domain.instants import Instant

MOST_WAITING = 1000
MOST_BYTES = 64_000_000
"""Requests of one tenant that wait to be carried out, and bytes that they say: the last may go beyond them."""
MOST_ATTEMPTS = 8
"""How often one is begun that never comes to an end, or that the store refuses."""


@dataclass(frozen=True, slots=True)
class AsyncRequest:
    """A request as it is kept until it is carried out: without its credential and without passwords.

    `number` puts those of one `actor` in order. `path` is relative to the tenant's base address, without the query,
    which says only what an answer shows. Whoever does not carry the request out has no `body`. `token_id` is that
    of the token it came with, where that is one of the server's own. What is `cancelled` fails when its turn comes.
    `operations` says how many a Bulk has, and is None for any other request. Where `trouble` is known it was put off.
    """

    id: str
    actor: str
    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None
    operations: int | None
    accepted: Instant
    due: Instant
    attempts: int = 0
    trouble: str | None = None
    finished: Instant | None = None
    token_id: str | None = None
    cancelled: Instant | None = None

    @property
    def is_bulk(self) -> bool:
        return self.operations is not None

    @property
    def is_blank(self) -> bool:
        """Whether what it said was erased."""
        return self.body is None and self.method != "DELETE"

    @property
    def total(self) -> int:
        """How many completions it has in the end."""
        return 1 if self.operations is None else self.operations

    def txn(self, number: int) -> str:
        """What its completion of that number is known by (RFC 9967 section 2.5.1.2)."""
        return f"{self.id}:{number}" if self.is_bulk else self.id


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of a request, or of the operation of that number of a Bulk, as RFC 7644 section 3.7.3 tells it.

    `uri` is the address of the resource relative to the base address, `response` the Error of what failed. `subject` is
    the resource where it is a person or a group that is known, None where nothing else than the tenant is.
    """

    number: int
    subject: Subject | None
    method: str
    status: str
    uri: str | None = None
    location: str | None = None
    version: str | None = None
    bulk_id: str | None = None
    response: Mapping[str, Any] | None = None

    @property
    def failed(self) -> bool:
        return self.response is not None

    @property
    def resource_id(self) -> str | None:
        return None if self.uri is None else self.uri.rpartition("/")[2]

    @property
    def result(self) -> dict[str, Any]:
        """As a bulk result."""
        facts = {
            "method": self.method,
            "bulkId": self.bulk_id,
            "version": self.version,
            "location": self.location,
            "status": self.status,
            "response": self.response,
        }
        return {name: fact for name, fact in facts.items() if fact is not None}

    def event(self, tenant_id: str, txn: str) -> Event:
        """The event that tells of it."""
        data = {"txn": txn, "uri": self.uri, "location": self.location, "version": self.version, **self.result}
        return Event(REQUEST_COMPLETED, self.subject or Subject(TENANT, tenant_id), data)
