"""What if the rules or the groups were others? A change is made over the live directory, looked at, and taken back."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from scim_server.domain.events import Cause
from scim_server.domain.seats import SeatState, Subscription
from scim_server.domain.tenants import Tenant
from scim_server.services.configuring import ApplicationSettings, settings_by
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.reaching import reached
from scim_server.services.retrying import retried
from scim_server.services.rule_matches import RuleMatches

Attempt = Callable[[UnitOfWork], object]
"""One of `rule_changes` or `group_changes`, with everything but the transaction filled in."""
COVERED = "covered"
"""What a product is to somebody whose seat of a bundle includes it; otherwise it is in the state of its seat."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What one person has of one product, before and after; None is nothing."""

    product: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of one person: the products that change, and roles by rule and settings before and after."""

    user_id: str
    user_name: str
    shifts: list[Shift]
    roles: tuple[frozenset[str], frozenset[str]]
    settings: tuple[ApplicationSettings, ApplicationSettings]

    @property
    def gains(self) -> list[Shift]:
        return [shift for shift in self.shifts if shift.before is None]

    @property
    def loses(self) -> list[Shift]:
        """A seat that would be held counts as lost: it goes unless an admin keeps it."""
        return [shift for shift in self.shifts if shift.after in (None, SeatState.HELD)]

    @property
    def changes(self) -> list[Shift]:
        return [
            shift for shift in self.shifts if shift.before is not None and shift.after not in (None, SeatState.HELD)
        ]


@dataclass(frozen=True, slots=True)
class Need:
    """The seats of one product: bought, and needed (assigned, held or waited for) before and after the change."""

    product: str
    seats: int
    needed_before: int
    needed: int
    assigned: int
    free: int
    short: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Everybody for whom something would change and who would be there, by user name, and every product whose seats
    are concerned."""

    people: list[Outlook]
    needs: list[Need]


@retried
def what_if(
    units: Units, tenant: Tenant, cause: Cause, attempt: Attempt, most_concerned: int | None = None
) -> Forecast:
    """What a change would do. Nothing is kept of it. Raises what it raises, and ConcernsTooMany before it has begun.

    Whom it concerns is known once it is made; how they were before is read beside it, since nobody else changes them
    while it holds the guard. So it costs what the change costs, whatever the size of the tenant.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        uow.most_concerned = most_concerned
        attempt(uow)
        concerned = reached(uow)
        after = _Picture.of(uow, concerned)
        with units.read(tenant) as beside:
            before = _Picture.of(beside, concerned)
        changing = [user_id for user_id in concerned if before.of_person(user_id) != after.of_person(user_id)]
        people = [_outlook(user.id, user.user_name, before, after) for user in uow.users.some(changing)]
        moved = {shift.product for outlook in people for shift in outlook.shifts}
        needs = [need for need in _needs(before, after) if need.product in moved or need.needed != need.needed_before]
        return Forecast(sorted(people, key=lambda outlook: outlook.user_name), needs)


@dataclass(frozen=True, slots=True)
class _Picture:
    """Some people at one moment, and the seats of the tenant."""

    products: Mapping[str, Mapping[str, str]]
    roles: Mapping[str, frozenset[str]]
    settings: Mapping[str, ApplicationSettings]
    subscriptions: Mapping[str, Subscription]

    @classmethod
    def of(cls, uow: UnitOfWork, user_ids: Collection[str]) -> "_Picture":
        matches = RuleMatches.of(uow, user_ids)
        subscriptions = {each.product: each for each in uow.ledger.subscriptions()}
        settings = settings_by(uow, matches, user_ids)
        return cls(_products(uow, user_ids), _roles(matches), settings, subscriptions)

    def of_person(self, user_id: str) -> tuple[object, ...]:
        """All that may change for somebody."""
        return self.products.get(user_id), self.roles.get(user_id), self.settings_of(user_id)

    def settings_of(self, user_id: str) -> ApplicationSettings:
        """Those of somebody who is not there are none."""
        return self.settings.get(user_id) or ApplicationSettings()


def _products(uow: UnitOfWork, user_ids: Collection[str]) -> dict[str, dict[str, str]]:
    catalogue = uow.products.catalogue()
    states: dict[str, dict[str, str]] = {}
    for seat in uow.ledger.seats(user_ids) if user_ids else ():
        mine = states.setdefault(seat.user_id, {})
        mine[seat.product] = seat.state.value
        for product in catalogue.covers(seat.product) if seat.counts else ():
            mine.setdefault(product, COVERED)
    return states


def _roles(matches: RuleMatches) -> dict[str, frozenset[str]]:
    roles: dict[str, set[str]] = {}
    for user_id, rule in matches.enabled():
        if rule.role is not None:
            roles.setdefault(user_id, set()).add(rule.role)
    return {user_id: frozenset(codes) for user_id, codes in roles.items()}


def _outlook(user_id: str, user_name: str, before: _Picture, after: _Picture) -> Outlook:
    then, now = before.products.get(user_id, {}), after.products.get(user_id, {})
    shifts = [
        Shift(product, then.get(product), now.get(product))
        for product in sorted(then.keys() | now.keys())
        if then.get(product) != now.get(product)
    ]
    none: frozenset[str] = frozenset()
    roles = before.roles.get(user_id, none), after.roles.get(user_id, none)
    return Outlook(user_id, user_name, shifts, roles, (before.settings_of(user_id), after.settings_of(user_id)))


def _needs(before: _Picture, after: _Picture) -> Iterator[Need]:
    for product, subscription in after.subscriptions.items():
        then = before.subscriptions.get(product)
        needed = subscription.assigned + subscription.waiting
        yield Need(
            product=product,
            seats=subscription.seats,
            needed_before=then.assigned + then.waiting if then else 0,
            needed=needed,
            assigned=subscription.assigned,
            free=subscription.free,
            short=max(0, needed - subscription.seats),
        )
