"""Owners of streams who are let in no more: they are revoked, or what let them in has expired.

Who could not receive, such as an admin's program that set up a stream for others, does not take it along; nor does a
person, whose tokens open no stream.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from scim_server.domain.instants import Instant, later
from scim_server.domain.oauth_clients import ClientSecret, OAuthClient
from scim_server.domain.tenants import ApiToken, Tenant
from scim_server.services.actors import OPERATOR
from scim_server.services.ports import Owned, UnitOfWork, Units
from scim_server.services.stream_owners import CLIENT, PROGRAM, RECEIVES

REVOKED, EXPIRED = "owner_revoked", "owner_expired"


def endings(units: Units, tenant: Tenant, owners: Collection[str]) -> dict[str, str]:
    """Of those owners the ones who are let in no more, with why."""
    above = operators_endings(units, owners)
    with units.read(tenant) as uow:
        return above | endings_within(uow, owners)


def operators_endings(units: Units, owners: Collection[str]) -> dict[str, str]:
    """The same of the operator's tokens among them."""
    ids = [each.removeprefix(OPERATOR) for each in owners if each.startswith(OPERATOR)]
    if not ids:
        return {}
    with units.overview() as operator:
        found = (operator.api_token(each) for each in ids)
        return _reasons(OPERATOR, [each for each in found if each is not None], operator.now)


def endings_within(uow: UnitOfWork, owners: Collection[str]) -> dict[str, str]:
    """The same of the tenant's own tokens and clients among them."""
    found: dict[str, str] = {}
    if any(each.startswith(PROGRAM) for each in owners):
        found |= _reasons(PROGRAM, uow.api_tokens.all(), uow.now)
    if any(each.startswith(CLIENT) for each in owners):
        found |= _reasons_of_clients(uow)
    return {owner: why for owner, why in found.items() if owner in owners}


def ending_of(owned: Owned, now: Instant) -> str | None:
    """Why the owner of a stream, one of the tenant's own, is let in no more; None where they are, or are none."""
    if owned.token is not None:
        return _tokens_ending(owned.token, now)
    return None if owned.client is None else _clients_ending(owned.client, owned.secrets, now)


def _reasons(prefix: str, tokens: Sequence[ApiToken], now: Instant) -> dict[str, str]:
    found = {f"{prefix}{each.id}": _tokens_ending(each, now) for each in tokens}
    return {owner: why for owner, why in found.items() if why is not None}


def _tokens_ending(token: ApiToken, now: Instant) -> str | None:
    if RECEIVES not in token.scopes or token.is_live(now):
        return None
    return EXPIRED if token.revoked is None else REVOKED


def _reasons_of_clients(uow: UnitOfWork) -> dict[str, str]:
    secrets: dict[str, list[ClientSecret]] = {}
    for secret in uow.oauth_clients.all_secrets():
        secrets.setdefault(secret.client_id, []).append(secret)
    clients = uow.oauth_clients.all()
    found = {f"{CLIENT}{each.id}": _clients_ending(each, secrets.get(each.id, ()), uow.now) for each in clients}
    return {owner: why for owner, why in found.items() if why is not None}


def _clients_ending(client: OAuthClient, secrets: Sequence[ClientSecret], now: Instant) -> str | None:
    """A client ends with its last secret and what access token it had by that; one that has yet to get its first has
    not begun."""
    if RECEIVES not in client.admin_scopes:
        return None
    if client.revoked is not None:
        return REVOKED
    if not client.has_secrets or not secrets:
        return None
    last = max(secrets, key=_end)
    if now < later(_end(last), timedelta(seconds=client.token_seconds)):
        return None
    return EXPIRED if last.revoked is None else REVOKED


def _end(secret: ClientSecret) -> Instant:
    return secret.expires if secret.revoked is None else min(secret.expires, secret.revoked)
