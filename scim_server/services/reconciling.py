"""Is the ledger what it must be, and if not, how does it become so (design section 6, invariants 5 and 9)?

What is derived is worked out anew: claims, counters, queues, who waits beside a free seat, issues, and who owns
which address. Assigned seats are facts and stay, as long as a claim stands behind them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from scim_server.domain.directory import User
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_seat
from scim_server.domain.instants import later
from scim_server.domain.seats import Seat, SeatState
from scim_server.domain.tenants import Tenant
from scim_server.services import claim_records, entitling
from scim_server.services.addressing import record_owner
from scim_server.services.filing import file_again, misfilings
from scim_server.services.inspecting import Ledger
from scim_server.services.invitation_records import record_reservations
from scim_server.services.issues import EMAIL_IN_USE, issue
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.regranting import GrantRegister, repair_grants
from scim_server.services.retrying import retried


def differences(units: Units, tenant: Tenant) -> list[str]:
    """Everything in the tenant's ledger that is not as it must be, one sentence each.

    Exact only while nobody writes: the parts are read one after the other.
    """
    with units.read(tenant) as uow:
        return [
            *misfilings(uow),
            *_wrong_addresses(uow),
            *GrantRegister.of(uow).differences(uow),
            *Ledger.of(uow).differences(),
        ]


@retried
def repair(units: Units, tenant: Tenant, cause: Cause) -> list[str]:
    """Make the ledger what it must be; answers what was wrong. Run again, it finds and changes nothing.

    Every user and subscription of the tenant is locked meanwhile. Seats beyond what was bought, which only
    damage can leave behind, go back to the queue, last come first, and invitations keep none of them.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        may_hold = uow.users.lock(user.id for user in uow.users.all())
        found = list(misfilings(uow))
        if found:
            file_again(uow)
        marked = uow.users.mark_plain()
        addressed = list(_wrong_addresses(uow))
        if addressed:
            _repair_addresses(uow)
        found += [*addressed, *repair_grants(uow)]
        products = sorted(uow.products.catalogue().products)
        uow.ledger.lock(products)
        ledger = Ledger.of(uow)
        wrong = list(ledger.differences())
        if wrong:
            _repair_seats(uow, ledger, may_hold, products)
        if found or wrong or marked:
            uow.commit()
        return [*found, *wrong]


def _repair_seats(uow: UnitOfWork, ledger: Ledger, may_hold: Mapping[str, bool], products: list[str]) -> None:
    claim_records.end_exclusions(uow, ledger.idle_exclusions)
    _end_reservations(uow, ledger.overdue_reservations | ledger.overbooked)
    _date(uow, ledger.misdated)
    entitling.claim_directly(uow, {user.id: ledger.named(user) for user in ledger.misread if user.id in may_hold})
    read_again = Ledger.of(uow)
    for product in ledger.subscriptions:
        _recount(uow, read_again, product)
    entitling.restore(uow, may_hold, products)
    settled = Ledger.of(uow)
    uow.issues.open(
        *(issue(uow, code, user_id=user_id or None, product=product) for code, user_id, product in settled.unflagged)
    )
    for code, user_id, product in settled.flagged_in_vain:
        uow.issues.close(code, user_ids=[user_id] if user_id else (), product=product)


def _end_reservations(uow: UnitOfWork, invitation_ids: Iterable[str]) -> None:
    before = uow.ledger.reservations()
    for invitation_id in sorted(invitation_ids):
        uow.ledger.drop_reservations(invitation_id)
    record_reservations(uow, before, uow.ledger.reservations())


def _date(uow: UnitOfWork, misdated: Iterable[Seat]) -> None:
    """Give held seats that have no end one, as if they were held now, and take it from seats that are not held."""
    due = later(uow.now, timedelta(hours=uow.tenant.settings.number("hold_hours")))
    for seat in misdated:
        if seat.state is SeatState.HELD:
            dated = seat.hold(uow.now, due, uow.cause.request_id)
            uow.ledger.hold_seats([dated])
            uow.record(Change("seat", seat.id, "seat.held", of_seat(seat), of_seat(dated)))
        else:
            uow.ledger.set_state(seat.product, [seat.user_id], seat.state, seat.since)


