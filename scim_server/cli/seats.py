"""`scim-server seat`: who holds what, who waits, and products given and taken by hand."""

from collections.abc import Collection

import click

from scim_server.api.items.seats import HandedItem, IntentsItem, SeatItem, WaitingItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, print_json, report
from scim_server.cli.people import edited_sentence
from scim_server.domain.particulars import Edit
from scim_server.domain.seats import SeatState
from scim_server.services import editing, lifting, seats_seen, tenancy

COLUMNS = {
    "User name": "userName",
    "Product": "product",
    "State": "state",
    "Since": "since",
    "Source": "source",
    "Due": "due",
}
QUEUE_COLUMNS = {"Place": "place", "User name": "userName", "Source": "source", "Rank": "rank", "Claimed": "claimed"}
CLAIM_COLUMNS = {"Claim on": "product", "Source": "source", "Rank": "rank", "Since": "since"}
EXCLUSION_COLUMNS = {"Kept out of": "product", "Source": "source", "Reason": "reason", "Since": "since"}

tenant_argument = click.argument("tenant")
user_argument = click.argument("user_name", metavar="USERNAME")
products_argument = click.argument("products", nargs=-1, required=True, metavar="PRODUCT...")


@click.group("seat")
def seats() -> None:
    """Seats: who holds which product, who waits for one, and why. USERNAME is a user name or an id."""


@seats.command("list")
@tenant_argument
@click.option("--product", metavar="CODE", help="Seats of that product.")
@click.option("--state", type=click.Choice([*map(str, SeatState)]), help="Seats in that state.")
@click.option("--user", metavar="USERNAME", help="Seats of that person.")
@json_option
def list_(tenant: str, product: str | None, state: str | None, user: str | None, as_json: bool) -> None:
    """The seats of TENANT by person and product."""
    units = migrated().units
    owner, chosen = tenancy.tenant(units, tenant), None if state is None else SeatState(state)
    found = dump_all(SeatItem, seats_seen.every_seat(units, owner, product=product, state=chosen, person=user))
    listing(found, COLUMNS, f"Tenant '{tenant}' has no such seat.", as_json=as_json)


@seats.command("waiting")
@tenant_argument
@click.argument("product")
@json_option
def waiting(tenant: str, product: str, as_json: bool) -> None:
    """Who waits for PRODUCT in TENANT, in the order of the queue."""
    units = migrated().units
    queue = seats_seen.everybody_waiting(units, tenancy.tenant(units, tenant), product)
    found = dump_all(WaitingItem, queue)
    rows = found if as_json else [{"place": each["place"], **each["seat"]} for each in found]
    listing(rows, QUEUE_COLUMNS, f"Nobody waits for '{product}'.", as_json=as_json)


@seats.command("claims")
@tenant_argument
@user_argument
@json_option
def claims(tenant: str, user_name: str, as_json: bool) -> None:
    """What gives a person of TENANT products, and what keeps them out of some."""
    units = migrated().units
    found = dump(IntentsItem, seats_seen.intents(units, tenancy.tenant(units, tenant), user_name))
    if as_json:
        print_json(found)
        return
    listing(found["claims"], CLAIM_COLUMNS, f"'{found['userName']}' has no claim.", as_json=False)
    if found["exclusions"]:
        listing(found["exclusions"], EXCLUSION_COLUMNS, "", as_json=False)


@seats.command("give")
@tenant_argument
@user_argument
@products_argument
@json_option
def give(tenant: str, user_name: str, products: tuple[str, ...], as_json: bool) -> None:
    """Give products to a person of TENANT by hand, whatever kept them out before."""
    _hand(tenant, user_name, given=products, as_json=as_json)


@seats.command("take")
@tenant_argument
@user_argument
@products_argument
@json_option
def take(tenant: str, user_name: str, products: tuple[str, ...], as_json: bool) -> None:
    """Take products from a person of TENANT by hand.

    They are kept out of what rules or entitlements go on giving, until `seat give` or `seat lift`.
    """
    _hand(tenant, user_name, taken=products, as_json=as_json)


@seats.command("lift")
@tenant_argument
@user_argument
@products_argument
@json_option
def lift(tenant: str, user_name: str, products: tuple[str, ...], as_json: bool) -> None:
    """Lift what keeps a person of TENANT out of products: rules and entitlements give them again."""
    units = migrated().units
    edited = lifting.lift_exclusions(units, tenancy.tenant(units, tenant), cause(), user_name, products)
    report(dump(HandedItem, edited), edited_sentence(edited), as_json=as_json)


def _hand(
    tenant: str, user_name: str, *, given: Collection[str] = (), taken: Collection[str] = (), as_json: bool
) -> None:
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    edited = editing.edit_person(units, owner, cause(), user_name, Edit(), added=given, removed=taken)
    report(dump(HandedItem, edited), edited_sentence(edited), as_json=as_json)
