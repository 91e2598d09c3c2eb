"""`scim-server rule what-if`: what a change of rules would do, and nothing of it done."""

from functools import partial
from typing import Any

import click

from scim_server.api.items.rules import ForecastItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import counted, json_option, listing, print_json, printable
from scim_server.cli.rule_options import part_options, parts_of
from scim_server.services import forecasting, rule_changes, tenancy
from scim_server.services.forecasting import Forecast

MOST_SHOWN = 50
"""People in a table; --json has all."""
PEOPLE = {"User name": "userName", "Gains": "gains", "Loses": "loses", "Changes": "changes"}
NEEDS = {
    "Product": "product",
    "Seats": "seats",
    "Needed before": "neededBefore",
    "Needed": "needed",
    "Assigned": "assigned",
    "Free": "free",
    "Short": "short",
}


@click.group("what-if")
def what_if() -> None:
    """Try a change of rules out on the live directory: who gains and loses what, and the seats that needs.

    Nothing is kept of it. Write the change as you would make it, with 'what-if' in front.
    """


@what_if.command("create")
@click.argument("tenant")
@part_options
@json_option
def create(tenant: str, *, as_json: bool, **parts: Any) -> None:
    """What another rule would do; options as for `rule create`."""
    _try(tenant, partial(rule_changes.add, parts=parts_of(**parts)), as_json)


@what_if.command("edit")
@click.argument("tenant")
@click.argument("rule_id", metavar="ID")
@part_options
@json_option
def edit(tenant: str, rule_id: str, *, as_json: bool, **parts: Any) -> None:
    """What other parts of a rule would do; options as for `rule edit`."""
    _try(tenant, partial(rule_changes.change, rule_id=rule_id, parts=parts_of(**parts)), as_json)


@what_if.command("reorder")
@click.argument("tenant")
@click.argument("rule_ids", nargs=-1, required=True, metavar="ID...")
@json_option
def reorder(tenant: str, rule_ids: tuple[str, ...], as_json: bool) -> None:
    """What another order of rules would do."""
    _try(tenant, partial(rule_changes.reorder, rule_ids=rule_ids), as_json)


@what_if.command("delete")
@click.argument("tenant")
@click.argument("rule_id", metavar="ID")
@json_option
def delete(tenant: str, rule_id: str, as_json: bool) -> None:
    """What the end of a rule would do."""
    _try(tenant, partial(rule_changes.remove, rule_id=rule_id), as_json)


def _try(tenant: str, change: forecasting.Attempt, as_json: bool) -> None:
    units = migrated().units
    forecast = forecasting.what_if(units, tenancy.tenant(units, tenant), cause(), change)
    if as_json:
        print_json(dump(ForecastItem, forecast))
    else:
        _print(forecast)


def _print(forecast: Forecast) -> None:
    facts = dump(ForecastItem, forecast)
    gaining, losing = (sum(bool(person[name]) for person in facts["people"]) for name in ("gains", "loses"))
    noticing = counted(len(facts["people"]), "person", "people")
    click.echo(f"{noticing} would notice: {gaining} gain products, {losing} lose products. Nothing is changed.")
    if forecast.people:
        listing(list(map(_row, facts["people"][:MOST_SHOWN])), PEOPLE, "", as_json=False)
    if len(forecast.people) > MOST_SHOWN:
        click.echo(f"... and {len(forecast.people) - MOST_SHOWN} more: --json has everybody.")
    listing(facts["products"], NEEDS, "No product has a subscription yet.", as_json=False)
    for need in forecast.needs:
        if need.short:
            click.echo(printable(f"'{need.product}' is {counted(need.short, 'seat')} short: buy them, or people wait."))


def _row(person: dict[str, Any]) -> dict[str, Any]:
    """A person as a line of the table."""
    others = [
        f"{name} {_words(person[name]['before'])} -> {_words(person[name]['after'])}"
        for name in ("roles", "language", "settings")
        if person[name]["before"] != person[name]["after"]
    ]
    changes = [f"{shift['product']} {shift['before']} -> {shift['after']}" for shift in person["changes"]]
    return {
        "userName": person["userName"],
        "gains": [f"{shift['product']} ({shift['after']})" for shift in person["gains"]],
        "loses": [f"{shift['product']} ({shift['after'] or 'given back'})" for shift in person["loses"]],
        "changes": [*changes, *others],
    }


def _words(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{product}.{key}={text}" for product, values in value.items() for key, text in values.items())
        return " ".join(pairs) or "none"
    return " ".join(value) or "none" if isinstance(value, list) else value or "none"
