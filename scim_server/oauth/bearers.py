"""RFC 6750: the token of a request becomes tenant and connection or person.

Every rejection looks the same from outside, whether a token is malformed, unknown, expired or revoked.
"""

from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error

from scim_server.domain.directory import User
from scim_server.domain.tenants import SCIM_SCOPES, Connection, PersonToken, Tenant, Token
from scim_server.oauth.foreign_tokens import ForeignTokens
from scim_server.oauth.headers import Unauthenticated
from scim_server.oauth.jwts import BadJwt, looks_like_jwt
from scim_server.oauth.presented import Presented
from scim_server.oauth.schemes import NoToken, Scheme, WrongToken, read_shown, takes
from scim_server.oauth.stored_tokens import StoredTokens
from scim_server.services.credentials import Credential, Prefix, opens
from scim_server.services.ports import Operator, Units

REALM = "scim"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token the request carries, a connection's or a person's, and what it is good for."""

    tenant: Tenant
    connection: Connection | None = None
    person: User | None = None
    token_id: str = ""
    scopes: frozenset[str] = SCIM_SCOPES

    @property
    def owner(self) -> tuple[str, str]:
        """What kind of owner the token has, in a word, and the owner's id."""
        if self.person is not None:
            return "person", self.person.id
        return "connection", self.connection.id if self.connection else ""


class Authenticator:
    """Authenticates requests against the tokens in the store, and those of issuers that connections trust."""

    def __init__(self, units: Units, foreign: ForeignTokens) -> None:
        self._tokens = StoredTokens(REALM, units, _bearer)
        self._foreign = foreign

    def authenticate(self, presented: Presented) -> Bearer:
        """The bearer behind what is presented. Raises Unauthenticated.

        A token by HTTP Basic, or alone, opens only a connection that takes such tokens; whether there is one shows
        nowhere else.
        """
        try:
            shown = read_shown(presented.authorization)
            try:
                bearer = self._bearer(shown.token, presented)
            except (OAuth2Error, BadJwt) as error:
                raise (WrongToken if shown.scheme is Scheme.BEARER else NoToken) from error
            if not takes(bearer.connection, shown):
                raise NoToken
        except NoToken as error:
            raise Unauthenticated(
                "This server wants 'Authorization: Bearer TOKEN' with a token of one of its connections.",
                f'Bearer realm="{REALM}"',
            ) from error
        except WrongToken as error:
            raise Unauthenticated(
                "The bearer token is malformed, unknown, expired or revoked, or its issuer's keys are out of reach. "
                "Issue a new one for the connection, or have its issuer do so.",
                f'Bearer realm="{REALM}", error="invalid_token"',
            ) from error
        return bearer

    def _bearer(self, token: str, presented: Presented) -> Bearer:
        """Raises OAuth2Error, BadJwt."""
        if not looks_like_jwt(token):
            return self._tokens.bearer(f"Bearer {token}")
        matched = self._foreign.at_door(token, presented.slug)
        return Bearer(matched.tenant, connection=matched.connection, scopes=matched.issuer.scopes)


def _bearer(operator: Operator, credential: Credential) -> Bearer | None:
    look_up = operator.person if credential.prefix is Prefix.PERSON else operator.bearer
    found = look_up(credential.tenant_id, credential.token_id)
    if found is None or not opens(found[2], credential, operator.now):
        return None
    return _owned(*found)


def _owned(tenant: Tenant, owner: Connection | User, token: Token | PersonToken) -> Bearer | None:
    """A person who is suspended has no token that opens anything, from that moment on."""
    if isinstance(token, Token):
        assert isinstance(owner, Connection)
        return Bearer(tenant, connection=owner, token_id=token.id, scopes=token.scopes)
    assert isinstance(owner, User)
    return Bearer(tenant, person=owner, token_id=token.id) if owner.may_hold else None
