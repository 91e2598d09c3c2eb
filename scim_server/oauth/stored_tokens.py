"""RFC 6750 over Authlib's resource protector: a bearer token of this server's own becomes whoever stands behind it."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from authlib.oauth2 import ResourceProtector
from authlib.oauth2.rfc6750 import BearerTokenValidator, InvalidTokenError

from scim_server.domain.instants import Instant
from scim_server.oauth.headers import LONGEST_HEADER, AuthorizationHeader
from scim_server.services.credentials import Credential, read_credential
from scim_server.services.ports import Operator, Units

T = TypeVar("T")
Uses = Callable[[Credential, Instant], None]
"""Told of each token that opens something, and when."""


class StoredTokens(Generic[T]):
    """Tokens of one realm. `find` looks a credential up under its public id and compares digests in constant time."""

    def __init__(self, realm: str, units: Units, find: Callable[[Operator, Credential], T | None], used: Uses) -> None:
        self._protector = ResourceProtector()
        self._protector.register_token_validator(_Validator(realm, units, find, used))

    def bearer(self, authorization: str | None) -> T:
        """Whoever stands behind an Authorization header. Raises OAuth2Error."""
        if len(authorization or "") > LONGEST_HEADER:
            raise InvalidTokenError
        found: T = self._protector.validate_request(None, AuthorizationHeader.of(authorization))
        return found


class _Validator(BearerTokenValidator):  # type: ignore[misc]
    def __init__(self, realm: str, units: Units, find: Callable[[Operator, Credential], Any], used: Uses) -> None:
        super().__init__(realm=realm)
        self._units, self._find, self._used = units, find, used

    def authenticate_token(self, token_string: str) -> Any:
        credential = read_credential(token_string.strip())
        if credential is None:
            return None
        with self._units.overview() as operator:
            found, now = self._find(operator, credential), operator.now
        if found is not None:
            self._used(credential, now)
        return found

    def validate_token(self, token: Any, scopes: Any, request: Any) -> None:
        del scopes, request
        if token is None:
            raise InvalidTokenError(realm=self.realm)
