"""Access tokens as the authorization server keeps them: issued, and ended."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant, later
from scim_server.domain.oauth_clients import AccessToken, OAuthClient
from scim_server.domain.tenants import Tenant
from scim_server.services.credentials import new_public_id
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

CHORE = "forget-grants"
KEPT_FOR = timedelta(days=1)
"""How long what has expired is kept: by then nothing asks for it, whatever a clock says."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client is to get: scopes at a resource, by the secret it came with and of the code that it showed."""

    client: OAuthClient
    scopes: frozenset[str]
    resource: str
    secret_id: str | None = None
    family: str | None = None


def issue(units: Units, tenant: Tenant, grant: Grant) -> AccessToken:
    """Keep a new access token; what the client is given is signed elsewhere."""
    with units.write(tenant, _cause(grant.client)) as uow:
        token = keep(uow, grant)
        uow.commit()
        return token


def keep(uow: UnitOfWork, grant: Grant) -> AccessToken:
    """The same in the caller's transaction."""
    token = AccessToken(
        uow.tenant.id,
        new_public_id(uow.tenant.id),
        grant.client.id,
        grant.family,
        grant.scopes,
        grant.resource,
        uow.now,
        later(uow.now, timedelta(seconds=grant.client.token_seconds)),
    )
    uow.access_tokens.add(token)
    if grant.secret_id is not None:
        uow.oauth_clients.note_use(grant.secret_id, uow.now)
    return token


def revoke(units: Units, tenant: Tenant, client: OAuthClient, token_id: str) -> None:
    """End an access token at once."""
    with units.write(tenant, _cause(client)) as uow:
        uow.access_tokens.revoke(token_id, uow.now)
        uow.commit()


@retried
def use_once(units: Units, tenant: Tenant, client: OAuthClient, kind: str, shown: str, expires: Instant) -> bool:
    """Whether nobody has shown that before; it is remembered until it expires."""
    with units.write(tenant, _cause(client)) as uow:
        fresh = uow.used_proofs.use(kind, hashlib.sha256(shown.encode()).hexdigest(), expires)
        uow.commit()
        return fresh


def forget_grants(units: Units) -> int:
    """The chore: remove what has expired a day ago; answers how much."""
    with units.operator() as operator:
        forgotten = operator.forget_grants(later(operator.now, -KEPT_FOR))
        operator.commit()
        return forgotten


def _cause(client: OAuthClient) -> Cause:
    return Cause(f"client:{client.id}", "", "token endpoint")
