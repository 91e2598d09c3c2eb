"""What comes from outside and goes there: connections, sessions, invitations, mails, the web."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.invitations import Invitation
from scim_server.domain.mails import Mail, MailState
from scim_server.domain.notices import MailTemplate, Welcome
from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.domain.sessions import Session
from scim_server.domain.sign_in_providers import SignInProvider
from scim_server.domain.tenants import Connection, Token


class Connections(Protocol):
    def all(self) -> list[Connection]:
        """Every one by name."""
        ...

    def ever(self) -> list[Connection]:
        """Those, and behind them the removed ones, the last first, by the names that they had: one may come twice."""
        ...

    def named(self, name: str) -> Connection | None: ...

    def add(self, connection: Connection) -> None:
        """Raises Taken where the name is in use."""
        ...

    def save(self, connection: Connection) -> None:
        """Save its name and what it may do. Raises Taken where the name is in use."""
        ...

    def remove(self, connection: Connection) -> None:
        """Have it be removed as it says; its name is free."""
        ...

    def settle(self, connection_id: str) -> None:
        """Note that nothing belongs to a removed one any more."""
        ...

    def mark_wrote_entitlements(self, connection_id: str) -> None: ...

    def managed(self, origin: str) -> tuple[int, int, int]:
        """How many people, groups and other resources are of that origin."""
        ...

    def lock(self, connection_id: str) -> None:
        """Keep others from dealing with its tokens meanwhile."""
        ...

    def add_token(self, token: Token) -> None: ...

    def unrevoked_tokens(self) -> list[Token]:
        """The tokens of all connections but those that were revoked, oldest first."""
        ...

    def shorten_token(self, token_id: str, expires: Instant) -> None:
        """Let the token expire at that moment."""
        ...

    def revoke_token(self, token_id: str, now: Instant) -> bool:
        """Whether the token was live until now."""
        ...


class TrustedIssuers(Protocol):
    """The foreign issuers that the connections of one tenant trust."""

    def all(self) -> list[TrustedIssuer]:
        """Every one by name."""
        ...

    def add(self, issuer: TrustedIssuer) -> None:
        """Raises Taken where the name is in use."""
        ...

    def remove(self, issuer_id: str) -> None: ...


class SignInProviders(Protocol):
    """Whom one tenant's people sign in to the console with: one provider at most."""

    def get(self) -> SignInProvider | None: ...

    def secret(self) -> str:
        """The client secret of the provider there is."""
        ...

    def put(self, provider: SignInProvider, secret: str) -> None:
        """Keep it, in place of the one there is."""
        ...

    def remove(self) -> None: ...


class Sessions(Protocol):
    """Meetings, webinars, trainings and recordings.

    Nobody but its organiser sees a recording, whatever their role (invariant 12): what answers sessions takes the id
    of the user who looks, None for the operator and the system, or leaves recordings out.
    """

    def visible(
        self,
        viewer: str | None,
        organiser: str | None = None,
        *,
        after: tuple[Instant, str] = ("", ""),
        most: int | None = None,
    ) -> list[Session]:
        """The sessions that the viewer may see, all or those of one organiser, by start and id.

        Those that stand `after` a start and id, so many at most.
        """
        ...

    def visible_among(self, viewer: str | None, session_ids: Collection[str]) -> list[Session]:
        """Of those sessions, the ones that the viewer may see."""
        ...

    def involving(self, user_id: str) -> list[Session]:
        """Meetings, webinars and trainings that the user organises, alone or with others, by start."""
        ...

    def upcoming(self, organiser: str, now: Instant) -> list[Session]:
        """Meetings, webinars and trainings of the organiser that start after `now`, by start."""
        ...

    def differing(self, wanted: Sequence[Session]) -> list[Session]:
        """Of those sessions, the ones that are not stored just so."""
        ...

    def taking_recordings(self, wanted: Collection[Session]) -> set[str]:
        """Ids of those that would make of a stored recording another one's, or another kind of session."""
        ...

    def save(self, *wanted: Session) -> None:
        """Store them, new or in place of those with their ids."""
        ...

    def remove(self, session_ids: Collection[str]) -> None:
        """Take those out, recordings excepted."""
        ...

    def remove_recording(self, organiser: str, session_id: str) -> None:
        """Take a recording of that organiser out, if there is one."""
        ...

    def seal_recordings(self, organiser: str) -> None:
        """Take the organiser off all their recordings, so that nobody sees them any more."""
        ...


class Invitations(Protocol):
    """The invitations of one tenant. Whoever writes one holds the tenant's guard, exclusively."""

    def all(self) -> list[Invitation]:
        """Every invitation, oldest first."""
        ...

    def get(self, invitation_id: str) -> Invitation | None: ...

    def open_for(self, address: str) -> Invitation | None:
        """The one that is open for the address, letter case ignored, whether or not its time is up."""
        ...

    def due(self) -> list[Invitation]:
        """Those that are open although their time is up."""
        ...

    def add(self, invitation: Invitation) -> None: ...

    def save(self, invitation: Invitation) -> None: ...


class Mails(Protocol):
    """The outbox of mails: they are sent after this transaction, if it is committed."""

    def post(self, *new: Mail) -> None:
        """Put mails in the outbox, in one batch."""
        ...

    def recall(self, *about: str) -> None:
        """Take back what was not sent yet about those."""
        ...

    def latest(self, most: int, state: MailState | None, before: str | None) -> list[Mail]:
        """The mails of this tenant, or those in that state, older than the one of the id `before`; the newest first,
        so many at most."""
        ...


class MailTemplates(Protocol):
    """The texts of mails that the tenant wrote itself."""

    def all(self) -> list[MailTemplate]:
        """Every one by name and language."""
        ...

    def put(self, template: MailTemplate) -> None:
        """Keep it, in place of the one of that name in that language."""
        ...

    def remove(self, name: str, language: str) -> None: ...


class Welcomes(Protocol):
    """Who was welcomed by mail."""

    def of(self, user_ids: Collection[str]) -> dict[str, Welcome]:
        """The welcomes of those users by user id; who has none is left out."""
        ...

    def note(self, user_ids: Collection[str], now: Instant) -> None:
        """Note that those users were welcomed once more."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """What another server answered. Names of headers are in lower case; of one that came twice, the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):
    """Another server gave no answer that can be used. The message says why, as one sentence without secrets."""


class WebSession(Protocol):
    """Requests to one address, one after the other, over a connection that is kept as long as both sides want."""

    def post(self, body: bytes, headers: Mapping[str, str], *, most: int) -> Fetched:
        """As `Web.post` does, within a time of its own for each. Raises Unreachable."""
        ...

    def close(self) -> None: ...


class Web(Protocol):
    """The one way out: every address that is fetched from or sent to goes through here.

    Only https, to public addresses, and as the operator allows it to private ones. A redirect is not followed, an
    answer of more than `most` bytes is not read, and none that takes too long is waited for: those are Unreachable.
    Any other answer is given back, whatever its status.
    """

    def get(self, url: str, *, most: int) -> Fetched:
        """Raises Unreachable."""
        ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most: int) -> Fetched:
        """`headers` say at least the Content-Type. Raises Unreachable."""
        ...

    def check(self, url: str) -> None:
        """Raises Unreachable where nothing may be sent there, as far as its host can be found now."""
        ...

    def session(self, url: str) -> WebSession:
        """Connects to nothing yet, and raises nothing."""
        ...
