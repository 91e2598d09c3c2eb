"""`scim-server product`: what the vendor sells."""

import click

from scim_server.api.items.products import ProductItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, listing, print_json, report
from scim_server.services import tenancy

COLUMNS = {"Code": "code", "Name": "name", "Includes": "includes"}


@click.group("product")
def products() -> None:
    """Products: what the vendor sells, the same for every tenant."""


@products.command("create")
@click.argument("code")
@click.option("--name", required=True, help="What people call it.")
@click.option("--includes", multiple=True, metavar="CODE", help="A product that a seat of this one covers; repeatable.")
@json_option
def create(code: str, name: str, includes: tuple[str, ...], as_json: bool) -> None:
    """Add a product under CODE, for example `webinar`."""
    product = tenancy.create_product(migrated().units, code, name, includes)
    report(dump(ProductItem, product), f"Product '{code}' is in the catalogue.", as_json=as_json)


@products.command("list")
@json_option
def list_(as_json: bool) -> None:
    """The whole catalogue by code."""
    found = dump_all(ProductItem, tenancy.products(migrated().units))
    listing(found, COLUMNS, "There is no product yet: `scim-server product create` adds one.", as_json=as_json)


@products.command("show")
@click.argument("product")
@json_option
def show(product: str, as_json: bool) -> None:
    """One product, by its code."""
    item = dump(ProductItem, tenancy.product(migrated().units, product))
    if as_json:
        print_json(item)
    else:
        listing([item], COLUMNS, "", as_json=False)
