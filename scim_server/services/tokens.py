"""Tokens of every kind: listed, and ended."""

from dataclasses import asdict, replace

from scim_server.domain.errors import Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.actors import OPERATOR
from scim_server.services.credentials import TENANT_ID_LENGTH
from scim_server.services.expiring import settle_expiries
from scim_server.services.orphaned_streams import pause_streams_above, pause_streams_of
from scim_server.services.ports import Units
from scim_server.services.retrying import retried
from scim_server.services.stream_owners import PROGRAM, RECEIVES
from scim_server.services.tenancy import connection_called
from scim_server.services.token_entries import IssuedToken, SoughtTokens, TokenEntry, TokenKind


def tokens(units: Units, sought: SoughtTokens) -> list[TokenEntry]:
    """The tokens that are sought, oldest first."""
    found = []
    for part in units.parts():
        with part.overview() as operator:
            found += operator.token_entries(sought)
    return sorted(found, key=lambda entry: entry.key)[: sought.most]


def tokens_of_connection(units: Units, tenant: Tenant, name: str, sought: SoughtTokens) -> list[TokenEntry]:
    """Those of one connection, by its name or id; raises Missing."""
    with units.read(tenant) as uow:
        owner = connection_called(uow, name)
    kinds = (TokenKind.CONNECTION,)
    return tokens(units, replace(sought, kinds=kinds, tenant_id=tenant.id, connection_id=owner.id))


def tokens_of_person(units: Units, tenant: Tenant, user_name: str, sought: SoughtTokens) -> list[TokenEntry]:
    """Those of one person, by name or id; raises Missing."""
    with units.read(tenant) as uow:
        owner = naming.person(uow, user_name)
    kinds = (TokenKind.PERSON,)
    return tokens(units, replace(sought, kinds=kinds, tenant_id=tenant.id, user_id=owner.id))


def issued(units: Units, kind: TokenKind, token_id: str, text: str, address: str) -> IssuedToken:
    """What is shown of a token that was just issued; it is sent to that address."""
    (entry,) = tokens(units, SoughtTokens((kind,), token_id=token_id))
    return IssuedToken(**asdict(entry), text=text, base_address=address)


@retried
def revoke_token(units: Units, cause: Cause, token_id: str, tenant: Tenant | None = None) -> None:
    """End a token at once, of a connection, a person or the admin API; within `tenant`, or of whichever tenant. Streams
    of whoever had it are paused.

    Raises Missing where there is none, Taken where it was revoked before.
    """
    with units.overview(token_id[:TENANT_ID_LENGTH]) as operator:
        owner = operator.tenant_of_token(token_id)
    if owner is None or (tenant is not None and owner.id != tenant.id):
        raise _no_token(token_id)
    with units.write(owner, cause) as uow:
        program = next((each for each in uow.api_tokens.all() if each.id == token_id), None)
        if program is not None:
            pause_streams_of(uow, f"{PROGRAM}{token_id}", program.scopes)
        registers = (uow.connections.revoke_token, uow.person_tokens.revoke, uow.api_tokens.revoke)
        if not any(revoke(token_id, uow.now) for revoke in registers):
            raise _revoked(token_id)
        uow.record(Change("token", token_id, "token.revoked", {"revoked": None}, {"revoked": uow.now}))
        settle_expiries(uow)
        uow.commit()


def revoke_connections_token(units: Units, tenant: Tenant, cause: Cause, name: str, token_id: str) -> None:
    """The same for a token of that connection and for no other. Raises Missing, Taken."""
    if not tokens_of_connection(units, tenant, name, SoughtTokens(token_id=token_id)):
        raise _no_token(token_id)
    revoke_token(units, cause, token_id, tenant)


def revoke_operators_token(units: Units, cause: Cause, token_id: str) -> None:
    """The same for a token of the operator's. Raises Missing, Taken."""
    with units.operator() as operator:
        token = operator.api_token(token_id)
        if token is None:
            raise _no_token(token_id)
        if not operator.revoke_api_token(token_id):
            raise _revoked(token_id)
        operator.commit()
    if RECEIVES in token.scopes:
        pause_streams_above(units, cause, f"{OPERATOR}{token_id}")


def revoke_any_token(units: Units, cause: Cause, token_id: str) -> None:
    """The same for a token of whatever kind. Raises Missing, Taken."""
    with units.overview() as operator:
        operators = operator.api_token(token_id) is not None
    if operators:
        revoke_operators_token(units, cause, token_id)
    else:
        revoke_token(units, cause, token_id)


def _no_token(token_id: str) -> Missing:
    return Missing(f"There is no token '{token_id}'. `scim-server token list` shows all.")


def _revoked(token_id: str) -> Taken:
    return Taken(f"Token '{token_id}' is revoked already.")
