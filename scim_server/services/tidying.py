"""Issues that nobody's seat comes with: those that no longer hold are closed, those that are missing opened.

Every change closes what it settles itself; this is for what fell between two of them, and for settings that changed.
"""

from collections.abc import Collection, Iterable

from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import for_each_tenant
from scim_server.services.expiring import expiry_issues
from scim_server.services.flagging import due_flags
from scim_server.services.issues import LOW_SEATS, ORPHAN_RULE, OVERAGE, UNKNOWN_MEMBER, issue
from scim_server.services.ports import Issue, UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.tenancy import tenants

CHORE = "tidy-issues"
OF_SUBSCRIPTIONS = (LOW_SEATS, OVERAGE)


@retried
def tidy(units: Units, tenant: Tenant, cause: Cause) -> int:
    """Bring the issues of subscriptions, rules, groups and tokens up to date; answers how many were closed and opened.

    Costs a fixed number of statements, and one more for each unknown member who has become known.
    """
    with units.write(tenant, cause) as uow:
        missing, stale = _of_subscriptions(uow)
        stale += _of_rules(uow)
        stale += _of_groups(uow)
        expiring, replaced = expiry_issues(uow)
        missing, stale = missing + expiring, stale + replaced
        if missing or stale:
            uow.issues.close_these(stale)
            uow.issues.open(*missing)
            uow.commit()
        return len(missing) + len(stale)


def tidy_all(units: Units) -> int:
    """The chore: the same for every tenant."""
    return for_each_tenant(tenants(units), lambda tenant: tidy(units, tenant, chore_cause(CHORE)))


def _of_subscriptions(uow: UnitOfWork) -> tuple[list[Issue], list[Issue]]:
    """What is missing and what is stale; the subscriptions are locked, so that their counters stay as they are."""
    subscriptions = uow.ledger.lock(sorted(uow.products.catalogue().products))
    due = {(code, product) for product, each in subscriptions.items() for code in due_flags(uow, each)}
    opened = {(each.code, each.product): each for each in uow.issues.of_products(OF_SUBSCRIPTIONS)}
    missing = [issue(uow, code, product=product) for code, product in sorted(due - opened.keys())]
    return missing, [each for key, each in opened.items() if key not in due]


def _of_rules(uow: UnitOfWork) -> list[Issue]:
    """Rules that have a group again, or are gone."""
    orphans = {rule.id for rule in uow.rules.all() if rule.group_id is None and rule.condition is None}
    return [each for each in uow.issues.find(closed=False, code=ORPHAN_RULE) if each.subject not in orphans]


def _of_groups(uow: UnitOfWork) -> list[Issue]:
    """Unknown members who are members by now, or whose group is gone."""
    opened = uow.issues.find(closed=False, code=UNKNOWN_MEMBER)
    groups = uow.groups.names(_distinct(each.group_id for each in opened))
    known = uow.members.kinds(_distinct(each.subject for each in opened))
    joined = {(group_id, member_id) for member_id in known for group_id in uow.members.groups_of(member_id)}
    return [each for each in opened if each.group_id not in groups or (each.group_id, each.subject) in joined]


def _distinct(ids: Iterable[str | None]) -> Collection[str]:
    return dict.fromkeys(each for each in ids if each).keys()