def _recount(uow: UnitOfWork, ledger: Ledger, product: str) -> None:
    subscription = ledger.subscriptions[product]
    holding, waiting = ledger.counted(product)
    reserved = ledger.reserved(product)
    excess = holding[max(0, subscription.capacity - reserved) :]
    uow.ledger.set_state(product, [seat.user_id for seat in excess], SeatState.WAITING, uow.now)
    for seat in excess:
        queued = seat.become(SeatState.WAITING, uow.now)
        uow.record(Change("seat", seat.id, "seat.waiting", of_seat(seat), of_seat(queued)))
    before = (subscription.assigned, subscription.waiting)
    counted = (len(holding) + reserved - len(excess), len(waiting) + len(excess))
    if counted != before:
        uow.ledger.recount(product, *counted)
        uow.record(Change("subscription", product, "subscription.recounted", _counters(*before), _counters(*counted)))


def _counters(assigned: int, waiting: int) -> dict[str, int]:
    return {"assigned": assigned, "waiting": waiting}


def _wrong_addresses(uow: UnitOfWork) -> Iterator[str]:
    owners, by_key = uow.addresses.owners(), _by_address(uow)
    flagged = _flagged(uow)
    for key, owner in owners.items():
        if owner not in {user.id for user in by_key.get(key, ())}:
            yield f"address owned by somebody who does not have it: {key}"
    for key, users in by_key.items():
        if key not in owners and not uow.addresses.owned_elsewhere(key):
            yield f"address without an owner: {key}"
            continue
        due = {user.id for user in users} - {owners.get(key)}
        yield from (f"{EMAIL_IN_USE} not open: {user_id}" for user_id in sorted(due - flagged))
        flagged -= due
    yield from (f"{EMAIL_IN_USE} open for nothing: {user_id}" for user_id in sorted(flagged))


def _repair_addresses(uow: UnitOfWork) -> None:
    by_key, before = _by_address(uow), uow.addresses.owners()
    for key, owner in before.items():
        if owner not in {user.id for user in by_key.get(key, ())} and uow.addresses.leave(key, owner):
            uow.addresses.pass_on(key, owner)
    for key, users in by_key.items():
        uow.addresses.take({min(users, key=lambda user: (user.created, user.id)).id: key})
    owners = uow.addresses.owners()
    _record_owners(uow, before, owners)
    due = {user.id: key for key, users in by_key.items() for user in users if owners.get(key) != user.id}
    flagged = _flagged(uow)
    uow.issues.open(
        *(issue(uow, EMAIL_IN_USE, user_id=user_id, subject=due[user_id]) for user_id in sorted(due.keys() - flagged))
    )
    in_vain = flagged - due.keys()
    if in_vain:
        uow.issues.close(EMAIL_IN_USE, user_ids=in_vain)


def _record_owners(uow: UnitOfWork, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    owned, owns = ({owner: key for key, owner in owners.items()} for owners in (before, after))
    for user_id in sorted(owned.keys() | owns.keys()):
        if owned.get(user_id) != owns.get(user_id):
            record_owner(uow, user_id, owned.get(user_id), owns.get(user_id))


def _by_address(uow: UnitOfWork) -> dict[str, list[User]]:
    found: dict[str, list[User]] = {}
    for user in uow.users.all():
        if user.own_address is not None:
            found.setdefault(uow.addresses.key(user.own_address), []).append(user)
    return found


def _flagged(uow: UnitOfWork) -> set[str]:
    ids = [user.id for user in uow.users.all()]
    return {str(each.user_id) for each in uow.issues.of(ids) if each.code == EMAIL_IN_USE}
