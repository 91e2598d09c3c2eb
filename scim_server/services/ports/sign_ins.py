"""Asking identity providers who somebody is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.sign_in_providers import Door


class NotSignedIn(Exception):
    """The provider did not say who somebody is; the message says why, for whoever runs the server."""


class SignInOver(NotSignedIn):
    """The answer belongs to no sign-in that this browser has begun."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser keeps while somebody is at the provider. Nobody else knows any of it."""

    state: str
    nonce: str
    verifier: str


class SignIns(Protocol):
    """Asks other servers: never inside a transaction."""

    def ask(self, door: Door, hint: str | None, now: Instant) -> tuple[str, Question]:
        """Where to send the browser, and what it must keep until it is back. Raises Unreachable."""
        ...

    def claims(self, door: Door, question: Question, answer: Mapping[str, str], now: Instant) -> Mapping[str, Any]:
        """What the provider says of whoever comes back with its answer.

        Raises SignInOver, NotSignedIn, and Unreachable where the provider cannot be asked.
        """
        ...
