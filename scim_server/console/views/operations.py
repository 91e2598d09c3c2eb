"""What the operator runs for all tenants: the catalogue of products, chores, and the databases."""

from collections.abc import Iterator

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.views.tenants import tenants
from scim_server.domain.errors import Taken
from scim_server.services import chores, tenancy
from scim_server.services.csv_rows import Cell, csv_lines

PRODUCTS, CHORES = "/products", "/chores"
OPERATES = "operations.write"
CELLS = "/cells"
COLUMNS = ("code", "name", "includes")
CHORE_COLUMNS = ("chore", "does", "every seconds", "next run")
CELL_COLUMNS = ("cell", "database", "replica", "reachable", "revision", "current", "tenants", "seconds behind")


@tenants.get(PRODUCTS, "tenants.read")
def list_products(call: Call) -> str:
    """The catalogue by code."""
    return render("tenants/products.html", found=tenancy.products(call.units))


@tenants.get(f"{PRODUCTS}/export", "tenants.read")
def export_products(call: Call) -> Response:
    """The same as a file."""
    found = tenancy.products(call.units)
    rows = ([each.code, each.name, " ".join(sorted(each.includes))] for each in found)
    return file_of(csv_lines(COLUMNS, rows), "products.csv")


@tenants.get(f"{PRODUCTS}/new", "products.write")
def open_product(call: Call) -> str:
    """The form of a new product."""
    return render("tenants/new_product.html", known=tenancy.products(call.units))


@tenants.post(f"{PRODUCTS}/new", "products.write")
def create_product(call: Call) -> Response:
    """Add it; what it includes never changes."""
    code, name = (call.form.get(each, "").strip() for each in ("code", "name"))
    tenancy.create_product(call.units, code, name, call.form.getlist("includes"))
    return go(call.url("list_products"), gettext("The product is in the catalogue: tenants can subscribe to it."))


@tenants.get(CHORES, OPERATES)
def list_chores(call: Call) -> str:
    """Every chore with when it runs next."""
    return render("tenants/chores.html", found=chores.due(call.units, call.service.chores))


@tenants.get(f"{CHORES}/export", OPERATES)
def export_chores(call: Call) -> Response:
    """The same as a file."""
    found = chores.due(call.units, call.service.chores)
    rows = ([each.name, each.does, int(each.every.total_seconds()), due] for each, due in found)
    return file_of(csv_lines(CHORE_COLUMNS, rows), "chores.csv")


@tenants.get(f"{CHORES}/<chore>/run", OPERATES)
def look_at_chore(call: Call) -> str:
    """What a chore does."""
    (chore,) = chores.named(call.service.chores, [call.path["chore"]])
    return render("tenants/chore.html", chore=chore, back=call.url("list_chores"))


@tenants.post(f"{CHORES}/<chore>/run", OPERATES)
def run_chore(call: Call) -> Response:
    """Run it now, due or not."""
    (turn,) = chores.run_now(call.units, chores.named(call.service.chores, [call.path["chore"]]))
    if turn.done is None:
        raise Taken(gettext("The chore failed: %(failure)s", failure=turn.failure))
    said = gettext("%(chore)s is done: %(count)s dealt with.", chore=turn.chore.name, count=turn.done)
    return go(call.url("list_chores"), said)


@tenants.get(CELLS, OPERATES)
def list_cells(call: Call) -> str:
    """Every database that tenants live in, and every replica, as it is found."""
    cells = call.service.cells
    return render("tenants/cells.html", cells=cells.states(), replicas=cells.replica_states())


@tenants.get(f"{CELLS}/export", OPERATES)
def export_cells(call: Call) -> Response:
    """The same as a file."""
    return file_of(csv_lines(CELL_COLUMNS, _databases(call)), "cells.csv")


def _databases(call: Call) -> Iterator[list[Cell]]:
    for cell in call.service.cells.states():
        yield [cell.name, cell.database, False, cell.reachable, cell.revision, cell.current, cell.tenants, None]
    for replica in call.service.cells.replica_states():
        yield [replica.cell, replica.database, True, replica.reachable, None, None, None, replica.seconds]
