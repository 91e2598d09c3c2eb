"""The Authorization header of a request, and the refusal of one that opens nothing."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

LONGEST_HEADER = 8192
"""Characters of an Authorization header that are looked at; a longer one is no token of anybody."""


class Unauthenticated(Exception):
    """Nobody known stands behind the request. `challenges` say what to come again with, in WWW-Authenticate headers
    (RFC 9110 section 11.6.1); `headers` are beside them."""

    def __init__(
        self, detail: str, challenges: Sequence[str], headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.challenges = list(challenges)
        self.headers = headers


class AmbiguousCredentials(Exception):
    """RFC 6750 section 3.1: a request shows more than one credential, so it is answered before any is looked at."""

    def __init__(self, challenge: str) -> None:
        self.detail = "The request has more than one Authorization header. Send one."
        super().__init__(self.detail)
        self.challenge = challenge


class InsufficientScope(Exception):
    """Somebody known asks for more than their token is good for; `challenge` likewise."""

    def __init__(self, detail: str, challenge: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.challenge = challenge
