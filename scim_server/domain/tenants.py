"""Tenants, their connections to identity providers, and the tokens those connect with."""

import re
from dataclasses import dataclass, field

from scim_server.domain.cells import HOME
from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.settings import TenantSettings

IDPS = ("okta", "entra", "onelogin", "jumpcloud", "ping", "google", "generic")
MANAGES_ENTITLEMENTS = ("auto", "yes", "no")
SCIM_READ, SCIM_WRITE = "scim:read", "scim:write"
SCIM_SCOPES = frozenset({SCIM_READ, SCIM_WRITE})
"""What a token of a connection may be good for: to read, and everything else. Neither implies the other."""
MOST_LIVE_TOKENS = 2
"""Of one connection: the one in use, and the one that its client changes over to."""
NOTICE, FULL = "notice", "full"
"""How security events are told: by the names of what changed, or with the data."""
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer organisation: the wall that nothing crosses.

    `profile` names a set of protocol switches; `switched` are those set otherwise, name and position, by name.
    `settings` are what the tenant decides about its people and seats; `cell` is the database it lives in. `tells` is
    how events say what SCIM makes of each change (`ScimChange`): NOTICE, FULL where somebody wants the data, None where
    nobody listens. `told` are the URIs of the security events that its streams can have.
    """

    id: str
    slug: str
    name: str
    profile: str
    created: Instant
    switched: tuple[tuple[str, str], ...] = ()
    settings: TenantSettings = field(default_factory=TenantSettings)
    cell: str = field(default=HOME, compare=False)
    tells: str | None = field(default=None, compare=False)
    told: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """One identity provider's link to one tenant.

    `wrote_entitlements` is true once the connection has written a non-empty `roles` or `entitlements`; under
    `manages_entitlements` auto it then manages them. `accepts_basic` and `accepts_raw` say whether a token may come by
    HTTP Basic, or without a scheme; under `creator_only` it changes nobody but whom it created. It takes requests from
    `networks`, in CIDR notation, alone; without any, from anywhere. One that was `removed` does nothing any more: what
    it managed belongs to its `successor`, the id of another one, or to none.
    """

    tenant_id: str
    id: str
    name: str
    idp: str
    manages_entitlements: str
    wrote_entitlements: bool
    max_role: str
    created: Instant
    accepts_basic: bool = False
    accepts_raw: bool = False
    creator_only: bool = False
    networks: tuple[str, ...] = ()
    removed: Instant | None = None
    successor: str | None = None

    @property
    def owns_entitlements(self) -> bool:
        """Whether a PUT of this connection without roles or entitlements means: there are none."""
        if self.manages_entitlements == "auto":
            return self.wrote_entitlements
        return self.manages_entitlements == "yes"


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token as the store knows it: a digest, never the secret."""

    tenant_id: str
    id: str
    connection_id: str
    digest: str
    created: Instant
    expires: Instant
    revoked: Instant | None = None
    scopes: frozenset[str] = SCIM_SCOPES
    last_used: Instant | None = None

    def is_live(self, now: Instant) -> bool:
        """Whether the token opens anything at `now`."""
        return self.revoked is None and now < self.expires


@dataclass(frozen=True, slots=True)
class PersonToken:
    """A bearer token of one person, good for nothing but their own resource. The store knows its digest."""

    tenant_id: str
    id: str
    user_id: str
    digest: str
    created: Instant
    expires: Instant
    revoked: Instant | None = None
    last_used: Instant | None = None

    def is_live(self, now: Instant) -> bool:
        """Whether the token opens anything at `now`, as long as the person is not suspended."""
        return self.revoked is None and now < self.expires


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A bearer token of the admin API, good for what its `scopes` permit in one tenant.

    Without a tenant it is the operator's, and good in all of them. The store knows its digest.
    """

    tenant_id: str | None
    id: str
    name: str
    scopes: frozenset[str]
    digest: str
    created: Instant
    expires: Instant
    revoked: Instant | None = None
    last_used: Instant | None = None

    def is_live(self, now: Instant) -> bool:
        """Whether the token opens anything at `now`."""
        return self.revoked is None and now < self.expires


def check_slug(slug: str) -> str:
    """`slug`, if it can stand in an address; raises Invalid."""
    if not SLUG.fullmatch(slug):
        raise Invalid(
            f"'{slug}' cannot be a tenant's slug: use 1 to 63 lower-case letters, digits and hyphens, "
            "beginning and ending with a letter or digit."
        )
    return slug
