"""`scim-server rule`: who gets which products, role and settings, by group or by attribute."""

from typing import Any

import click

from scim_server.api.items.rules import RuleItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, json_option, listing, report, show_one, yes_option
from scim_server.cli.rule_forecasts import what_if
from scim_server.cli.rule_options import part_options, parts_of
from scim_server.domain.rules import Rule
from scim_server.services import ruling, tenancy

COLUMNS = {
    "Priority": "priority",
    "Group": "group",
    "Condition": "condition",
    "Products": "products",
    "Role": "role",
    "Language": "language",
    "Bound": "bound",
    "Enabled": "enabled",
    "Id": "id",
}


@click.group("rule")
def rules() -> None:
    """Rules: whoever is in the group, or meets the condition, gets the products, role and settings."""


rules.add_command(what_if)


@rules.command("create")
@click.argument("tenant")
@part_options
@json_option
def create(tenant: str, *, as_json: bool, **parts: Any) -> None:
    """Give people products, a role, a language or settings, now and from now on.

    For everybody in a group (--group) or who meets a condition (--filter). A group that is named need not exist
    yet: the rule then binds to the first one created under that name. Rules of a higher priority come first when
    seats run out, and decide role, language and settings; a new rule is the last unless --priority says otherwise.
    """
    named = parts_of(**parts)
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    rule = ruling.create_rule(units, owner, cause(), named)
    report(dump(RuleItem, rule), _sentence(rule), as_json=as_json)


@rules.command("show")
@click.argument("tenant")
@click.argument("rule_id", metavar="ID")
@json_option
def show(tenant: str, rule_id: str, as_json: bool) -> None:
    """One rule with all its parts."""
    units = migrated().units
    found = dump(RuleItem, ruling.rule(units, tenancy.tenant(units, tenant), rule_id))
    show_one(found, as_json=as_json)


@rules.command("edit")
@click.argument("tenant")
@click.argument("rule_id", metavar="ID")
@part_options
@json_option
def edit(tenant: str, rule_id: str, *, as_json: bool, **parts: Any) -> None:
    """Change the parts of a rule that are named; the others stay as they are.

    --product and --role-group name all of them anew. 'none' takes a role, its groups, a language, a policy, the
    template of a product (PRODUCT=none) or all products out.
    """
    named = parts_of(**parts)
    if not named:
        raise click.UsageError("Say what is to change: at least one option.")
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    rule = ruling.edit_rule(units, owner, cause(), rule_id, named)
    report(dump(RuleItem, rule), _sentence(rule), as_json=as_json)


@rules.command("reorder")
@click.argument("tenant")
@click.argument("rule_ids", nargs=-1, required=True, metavar="ID...")
@json_option
def reorder(tenant: str, rule_ids: tuple[str, ...], as_json: bool) -> None:
    """Give these rules the first priorities, in this order; the others follow as before."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    found = dump_all(RuleItem, ruling.reorder_rules(units, owner, cause(), rule_ids))
    listing(found, COLUMNS, "", as_json=as_json)


@rules.command("delete")
@click.argument("tenant")
@click.argument("rule_id", metavar="ID")
@yes_option
@json_option
def delete(tenant: str, rule_id: str, yes: bool, as_json: bool) -> None:
    """Take a rule out; whoever has something by it alone loses that."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if asks(yes=yes, as_json=as_json):
        click.get_current_context().invoke(what_if.commands["delete"], tenant=tenant, rule_id=rule_id, as_json=False)
        click.confirm("Delete the rule?", abort=True)
    rule = ruling.delete_rule(units, owner, cause(), rule_id)
    report(dump(RuleItem, rule), f"Rule {rule.id} for {rule.audience} is deleted.", as_json=as_json)


@rules.command("list")
@click.argument("tenant", required=False)
@json_option
def list_(tenant: str | None, as_json: bool) -> None:
    """Every rule of TENANT by priority; of all tenants, with whose each is, where none is named."""
    units = migrated().units
    none = "There is no rule yet: `scim-server rule create` makes one."
    if tenant is not None:
        found = dump_all(RuleItem, ruling.rules(units, tenancy.tenant(units, tenant)))
        listing(found, COLUMNS, none, as_json=as_json)
        return
    everybodys = [
        {"tenant": owner.slug, **dump(RuleItem, rule)}
        for owner in tenancy.tenants(units)
        for rule in ruling.rules(units, owner)
    ]
    listing(everybodys, {"Tenant": "tenant", **COLUMNS}, none, as_json=as_json)


def _sentence(rule: Rule) -> str:
    given = [*sorted(rule.products), *([f"role {rule.role}"] if rule.role else ())]
    given += [f"language {rule.language}"] if rule.language else []
    waits = rule.condition is None and rule.group_id is None
    when = ", as soon as there is a group of that name" if waits else ""
    off = "" if rule.enabled else " It is disabled."
    who = rule.audience[0].upper() + rule.audience[1:]
    verb = "gives" if rule.condition is None else "get"
    return f"{who} {verb} {', '.join(given)} with priority {rule.priority}{when}.{off}"
