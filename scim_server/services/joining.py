"""Joiners by hand, and those who wait because their address is in use outside the tenant (invariant 5)."""

from scim_server.domain.errors import AddressTaken, Contention, ForeignDomain, Missing, SeatLimit, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_pending_add
from scim_server.domain.particulars import Listed, Newcomer, PendingAdd
from scim_server.domain.tenants import Tenant
from scim_server.services import granting, handing, provisioning
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import for_each_tenant
from scim_server.services.enrolling import Enrolment, enrol
from scim_server.services.people import Portrait, portrait
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

CHORE = "retry-adds"


@retried
def add_person(units: Units, tenant: Tenant, cause: Cause, newcomer: Newcomer) -> Portrait | PendingAdd:
    """Add a person by hand; where the address is in use outside the tenant the add is kept, with an issue.

    `retry_waiting_adds` carries it out once the address is free. Raises Missing for an unknown product or role,
    Forbidden for a role above whoever adds, ForeignDomain, Taken where the user name is in use, SeatLimit where a
    subscription rejects.
    """
    try:
        with units.write(tenant, cause.quietly(newcomer.quiet)) as uow:
            added = _add(uow, newcomer)
            uow.commit()
            return added
    except AddressTaken as refused:
        return _keep(units, tenant, cause, newcomer, refused)


def waiting_adds(units: Units, tenant: Tenant) -> list[PendingAdd]:
    """Who is to be added once their address is free, oldest first."""
    with units.read(tenant) as uow:
        return uow.pending_adds.all()


def retry_waiting_adds(units: Units) -> int:
    """The chore: add, in every tenant, those whose addresses have become free; answers how many were added.

    One whose subscription rejects them, or whose domain the tenant has not verified, goes on waiting; one who is here
    by now does not.
    """
    with units.overview() as operator:
        concerned = operator.tenants_with_pending_adds()
    return for_each_tenant(
        concerned, lambda tenant: sum(_retry(units, tenant, each) for each in waiting_adds(units, tenant))
    )


@retried
def _retry(units: Units, tenant: Tenant, pending: PendingAdd) -> bool:
    try:
        with units.write(tenant, chore_cause(CHORE).quietly(pending.newcomer.quiet)) as uow:
            if not _take_out(uow, pending, "add.carried_out"):
                return False
            _add(uow, pending.newcomer)
            uow.commit()
            return True
    except AddressTaken as refused:
        _note(units, tenant, refused)
    except (SeatLimit, ForeignDomain):
        return False
    except Taken:
        _drop(units, tenant, pending)
    return False


def _add(uow: UnitOfWork, newcomer: Newcomer) -> Portrait:
    products = _known(uow, newcomer)
    if newcomer.listed is not None:
        return _add_listed(uow, newcomer, newcomer.listed, products)
    user = provisioning.create_user(uow, newcomer.user())
    if newcomer.role is not None:
        granting.grant_by_hand(uow, user.id, newcomer.role)
    if products:
        handing.give(uow, user, products)
    return portrait(uow, user)


def _add_listed(uow: UnitOfWork, newcomer: Newcomer, listed: Listed, products: list[str]) -> Portrait:
    """Add somebody as the list that named them would have; groups and roles that are gone meanwhile are left out."""
    found = {group_id: provisioning.lock_group(uow, group_id) for group_id in sorted(listed.groups)}
    groups = {group_id: group for group_id, group in found.items() if group is not None}
    known = uow.roles.all(kept=True).by_code
    roles = tuple(role for role in listed.roles if role in known)
    person = Enrolment(1, newcomer.user(), products=tuple(products), roles=roles, groups=tuple(groups))
    (added,) = enrol(uow, [person], groups).values()
    return portrait(uow, added)


def waiting_add(units: Units, tenant: Tenant, text: str) -> PendingAdd:
    """The add of that id, or that waits for that address. Raises Missing."""
    with units.read(tenant) as uow:
        return _waiting(uow, text)


@retried
def cancel_add(units: Units, tenant: Tenant, cause: Cause, text: str) -> PendingAdd:
    """Call off the add of that id, or that waits for that address. Raises Missing."""
    with units.write(tenant, cause) as uow:
        waiting = _waiting(uow, text)
        if not _take_out(uow, waiting, "add.called_off"):
            raise Contention("an add was carried out meanwhile")
        uow.commit()
        return waiting


def _waiting(uow: UnitOfWork, text: str) -> PendingAdd:
    for each in uow.pending_adds.all():
        if each.id == text or uow.addresses.same(each.newcomer.address, text):
            return each
    raise Missing(f"Tenant '{uow.tenant.slug}' has no add of '{text}' that waits.")


def _known(uow: UnitOfWork, newcomer: Newcomer) -> list[str]:
    """The newcomer's products. Raises Missing for a product or a role that there is not, Forbidden for one too high."""
    if newcomer.role is not None:
        granting.grantable(uow, newcomer.role)
    return handing.products_called(uow, newcomer.products)


def _keep(units: Units, tenant: Tenant, cause: Cause, newcomer: Newcomer, refused: AddressTaken) -> PendingAdd:
    with units.write(tenant, cause) as uow:
        _known(uow, newcomer)
        pending = keep_waiting(uow, newcomer, refused)
        uow.commit()
        return pending


def keep_waiting(uow: UnitOfWork, newcomer: Newcomer, refused: AddressTaken) -> PendingAdd:
    """Keep an add that was refused for its address until that is free, with an issue."""
    pending = PendingAdd(uow.new_id(), newcomer, uow.now)
    for each in uow.pending_adds.all():
        if uow.addresses.same(each.newcomer.address, newcomer.address):
            _take_out(uow, each, "add.replaced")
    provisioning.note_refusal(uow, refused, None)
    if not uow.pending_adds.put(pending):
        return _waiting(uow, newcomer.address)
    uow.record(Change("add", pending.id, "add.waits", None, of_pending_add(pending)))
    return pending


def _note(units: Units, tenant: Tenant, refused: AddressTaken) -> None:
    """Somebody else outside the tenant has taken the address meanwhile: the issue is open again."""
    with units.write(tenant, chore_cause(CHORE)) as uow:
        provisioning.note_refusal(uow, refused, None)
        uow.commit()


def _drop(units: Units, tenant: Tenant, pending: PendingAdd) -> None:
    with units.write(tenant, chore_cause(CHORE)) as uow:
        _take_out(uow, pending, "add.needless")
        uow.commit()


def _take_out(uow: UnitOfWork, pending: PendingAdd, action: str) -> bool:
    taken = uow.pending_adds.remove(pending.id)
    if taken:
        uow.record(Change("add", pending.id, action, of_pending_add(pending), None))
    return taken
