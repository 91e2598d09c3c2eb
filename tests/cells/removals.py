"""What is there of a tenant in a cell, and moving it by hand."""

from typing import Any

from sqlalchemy import select

from scim_server.domain.cells import Move
from scim_server.domain.tenants import Tenant
from scim_server.services import moving, tenancy
from scim_server.store.moved_tables import MOVED
from tests.worlds import CAUSE, World


def move(world: World, slug: str, to: str, told: Any = lambda _step, _table, _rows: None) -> Move:
    """Move the tenant."""
    tenant = tenancy.tenant(world.units, slug)
    return moving.move(world.units, world.installation.cells, tenant, CAUSE, to, world.installation.sealer.key(), told)


def rows_of(world: World, cell: str, tenant: Tenant) -> dict[str, list[str]]:
    """Every row that the cell has of the tenant, by table; those of its own tables alone."""
    with world.installation.cells.databases[cell].read(tenant.id) as connection:
        return {
            each.name: sorted(
                repr(tuple(row)) for row in connection.execute(select(each.table).filter_by(tenant_id=tenant.id))
            )
            for each in MOVED
        }


def lives_in(world: World, tenant: Tenant) -> dict[str, str | None]:
    """What each cell says of where the tenant lives."""
    found = {name: each.whereabouts(tenant.id) for name, each in world.installation.cells.databases.items()}
    return {name: None if each is None else each.cell for name, each in found.items()}
