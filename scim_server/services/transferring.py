"""Moving seats and sessions from one person to another, and putting somebody new in a person's place.

`preview` and `run` work out the same plan; `run` does so again under locks and carries it out, in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from scim_server.domain.directory import MOVED_AWAY, User
from scim_server.domain.errors import Contention, Invalid, Missing, OwnedElsewhere
from scim_server.domain.events import Cause, Event, Subject, some_of
from scim_server.domain.seats import DIRECT, Policy
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Holdings, Mode, Party, Plan, ProductPlan, sort_sessions
from scim_server.services import entitling, granting
from scim_server.services.bequeathing import reassign
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.taking_over import Newcomer, plan_take_over, take_over


@dataclass(frozen=True, slots=True)
class Wish:
    """A transfer somebody asks for. `giver` and `receiver` are addresses or user names.

    No `products` means all. With `add_co_organiser` the receiver becomes co-organiser of webinars, which then move.
    `newcomer` is who takes over; `receiver` is then their address.
    """

    mode: Mode
    giver: str
    receiver: str
    products: Sequence[str] = ()
    add_co_organiser: bool = False
    newcomer: Newcomer | None = None

    @classmethod
    def asked(
        cls,
        mode: Mode,
        giver: str,
        receiver: str,
        products: Sequence[str] = (),
        *,
        add_co_organiser: bool = False,
        first: str | None = None,
        last: str | None = None,
        user_name: str | None = None,
        keep_recordings: bool = False,
    ) -> Self:
        """The wish of somebody who may have said who takes over."""
        named = mode is Mode.TAKE_OVER or first or last or user_name or keep_recordings
        newcomer = Newcomer(receiver, first or "", last or "", user_name, keep_recordings) if named else None
        return cls(mode, giver, receiver, products, add_co_organiser, newcomer)


def preview(units: Units, tenant: Tenant, wish: Wish) -> Plan:
    """What the transfer would do. Raises Missing, Invalid or Taken where it is impossible or moves nothing."""
    with units.read(tenant) as uow:
        return _plan(uow, wish, _named(uow, wish.giver), _find(uow, wish.receiver))


@retried
def run(units: Units, tenant: Tenant, cause: Cause, wish: Wish) -> Plan:
    """Carry the transfer out; answers what it did. Raises as `preview` does, and then nothing is changed.

    Raises Forbidden where somebody would take over a role above whoever asks.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=False)
        giver, receiver = _locked(uow, _named(uow, wish.giver), _find(uow, wish.receiver))
        plan = _plan(uow, wish, giver, receiver)
        if wish.newcomer is not None:
            granting.check_outranked(uow, giver)
            take_over(uow, giver, wish.newcomer)
        elif receiver is not None:
            _move(uow, plan, giver, receiver)
        _announce(uow, plan)
        uow.commit()
        return plan


def _plan(uow: UnitOfWork, wish: Wish, giver: User, receiver: User | None) -> Plan:
    if not giver.may_hold:
        raise Invalid(
            f"'{giver.user_name}' is suspended and so holds no seat that could move. Reactivate them first, or give "
            "the other person a seat of their own."
        )
    if wish.mode is Mode.TAKE_OVER:
        if wish.newcomer is None or wish.products:
            raise Invalid("take_over needs the first and last name of who takes over, and always keeps every product.")
        return plan_take_over(uow, giver, receiver, wish.newcomer)
    if receiver is None:
        raise _nobody_to_receive(uow, wish.receiver)
    if wish.newcomer is not None:
        raise Invalid(f"'{receiver.user_name}' keeps their own name: only take_over gives a new one.")
    return _seat_plan(uow, wish, giver, receiver)


def _seat_plan(uow: UnitOfWork, wish: Wish, giver: User, receiver: User) -> Plan:
    if giver.id == receiver.id:
        raise Invalid(f"'{giver.user_name}' cannot transfer to themselves. Name two different people.")
    if not receiver.may_hold:
        away = receiver.blocked_for == MOVED_AWAY
        cure = "They moved to another tenant: send an invitation first." if away else "Reactivate them first."
        raise Invalid(f"'{receiver.user_name}' is suspended and can hold no seat. {cure}")
    catalogue = uow.products.catalogue()
    named = [catalogue.find(value) or value for value in wish.products]
    unknown = sorted(set(named) - catalogue.products.keys())
    if unknown:
        raise catalogue.unknown(unknown[0])
    products = ProductPlan(
        _party(giver), _party(receiver), _holdings(uow, giver.id), _holdings(uow, receiver.id), catalogue
    )
    products.settle(named)
    upcoming = uow.sessions.upcoming(giver.id, uow.now) if wish.mode is Mode.SEAT_AND_EVENTS else []
    moving, staying = sort_sessions(upcoming, products.receiver, add_co_organiser=wish.add_co_organiser)
    plan = Plan(
        wish.mode,
        products.giver,
        products.receiver,
        tuple(products.moves.values()),
        products.staying,
        moving,
        staying,
        notes=products.notes,
    )
    if plan.moves_nothing:
        why = "; ".join(plan.reasons) or f"{giver.user_name} has no seat and waits for none"
        raise Invalid(f"There is nothing to move from '{giver.user_name}' to '{receiver.user_name}': {why}.")
    return plan


