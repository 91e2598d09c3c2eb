"""Whoever calls the admin API: a tenant's token, the operator's, a person's, or an OAuth client's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from authlib.oauth2 import OAuth2Error

from scim_server.domain.directory import User
from scim_server.domain.tenants import ApiToken, Tenant
from scim_server.oauth.doors import Check, Door, Reader, Uses, stored
from scim_server.oauth.presented import Presented
from scim_server.oauth.schemes import UNTOLD, NoToken, Shown
from scim_server.services.credentials import Credential, Prefix, opens
from scim_server.services.ports import Bearers, Units

REALM = "api"
MISSING = (
    "The admin API wants 'Authorization: Bearer TOKEN' with a token of its own: "
    "`scim-server token issue TENANT --api NAME` makes one."
)
WRONG = "The bearer token is malformed, unknown, expired or revoked, or opens no admin API."
OWN = frozenset({"me"})
"""What a person's own token permits: to see themselves."""


@dataclass(frozen=True, slots=True)
class ApiBearer:
    """Whose token the request carries, and what it permits. Without a tenant it is the operator's.

    `client_id` is of the client that an access token was issued to; `binding` is what that one is bound to.
    """

    token_id: str
    scopes: frozenset[str]
    tenant: Tenant | None = None
    person: User | None = None
    client_id: str | None = None
    binding: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """Who acts, as the audit trail writes it."""
        if self.client_id is not None:
            return f"client:{self.client_id}"
        if self.person is not None:
            return f"person:{self.person.id}"
        return f"{'operator' if self.tenant is None else 'api'}:{self.token_id}"


class ApiAuthenticator:
    """Lets calls in by the tokens that `readers` know, as far as `checks` have nothing against them."""

    def __init__(
        self, public_url: str, readers: Sequence[Reader[ApiBearer]], checks: Sequence[Check[ApiBearer]] = ()
    ) -> None:
        self._door = Door(REALM, public_url, readers, [_check_scheme, *checks])

    def authenticate(self, presented: Presented) -> ApiBearer:
        """The bearer behind what is presented. Raises Unauthenticated, AmbiguousCredentials."""
        try:
            return self._door.bearer(presented)
        except (NoToken, OAuth2Error) as error:
            raise self._door.refusal(presented, error, MISSING, WRONG) from error


def _check_scheme(_presented: Presented, shown: Shown, _bearer: ApiBearer) -> None:
    """Raises NoToken: no token of the admin API comes in a way that connections alone may take."""
    if shown.scheme in UNTOLD:
        raise NoToken


def stored_callers(units: Units, used: Uses) -> Reader[ApiBearer]:
    """Knows the tokens of the admin API and of people."""
    return stored(units, _bearer, used)


def _bearer(bearers: Bearers, credential: Credential) -> ApiBearer | None:
    match credential.prefix:
        case Prefix.API:
            found = bearers.program(credential.token_id, credential.digest)
            return None if found is None else _of_token(bearers, credential, found[1], found[0])
        case Prefix.OPERATOR:
            token = bearers.operator(credential.token_id, credential.digest)
            return None if token is None else _of_token(bearers, credential, token, None)
        case Prefix.PERSON:
            return _of_person(bearers, credential)
    return None


def _of_token(bearers: Bearers, credential: Credential, token: ApiToken, tenant: Tenant | None) -> ApiBearer | None:
    if not opens(token, credential, bearers.now):
        return None
    return ApiBearer(token.id, token.scopes, tenant)


def _of_person(bearers: Bearers, credential: Credential) -> ApiBearer | None:
    """A person who is suspended has no token that opens anything, from that moment on."""
    found = bearers.person(credential.token_id, credential.digest)
    if found is None or not opens(found[2], credential, bearers.now) or not found[1].may_hold:
        return None
    return ApiBearer(found[2].id, OWN, found[0], found[1])
