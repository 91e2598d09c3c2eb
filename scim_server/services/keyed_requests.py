"""Requests that carry a key of the client's, so that one sent twice is carried out once."""

from dataclasses import dataclass

from scim_server.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with its key. `tenant_id` is empty where it is about no tenant.

    `fingerprint` tells one request from another, whoever sent it; `request_id` is what its changes are recorded under.
    """

    tenant_id: str
    caller: str
    key: str
    fingerprint: str
    request_id: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a request that was carried out."""

    status: int
    location: str | None
    body: str


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request with a key that came before. Without an answer somebody is at it until `until`, or was lost."""

    fingerprint: str
    request_id: str
    until: Instant
    answer: KeptAnswer | None
