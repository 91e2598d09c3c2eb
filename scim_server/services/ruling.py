"""Rules: who gets what by group or by attribute. Written by group name or id, kept by id."""

from collections.abc import Sequence

from scim_server.domain.events import Cause
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import rule_changes
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.rule_parts import RuleParts


@retried
def create_rule(units: Units, tenant: Tenant, cause: Cause, parts: RuleParts) -> Rule:
    """Give everybody in a group, or who meets a condition, products, a role or settings, now and from now on.

    A group that is named need not exist: the rule then binds to the first one created under that name. Raises
    Missing for an unknown product, role, template or group id, Invalid for parts that do not make a rule.
    """
    with units.write(tenant, cause) as uow:
        rule = rule_changes.add(uow, parts)
        uow.commit()
        return rule


@retried
def edit_rule(units: Units, tenant: Tenant, cause: Cause, rule_id: str, parts: RuleParts) -> Rule:
    """Change parts of a rule, for everybody whom it concerned or concerns now. Raises Missing, Invalid."""
    with units.write(tenant, cause) as uow:
        rule = rule_changes.change(uow, rule_id, parts)
        uow.commit()
        return rule


@retried
def reorder_rules(units: Units, tenant: Tenant, cause: Cause, rule_ids: Sequence[str]) -> list[Rule]:
    """Give those rules the first priorities, in that order; answers all rules. Raises Missing, Invalid."""
    with units.write(tenant, cause) as uow:
        rules = rule_changes.reorder(uow, rule_ids)
        uow.commit()
        return rules


@retried
def delete_rule(units: Units, tenant: Tenant, cause: Cause, rule_id: str) -> Rule:
    """Take a rule out, with what it gave. Raises Missing."""
    with units.write(tenant, cause) as uow:
        rule = rule_changes.remove(uow, rule_id)
        uow.commit()
        return rule


def rule(units: Units, tenant: Tenant, rule_id: str) -> Rule:
    """One rule. Raises Missing."""
    return rule_changes.find(rules(units, tenant), rule_id)


def rules(units: Units, tenant: Tenant) -> list[Rule]:
    """Every rule of the tenant by priority."""
    with units.read(tenant) as uow:
        return uow.rules.all()


def reach(units: Units, tenant: Tenant, rule_id: str) -> int:
    """How many people a rule meets, enabled or not. Raises Missing."""
    with units.browse(tenant) as uow:
        found = rule_changes.find(uow.rules.all(), rule_id)
        if found.condition is not None:
            return uow.conditions.count(found.condition)
        return 0 if found.group_id is None else _people_in(uow, found.group_id)


def check_condition(units: Units, tenant: Tenant, text: str) -> None:
    """Raises Invalid where the text is no condition on people, or looks at what the server works out itself."""
    with units.read(tenant) as uow:
        uow.conditions.check(text)


def _people_in(uow: UnitOfWork, group_id: str) -> int:
    """Where no group is in the group nobody is in it twice, and its members are counted without being told apart."""
    if uow.members.nested_in(group_id):
        return uow.members.count_below(group_id)
    return uow.members.sizes({group_id}).get(group_id, 0)
