"""Why does somebody have a product, and why not another one? The chain group, rule, claim, seat, with who and when."""

from dataclasses import dataclass

from scim_server.domain.directory import User
from scim_server.domain.explanations import Explanation
from scim_server.domain.reasoning import Circumstances
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.origins import History
from scim_server.services.ports import UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to say about one person: an explanation per product."""

    user: User
    products: list[Explanation]


def explain(units: Units, tenant: Tenant, person: str, product: str | None = None) -> Account:
    """Why the person (by user name or id) has or lacks the product, or every product that concerns them.

    A fixed number of statements. Raises Missing for somebody who is not there, and for a product that neither the
    catalogue nor the person's entitlements know.
    """
    with units.browse(tenant) as uow:
        user = naming.person(uow, person)
        circumstances = _circumstances(uow, user)
        products = circumstances.concerned() if product is None else [_known(circumstances, product)]
        return Account(user, [circumstances.explain(code) for code in products])


def _known(circumstances: Circumstances, product: str) -> str:
    code = circumstances.catalogue.find(product)
    if code is not None:
        return code
    if product in circumstances.user.entitlement_values:
        return product
    raise circumstances.catalogue.unknown(product)


def _circumstances(uow: UnitOfWork, user: User) -> Circumstances:
    claims, exclusions = uow.ledger.claims([user.id]), uow.ledger.exclusions([user.id])
    rules, above = uow.rules.all(), uow.members.above(user.id)
    conditions = {rule.id: rule.condition for rule in rules if rule.condition is not None}
    groups = {group for _, group in above}
    met = {rule_id for _, rule_id in uow.conditions.meeting(conditions, [user.id])}
    met |= {rule.id for rule in rules if rule.group_id in groups}
    return Circumstances(
        user=user,
        catalogue=uow.products.catalogue(),
        claims=claims,
        seats={seat.product: seat for seat in uow.ledger.seats([user.id])},
        exclusions=exclusions,
        rules=rules,
        met=frozenset(met),
        above=above,
        group_names=uow.groups.names(groups),
        subscriptions={each.product: each for each in uow.ledger.subscriptions()},
        ahead=uow.ledger.ahead(user.id),
        history=History.of(uow, user.id, claims, exclusions, above),
    )
