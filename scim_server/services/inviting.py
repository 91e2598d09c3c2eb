"""Inviting somebody whose address is owned in another tenant; answers are in `services/answering.py`.

Until it is answered an invitation keeps the seats it could reserve.
"""

from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.access import Roles, check_within
from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.events import Cause
from scim_server.domain.instants import later
from scim_server.domain.invitations import Invitation, InvitationState, Offer, check_address, check_name
from scim_server.domain.mails import Mail
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Reservation
from scim_server.domain.tenants import Tenant
from scim_server.services import admitting, entitling
from scim_server.services.credentials import Prefix, digest, new_text
from scim_server.services.invitation_letters import letter
from scim_server.services.invitation_records import known, record_invitation, record_reservations
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

PATH = "invitations"
"""Where links lead, below the public address."""
LONGEST_LIFE = 90
"""Days."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation as it was sent. `reserved` and `unreserved` are the products with and without a seat kept."""

    invitation: Invitation
    link: str
    reserved: list[str]
    unreserved: list[str]
    by_mail: bool

    @property
    def state(self) -> InvitationState:
        """Open, as it was just sent."""
        return self.invitation.state


@retried
def send(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    address: str,
    offer: Offer,
    days: int | None,
    *,
    public_url: str,
    by_mail: bool,
) -> Sent:
    """Invite the owner of an address in another tenant, and reserve what is offered.

    Sent again while it is open, the invitation gets a new link and a new life; what the new offer leaves out stays
    as it was. Raises Invalid for an impossible address, name, role or number of days, Missing for an unknown product
    or an address that nobody outside has, Taken where it belongs to a user of this tenant, Forbidden for a role above
    whoever invites, ForeignDomain.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        _refuse_unless_elsewhere(uow, check_address(address))
        admitting.check_address(uow, address, "address")
        earlier = uow.invitations.open_for(address)
        catalogue = uow.products.catalogue()
        roles = uow.roles.all()
        wanted = _complete(_checked(catalogue, roles, offer), earlier)
        given = roles.by_code.get(wanted.role or "")
        if given is not None:
            check_within(given, cause.permits)
        _, text = new_text(Prefix.INVITATION, tenant.id)
        expires = later(uow.now, timedelta(days=_life(uow, days)))
        if earlier is None:
            state = InvitationState.OPEN
            invitation = Invitation(uow.new_id(), address, digest(text), state, uow.now, expires, wanted)
            uow.invitations.add(invitation)
        else:
            invitation = earlier.renewed(digest(text), expires, wanted)
            uow.invitations.save(invitation)
        record_invitation(uow, "invitation.sent", earlier, invitation)
        reserved = _reserve(uow, invitation)
        link = f"{public_url}/{PATH}/{text}"
        uow.mails.recall(invitation.id)
        if by_mail:
            uow.mails.post(_mail(uow, invitation, catalogue.names(wanted.products), link))
        uow.commit()
        unreserved = [product for product in wanted.products if product not in reserved]
        return Sent(invitation, link, reserved, unreserved, by_mail)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, how it stands, and the products reserved for it."""

    invitation: Invitation
    state: InvitationState
    reserved: list[str]


def invitations(units: Units, tenant: Tenant) -> list[Invited]:
    """Every invitation of the tenant, oldest first."""
    with units.read(tenant) as uow:
        return _invited(uow, uow.invitations.all(), uow.ledger.reservations())


def invitation(units: Units, tenant: Tenant, invitation_id: str) -> Invited:
    """One invitation. Raises Missing."""
    with units.read(tenant) as uow:
        found = known(uow, invitation_id)
        return _invited(uow, [found], uow.ledger.reservations(found.id))[0]


def _invited(uow: UnitOfWork, found: list[Invitation], seats: list[Reservation]) -> list[Invited]:
    reserved: dict[str, list[str]] = {}
    for seat in seats:
        reserved.setdefault(seat.invitation_id, []).append(seat.product)
    return [Invited(each, each.standing(uow.now), sorted(reserved.get(each.id, ()))) for each in found]


def _refuse_unless_elsewhere(uow: UnitOfWork, address: str) -> None:
    owner_id = uow.addresses.owner(address)
    if owner_id is not None:
        names = [user.user_name for user in uow.users.some([owner_id])]
        raise Taken(f"'{address}' belongs to user '{', '.join(names)}' of this tenant: there is nobody to invite.")
    if not uow.addresses.owned_elsewhere(address):
        raise Missing(f"Nobody outside has '{address}': add the person with `scim-server user add`.")


def _checked(catalogue: Catalogue, roles: Roles, offer: Offer) -> Offer:
    """The offer with products and role by code, products that another one includes left out."""
    for value in offer.products:
        if catalogue.find(value) is None:
            raise catalogue.unknown(value)
    codes = catalogue.named(offer.products)
    own = tuple(code for code in codes if catalogue.covered_by(code).isdisjoint(codes))
    role = None if offer.role is None else roles.find(offer.role)
    if offer.role is not None and role is None:
        raise Invalid(f"There is no role '{offer.role}'. Known roles: {', '.join(roles.by_code)}")
    return Offer(own, role, check_name(offer.first), check_name(offer.last))


def _complete(offer: Offer, earlier: Invitation | None) -> Offer:
    if earlier is None:
        return offer
    kept = earlier.offer
    return Offer(
        offer.products or kept.products,
        offer.role or kept.role,
        offer.first or kept.first,
        offer.last or kept.last,
    )


def _life(uow: UnitOfWork, days: int | None) -> int:
    life = uow.tenant.settings.number("invitation_days") if days is None else days
    if not 1 <= life <= LONGEST_LIFE:
        raise Invalid(f"An invitation can be answered for 1 to {LONGEST_LIFE} days, not for {life}.")
    return life


def _reserve(uow: UnitOfWork, invitation: Invitation) -> list[str]:
    """Reserve what is offered; what the invitation reserved before stays, unless it is offered no more."""
    wanted = invitation.offer.products
    before = uow.ledger.reservations(invitation.id)
    if not {seat.product for seat in before} <= set(wanted):
        entitling.cancel_reservations(uow, invitation.id)
    kept = {seat.product for seat in uow.ledger.reservations(invitation.id)}
    missing = [product for product in wanted if product not in kept]
    if missing:
        entitling.reserve(uow, invitation.id, missing)
    after = uow.ledger.reservations(invitation.id)
    record_reservations(uow, before, after)
    reserved = {seat.product for seat in after}
    return [product for product in wanted if product in reserved]


def _mail(uow: UnitOfWork, invitation: Invitation, products: list[str], link: str) -> Mail:
    subject, body = letter(uow.tenant, invitation, products, link)
    return Mail(uow.tenant.id, uow.new_id(), invitation.address, subject, body, invitation.id, uow.now, 0, uow.now)
