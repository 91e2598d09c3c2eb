"""Rotating the token of a connection: a new one beside the one in use, so that no request of the client fails."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import SCIM_SCOPES, Tenant, Token
from scim_server.services import tenancy, tokens
from scim_server.services.credentials import check_life
from scim_server.services.expiring import settle_expiries
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.token_entries import IssuedToken, TokenKind

USUAL_OVERLAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RotatedToken(IssuedToken):
    """A token that was issued in place of another, `replaces`, which opens the tenant until `change_over_until`.

    Both are None where no token was live. `ended` are the ids of others, which open nothing any more.
    """

    replaces: str | None
    change_over_until: Instant | None
    ended: tuple[str, ...]


def rotate_token(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    connection_name: str,
    life: timedelta,
    overlap: timedelta,
    address: str,
) -> RotatedToken:
    """Issue a token with the scopes of the one in use, which lives on for the overlap and no longer; end any other.

    The one in use is the one that was used last, or else the newest: a client that never changed over to the last one
    issued is not cut off. Raises Missing, Invalid, Forbidden as issuing one does.
    """
    check_life(life)
    check_life(overlap)
    token, text, used, until, others = _rotate(units, tenant, cause, connection_name, life, overlap)
    return RotatedToken(
        **asdict(tokens.issued(units, TokenKind.CONNECTION, token.id, text, address)),
        replaces=used,
        change_over_until=until,
        ended=others,
    )


@retried
def _rotate(
    units: Units, tenant: Tenant, cause: Cause, connection_name: str, life: timedelta, overlap: timedelta
) -> tuple[Token, str, str | None, Instant | None, tuple[str, ...]]:
    """The new token with its text, the id of the one in use and until when it lives, and the ids of those ended."""
    with units.write(tenant, cause) as uow:
        connection = tenancy.connection_called(uow, connection_name)
        live = tenancy.live_tokens(uow, connection)
        used = max(live, key=lambda token: (token.last_used or "", token.created), default=None)
        others = [token for token in live if token is not used]
        for token in others:
            end_token(uow, token)
        until = None if used is None else _shorten(uow, used, later(uow.now, overlap))
        scopes = SCIM_SCOPES if used is None else used.scopes
        token, text = tenancy.new_token(uow, connection, scopes, life)
        settle_expiries(uow)
        uow.commit()
        return token, text, None if used is None else used.id, until, tuple(each.id for each in others)


def end_token(uow: UnitOfWork, token: Token) -> None:
    """Revoke a token of a connection in the caller's transaction."""
    uow.connections.revoke_token(token.id, uow.now)
    uow.record(Change("token", token.id, "token.revoked", {"revoked": None}, {"revoked": uow.now}))


def _shorten(uow: UnitOfWork, token: Token, until: Instant) -> Instant:
    """Let the token live until then, or as long as it would have lived if that is less; answers until when."""
    if token.expires <= until:
        return token.expires
    uow.connections.shorten_token(token.id, until)
    uow.record(Change("token", token.id, "token.shortened", {"expires": token.expires}, {"expires": until}))
    return until
