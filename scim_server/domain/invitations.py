"""Invitations: a tenant asks for a person whose address another tenant's user owns; only that person can say yes."""

from dataclasses import dataclass, replace
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum
from typing import Self

from scim_server.domain.directory import ADDRESS
from scim_server.domain.errors import Gone, Invalid
from scim_server.domain.instants import Instant

LONGEST_ADDRESS = 320
"""Characters: 64 before the @ and 255 behind it (RFC 5321 section 4.5.3.1)."""

LONGEST_NAME = 200
"""Characters of a first or last name."""


class InvitationState(StrEnum):
    """`open` until it is answered or its time is up."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Offer:
    """Who the person is to become. Without names of their own choice they keep those they have."""

    products: tuple[str, ...] = ()
    role: str | None = None
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What was sent to `address`. Of the link only a digest is known; `user_id` is who the person became."""

    id: str
    address: str
    digest: str
    state: InvitationState
    created: Instant
    expires: Instant
    offer: Offer
    answered: Instant | None = None
    user_id: str | None = None

    def standing(self, now: Instant) -> InvitationState:
        """The state at `now`: time ends an invitation before anybody writes it down."""
        if self.state is InvitationState.OPEN and now >= self.expires:
            return InvitationState.EXPIRED
        return self.state

    def renewed(self, digest: str, expires: Instant, offer: Offer) -> Self:
        """The same invitation under another link; the earlier one leads nowhere from then on."""
        return replace(self, digest=digest, expires=expires, offer=offer)

    def ended(self, state: InvitationState, now: Instant, user_id: str | None = None) -> Self:
        """The invitation as it was answered, or not answered in time."""
        return replace(self, state=state, answered=now, user_id=user_id)


class InvitationEnded(Gone):
    """The link led somewhere once. `state` says how the invitation of the tenant of that name ended."""

    def __init__(self, state: InvitationState, tenant_name: str) -> None:
        cures = {
            InvitationState.ACCEPTED: f"was accepted before. There is nothing left to do: sign in at {tenant_name}.",
            InvitationState.DECLINED: f"was declined. If that was a mistake, ask {tenant_name} to invite you again.",
            InvitationState.EXPIRED: f"was not answered in time. Ask {tenant_name} to invite you again.",
        }
        super().__init__(f"This invitation {cures[state]}")
        self.state = state
        self.tenant_name = tenant_name


def check_name(text: str | None) -> str | None:
    """`text`, if somebody can be called that; raises Invalid."""
    if text is not None and (not text.strip() or not text.isprintable() or len(text) > LONGEST_NAME):
        raise Invalid(f"A first or last name has 1 to {LONGEST_NAME} letters that can be printed.")
    return text


def check_address(text: str) -> str:
    """`text`, if a mail can be sent there; raises Invalid."""
    if not ADDRESS.fullmatch(text) or not text.isprintable() or len(text) > LONGEST_ADDRESS or not _stands_alone(text):
        raise Invalid(f"'{text}' is no address that mail can be sent to: write it as ana@example.com.")
    return text


def _stands_alone(text: str) -> bool:
    """Whether a mail header takes the text for one address, and for that very one."""
    try:
        return Address(addr_spec=text).addr_spec == text
    except (ValueError, MessageError):
        return False
