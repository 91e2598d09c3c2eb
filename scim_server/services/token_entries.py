"""Tokens of every kind as one list: whose each is, and how it stands."""

from dataclasses import dataclass
from enum import StrEnum

from scim_server.domain.directory import User
from scim_server.domain.expiries import warning_of
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.services.credentials import Prefix


class TokenKind(StrEnum):
    """Whose a token is."""

    CONNECTION = "connection"
    PERSON = "person"
    API = "api"
    OPERATOR = "operator"


LIVE = "live"
OF_TENANTS = (TokenKind.CONNECTION, TokenKind.PERSON, TokenKind.API)


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token without its secret. `tenant` is a slug, None for the operator's; `connection` and `user` are names.

    `state` is live, revoked, expired or suspended: a person's token opens nothing while the person is. `last_used` is
    known to the minute, `warning` says that a live one is about to expire.
    """

    kind: TokenKind
    id: str
    tenant: str | None
    connection: str | None
    user: str | None
    name: str | None
    scopes: tuple[str, ...]
    state: str
    created: Instant
    expires: Instant
    revoked: Instant | None
    last_used: Instant | None
    warning: str | None

    @property
    def key(self) -> tuple[Instant, str]:
        """Its place in lists, which have the oldest first."""
        return self.created, self.id

    @classmethod
    def of_connection(cls, tenant: Tenant, owner: Connection, token: Token, now: Instant) -> "TokenEntry":
        scopes = tuple(sorted(token.scopes))
        return _entry(TokenKind.CONNECTION, token, now, tenant, connection=owner.name, scopes=scopes)

    @classmethod
    def of_person(cls, tenant: Tenant, owner: User, token: PersonToken, now: Instant) -> "TokenEntry":
        return _entry(TokenKind.PERSON, token, now, tenant, user=owner)

    @classmethod
    def of_api(cls, tenant: Tenant | None, token: ApiToken, now: Instant) -> "TokenEntry":
        kind = TokenKind.OPERATOR if tenant is None else TokenKind.API
        return _entry(kind, token, now, tenant, name=token.name, scopes=tuple(sorted(token.scopes)))


@dataclass(frozen=True, slots=True)
class SoughtTokens:
    """Which tokens of which tenant, or of all, are sought; at most `most`, behind the one with the key `after`.

    `connection_id`, `user_id` and `token_id` narrow them down to those of one connection or person, or to one.
    """

    kinds: tuple[TokenKind, ...] = tuple(TokenKind)
    tenant_id: str | None = None
    connection_id: str | None = None
    user_id: str | None = None
    token_id: str | None = None
    after: tuple[Instant, str] | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A token, by whose it is, its tenant and its id, and when it was used."""

    prefix: Prefix
    tenant_id: str
    token_id: str
    at: Instant


@dataclass(frozen=True, slots=True)
class IssuedToken(TokenEntry):
    """A token that was just issued, with the text that nobody can see again, and where it is sent."""

    text: str
    base_address: str


def _entry(
    kind: TokenKind,
    token: Token | PersonToken | ApiToken,
    now: Instant,
    tenant: Tenant | None,
    *,
    connection: str | None = None,
    user: User | None = None,
    name: str | None = None,
    scopes: tuple[str, ...] = (),
) -> TokenEntry:
    state = _state(token, now, suspended=user is not None and not user.may_hold)
    return TokenEntry(
        kind,
        token.id,
        tenant.slug if tenant else None,
        connection,
        user.user_name if user else None,
        name,
        scopes,
        state,
        token.created,
        token.expires,
        token.revoked,
        token.last_used,
        warning_of(token.created, token.expires, now) if state == LIVE else None,
    )


def _state(token: Token | PersonToken | ApiToken, now: Instant, *, suspended: bool) -> str:
    if token.revoked is not None:
        return "revoked"
    if not token.is_live(now):
        return "expired"
    return "suspended" if suspended else LIVE
