"""Multitudes: people and groups by the thousand, written as rows, each like one that came in over HTTP."""

from collections.abc import Iterable
from typing import Any

from scim_server.domain.tenants import Tenant
from scim_server.store.identifiers import new_id
from scim_server.store.tables import groups, members, users
from tests.worlds import World


def multiply_people(world: World, tenant: Tenant, user_id: str, number: int) -> list[str]:
    """As many people like that one, each with a name of their own; answers all their ids."""
    row = _row(world, tenant, users, user_id)
    ids = sorted(new_id() for _ in range(number))
    copies = [
        {
            **row,
            "id": each,
            "user_name_key": f"{at}@example.com",
            "display_name_key": f"person number {at}",
            "address_key": None,
            "document": {**row["document"], "userName": f"{at}@example.com", "displayName": f"Person number {at}"},
            "search": {**row["search"], "userName": f"{at}@example.com", "displayName": f"person number {at}"},
        }
        for at, each in enumerate(ids)
    ]
    _insert(world, tenant, users, copies)
    return ids


def multiply_groups(world: World, tenant: Tenant, group_id: str, number: int) -> list[str]:
    """As many groups like that one."""
    row = _row(world, tenant, groups, group_id)
    ids = [new_id() for _ in range(number)]
    copies = [
        {
            **row,
            "id": each,
            "unique_name_key": f"{at}",
            "display_name_key": f"{at}",
            "document": {**row["document"], "displayName": f"{at}"},
            "search": {**row["search"], "displayName": f"{at}"},
        }
        for at, each in enumerate(ids)
    ]
    _insert(world, tenant, groups, copies)
    return ids


def fill(world: World, tenant: Tenant, group_id: str, user_ids: Iterable[str]) -> None:
    """Put those people into a group, as nothing but rows."""
    rows = [{"tenant_id": tenant.id, "group_id": group_id, "member_id": each, "kind": "User"} for each in user_ids]
    _insert(world, tenant, members, rows)


def _row(world: World, tenant: Tenant, table: Any, wanted: str) -> dict[str, Any]:
    with world.installation.database.read(tenant.id) as connection:
        return dict(connection.execute(table.select().where(table.c.id == wanted)).mappings().one())


def _insert(world: World, tenant: Tenant, table: Any, rows: list[dict[str, Any]]) -> None:
    with world.installation.database.write(tenant.id) as connection:
        connection.execute(table.insert(), rows)
        connection.commit()
