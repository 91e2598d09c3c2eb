"""Clients of the authorization server: registered, changed, revoked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scim_server.domain.errors import Forbidden, Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_oauth_client
from scim_server.domain.oauth_clients import TOKEN_SECONDS, ClientMethod, OAuthClient, check_client, expanded
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services.client_keys import public_set
from scim_server.services.credentials import new_public_id
from scim_server.services.expiring import settle_expiries
from scim_server.services.orphaned_streams import pause_streams_of
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.stream_owners import CLIENT, RECEIVES
from scim_server.services.tenancy import check_power, connection_called

ISSUES_TOKENS = "tokens.write"
"""What whoever gives a client scopes of the admin API must be permitted, besides those scopes."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A client and the name of its connection, if it has one."""

    client: OAuthClient
    connection: str | None


def register_client(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    name: str,
    *,
    scopes: Collection[str],
    connection: str | None = None,
    method: ClientMethod = ClientMethod.BASIC,
    redirect_uris: Collection[str] = (),
    jwks: Mapping[str, Any] | None = None,
    jwks_uri: str | None = None,
    token_seconds: int = TOKEN_SECONDS,
    dpop: bool = False,
    certificate_bound: bool = False,
    pkce: bool = True,
) -> Registration:
    """A new client, which acts as the connection of that name or id, or without one opens the admin API alone.

    Raises Invalid for what no client can be, Missing for an unknown connection, Taken where the name is in use,
    Forbidden for what is beyond whoever registers it.
    """
    with units.write(tenant, cause) as uow:
        owner = None if connection is None else connection_called(uow, connection)
        client = OAuthClient(
            tenant.id,
            new_public_id(tenant.id),
            None if owner is None else owner.id,
            name,
            method,
            expanded(scopes),
            uow.now,
            tuple(redirect_uris),
            None if jwks is None else public_set(jwks),
            jwks_uri,
            token_seconds,
            dpop,
            certificate_bound,
            pkce,
        )
        _check(uow, client)
        uow.oauth_clients.add(client)
        uow.record(Change("oauth_client", client.id, "oauth_client.created", None, of_oauth_client(client)))
        uow.commit()
        return Registration(client, None if owner is None else owner.name)


def registrations(units: Units, tenant: Tenant) -> list[Registration]:
    """Every client of the tenant by name, revoked ones too."""
    with units.read(tenant) as uow:
        names = {each.id: each.name for each in uow.connections.ever()}
        return [Registration(each, names.get(each.connection_id or "")) for each in uow.oauth_clients.all()]


def registration(units: Units, tenant: Tenant, called: str) -> Registration:
    """The client of that id, or else of that name; raises Missing."""
    with units.read(tenant) as uow:
        return _registration(uow, client_called(uow, called))


@retried
def edit_client(units: Units, tenant: Tenant, cause: Cause, called: str, **changes: Any) -> Registration:
    """Change a client; `changes` are parameters of `register_client` but its connection, and what is None stays.

    `jwks` and `jwks_uri` replace each other, and go where the method takes none. The streams of one that may receive no
    more are paused. Raises Missing, Invalid, Taken
    where the name is in use or the client is revoked, Forbidden where it may do more than whoever changes it, before
    or after.
    """
    with units.write(tenant, cause) as uow:
        before = live_client(uow, called)
        check_within_reach(uow, before)
        after = _changed(before, {name: value for name, value in changes.items() if value is not None})
        if after != before:
            _check(uow, after)
            if RECEIVES not in after.admin_scopes:
                pause_streams_of(uow, f"{CLIENT}{before.id}", before.admin_scopes)
            _save(uow, before, after, "oauth_client.changed")
            uow.commit()
        return _registration(uow, after)


@retried
def revoke_client(units: Units, tenant: Tenant, cause: Cause, called: str) -> Registration:
    """End a client at once, and with it every token that it has; its streams are paused. Raises Missing, Taken where it
    was revoked before."""
    with units.write(tenant, cause) as uow:
        after = end_client(uow, live_client(uow, called))
        settle_expiries(uow)
        uow.commit()
        return _registration(uow, after)


def end_client(uow: UnitOfWork, client: OAuthClient) -> OAuthClient:
    """The same in the caller's transaction, of one that is not revoked."""
    pause_streams_of(uow, f"{CLIENT}{client.id}", client.admin_scopes)
    revoked = replace(client, revoked=uow.now)
    _save(uow, client, revoked, "oauth_client.revoked")
    return revoked


def client_called(uow: UnitOfWork, called: str) -> OAuthClient:
    """The client of that id, or else of that name; raises Missing."""
    found = uow.oauth_clients.get(called) or uow.oauth_clients.named(called)
    if found is None:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no client '{called}'.")
    return found


def live_client(uow: UnitOfWork, called: str) -> OAuthClient:
    """The same, and it is not revoked. Raises Missing, Taken."""
    found = client_called(uow, called)
    if found.revoked is not None:
        raise Taken(f"Client '{found.name}' is revoked. Register a new one.")
    return found


def check_within_reach(uow: UnitOfWork, client: OAuthClient) -> None:
    """Raises Forbidden where the client may do more than whoever is about to let it."""
    connection = _connection(uow, client)
    if connection is not None:
        check_power(uow, connection)
    permits = uow.cause.permits
    wanted = client.admin_scopes | ({ISSUES_TOKENS} if client.admin_scopes else set())
    beyond = [] if permits is None else sorted(wanted.difference(permits))
    if beyond:
        raise Forbidden(f"The client needs '{beyond[0]}', which is beyond your own: it can do no more than you may.")


def _changed(before: OAuthClient, changes: dict[str, Any]) -> OAuthClient:
    if "scopes" in changes:
        changes["scopes"] = expanded(changes["scopes"])
    if "redirect_uris" in changes:
        changes["redirect_uris"] = tuple(changes["redirect_uris"])
    if "jwks" in changes:
        changes["jwks"] = public_set(changes["jwks"])
    keyless = changes.get("method", before.method) is not ClientMethod.PRIVATE_KEY_JWT
    if keyless or "jwks_uri" in changes:
        changes.setdefault("jwks", None)
    if keyless or "jwks" in changes:
        changes.setdefault("jwks_uri", None)
    return replace(before, **changes)


def _check(uow: UnitOfWork, client: OAuthClient) -> None:
    check_client(client)
    check_within_reach(uow, client)


def _save(uow: UnitOfWork, before: OAuthClient, after: OAuthClient, action: str) -> None:
    then, now = of_oauth_client(before), of_oauth_client(after)
    differing = [name for name in now if then[name] != now[name]]
    old, new = ({name: facts[name] for name in differing} for facts in (then, now))
    uow.oauth_clients.save(after)
    uow.record(Change("oauth_client", after.id, action, old, new))


def _registration(uow: UnitOfWork, client: OAuthClient) -> Registration:
    connection = _connection(uow, client)
    return Registration(client, None if connection is None else connection.name)


def _connection(uow: UnitOfWork, client: OAuthClient) -> Connection | None:
    """By its id and nothing else: somebody may have called another connection so."""
    return next((each for each in uow.connections.ever() if each.id == client.connection_id), None)
