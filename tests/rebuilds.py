"""A store rebuilt from the audit trail of one tenant, held row by row against the original."""

from typing import Any

from sqlalchemy import ColumnElement, Table, select, true

from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from scim_server.services.rebuilding import rebuild
from scim_server.services.replaying import State, replay
from scim_server.store.exemptions import EXEMPT
from scim_server.store.tables import metadata, sessions, tenants
from scim_server.store.walls import OPERATOR
from tests.worlds import World, build


def covered(table: Table) -> list[str]:
    """The columns of the table that the trail rebuilds."""
    if table.name in EXEMPT:
        return []
    return [column.name for column in table.columns if f"{table.name}.{column.name}" not in EXEMPT]


def rows_of(world: World, tenant: Tenant, table: Table) -> list[dict[str, Any]]:
    """What the trail rebuilds of a table: the tenant's rows, recordings apart."""
    owner = table.c.id if table is tenants else table.c.tenant_id
    kept: ColumnElement[bool] = sessions.c.kind != "recording" if table is sessions else true()
    with world.installation.database.read(OPERATOR) as connection:
        found = connection.execute(select(table).where(owner == tenant.id, kept)).mappings().all()
    return sorted(({name: row[name] for name in covered(table)} for row in found), key=repr)


def replayed(world: World, tenant: Tenant) -> State:
    with world.units.read(tenant) as uow:
        return replay(uow.trail.in_order())


def check_rebuilt(world: World, tenant: Tenant, empty_database: str) -> None:
    """A store that is rebuilt from the tenant's trail has the tenant's rows, and repairs nothing of them."""
    here = world.installation.settings
    rebuilt = build(empty_database, email_scope=here.email_scope, schemas_dir=here.schemas_dir)
    try:
        for product in sorted(tenancy.products(world.units), key=lambda each: len(each.includes)):
            tenancy.create_product(rebuilt.units, product.code, product.name, product.includes)
        rebuild(rebuilt.units, replayed(world, tenant))
        for table in metadata.sorted_tables:
            if covered(table):
                assert rows_of(rebuilt, tenant, table) == rows_of(world, tenant, table), table.name
    finally:
        rebuilt.installation.database.dispose()
