"""RFC 6750 over Authlib's resource protector: the credential in front of a service becomes whoever stands behind it.

Each kind of token has a reader; the first that knows a token decides. What every bearer is then held to, such as what
a token is bound to, are checks.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from authlib.oauth2 import ResourceProtector
from authlib.oauth2.rfc6749 import TokenValidator
from authlib.oauth2.rfc6750 import InvalidTokenError

from scim_server.domain.instants import Instant
from scim_server.oauth.challenges import challenge
from scim_server.oauth.headers import LONGEST_HEADER, AmbiguousCredentials, AuthorizationHeader
from scim_server.oauth.presented import Presented
from scim_server.services.credentials import Credential, read_credential
from scim_server.services.ports import Operator, Units

T = TypeVar("T")

Reader = Callable[[str, Presented], T | None]
"""Whoever stands behind a token of one kind; None for any other, before any look-up where the text tells."""
Check = Callable[[Presented, T], None]
"""What a bearer is held to. Raises Unauthenticated, or OAuth2Error as for any bad token."""

Uses = Callable[[Credential, Instant], None]
"""Told of each token that opens something, and when."""

SCHEMES = ("bearer",)
"""The words that may stand before a token, in any case."""


class Door(Generic[T]):
    """The way into the service of one realm."""

    def __init__(
        self, realm: str, public_url: str, readers: Sequence[Reader[T]], checks: Sequence[Check[T]] = ()
    ) -> None:
        self._realm, self._public_url = realm, public_url
        self._readers, self._checks = tuple(readers), tuple(checks)
        self._protector = ResourceProtector()
        for scheme in SCHEMES:
            self._protector.register_token_validator(_Scheme(scheme, realm))

    def authorization(self, presented: Presented) -> str | None:
        """The one Authorization header. Raises AmbiguousCredentials where there are several.

        A gateway joins those with commas, which no credential of ours has in it.
        """
        headers = presented.authorization
        if len(headers) > 1 or any("," in header for header in headers):
            raise AmbiguousCredentials(self.challenge(presented, error="invalid_request"))
        return headers[0] if headers else None

    def bearer(self, presented: Presented, authorization: str | None) -> T:
        """Whoever stands behind an Authorization header. Raises OAuth2Error."""
        if len(authorization or "") > LONGEST_HEADER:
            raise InvalidTokenError
        _, text = self._protector.parse_request_authorization(AuthorizationHeader.of(authorization))
        token = text.strip()
        found = next((who for read in self._readers if (who := read(token, presented)) is not None), None)
        if found is None:
            raise InvalidTokenError
        for check in self._checks:
            check(presented, found)
        return found

    def challenge(self, presented: Presented, **parameters: str) -> str:
        """The WWW-Authenticate header for whoever does not come in."""
        return challenge(self._realm, self._public_url, presented.url, **parameters)


def stored(units: Units, find: Callable[[Operator, Credential], T | None], used: Uses) -> Reader[T]:
    """The reader of tokens that are looked up by their public id; `find` compares digests in constant time."""

    def read(text: str, _presented: Presented) -> T | None:
        credential = read_credential(text)
        if credential is None:
            return None
        with units.overview() as operator:
            found, now = find(operator, credential), operator.now
        if found is not None:
            used(credential, now)
        return found

    return read


class _Scheme(TokenValidator):  # type: ignore[misc]
    """A word before a token; what follows is the readers' business."""

    def __init__(self, scheme: str, realm: str) -> None:
        super().__init__(realm=realm)
        self.TOKEN_TYPE = scheme
