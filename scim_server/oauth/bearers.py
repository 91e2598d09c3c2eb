"""RFC 6750: the token of a SCIM request becomes tenant and connection or person.

Every rejection looks the same from outside, whether a token is malformed, unknown, expired or revoked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from authlib.oauth2 import OAuth2Error

from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import SCIM_SCOPES, Connection, PersonToken, Tenant, Token
from scim_server.oauth.doors import Check, Door, Reader, Uses, stored
from scim_server.oauth.memories import Memory
from scim_server.oauth.presented import Presented
from scim_server.oauth.schemes import NoToken, Scheme, Shown, takes
from scim_server.services.credentials import Credential, Prefix, opens
from scim_server.services.ports import Bearers, Units

REALM = "scim"
SCHEMES = (Scheme.BEARER, Scheme.DPOP, Scheme.BASIC)
MISSING = "This server wants 'Authorization: Bearer TOKEN' with a token of one of its connections."
WRONG = (
    "The bearer token is malformed, unknown, expired or revoked, or its issuer's keys are out of reach. "
    "Issue a new one for the connection, or have its issuer do so."
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token the request carries, a connection's or a person's, and what it is good for.

    `binding` is what the token is bound to, as its `cnf` claim has it (RFC 7800 section 3.1). `until` is when a token
    expires that a read may be let in by from memory: a person's is not, whose suspension holds at once.
    """

    tenant: Tenant
    connection: Connection | None = None
    person: User | None = None
    token_id: str = ""
    scopes: frozenset[str] = SCIM_SCOPES
    binding: Mapping[str, str] = field(default_factory=dict)
    until: Instant | None = None

    @property
    def owner(self) -> tuple[str, str]:
        """What kind of owner the token has, in a word, and the owner's id."""
        if self.person is not None:
            return "person", self.person.id
        return "connection", self.connection.id if self.connection else ""


class Authenticator:
    """Lets requests in by the tokens that `readers` know, as far as `checks` have nothing against them."""

    def __init__(
        self, public_url: str, readers: Sequence[Reader[Bearer]], checks: Sequence[Check[Bearer]] = ()
    ) -> None:
        self._door = Door(REALM, public_url, readers, [_check_scheme, *checks], SCHEMES)

    def authenticate(self, presented: Presented) -> Bearer:
        """The bearer behind what is presented. Raises Unauthenticated, AmbiguousCredentials.

        A token by HTTP Basic, or alone, opens only a connection that takes such tokens; whether there is one shows
        nowhere else.
        """
        try:
            return self._door.bearer(presented)
        except (NoToken, OAuth2Error) as error:
            raise self._door.refusal(presented, error, MISSING, WRONG) from error


def _check_scheme(_presented: Presented, shown: Shown, bearer: Bearer) -> None:
    """Raises NoToken where the connection does not take its tokens so."""
    if not takes(bearer.connection, shown):
        raise NoToken


def stored_bearers(units: Units, used: Uses, memory: Memory[Bearer]) -> Reader[Bearer]:
    """Knows the tokens of connections and people."""
    return stored(units, _bearer, used, memory)


def _bearer(bearers: Bearers, credential: Credential) -> Bearer | None:
    look_up = bearers.person if credential.prefix is Prefix.PERSON else bearers.connection
    found = look_up(credential.token_id, credential.digest)
    if found is None or not opens(found[2], credential, bearers.now):
        return None
    return _owned(*found)


def _owned(tenant: Tenant, owner: Connection | User, token: Token | PersonToken) -> Bearer | None:
    """A person who is suspended has no token that opens anything, from that moment on."""
    if isinstance(token, Token):
        assert isinstance(owner, Connection)
        return Bearer(tenant, connection=owner, token_id=token.id, scopes=token.scopes, until=token.expires)
    assert isinstance(owner, User)
    return Bearer(tenant, person=owner, token_id=token.id) if owner.may_hold else None
