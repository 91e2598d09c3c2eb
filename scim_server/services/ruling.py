"""Rules: written by group name, kept by group id."""

from collections.abc import Collection

from scim_server.domain.directory import Group
from scim_server.domain.errors import Contention, Invalid, Missing
from scim_server.domain.events import Cause, Change
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import entitling
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried


@retried
def create_rule(units: Units, tenant: Tenant, cause: Cause, group_name: str, products: Collection[str]) -> Rule:
    """Give everybody in the group the products, now and from now on, at the lowest priority so far.

    The group need not exist: the rule then binds to the first one created under that name. Raises Missing for
    an unknown product, Invalid where group or products are left out.
    """
    if not group_name.strip() or not products:
        raise Invalid("A rule needs the name of a group and at least one product.")
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        _check_products(uow.products.catalogue().products.keys(), products)
        group = _lock_named(uow, group_name)
        priority = max((rule.priority for rule in uow.rules.all()), default=0) + 1
        rule = Rule(
            id=uow.new_id(),
            priority=priority,
            group_id=group.id if group else None,
            group_name=group_name,
            products=frozenset(products),
            enabled=True,
            created=uow.now,
        )
        uow.rules.add(rule)
        uow.record(Change("rule", rule.id, "rule.created", None, _facts(rule)))
        if group is not None:
            entitling.refresh(uow, uow.users.lock(uow.members.users_below([group.id])))
        uow.commit()
        return rule


def rules(units: Units, tenant: Tenant) -> list[Rule]:
    """Every rule of the tenant by priority."""
    with units.read(tenant) as uow:
        return uow.rules.all()


def _lock_named(uow: UnitOfWork, group_name: str) -> Group | None:
    """The group of that name, locked with all groups in it: none can go, be renamed or change members meanwhile."""
    group = uow.groups.named(group_name)
    if group is None:
        return None
    uow.groups.lock_below([group.id])
    still = uow.groups.named(group_name)
    if still is None or still.id != group.id:
        raise Contention(f"the group '{group_name}' was renamed or deleted meanwhile")
    return group


def _check_products(known: Collection[str], products: Collection[str]) -> None:
    unknown = sorted(set(products) - set(known))
    if unknown:
        raise Missing(f"There is no product '{unknown[0]}'. Known products: {', '.join(sorted(known)) or 'none yet'}")


def _facts(rule: Rule) -> dict[str, object]:
    return {
        "priority": rule.priority,
        "group": rule.group_name,
        "groupId": rule.group_id,
        "products": sorted(rule.products),
        "enabled": rule.enabled,
        "condition": rule.condition,
        "role": rule.role,
        "roleGroups": list(rule.role_groups),
        "language": rule.language,
        "templates": dict(rule.templates),
        "policy": rule.policy.value if rule.policy else None,
        "allOrNothing": rule.all_or_nothing,
    }
