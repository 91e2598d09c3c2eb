"""What came of a consent: the code is redeemed for tokens, they are renewed, and all of it ends together.

Refresh tokens rotate (RFC 9700 section 4.14): each is good once, and one that comes again says that two have it, so the
grant ends with every token of it. Only a client that may have lost the answer has a second chance: it is known, as it
proves who it is each time, the token was used a moment ago, and nobody used its successor, which ends in its place.
"""

import hmac
from dataclasses import dataclass, replace
from typing import Any

from scim_server.domain.errors import Forbidden, Refusal
from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import later
from scim_server.domain.oauth_clients import AccessToken, OAuthClient
from scim_server.domain.oauth_grants import IDLE_LIFE, GrantState, OAuthGrant, RefreshToken
from scim_server.domain.tenants import Tenant
from scim_server.services import access_tokens
from scim_server.services.access_tokens import Grant
from scim_server.services.credentials import Prefix, digest, new_text, read_credential
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.registering import client_called
from scim_server.services.retrying import retried


class BadGrant(Refusal):
    """A code or refresh token that gets the client nothing (RFC 6749 section 5.2, invalid_grant)."""


class BeyondGrant(Forbidden):
    """The client asks for more than was consented to."""


class OtherResource(BeyondGrant):
    """It asks for a token for a resource that was not consented to."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A client that proved who it is, the id of the secret that it did it with, and the id of its request."""

    tenant: Tenant
    client: OAuthClient
    secret_id: str | None
    request_id: str

    @property
    def cause(self) -> Cause:
        return Cause(f"client:{self.client.id}", self.request_id, "token endpoint")


@dataclass(frozen=True, slots=True)
class Renewed:
    """An access token, and the text of the refresh token that gets the next one."""

    token: AccessToken
    refresh_token: str


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """A grant as it is listed, with how it stands."""

    grant: OAuthGrant
    client: OAuthClient
    state: GrantState


@retried
def redeem(units: Units, holder: Holder, text: str, redirect_uri: str, verifier: str | None) -> Renewed:
    """The first tokens of an authorization code. Raises BadGrant; a code that comes again ends what came of it."""
    credential = read_credential(text)
    if credential is None or credential.prefix is not Prefix.CODE:
        raise _bad_code()
    with units.write(holder.tenant, holder.cause) as uow:
        grant = uow.oauth_grants.of_code(credential.token_id, credential.digest)
        known = grant is not None and hmac.compare_digest(grant.digest, credential.digest)
        if grant is None or not known or grant.client_id != holder.client.id:
            raise _bad_code()
        if grant.redeemed is None and (grant.redirect_uri != redirect_uri or not grant.is_proved_by(verifier)):
            raise BadGrant("The redirect_uri or the code_verifier is not that of the authorization request.")
        if grant.redeemed is None and grant.state(uow.now) is not GrantState.PENDING:
            raise _bad_code()
        if not uow.oauth_grants.redeem(grant.id, uow.now, later(uow.now, IDLE_LIFE)):
            raise _ended(uow, grant, "The authorization code was used before.")
        renewed = _renewed(uow, holder, grant, grant.scopes)
        uow.commit()
        return renewed


@retried
def refresh(units: Units, holder: Holder, text: str, scopes: frozenset[str] | None, resource: str | None) -> Renewed:
    """The next tokens of a grant; `scopes` may narrow the access token's.

    Raises BadGrant, after ending the grant where the token was used before, and BeyondGrant.
    """
    credential = read_credential(text)
    if credential is None or credential.prefix is not Prefix.REFRESH:
        raise _bad_token()
    with units.write(holder.tenant, holder.cause) as uow:
        token = uow.refresh_tokens.shown(credential.token_id, credential.digest)
        if token is None or not hmac.compare_digest(token.digest, credential.digest):
            raise _bad_token()
        if token.client_id != holder.client.id:
            raise _bad_token()
        grant = uow.oauth_grants.get(token.family)
        if grant is None or grant.state(uow.now) is not GrantState.LIVE or uow.now >= token.expires:
            raise _bad_token()
        wanted = _within(grant, scopes, resource)
        # From here on whoever else renews or ends the grant waits.
        uow.oauth_grants.prolong(grant.id, later(uow.now, IDLE_LIFE))
        _use(uow, grant, token)
        renewed = _renewed(uow, holder, grant, wanted)
        uow.commit()
        return renewed


@dataclass(frozen=True, slots=True)
class HeldRefreshToken:
    """A live refresh token with what it came of."""

    tenant: Tenant
    grant: OAuthGrant
    token: RefreshToken


def find_refresh_token(units: Units, text: str) -> HeldRefreshToken | None:
    """The live refresh token behind a text."""
    credential = read_credential(text)
    if credential is None or credential.prefix is not Prefix.REFRESH:
        return None
    with units.bearers(credential.tenant_id) as bearers:
        found, now = bearers.refresh_token(credential.token_id, credential.digest), bearers.now
    if found is None or not hmac.compare_digest(found[2].digest, credential.digest):
        return None
    held = HeldRefreshToken(*found)
    gone = held.token.used or held.token.revoked or now >= held.token.expires
    return None if gone or held.grant.state(now) is not GrantState.LIVE else held


