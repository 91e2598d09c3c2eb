"""What an admin does to people whom they chose, one or many: shown for each beforehand, then carried out.

Each person is a transaction of their own, so one who cannot be changed does not keep the others from it; all of them
are one request, which can be undone as a whole.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from scim_server.domain.access import SUPER_ADMIN
from scim_server.domain.errors import Invalid, Refusal
from scim_server.domain.events import Cause
from scim_server.domain.particulars import Edit
from scim_server.domain.seats import Policy, SeatState
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, leaving
from scim_server.services.handing import products_called
from scim_server.services.people import Portrait, portraits
from scim_server.services.ports import UnitOfWork, Units

MOST = 500
"""People at once."""


class Deed(StrEnum):
    """What can be done to people. `give` and `take` are about one product."""

    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    DELETE = "delete"
    GIVE = "give"
    TAKE = "take"


PERMISSIONS: Mapping[Deed, str] = {
    Deed.SUSPEND: "people.write",
    Deed.REACTIVATE: "people.write",
    Deed.DELETE: "people.write",
    Deed.GIVE: "seats.write",
    Deed.TAKE: "seats.write",
}
ABOUT_PRODUCTS = frozenset({Deed.GIVE, Deed.TAKE})


class Effect(StrEnum):
    """What becomes of one person."""

    NOTHING = "nothing"
    LOSES = "loses"
    LOSES_NOTHING = "loses_nothing"
    BARRED = "barred"
    KEPT_OUT = "kept_out"
    RETURNS = "returns"
    STAYS_SUSPENDED = "stays_suspended"
    REFUSED_BY_IDP = "refused_by_idp"
    REFUSED_AS_LAST = "refused_as_last"
    GETS_SEAT = "gets_seat"
    COVERED = "covered"
    WAITS = "waits"
    LATER = "later"
    REFUSED_FULL = "refused_full"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a deed would do to one person: the products and roles that go or return, by code."""

    portrait: Portrait
    effect: Effect
    products: Sequence[str] = ()
    roles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many people it was done to, and why not to others, by user name or id."""

    done: int
    refused: Mapping[str, Refusal]


def preview(
    units: Units, tenant: Tenant, deed: Deed, chosen: Collection[str], product: str | None = None
) -> list[Prospect]:
    """What the deed would do to the people of those ids, oldest first; who is gone is left out.

    A fixed number of statements. Raises Missing for an unknown product, Invalid for too many people.
    """
    _check_number(chosen)
    with units.read(tenant) as uow:
        users = sorted(uow.users.some(set(chosen)), key=lambda user: user.id)
        foresee = _foresight(uow, deed, product)
        return [foresee(portrait) for portrait in portraits(uow, users)]


def carry_out(
    units: Units, tenant: Tenant, cause: Cause, deed: Deed, chosen: Collection[str], product: str | None = None
) -> Outcome:
    """Do it to each of them; what is refused of one leaves the others as they were asked for. Raises Invalid."""
    _check_number(chosen)
    act = _act(units, tenant, cause, deed, product)
    done, refused = 0, {}
    for user_id in dict.fromkeys(chosen):
        try:
            act(user_id)
            done += 1
        except Refusal as refusal:
            refused[user_id] = refusal
    return Outcome(done, refused)


def _check_number(chosen: Collection[str]) -> None:
    if len(chosen) > MOST:
        raise Invalid(f"At most {MOST} people are changed at once: choose fewer.")


def _act(units: Units, tenant: Tenant, cause: Cause, deed: Deed, product: str | None) -> Callable[[str], object]:
    acts: Mapping[Deed, Callable[[str], object]] = {
        Deed.SUSPEND: partial(editing.suspend_person, units, tenant, cause),
        Deed.REACTIVATE: partial(editing.reactivate_person, units, tenant, cause),
        Deed.DELETE: partial(leaving.delete_person, units, tenant, cause),
        Deed.GIVE: partial(editing.edit_person, units, tenant, cause, edit=Edit(), added=[product or ""]),
        Deed.TAKE: partial(editing.edit_person, units, tenant, cause, edit=Edit(), removed=[product or ""]),
    }
    return acts[deed]


def _foresight(uow: UnitOfWork, deed: Deed, product: str | None) -> Callable[[Portrait], Prospect]:
    if deed is Deed.REACTIVATE:
        return _reactivated
    if deed not in ABOUT_PRODUCTS:
        return _Leaving.of(uow, deed).gone
    (code,) = products_called(uow, [product or ""])
    return _Giving.of(uow, code).given if deed is Deed.GIVE else partial(_taken, code)


@dataclass
class _Leaving:
    """Suspends or deletes one after the other; the last super admin stays."""

    deed: Deed
    super_admins: set[str]

    @classmethod
    def of(cls, uow: UnitOfWork, deed: Deed) -> "_Leaving":
        return cls(deed, {grant.user_id for grant in uow.grants.with_role(SUPER_ADMIN)})

    def gone(self, portrait: Portrait) -> Prospect:
        user = portrait.user
        if self.deed is Deed.SUSPEND and user.blocked_for is not None:
            return Prospect(portrait, Effect.NOTHING)
        if self.super_admins == {user.id}:
            return Prospect(portrait, Effect.REFUSED_AS_LAST)
        self.super_admins.discard(user.id)
        if self.deed is Deed.SUSPEND and not user.active:
            return Prospect(portrait, Effect.BARRED)
        products = sorted(seat.product for seat in portrait.seats)
        roles = sorted({grant.role for grant in portrait.grants})
        return Prospect(portrait, Effect.LOSES if products or roles else Effect.LOSES_NOTHING, products, roles)


def _reactivated(portrait: Portrait) -> Prospect:
    user = portrait.user
    if user.may_hold:
        return Prospect(portrait, Effect.NOTHING)
    if not user.active:
        return Prospect(portrait, Effect.REFUSED_BY_IDP if user.blocked_for is None else Effect.STAYS_SUSPENDED)
    return Prospect(portrait, Effect.RETURNS, sorted({claim.product for claim in portrait.claims}))


def _taken(product: str, portrait: Portrait) -> Prospect:
    claims = [claim for claim in portrait.claims if claim.product == product]
    if not claims:
        return Prospect(portrait, Effect.NOTHING)
    derived = any(claim.is_derived for claim in claims)
    return Prospect(portrait, Effect.KEPT_OUT if derived else Effect.LOSES, [product])


@dataclass
class _Giving:
    """Gives a product to one after the other, as long as there is room under the policy."""

    product: str
    policy: Policy
    room: int
    bundles: Collection[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, uow: UnitOfWork, product: str) -> "_Giving":
        found = next((each for each in uow.ledger.subscriptions() if each.product == product), None)
        bundles = uow.products.catalogue().covered_by(product)
        if found is None:
            return cls(product, Policy.WAIT, 0, bundles)
        return cls(product, found.policy, 0 if found.waiting else found.room(found.policy), bundles)

    def given(self, portrait: Portrait) -> Prospect:
        return Prospect(portrait, self._effect(portrait), [self.product])

    def _effect(self, portrait: Portrait) -> Effect:
        if not portrait.user.may_hold:
            return Effect.LATER
        if any(seat.product in self.bundles and seat.counts for seat in portrait.seats):
            return Effect.COVERED
        seat = next((seat for seat in portrait.seats if seat.product == self.product), None)
        if seat is not None and seat.state is SeatState.ASSIGNED:
            return Effect.NOTHING
        if self.room:
            self.room -= 1
            return Effect.GETS_SEAT
        return Effect.REFUSED_FULL if self.policy is Policy.REJECT else Effect.WAITS
