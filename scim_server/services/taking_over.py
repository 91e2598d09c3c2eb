"""Putting somebody new in a person's place: the id stays with history, settings, seats and events; the person goes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scim_server.domain.directory import ADDRESS, User
from scim_server.domain.errors import AddressTaken, Contention, Invalid, Taken
from scim_server.domain.events import TAKEN_OVER, Change, Event, Subject
from scim_server.domain.transfers import Mode, Party, Plan, ProductMove, Replacement
from scim_server.services import admitting, provisioning
from scim_server.services.audit_entries import SoughtEntries
from scim_server.services.ports import UnitOfWork

PERSONAL = (
    "name", "nickName", "profileUrl", "phoneNumbers", "ims", "photos", "addresses", "x509Certificates"
)  # fmt: skip
"""What of a profile belongs to the person, not to the place: it goes with them."""
RECORDINGS, KEPT, SEALED = "recordings", "recordings.kept", "recordings.sealed"
"""Type and actions of the entry that tells what became of recordings when somebody took over."""
LONGEST_NAME, LONGEST_ADDRESS = 250, 512
"""Characters; first and last name make up a displayName, which is indexed."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who takes over. Without a `user_name` of their own their address is it.

    `keeps_recordings` leaves them the recordings of the person before; otherwise those are sealed for good.
    """

    address: str
    first: str
    last: str
    user_name: str | None = None
    keeps_recordings: bool = False

    @property
    def own_user_name(self) -> str:
        return self.user_name or self.address

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def plan_take_over(uow: UnitOfWork, giver: User, receiver: User | None, newcomer: Newcomer) -> Plan:
    """What taking over means. Raises Invalid, Taken or AddressTaken where the newcomer cannot be who they should be."""
    _check(uow, giver, receiver, newcomer)
    after = _successor(giver, newcomer)
    admitting.check_change(uow, giver, after)
    return Plan(
        Mode.TAKE_OVER,
        Party(giver.id, giver.user_name, giver.address),
        Party(giver.id, after.user_name, after.address),
        [ProductMove(seat.product, seat.state.value) for seat in uow.ledger.seats([giver.id])],
        sessions=uow.sessions.upcoming(giver.id, uow.now),
        replacements=list(_replacements(giver, after)),
        notes=[*_NOTES, _KEPT if newcomer.keeps_recordings else _SEALED],
    )


def take_over(uow: UnitOfWork, giver: User, newcomer: Newcomer) -> None:
    """Make the locked person the newcomer, whom the plan found possible."""
    after = provisioning.change_user(uow, giver, _successor(giver, newcomer))
    if uow.addresses.owner(newcomer.address) != giver.id:
        raise Contention(f"somebody else got the address '{newcomer.address}' meanwhile")
    end_access(uow, giver, after, keeps_recordings=newcomer.keeps_recordings)


def end_access(uow: UnitOfWork, before: User, after: User, *, keeps_recordings: bool = False) -> None:
    """What ends for the person before with a change of the person: tokens, recordings, and what the products opened."""
    for token_id in uow.person_tokens.revoke_all_of(before.id, uow.now):
        then, now = ({"user": before.id, "revoked": moment} for moment in (None, uow.now))
        uow.record(Change("token", token_id, "token.revoked", then, now))
    if keeps_recordings:
        uow.record(Change(RECORDINGS, before.id, KEPT, None, None))
    else:
        uow.sessions.seal_recordings(before.id)
        uow.record(Change(RECORDINGS, before.id, SEALED, None, None))
    uow.publish(Event(TAKEN_OVER, Subject.person(after.id, after.user_name), {"before": before.user_name}))


def was_taken_over(uow: UnitOfWork, user_id: str, request_id: str) -> bool:
    """Whether somebody else became that person in the course of that request."""
    wanted = (SoughtEntries(1, object_id=user_id, request_id=request_id, action=action) for action in (KEPT, SEALED))
    return any(uow.trail.find(each) for each in wanted)


def _check(uow: UnitOfWork, giver: User, receiver: User | None, newcomer: Newcomer) -> None:
    _check_texts(uow, newcomer)
    address = newcomer.address
    if receiver is not None and receiver.id == giver.id:
        raise Invalid(f"'{address}' is {giver.user_name} already. Name somebody else.")
    if receiver is not None:
        raise Taken(
            f"'{address}' belongs to '{receiver.user_name}', who is in the tenant already. Move seats to them with "
            "the mode seat or seat_and_events."
        )
    if uow.addresses.owned_elsewhere(address):
        raise AddressTaken(address)
    named = uow.users.named(newcomer.own_user_name)
    if named is not None and named.id != giver.id:
        raise Taken(f"The user name '{newcomer.own_user_name}' is in use in this tenant. Choose another one.")


def _check_texts(uow: UnitOfWork, newcomer: Newcomer) -> None:
    if not all(name.strip() and len(name) <= LONGEST_NAME for name in (newcomer.first, newcomer.last)):
        raise Invalid(
            "take_over needs the first and last name of who takes over (--first, --last), "
            f"at most {LONGEST_NAME} characters."
        )
    if not ADDRESS.fullmatch(newcomer.address) or len(newcomer.address) > LONGEST_ADDRESS:
        raise Invalid(f"take_over needs the e-mail address of who takes over; '{newcomer.address}' is none.")
    if not uow.users.can_be_named(newcomer.own_user_name):
        raise Invalid(f"Nobody can have the user name '{newcomer.own_user_name}': use letters, digits and symbols.")


def _successor(giver: User, newcomer: Newcomer) -> User:
    """The person as the newcomer: externalId empty, so that the identity provider finds nobody for the one before."""
    profile = {name: value for name, value in giver.profile.items() if name not in PERSONAL}
    name = {"formatted": newcomer.name, "familyName": newcomer.last, "givenName": newcomer.first}
    return replace(
        giver,
        user_name=newcomer.own_user_name,
        external_id=None,
        display_name=newcomer.name,
        emails=({"value": newcomer.address, "type": "work", "primary": True},),
        profile={**profile, "name": name},
    )


def _replacements(before: User, after: User) -> Iterator[Replacement]:
    pairs = {
        "userName": (before.user_name, after.user_name),
        "address": (before.address, after.address),
        "displayName": (before.display_name, after.display_name),
        "externalId": (before.external_id, after.external_id),
    }
    for attribute, (then, now) in pairs.items():
        if then != now:
            yield Replacement(attribute, then, now)


_NOTES = (
    "The id, history, settings, groups, seats and sessions stay.",
    "Access of the person before ends: their tokens are revoked and the products are told.",
    "An identity provider that keeps the id writes to whoever takes over: unassign the person before there first.",
)
_KEPT = "Recordings of the person before stay with the id: who takes over can see them."
_SEALED = "Recordings of the person before, if there are any, are sealed: nobody sees them any more."
