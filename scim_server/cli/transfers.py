"""`scim-server transfer`: seats and sessions from one person to another, never without a preview."""

from typing import Any

import click

from scim_server.api.items.transfers import TransferItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, counted, json_option, listing, print_json, printable, yes_option
from scim_server.cli.parameters import together
from scim_server.domain.transfers import Mode, Plan, Staying
from scim_server.services import tenancy, transferring
from scim_server.services.transferring import Wish

PRODUCT_COLUMNS = {"Product": "product", "State": "state"}
SESSION_COLUMNS = {"Session": "id", "Kind": "kind", "Starts": "starts", "Title": "title"}
STAYING_COLUMNS = {"Stays": "what", "Because": "reason"}
REPLACEMENT_COLUMNS = {"Attribute": "attribute", "Before": "before", "After": "after"}

_asks = together(
    click.argument("tenant"),
    click.argument("giver", metavar="FROM"),
    click.argument("receiver", metavar="TO"),
    click.option("--mode", type=click.Choice([mode.value for mode in Mode]), required=True, help="What moves."),
    click.option("--product", "products", multiple=True, metavar="CODE", help="Only this product; repeatable."),
    click.option("--add-co-organiser", is_flag=True, help="Make TO co-organiser of webinars, so that they move."),
    click.option("--first", metavar="NAME", help="take_over: the first name of who takes over."),
    click.option("--last", metavar="NAME", help="take_over: the last name of who takes over."),
    click.option("--user-name", metavar="USERNAME", help="take_over: the new user name instead of the address."),
    click.option("--keep-recordings", is_flag=True, help="take_over: who takes over sees the recordings made so far."),
    json_option,
)
"""What preview and run have in common."""


@click.group("transfer")
def transfers() -> None:
    """Transfers: a seat from one address to another, at any number of free seats.

    FROM and TO are addresses or user names. The mode `seat` moves the products, `seat_and_events` the upcoming
    sessions as well; with `take_over` somebody new gets FROM's place with everything in it.
    """


@transfers.command("preview")
@_asks
def preview(tenant: str, as_json: bool, **asked: Any) -> None:
    """Say exactly what a transfer in TENANT would move and what not."""
    units = migrated().units
    _show(transferring.preview(units, tenancy.tenant(units, tenant), _wish(**asked)), as_json=as_json)


@transfers.command("run")
@yes_option
@_asks
def run(tenant: str, yes: bool, as_json: bool, **asked: Any) -> None:
    """Show what a transfer in TENANT moves, ask at a terminal, and carry it out."""
    units = migrated().units
    owner, wish = tenancy.tenant(units, tenant), _wish(**asked)
    if not as_json:
        _show(transferring.preview(units, owner, wish), as_json=False)
        confirm("Carry it out?", yes=yes, as_json=as_json)
    plan = transferring.run(units, owner, cause(), wish)
    if as_json:
        _show(plan, as_json=True)
    else:
        click.echo(printable(_done(plan)))


def _wish(giver: str, receiver: str, mode: str, products: tuple[str, ...], **more: Any) -> Wish:
    return Wish.asked(Mode(mode), giver, receiver, products, **more)


def _show(plan: Plan, *, as_json: bool) -> None:
    facts = dump(TransferItem, plan)
    if as_json:
        print_json(facts)
        return
    verb = "takes over from" if plan.mode is Mode.TAKE_OVER else "receives from"
    click.echo(printable(f"{plan.receiver.user_name} {verb} {plan.giver.user_name} ({plan.mode}):"))
    for columns, objects in (
        (REPLACEMENT_COLUMNS, facts["replacements"]),
        (PRODUCT_COLUMNS, facts["products"]),
        (SESSION_COLUMNS, facts["sessions"]),
        (STAYING_COLUMNS, list(map(_staying, [*plan.staying_products, *plan.staying_sessions]))),
    ):
        if objects:
            listing(objects, columns, "", as_json=False)
    for note in plan.notes:
        click.echo(printable(note))


def _done(plan: Plan) -> str:
    if plan.mode is Mode.TAKE_OVER:
        return f"'{plan.receiver.user_name}' has taken over from '{plan.giver.user_name}'."
    products = ", ".join(move.product for move in plan.products) or "no product"
    sessions = f" and {counted(len(plan.sessions), 'session')}" if plan.mode is Mode.SEAT_AND_EVENTS else ""
    return f"'{plan.receiver.user_name}' has {products}{sessions} from '{plan.giver.user_name}' now."


def _staying(each: Staying) -> dict[str, str]:
    """A line of the table."""
    return {"what": f"{each.what} '{each.title}'" if each.title else each.what, "reason": each.reason}
