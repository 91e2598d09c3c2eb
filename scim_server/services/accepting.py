"""Accepting an invitation: the person leaves one tenant and begins in another, in one transaction (invariant 5)."""

from dataclasses import dataclass, replace
from typing import Any

from scim_server.domain.directory import MOVED_AWAY, User
from scim_server.domain.employments import CORE
from scim_server.domain.errors import AddressTaken, Contention, LastSuperAdmin, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.invitations import Invitation, InvitationState
from scim_server.domain.seats import BY_ADMIN
from scim_server.domain.tenants import Tenant
from scim_server.services import entitling, granting, provisioning
from scim_server.services.addressing import record_owner
from scim_server.services.answering import Sighting, end, lock_open, look
from scim_server.services.issues import EMAIL_IN_USE
from scim_server.services.ports import Crossing, UnitOfWork, Units
from scim_server.services.retrying import retried

LONGEST_DISPLAY_NAME = 512
"""Characters of what the store keeps an index of."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Who the person became, and how many sessions came along; recordings do too, and are not counted."""

    sighting: Sighting
    newcomer: User
    sessions: int


@retried
def accept(units: Units, cause: Cause, link: str) -> Accepted:
    """Say yes for the invited person.

    In the tenant that has the address the person is suspended (moved_away) and seats and grants are released; in the
    one that invites they begin under a new id, with their sessions, recordings and what was reserved. Where nobody
    has the address any more they simply begin. Raises Missing and InvitationEnded as `look` does, Taken where the
    address is in use in the tenant that invites, LastSuperAdmin where the other one has no more of them: an issue there
    says so.
    """
    sighting = look(units, link)
    with units.overview(sighting.tenant.id) as operator:
        departed = operator.address_owner(sighting.invitation.address)
    if departed is None or departed.id == sighting.tenant.id:
        with units.write(sighting.tenant, cause) as uow:
            uow.guard(exclusive=True)
            newcomer = _take_in(uow, lock_open(uow, sighting), sighting, None)
            uow.commit()
            return Accepted(sighting, newcomer, 0)
    try:
        return _cross(units, cause, sighting, departed)
    except LastSuperAdmin as refused:
        with units.write(departed, cause) as uow:
            provisioning.note_refusal(uow, refused, None)
            uow.commit()
        raise


def _cross(units: Units, cause: Cause, sighting: Sighting, departed: Tenant) -> Accepted:
    """Let the person go from the tenant that has the address, and take them in where they are invited."""
    with units.write_both(sighting.tenant, departed, cause) as crossing:
        invitation = lock_open(crossing.here, sighting)
        leaver = _let_go(crossing.there, invitation.address)
        newcomer = _take_in(crossing.here, invitation, sighting, leaver)
        sessions = _move_sessions(crossing, leaver, newcomer)
        crossing.commit()
        return Accepted(sighting, newcomer, sessions)


def _let_go(there: UnitOfWork, address: str) -> User:
    """Suspend who owns the address, and free the address for the other tenant. Answers the person as they were."""
    owner_id = there.addresses.owner(address)
    leaver = None if owner_id is None else there.users.get(owner_id)
    if leaver is None or not there.addresses.leave(address, leaver.id):
        raise Contention("an invited person's address changed hands meanwhile")
    record_owner(there, leaver.id, there.addresses.key(address), None)
    provisioning.change_user(there, leaver, replace(leaver, blocked_for=MOVED_AWAY))
    return leaver


def _take_in(here: UnitOfWork, invitation: Invitation, sighting: Sighting, leaver: User | None) -> User:
    address = invitation.address
    if here.addresses.owner(address) is not None or here.users.named(address) is not None:
        raise Taken(f"{address} is in use at {sighting.tenant.name} already. Ask them which user has it.")
    try:
        newcomer = provisioning.create_user(here, _newcomer(invitation, leaver))
    except AddressTaken as error:
        raise Contention("an invited person's address was taken meanwhile") from error
    end(here, invitation, InvitationState.ACCEPTED, newcomer.id)
    role = invitation.offer.role
    if role is not None and here.roles.all(kept=True).find(role) is not None:
        granting.grant_by_hand(here, newcomer.id, role)
    entitling.claim(here, newcomer.id, invitation.offer.products, BY_ADMIN)
    entitling.redeem(here, invitation.id, newcomer.id, {newcomer.id: newcomer.may_hold})
    _settle_refusals(here, here.addresses.key(address))
    return newcomer


def _settle_refusals(here: UnitOfWork, address_key: str) -> None:
    """Close the issue of requests that were refused for the address: it is owned here now."""
    refused = here.issues.find(closed=False, code=EMAIL_IN_USE)
    here.issues.close_these([each for each in refused if each.user_id is None and each.subject == address_key])


def _newcomer(invitation: Invitation, leaver: User | None) -> User:
    """The person as the invitation has them, with the names they go by where it has none."""
    offer = invitation.offer
    known: dict[str, Any] = leaver.profile.get("name", {}) if leaver else {}
    name = {"givenName": offer.first or known.get("givenName"), "familyName": offer.last or known.get("familyName")}
    given = {part: text for part, text in name.items() if text}
    called = None if leaver is None or offer.first or offer.last else leaver.display_name
    profile: dict[str, Any] = {"schemas": [CORE], **({"name": given} if given else {})}
    return User(
        id="",
        user_name=invitation.address,
        origin=f"invitation:{invitation.id}",
        display_name=called or " ".join(given.values())[:LONGEST_DISPLAY_NAME] or None,
        emails=({"value": invitation.address, "primary": True},),
        profile=profile,
    )


def _move_sessions(crossing: Crossing, leaver: User, newcomer: User) -> int:
    known = {session.id: session for session in crossing.there.sessions.visible(None, leaver.id)}
    moved = crossing.move_sessions(leaver.id, newcomer.id)
    for there_id, here_id in moved.items():
        moving = known[there_id]
        arrived = replace(moving, organiser=newcomer.id, co_organisers=())
        crossing.there.record(Change("session", there_id, "session.moved_away", moving.facts, None))
        crossing.here.record(Change("session", here_id, "session.moved_in", None, arrived.facts))
    return len(moved)
