"""Answers to invitations: the link is looked at, declined, or left to expire; `services/accepting.py` says yes."""

import hmac
from dataclasses import dataclass

from scim_server.domain.errors import Missing
from scim_server.domain.events import Cause
from scim_server.domain.invitations import Invitation, InvitationEnded, InvitationState
from scim_server.domain.tenants import Tenant
from scim_server.services import entitling
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import for_each_tenant
from scim_server.services.credentials import read_credential
from scim_server.services.invitation_records import known, record_invitation, record_reservations
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

CHORE = "invitations"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the invited person may know: who invites, to what (products by name), and until when."""

    tenant: Tenant
    invitation: Invitation
    products: list[str]


def look(units: Units, link: str) -> Sighting:
    """The open invitation that the link, or the token alone, leads to.

    Raises Missing where it leads nowhere, InvitationEnded where it did.
    """
    credential = read_credential(link.strip().rstrip("/").rpartition("/")[2])
    if credential is None:
        raise _unknown()
    with units.bearers(credential.tenant_id) as bearers:
        found, now = bearers.invitation(credential.digest), bearers.now
    if found is None or not hmac.compare_digest(found[1].digest, credential.digest):
        raise _unknown()
    tenant, invitation = found
    _refuse_ended(invitation.standing(now), tenant)
    with units.read(tenant) as uow:
        catalogue = uow.products.catalogue()
    return Sighting(tenant, invitation, catalogue.names(invitation.offer.products))


def preview(units: Units, tenant: Tenant, invitation_id: str) -> Sighting:
    """What the link of an invitation shows, for whoever sent it. Raises Missing, InvitationEnded."""
    with units.read(tenant) as uow:
        invitation = known(uow, invitation_id)
        _refuse_ended(invitation.standing(uow.now), tenant)
        return Sighting(tenant, invitation, uow.products.catalogue().names(invitation.offer.products))


def lock_open(uow: UnitOfWork, sighting: Sighting) -> Invitation:
    """The invitation that was looked at, if it is still open and its link the last one; the guard must be held."""
    invitation = uow.invitations.get(sighting.invitation.id)
    if invitation is None or not hmac.compare_digest(invitation.digest, sighting.invitation.digest):
        raise _unknown()
    _refuse_ended(invitation.standing(uow.now), sighting.tenant)
    return invitation


@retried
def decline(units: Units, cause: Cause, link: str) -> Sighting:
    """Say no for the invited person: what was reserved goes to whoever waits. Raises as `look` does."""
    sighting = look(units, link)
    with units.write(sighting.tenant, cause) as uow:
        uow.guard(exclusive=True)
        _release(uow, lock_open(uow, sighting), InvitationState.DECLINED)
        uow.commit()
    return sighting


def expire_invitations(units: Units) -> int:
    """End every invitation that was not answered in time, and release what it reserved; answers how many."""
    with units.overview() as operator:
        concerned = operator.tenants_with_due_invitations()
    return for_each_tenant(concerned, lambda tenant: _expire(units, tenant))


@retried
def _expire(units: Units, tenant: Tenant) -> int:
    with units.write(tenant, chore_cause(CHORE)) as uow:
        uow.guard(exclusive=True)
        due = uow.invitations.due()
        for invitation in due:
            _release(uow, invitation, InvitationState.EXPIRED)
        uow.commit()
        return len(due)


def _release(uow: UnitOfWork, invitation: Invitation, state: InvitationState) -> None:
    end(uow, invitation, state)
    entitling.cancel_reservations(uow, invitation.id)


def end(uow: UnitOfWork, invitation: Invitation, state: InvitationState, user_id: str | None = None) -> None:
    """Close the invitation, and take back a mail that was not sent yet. What it reserved is to be released next."""
    ended = invitation.ended(state, uow.now, user_id)
    uow.invitations.save(ended)
    uow.mails.recall(invitation.id)
    record_invitation(uow, f"invitation.{state}", invitation, ended)
    record_reservations(uow, uow.ledger.reservations(invitation.id), ())


def _refuse_ended(state: InvitationState, tenant: Tenant) -> None:
    if state is not InvitationState.OPEN:
        raise InvitationEnded(state, tenant.name)


def _unknown() -> Missing:
    return Missing(
        "This link leads to no invitation. Copy it whole from the newest mail, or ask whoever invited you for another."
    )
