"""`scim-server rule`: which group gives which products."""

from typing import Any

import click

from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, report
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import ruling, tenancy

COLUMNS = {
    "Tenant": "tenant",
    "Priority": "priority",
    "Group": "group",
    "Products": "products",
    "Bound": "bound",
    "Enabled": "enabled",
    "Id": "id",
}


@click.group("rule")
def rules() -> None:
    """Rules: whoever is in the group gets the products."""


@rules.command("create")
@click.argument("tenant")
@click.argument("more", nargs=-1, metavar="")
@click.option("--group", required=True, metavar="DISPLAYNAME", help="The group, by its name in the identity provider.")
@click.option(
    "--product", "products", multiple=True, required=True, metavar="CODE...", help="What it gives; repeatable."
)
@json_option
def create(tenant: str, more: tuple[str, ...], group: str, products: tuple[str, ...], as_json: bool) -> None:
    """Give everybody in a group products, now and from now on.

    The group need not exist yet: the rule then binds to the first one created under that name. Rules made
    earlier come first when seats run out.
    """
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    rule = ruling.create_rule(units, owner, cause(), group, list(dict.fromkeys((*products, *more))))
    when = "" if rule.group_id else ", as soon as there is a group of that name"
    sentence = f"Group '{group}' gives {', '.join(sorted(rule.products))} with priority {rule.priority}{when}."
    report(_facts(owner, rule), sentence, as_json=as_json)


@rules.command("list")
@click.argument("tenant", required=False)
@json_option
def list_(tenant: str | None, as_json: bool) -> None:
    """Every rule of TENANT, or of all tenants, by priority."""
    units = migrated().units
    owners = tenancy.tenants(units) if tenant is None else [tenancy.tenant(units, tenant)]
    found = [_facts(owner, rule) for owner in owners for rule in ruling.rules(units, owner)]
    listing(found, COLUMNS, "There is no rule yet: `scim-server rule create` makes one.", as_json=as_json)


def _facts(tenant: Tenant, rule: Rule) -> dict[str, Any]:
    return {
        "tenant": tenant.slug,
        "id": rule.id,
        "priority": rule.priority,
        "group": rule.group_name,
        "groupId": rule.group_id,
        "bound": rule.group_id is not None,
        "products": sorted(rule.products),
        "enabled": rule.enabled,
        "created": rule.created,
    }
