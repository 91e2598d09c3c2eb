"""`scim-server cell` and `replica`: the databases that tenants live in, those that follow them, and moving a tenant."""

import sys

import click

from scim_server.api.items.cells import CellItem, ReplicaItem, TenantMoveItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, listing, print_json, yes_option
from scim_server.domain.cells import Move
from scim_server.services import moving, tenancy

COLUMNS = {
    "Cell": "name",
    "Database": "database",
    "Reachable": "reachable",
    "Revision": "revision",
    "Current": "current",
    "Tenants": "tenants",
}
REPLICA_COLUMNS = {"Cell": "cell", "Database": "database", "Reachable": "reachable", "Seconds behind": "seconds"}
TABLE_COLUMNS = {"Table": "table", "Rows": "rows", "Rows there": "rowsThere", "Same": "same", "Digest": "digest"}


@click.group("cell")
def cells() -> None:
    """Cells: the databases that tenants live in, those of SCIM_CELL_URLS and home, that of SCIM_DATABASE_URL."""


@cells.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every cell as it is found, home first."""
    listing(dump_all(CellItem, migrated().cells.states()), COLUMNS, "", as_json=as_json)


@click.group("replica")
def replicas() -> None:
    """Replicas: databases that follow those of the cells and answer lists and reports (SCIM_REPLICA_URLS)."""


@replicas.command("list")
@json_option
def list_replicas(as_json: bool) -> None:
    """Every replica as it is found."""
    found = dump_all(ReplicaItem, migrated().cells.replica_states())
    listing(found, REPLICA_COLUMNS, "There is no replica: SCIM_REPLICA_URLS names none.", as_json=as_json)


@click.command("move")
@click.argument("slug")
@click.option("--to", "cell", required=True, help="The cell where it is to live; `cell list` shows all.")
@yes_option
@json_option
def move(slug: str, cell: str, yes: bool, as_json: bool) -> None:
    """Move a tenant to another cell while it is served.

    Everything is copied, what changes meanwhile is brought after, both sides are counted and compared; those who write
    for the tenant wait while the last of it goes over, and are answered as ever. A move that breaks off has moved
    nothing, or everything: run it again.
    """
    installation = migrated()
    tenant = tenancy.tenant(installation.units, slug)
    if asks(yes=yes, as_json=as_json):
        question = f"Does every process of this installation know the cell '{cell}' (SCIM_CELL_URLS)? Move '{slug}'?"
        click.confirm(question, abort=True)
    told = _untold if as_json else _tell
    moved = moving.move(installation.units, installation.cells, tenant, cause(), cell, installation.sealer.key(), told)
    if as_json:
        print_json(dump(TenantMoveItem, moved))
    else:
        _show(moved)


def _show(moved: Move) -> None:
    if not moved.tables:
        click.echo(f"Tenant '{moved.tenant}' lives in cell '{moved.target}' already: nothing was moved.")
        return
    listing(dump(TenantMoveItem, moved)["tables"], TABLE_COLUMNS, "", as_json=False)
    click.echo(
        f"Tenant '{moved.tenant}' lives in cell '{moved.target}' now, with {counted(moved.rows, 'row')} and an audit "
        f"trail of {counted(moved.entries, 'verified entry', 'verified entries')}; its writers waited "
        f"{moved.milliseconds} ms. What it left in '{moved.source}' is removed by a chore."
    )


def _tell(step: str, table: str, rows: int) -> None:
    if rows:
        click.echo(f"{step}: {table}, {counted(rows, 'row')}")
        sys.stdout.flush()


def _untold(_step: str, _table: str, _rows: int) -> None:
    """A program is told when all is over."""
