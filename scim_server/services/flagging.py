"""Issues of subscriptions: opened when a change makes them true, closed when one ends them."""

from scim_server.domain.seats import Subscription
from scim_server.services.issues import LOW_SEATS, OVERAGE, issue
from scim_server.services.ports import UnitOfWork


def flag_subscription(uow: UnitOfWork, before: Subscription, after: Subscription) -> None:
    """Open or close what the change from `before` to `after` makes of the subscription."""
    was, now = due_flags(uow, before), due_flags(uow, after)
    uow.issues.open(*(issue(uow, code, product=after.product) for code in sorted(now - was)))
    for code in sorted(was - now):
        uow.issues.close(code, product=after.product)


def due_flags(uow: UnitOfWork, subscription: Subscription) -> frozenset[str]:
    """The codes of the issues that the subscription must have open."""
    low = subscription.is_low(uow.tenant.settings.number("low_water"))
    return frozenset(code for code, due in ((LOW_SEATS, low), (OVERAGE, subscription.is_over())) if due)