def _move(uow: UnitOfWork, plan: Plan, giver: User, receiver: User) -> None:
    products = [move.product for move in plan.products]
    if products:
        may_hold = {user.id: user.may_hold for user in (giver, receiver)}
        entitling.hand_over(uow, giver.id, receiver.id, products, may_hold)
    reassign(uow, plan.sessions, receiver.id)


def _announce(uow: UnitOfWork, plan: Plan) -> None:
    data = {
        "mode": plan.mode.value,
        "from": plan.giver.id,
        "to": plan.receiver.id,
        "products": [move.product for move in plan.products],
        "sessions": some_of([session.id for session in plan.sessions]),
    }
    for user_id in sorted({plan.giver.id, plan.receiver.id}):
        uow.publish(Event("transfer.completed", Subject.person(user_id), data))


def _holdings(uow: UnitOfWork, user_id: str) -> Holdings:
    """What the user holds, what gives it to them, and what they wait for under the policy `downgrade`."""
    names = {rule.source: f"rule '{rule.group_name or rule.condition}'" for rule in uow.rules.all()}
    names[DIRECT] = "an entitlement of the identity provider"
    claims: dict[str, list[str]] = {}
    for claim in sorted(uow.ledger.claims([user_id]), key=lambda claim: (claim.place, claim.source)):
        claims.setdefault(claim.product, []).extend([names[claim.source]] if claim.source in names else [])
    seats = {seat.product: seat for seat in uow.ledger.seats([user_id])}
    policies = {each.product: each for each in uow.ledger.subscriptions()}
    downgraded = frozenset(
        product
        for product, seat in seats.items()
        if not seat.counts and policies[product].policy_for(seat.want) is Policy.DOWNGRADE
    )
    return Holdings(seats, claims, downgraded)


def _locked(uow: UnitOfWork, giver: User, receiver: User | None) -> tuple[User, User | None]:
    """Both people as they are now, locked by id. Raises Contention where one left or changed names meanwhile."""
    ids = {giver.id} | ({receiver.id} if receiver else set())
    uow.users.lock(ids)
    found = {user.id: user for user in uow.users.some(ids)}
    for user in (giver, receiver):
        if user is not None and (user.id not in found or _party(found[user.id]) != _party(user)):
            raise Contention(f"'{user.user_name}' left or changed meanwhile")
    return found[giver.id], found[receiver.id] if receiver else None


def _named(uow: UnitOfWork, text: str) -> User:
    user = _find(uow, text)
    if user is None:
        raise Missing(f"Tenant '{uow.tenant.slug}' has nobody with the user name or address '{text}'.")
    return user


def _find(uow: UnitOfWork, text: str) -> User | None:
    """The user of that name, or who owns the address. Raises Invalid where those are two people."""
    named, owner_id = uow.users.called(text), uow.addresses.owner(text)
    owner = next(iter(uow.users.some([owner_id])), None) if owner_id else None
    if named is not None and owner is not None and named.id != owner.id:
        raise Invalid(
            f"'{text}' is the user name of one person and the address of another, whose user name is "
            f"'{owner.user_name}'. Name that one by the user name, this one by the address '{named.address}'."
        )
    return named or owner


def _nobody_to_receive(uow: UnitOfWork, text: str) -> Exception:
    slug = uow.tenant.slug
    if uow.addresses.owned_elsewhere(text):
        return OwnedElsewhere(
            f"'{text}' belongs to somebody outside tenant '{slug}', so a seat reaches them only with their consent: "
            f"`scim-server invitation send {slug} {text}` asks for it.",
            text,
        )
    return Missing(
        f"Tenant '{slug}' has nobody with the user name or address '{text}'. "
        f"`scim-server user add {slug} {text} --first FIRST --last LAST` adds them; then transfer again."
    )


def _party(user: User) -> Party:
    return Party(user.id, user.user_name, user.address)
