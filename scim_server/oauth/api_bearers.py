"""Whoever calls the admin API: a tenant's token, the operator's, or a person's, over Authlib's resource protector."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6749 import MissingAuthorizationError, UnsupportedTokenTypeError
from authlib.oauth2.rfc6750 import BearerTokenValidator, InvalidTokenError

from scim_server.domain.directory import User
from scim_server.domain.tenants import ApiToken, Tenant
from scim_server.oauth.headers import LONGEST_HEADER, AuthorizationHeader, Unauthenticated
from scim_server.services.credentials import Credential, Prefix, opens, read_credential
from scim_server.services.ports import Operator, Units

REALM = "api"
OWN = frozenset({"me"})
"""What a person's own token permits: to see themselves."""


@dataclass(frozen=True, slots=True)
class ApiBearer:
    """Whose token the request carries, and what it permits. Without a tenant it is the operator's."""

    token_id: str
    scopes: frozenset[str]
    tenant: Tenant | None = None
    person: User | None = None

    @property
    def actor(self) -> str:
        """Who acts, as the audit trail writes it."""
        if self.person is not None:
            return f"person:{self.person.id}"
        return f"{'operator' if self.tenant is None else 'api'}:{self.token_id}"


class ApiAuthenticator:
    """Authenticates calls against the tokens in the store."""

    def __init__(self, units: Units) -> None:
        self._protector = ResourceProtector()
        self._protector.register_token_validator(_StoredTokens(units))

    def authenticate(self, authorization: str | None) -> ApiBearer:
        """The bearer behind an Authorization header. Raises Unauthenticated."""
        try:
            if len(authorization or "") > LONGEST_HEADER:
                raise InvalidTokenError
            bearer = self._protector.validate_request(None, AuthorizationHeader.of(authorization))
        except (MissingAuthorizationError, UnsupportedTokenTypeError) as error:
            raise Unauthenticated(
                "The admin API wants 'Authorization: Bearer TOKEN' with a token of its own: "
                "`scim-server token issue TENANT --api NAME` makes one.",
                f'Bearer realm="{REALM}"',
            ) from error
        except OAuth2Error as error:
            raise Unauthenticated(
                "The bearer token is malformed, unknown, expired or revoked, or opens no admin API.",
                f'Bearer realm="{REALM}", error="invalid_token"',
            ) from error
        assert isinstance(bearer, ApiBearer)
        return bearer


class _StoredTokens(BearerTokenValidator):  # type: ignore[misc]
    """Looks a token up under its public id and compares digests in constant time."""

    def __init__(self, units: Units) -> None:
        super().__init__(realm=REALM)
        self._units = units

    def authenticate_token(self, token_string: str) -> ApiBearer | None:
        credential = read_credential(token_string.strip())
        if credential is None:
            return None
        with self._units.overview() as operator:
            return _bearer(operator, credential)

    def validate_token(self, token: ApiBearer | None, scopes: Any, request: Any) -> None:
        del scopes, request
        if token is None:
            raise InvalidTokenError(realm=REALM)


def _bearer(operator: Operator, credential: Credential) -> ApiBearer | None:
    match credential.prefix:
        case Prefix.API:
            found = operator.api_bearer(credential.tenant_id, credential.token_id)
            return None if found is None else _of_token(operator, credential, found[1], found[0])
        case Prefix.OPERATOR:
            token = operator.api_token(credential.token_id)
            return None if token is None else _of_token(operator, credential, token, None)
        case Prefix.PERSON:
            return _of_person(operator, credential)
    return None


def _of_token(operator: Operator, credential: Credential, token: ApiToken, tenant: Tenant | None) -> ApiBearer | None:
    if not opens(token, credential, operator.now):
        return None
    return ApiBearer(token.id, token.scopes, tenant)


def _of_person(operator: Operator, credential: Credential) -> ApiBearer | None:
    """A person who is suspended has no token that opens anything, from that moment on."""
    found = operator.person(credential.tenant_id, credential.token_id)
    if found is None or not opens(found[2], credential, operator.now) or not found[1].may_hold:
        return None
    return ApiBearer(found[2].id, OWN, found[0], found[1])
