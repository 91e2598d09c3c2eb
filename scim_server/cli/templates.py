"""`scim-server template`: named settings of a product, which rules give and the application reads."""

from collections.abc import Mapping
from dataclasses import asdict

import click

from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, report
from scim_server.services import templating, tenancy

COLUMNS = {"Product": "product", "Name": "name", "Values": "values"}


@click.group("template")
def templates() -> None:
    """Settings templates: named key-value pairs of a product; a rule says who gets which."""


@templates.command("set")
@click.argument("tenant")
@click.argument("product")
@click.argument("name")
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...")
@json_option
def set_(tenant: str, product: str, name: str, values: tuple[str, ...], as_json: bool) -> None:
    """Write the template NAME of PRODUCT, all its values at once; whoever has it has the new values now."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    template = templating.set_template(units, owner, cause(), product, name, dict(map(_pair, values)))
    sentence = f"Template '{name}' of '{product}' has {_words(template.values)}."
    report(asdict(template), sentence, as_json=as_json)


@templates.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every template of TENANT by product and name."""
    units = migrated().units
    found = templating.templates(units, tenancy.tenant(units, tenant))
    rows = [{**asdict(each), **({} if as_json else {"values": _words(each.values)})} for each in found]
    listing(rows, COLUMNS, f"Tenant '{tenant}' has no template yet.", as_json=as_json)


@templates.command("delete")
@click.argument("tenant")
@click.argument("product")
@click.argument("name")
@json_option
def delete(tenant: str, product: str, name: str, as_json: bool) -> None:
    """Take out a template that no rule names."""
    units = migrated().units
    templating.delete_template(units, tenancy.tenant(units, tenant), cause(), product, name)
    report({"product": product, "name": name}, f"Template '{name}' of '{product}' is deleted.", as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise click.BadParameter(f"'{text}' is no setting: write KEY=VALUE.")
    return key, value


def _words(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in values.items())