def revoke_refresh_token(units: Units, held: HeldRefreshToken) -> None:
    """RFC 7009 section 2.1: with a refresh token goes all that came of the same consent."""
    with units.write(held.tenant, Cause(f"client:{held.grant.client_id}", "", "revocation endpoint")) as uow:
        end(uow, held.grant, "oauth_grant.revoked")
        uow.commit()


def grants(units: Units, tenant: Tenant, called: str) -> list[GrantEntry]:
    """What was consented to for a client, by its id or name, oldest first. Raises Missing."""
    with units.read(tenant) as uow:
        client = client_called(uow, called)
        found = uow.oauth_grants.of_client(client.id)
        return [GrantEntry(each, client, each.state(uow.now)) for each in found]


def revoke_grants(units: Units, tenant: Tenant, cause: Cause, called: str) -> list[GrantEntry]:
    """End all that was consented to for a client, by its id or name, at once; answers what was live until now.

    Raises Missing.
    """
    with units.write(tenant, cause) as uow:
        client = client_called(uow, called)
        live = [each for each in uow.oauth_grants.of_client(client.id) if each.state(uow.now) in _GOING_ON]
        ended = [each for each in live if end(uow, each, "oauth_grant.revoked")]
        uow.commit()
        return [GrantEntry(replace(each, revoked=uow.now), client, GrantState.REVOKED) for each in ended]


def end(uow: UnitOfWork, grant: OAuthGrant, action: str) -> bool:
    """End a grant and every token of it. Whether it was not revoked until now."""
    if not uow.oauth_grants.revoke(grant.id, uow.now):
        return False
    uow.refresh_tokens.revoke_family(grant.id, uow.now)
    uow.access_tokens.revoke_family(grant.id, uow.now)
    uow.record(Change("oauth_grant", grant.id, action, {"revoked": None}, {"revoked": uow.now}))
    return True


def facts_of(grant: OAuthGrant, client: OAuthClient) -> dict[str, Any]:
    """What the trail says of a grant."""
    return {
        "clientId": client.id,
        "client": client.name,
        "scopes": sorted(grant.scopes),
        "resource": grant.resource,
        "redirectUri": grant.redirect_uri,
        "approver": grant.approver,
        "created": grant.created,
    }


_GOING_ON = frozenset({GrantState.PENDING, GrantState.LIVE})


def _use(uow: UnitOfWork, grant: OAuthGrant, token: RefreshToken) -> None:
    """Use a token up, or see that it has its second chance. Raises BadGrant after ending the grant."""
    now_kept = uow.refresh_tokens.get(token.id)
    assert now_kept is not None, "nobody removes the tokens of a live grant"
    if now_kept.revoked is None and uow.refresh_tokens.use(token.id, uow.now):
        return
    if not now_kept.may_come_again(uow.refresh_tokens.after(token), uow.now):
        raise _ended(uow, grant, "The refresh token was used before.")
    uow.refresh_tokens.revoke_family(grant.id, uow.now)
    uow.access_tokens.revoke_family(grant.id, uow.now)


def _renewed(uow: UnitOfWork, holder: Holder, grant: OAuthGrant, scopes: frozenset[str]) -> Renewed:
    token_id, text = new_text(Prefix.REFRESH, holder.tenant.id)
    uow.refresh_tokens.add(
        RefreshToken(
            holder.tenant.id,
            token_id,
            holder.client.id,
            grant.id,
            digest(text),
            grant.scopes,
            grant.resource,
            uow.now,
            later(uow.now, IDLE_LIFE),
        )
    )
    issued = Grant(holder.client, scopes, grant.resource, holder.secret_id, grant.id)
    return Renewed(access_tokens.keep(uow, issued), text)


def _within(grant: OAuthGrant, scopes: frozenset[str] | None, resource: str | None) -> frozenset[str]:
    wanted = scopes or grant.scopes
    if not wanted <= grant.scopes:
        raise BeyondGrant("A scope is beyond what was consented to.")
    if resource is not None and resource != grant.resource:
        raise OtherResource("The resource is another than was consented to.")
    return wanted


def _ended(uow: UnitOfWork, grant: OAuthGrant, why: str) -> BadGrant:
    """End the grant of what came twice, for good, and say so."""
    end(uow, grant, "oauth_grant.replayed")
    uow.commit()
    return BadGrant(f"{why} Every token that came of it is revoked.")


def _bad_code() -> BadGrant:
    return BadGrant("The authorization code is unknown or expired, or another client's.")


def _bad_token() -> BadGrant:
    return BadGrant("The refresh token is unknown, expired or revoked, or another client's.")
