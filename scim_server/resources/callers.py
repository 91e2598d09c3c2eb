"""Who calls, and under what terms."""

from dataclasses import dataclass

from scim_server.domain.access import MEMBER, Authority
from scim_server.domain.events import Cause
from scim_server.domain.tenants import Connection, Tenant
from scim_server.protocol.profiles import Profile, profile_of
from scim_server.protocol.registry import Registry
from scim_server.resources.progress import Progress
from scim_server.services.ports import RequestLog

CONNECTION = "connection:"
"""What the origin of a resource begins with that a connection made."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sent a request: a connection, or a person on their own behalf, who has no connection.

    `base_url` is the tenant's SCIM base, without a final slash; `registry` holds what the tenant is served;
    `log` takes what the provisioning log should say of the request, `progress` what becomes of one that was answered
    before it is carried out.
    """

    tenant: Tenant
    connection: Connection | None
    base_url: str
    request_id: str
    registry: Registry
    log: RequestLog
    person_id: str | None = None
    progress: Progress | None = None

    @property
    def profile(self) -> Profile:
        """The protocol switches of the tenant."""
        return profile_of(self.tenant.profile, self.tenant.switched)

    @property
    def closes_values(self) -> bool:
        """Whether an attribute with canonical values takes no others from this caller."""
        return self.profile.canonical_values == "closed"

    @property
    def lists_seats(self) -> bool:
        """Whether discovery lists roles, entitlements and seats, and users are answered with their seats."""
        switch = self.profile.list_seats
        return switch == "on" or (switch == "auto" and self.connection is not None and self.connection.idp == "okta")

    @property
    def origin(self) -> str:
        """What a resource made by this caller remembers as its maker."""
        return f"person:{self.person_id}" if self.connection is None else f"{CONNECTION}{self.connection.id}"

    def adopting(self, origin: str) -> str:
        """The origin of a resource once this caller has changed it: what no connection made becomes its own."""
        return origin if self.connection is None or origin.startswith(CONNECTION) else self.origin

    @property
    def owns_entitlements(self) -> bool:
        """Whether a PUT without roles or entitlements means: there are none."""
        return self.connection is not None and self.connection.owns_entitlements

    @property
    def authority(self) -> Authority:
        """How far the caller may grant roles; a person on their own behalf grants none."""
        refuses = self.profile.roles_above_max == "reject"
        if self.connection is None:
            return Authority(MEMBER, refuses=refuses)
        return Authority(self.connection.max_role, self.connection.id, refuses)

    def cause(self, reason: str) -> Cause:
        """Why a transaction of this request is opened, for the audit trail."""
        permits = None if self.connection is not None else frozenset[str]()
        return Cause(self.origin, self.request_id, reason, permits=permits)

    def address(self, endpoint: str, resource_id: str) -> str:
        """The absolute address of a resource."""
        return f"{self.base_url}{endpoint}/{resource_id}"
