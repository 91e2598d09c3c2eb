"""Working out anew what people should have, a batch at a time: by hand, and every day.

Claims by entitlement and by rule, seats and issues follow from what is stored; where all is well, nothing changes.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services import entitling, granting, naming, provisioning
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import step_by_step
from scim_server.services.inspecting import SEAT_ISSUES
from scim_server.services.issue_reports import issue_called
from scim_server.services.issues import issue
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.rule_matches import RuleMatches
from scim_server.services.tenancy import tenants
from scim_server.services.tidying import tidy

BATCH = 200
"""People in one transaction: as long as it takes, nobody else changes them or takes a seat of theirs."""
CHORE = "reprocess"


@dataclass(frozen=True, slots=True)
class Reprocessed:
    """How many people were looked at, and how many issues that closed and opened."""

    people: int
    closed: int
    opened: int


def reprocess_some(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    user: str | None = None,
    group: str | None = None,
    product: str | None = None,
) -> Reprocessed:
    """Work out anew what everybody should have, or those whom the one text given names; raises Missing, Invalid."""
    if sum(each is not None for each in (user, group, product)) > 1:
        raise Invalid("Name a user, a group or a product, not several of them.")
    if user is not None:
        return reprocess_user(units, tenant, cause, user)
    if group is not None:
        return reprocess_group(units, tenant, cause, group)
    if product is not None:
        return reprocess_product(units, tenant, cause, product)
    return reprocess_tenant(units, tenant, cause)


def reprocess_user(units: Units, tenant: Tenant, cause: Cause, user_name: str) -> Reprocessed:
    """Work out anew what one person should have; raises Missing."""
    with units.read(tenant) as uow:
        user = naming.person(uow, user_name)
    return _reprocess(units, tenant, cause, [[user.id]])


def reprocess_group(units: Units, tenant: Tenant, cause: Cause, display_name: str) -> Reprocessed:
    """The same for everybody in a group and in groups nested in it; raises Missing."""
    with units.read(tenant) as uow:
        group = uow.groups.named(display_name)
        if group is None:
            raise Missing(f"Tenant '{tenant.slug}' has no group '{display_name}'.")
        ids = uow.members.users_below([group.id])
    return _reprocess(units, tenant, cause, _batches(ids))


def reprocess_product(units: Units, tenant: Tenant, cause: Cause, product: str) -> Reprocessed:
    """The same for everybody who claims, holds or should have a product; raises Missing."""
    with units.read(tenant) as uow:
        catalogue = uow.products.catalogue()
    if product not in catalogue.products:
        raise catalogue.unknown(product)
    return _reprocess(units, tenant, cause, _everybody(units, tenant), product)


def reprocess_issue(units: Units, tenant: Tenant, cause: Cause, issue_id: str) -> Reprocessed:
    """The same for whoever an open issue is about: a person, a group, or whom a product concerns.

    One about none of them is looked at by itself. Raises Missing, and Taken where it is closed.
    """
    with units.read(tenant) as uow:
        found = issue_called(uow, issue_id)
        if found.closed is not None:
            raise Taken(f"Issue '{issue_id}' is closed already.")
        members = [] if found.group_id is None else uow.members.users_below([found.group_id])
    if found.user_id is not None:
        return _reprocess(units, tenant, cause, [[found.user_id]])
    if found.group_id is None and found.product is not None:
        return reprocess_product(units, tenant, cause, found.product)
    return _reprocess(units, tenant, cause, _batches(members))


def reprocess_tenant(units: Units, tenant: Tenant, cause: Cause) -> Reprocessed:
    """The same for everybody, and close what issues of the tenant no longer hold."""
    return _reprocess(units, tenant, cause, _everybody(units, tenant))


def reprocess(units: Units) -> Iterator[int]:
    """The chore: everybody of every tenant, a batch at a step; how many issues that closed and opened."""
    return step_by_step(tenants(units), lambda tenant: _in_steps(units, tenant))


def _in_steps(units: Units, tenant: Tenant) -> Iterator[int]:
    cause, before = chore_cause(CHORE), _open_issues(units, tenant)
    for batch in _everybody(units, tenant):
        _reprocess_batch(units, tenant, cause, batch, None)
        yield 0
    tidy(units, tenant, cause)
    yield len(before ^ _open_issues(units, tenant))


def _reprocess(
    units: Units, tenant: Tenant, cause: Cause, batches: Iterable[Collection[str]], product: str | None = None
) -> Reprocessed:
    before = _open_issues(units, tenant)
    people = sum(_reprocess_batch(units, tenant, cause, batch, product) for batch in batches)
    tidy(units, tenant, cause)
    after = _open_issues(units, tenant)
    return Reprocessed(people, len(before - after), len(after - before))


def _open_issues(units: Units, tenant: Tenant) -> set[str]:
    with units.read(tenant) as uow:
        return {each.id for each in uow.issues.find(closed=False)}


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _everybody(units: Units, tenant: Tenant) -> Iterator[list[str]]:
    last = ""
    while True:
        with units.read(tenant) as uow:
            ids = uow.users.ids_after(last, BATCH)
        if not ids:
            return
        yield ids
        last = ids[-1]


@retried
def _reprocess_batch(units: Units, tenant: Tenant, cause: Cause, ids: Collection[str], product: str | None) -> int:
    """Answers how many people it looked at. The number of statements does not depend on theirs."""
    with units.write(tenant, cause) as uow:
        provisioning.enter_groups(uow)
        may_hold = uow.users.lock(ids)
        users = uow.users.some(may_hold.keys())
        if product is not None:
            concerned = _concerned(uow, users, product)
            users = [user for user in users if user.id in concerned]
        provisioning.claim_entitlements(uow, users)
        granting.reprocess(uow, users)
        entitling.refresh(uow, {user.id: may_hold[user.id] for user in users})
        _flag_seats(uow, users)
        uow.commit()
        return len(users)


def _concerned(uow: UnitOfWork, users: Collection[User], product: str) -> set[str]:
    """Those whose claims, seats, entitlements or rules are about the product."""
    ids = [user.id for user in users]
    found = {claim.user_id for claim in uow.ledger.claims(ids) if claim.product == product}
    found |= {seat.user_id for seat in uow.ledger.seats(ids, [product])}
    found |= {user_id for user_id, rule in RuleMatches.of(uow, ids).enabled() if product in rule.products}
    found |= {user.id for user in users if product in map(str.casefold, user.entitlement_values)}
    return found


def _flag_seats(uow: UnitOfWork, users: Collection[User]) -> None:
    """Leave people with just the issues that their seats come with."""
    ids = [user.id for user in users]
    due = {
        (code, seat.user_id, seat.product)
        for seat in uow.ledger.seats(ids)
        for code, state in SEAT_ISSUES.items()
        if seat.state is state
    }
    opened = {(each.code, each.user_id, each.product): each for each in uow.issues.of(ids) if each.code in SEAT_ISSUES}
    uow.issues.close_these([each for key, each in opened.items() if key not in due])
    fresh = sorted(key for key in due if key not in opened)
    uow.issues.open(*(issue(uow, code, user_id=user_id, product=product) for code, user_id, product in fresh))
