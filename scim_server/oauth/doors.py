"""The credential in front of a service becomes whoever stands behind it.

Each kind of token has a reader; the first that knows a token decides. What every bearer is then held to, such as what
a token is bound to, are checks.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from authlib.oauth2.rfc6750 import InvalidTokenError

from scim_server.domain.instants import Instant
from scim_server.oauth.challenges import PROVABLE, challenge
from scim_server.oauth.headers import AmbiguousCredentials, Unauthenticated
from scim_server.oauth.memories import Memory
from scim_server.oauth.presented import Presented
from scim_server.oauth.refusals import BadProof
from scim_server.oauth.schemes import UNTOLD, NoToken, Scheme, Shown, read_shown
from scim_server.services.credentials import Credential, read_credential
from scim_server.services.ports import Bearers, Units

T = TypeVar("T")

Reader = Callable[[str, Presented], T | None]
"""Whoever stands behind a token of one kind; None for any other, before any look-up where the text tells."""
Check = Callable[[Presented, Shown, T], None]
"""What a bearer is held to. Raises NoToken, or OAuth2Error as for any bad token."""

Uses = Callable[[Credential, Instant], None]
"""Told of each token that opens something, and when."""


class Door(Generic[T]):
    """The way into the service of one realm. `schemes` are those that everybody is told of, whoever may use them."""

    def __init__(
        self,
        realm: str,
        public_url: str,
        readers: Sequence[Reader[T]],
        checks: Sequence[Check[T]] = (),
        schemes: Sequence[Scheme] = (Scheme.BEARER, Scheme.DPOP),
    ) -> None:
        self._realm, self._public_url, self._schemes = realm, public_url, tuple(schemes)
        self._readers, self._checks = tuple(readers), tuple(checks)

    def bearer(self, presented: Presented) -> T:
        """Whoever stands behind the request. Raises AmbiguousCredentials, NoToken, OAuth2Error."""
        shown = read_shown(self._authorization(presented))
        found = next((who for read in self._readers if (who := read(shown.token, presented)) is not None), None)
        if found is None:
            raise NoToken if shown.scheme in UNTOLD else InvalidTokenError
        for check in self._checks:
            check(presented, shown, found)
        return found

    def _authorization(self, presented: Presented) -> str | None:
        """The one Authorization header: a gateway joins several with commas, which no credential of ours has in it."""
        headers = presented.authorization
        if len(headers) > 1 or any("," in header for header in headers):
            raise AmbiguousCredentials(self._challenge(presented, Scheme.BEARER, error="invalid_request"))
        return headers[0] if headers else None

    def refusal(self, presented: Presented, error: Exception, missing: str, wrong: str) -> Unauthenticated:
        """How a request is refused that `bearer` let nobody in for: with that sentence, and what to come again with."""
        if isinstance(error, NoToken):
            return Unauthenticated(missing, self._challenges(presented))
        if isinstance(error, BadProof):
            challenges = self._challenges(presented, Scheme.DPOP, error=error.error)
            return Unauthenticated(error.description, challenges, dict(error.nonce_header()))
        return Unauthenticated(wrong, self._challenges(presented, Scheme.BEARER, error="invalid_token"))

    def _challenges(self, presented: Presented, failed: Scheme | None = None, **parameters: str) -> list[str]:
        """One challenge for each scheme that is taken, the same for all; `parameters` are of the one that failed."""
        own = {Scheme.DPOP: {"algs": PROVABLE}, Scheme.BASIC: {"charset": "UTF-8"}}
        return [
            self._challenge(presented, scheme, **(parameters if scheme is failed else {}), **own.get(scheme, {}))
            for scheme in self._schemes
        ]

    def _challenge(self, presented: Presented, scheme: Scheme, **parameters: str) -> str:
        return challenge(self._realm, self._public_url, presented.url, scheme, **parameters)


def stored(
    units: Units, find: Callable[[Bearers, Credential], T | None], used: Uses, memory: Memory[T] | None = None
) -> Reader[T]:
    """The reader of tokens that are looked up by their public id; `find` compares digests in constant time.

    What is in the `memory` is good enough for a request that reads.
    """

    def read(text: str, presented: Presented) -> T | None:
        credential = read_credential(text)
        if credential is None:
            return None
        found, now = None, units.now()
        if memory is not None and presented.is_read:
            found = memory.get(credential, now)
        if found is None:
            turn = 0 if memory is None else memory.turn
            with units.bearers(credential.tenant_id) as bearers:
                found = find(bearers, credential)
            if found is not None and memory is not None:
                memory.keep(credential, found, now, turn)
        if found is not None:
            used(credential, now)
        return found

    return read
