"""`scim-server template`: named settings of a product, which rules give and the application reads."""

from collections.abc import Mapping
from typing import Any

import click

from scim_server.api.items.templates import TemplateItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, print_json, report
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
    pairs = dict(map(_pair, values))
    units = migrated().units
    template = templating.set_template(units, tenancy.tenant(units, tenant), cause(), product, name, pairs)
    sentence = f"Template '{name}' of '{product}' has {_words(template.values)}."
    report(dump(TemplateItem, template), sentence, as_json=as_json)


@templates.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every template of TENANT by product and name."""
    units = migrated().units
    found = dump_all(TemplateItem, templating.templates(units, tenancy.tenant(units, tenant)))
    rows = found if as_json else list(map(_in_words, found))
    listing(rows, COLUMNS, f"Tenant '{tenant}' has no template yet.", as_json=as_json)


@templates.command("show")
@click.argument("tenant")
@click.argument("product")
@click.argument("name")
@json_option
def show(tenant: str, product: str, name: str, as_json: bool) -> None:
    """One template of TENANT."""
    units = migrated().units
    item = dump(TemplateItem, templating.template(units, tenancy.tenant(units, tenant), product, name))
    if as_json:
        print_json(item)
    else:
        listing([_in_words(item)], COLUMNS, "", as_json=False)


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


def _in_words(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "values": _words(item["values"])}


def _words(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in values.items())
