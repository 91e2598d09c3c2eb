"""RFC 6750: the bearer token of a request, over Authlib's resource protector, becomes tenant and connection or person.

Every rejection looks the same from outside, whether a token is malformed, unknown, expired or revoked.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6749 import MissingAuthorizationError, UnsupportedTokenTypeError
from authlib.oauth2.rfc6750 import BearerTokenValidator, InvalidTokenError

from scim_server.domain.directory import User
from scim_server.domain.tenants import Connection, Tenant
from scim_server.oauth.headers import LONGEST_HEADER, AuthorizationHeader, Unauthenticated
from scim_server.protocol.profiles import profile_of
from scim_server.services.credentials import Prefix, opens, read_credential
from scim_server.services.ports import Units

REALM = "scim"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token the request carries: a connection's, or a person's."""

    tenant: Tenant
    connection: Connection | None = None
    person: User | None = None

    @property
    def owner(self) -> tuple[str, str]:
        """What kind of owner the token has, in a word, and the owner's id."""
        if self.person is not None:
            return "person", self.person.id
        return "connection", self.connection.id if self.connection else ""


class Authenticator:
    """Authenticates requests against the tokens in the store."""

    def __init__(self, units: Units) -> None:
        self._protector = ResourceProtector()
        self._protector.register_token_validator(_StoredTokens(units))

    def authenticate(self, authorization: str | None) -> Bearer:
        """The bearer behind an Authorization header. Raises Unauthenticated.

        A token without the word Bearer opens only a tenant that takes such tokens; whether there is one shows
        nowhere else.
        """
        raw = authorization is not None and len(authorization.split(maxsplit=1)) == 1
        try:
            bearer = self._validated(f"Bearer {authorization}" if raw else authorization)
            if raw and not profile_of(bearer.tenant.profile, bearer.tenant.switched).raw_tokens:
                raise UnsupportedTokenTypeError
        except OAuth2Error as error:
            if raw or isinstance(error, MissingAuthorizationError | UnsupportedTokenTypeError):
                raise Unauthenticated(
                    "This server wants 'Authorization: Bearer TOKEN' with a token of one of its connections.",
                    f'Bearer realm="{REALM}"',
                ) from error
            raise Unauthenticated(
                "The bearer token is malformed, unknown, expired or revoked. Issue a new one for the connection.",
                f'Bearer realm="{REALM}", error="invalid_token"',
            ) from error
        return bearer

    def _validated(self, authorization: str | None) -> Bearer:
        if len(authorization or "") > LONGEST_HEADER:
            raise InvalidTokenError
        bearer = self._protector.validate_request(None, AuthorizationHeader.of(authorization))
        assert isinstance(bearer, Bearer)
        return bearer


class _StoredTokens(BearerTokenValidator):  # type: ignore[misc]
    """Looks a token up under its public id and compares digests in constant time."""

    def __init__(self, units: Units) -> None:
        super().__init__(realm=REALM)
        self._units = units

    def authenticate_token(self, token_string: str) -> Bearer | None:
        credential = read_credential(token_string.strip())
        if credential is None:
            return None
        of_person = credential.prefix is Prefix.PERSON
        with self._units.overview() as operator:
            look_up = operator.person if of_person else operator.bearer
            found = look_up(credential.tenant_id, credential.token_id)
            now = operator.now
        if found is None or not opens(found[2], credential, now):
            return None
        return _bearer(found[0], found[1])

    def validate_token(self, token: Bearer | None, scopes: Any, request: Any) -> None:
        del scopes, request
        if token is None:
            raise InvalidTokenError(realm=REALM)


def _bearer(tenant: Tenant, owner: Connection | User) -> Bearer | None:
    """A person who is suspended has no token that opens anything, from that moment on."""
    if isinstance(owner, Connection):
        return Bearer(tenant, connection=owner)
    return Bearer(tenant, person=owner) if owner.may_hold else None
