"""`scim-server subscription`: the seats a tenant has bought."""

import click

from scim_server.api.items.subscriptions import SubscriptionItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import counted, json_option, listing, print_json, report
from scim_server.domain.seats import Policy
from scim_server.services import subscribing, tenancy

COLUMNS = {
    "Product": "product",
    "Seats": "seats",
    "Assigned": "assigned",
    "Held": "held",
    "Free": "free",
    "Waiting": "waiting",
    "Policy": "policy",
    "Overage": "overage",
}
NUMBER = click.IntRange(0, subscribing.MOST_SEATS)


@click.group("subscription")
def subscriptions() -> None:
    """Subscriptions: the seats a tenant has bought."""


@subscriptions.command("set")
@click.argument("tenant")
@click.argument("product")
@click.option("--seats", type=NUMBER, required=True, help="How many seats are bought in all.")
@click.option("--policy", type=click.Choice([*map(str, Policy)]), help="What happens when none is left.")
@click.option("--overage", type=NUMBER, help="How many more may be assigned under the policy overage.")
@json_option
def set_(tenant: str, product: str, seats: int, policy: str | None, overage: int | None, as_json: bool) -> None:
    """Buy seats of PRODUCT for TENANT; whoever waits gets what is free now.

    A policy or overage that is left out stays as it is (at first: wait, 0).
    """
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    chosen = Policy(policy) if policy else None
    seating = subscribing.set_subscription(units, owner, cause(), product, seats, chosen, overage)
    sentence = (
        f"'{tenant}' has {counted(seating.seats, 'seat')} of '{product}': "
        f"{seating.assigned} assigned, {seating.free} free, {seating.waiting} waiting."
    )
    report(dump(SubscriptionItem, seating), sentence, as_json=as_json)


@subscriptions.command("show")
@click.argument("tenant")
@click.argument("product")
@json_option
def show(tenant: str, product: str, as_json: bool) -> None:
    """The seats of PRODUCT in TENANT."""
    units = migrated().units
    facts = dump(SubscriptionItem, subscribing.subscription(units, tenancy.tenant(units, tenant), product))
    if as_json:
        print_json(facts)
    else:
        listing([facts], COLUMNS, "", as_json=False)


@subscriptions.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every subscription of TENANT by product."""
    units = migrated().units
    found = dump_all(SubscriptionItem, subscribing.subscriptions(units, tenancy.tenant(units, tenant)))
    listing(found, COLUMNS, f"Tenant '{tenant}' has no subscription yet.", as_json=as_json)
