"""The tables keep tenants apart: the tenant leads every key (design section 5)."""

from collections.abc import Iterator

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table

from scim_server.store.tables import WITHOUT_TENANT, metadata

EXEMPT = {
    "tenants": "is what the others are led by",
    "products": "the vendor sells the same to every tenant",
    "product_includes": "belongs to the products",
    "addresses": "an address is unique across tenants",
    "unique_values": "a schema can make a value unique across tenants",
    "installation_secrets": "the installation has them for itself",
    "chore_leases": "a chore is run for all tenants",
    "operator_tokens": "the operator stands above the tenants",
    "operator_visits": "the operator stands above the tenants",
    "operator_webhooks": "the operator stands above the tenants",
    "idempotent_requests": "the operator's requests belong to no tenant",
    "signing_keys": "the installation signs the tokens of all tenants with them",
}


TABLES = [table for table in metadata.sorted_tables if table.name not in EXEMPT]


def keys(table: Table) -> Iterator[list[str]]:
    """The columns of each primary key, unique constraint, unique index and foreign key."""
    for constraint in table.constraints:
        if not isinstance(constraint, CheckConstraint) and not _leads_to_exempt(constraint):
            yield [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield [getattr(column, "name", None) or str(column) for column in index.expressions]


def _leads_to_exempt(constraint: object) -> bool:
    return isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name in EXEMPT.keys() - {
        "tenants"
    }


def test_exactly_the_known_tables_are_exempt() -> None:
    assert EXEMPT.keys() == WITHOUT_TENANT


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_tenant_leads_every_key(table: Table) -> None:
    assert table.primary_key.columns
    for columns in keys(table):
        assert columns[0] == "tenant_id", columns


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_refer_to_rows_of_their_own_tenant_only(table: Table) -> None:
    for constraint in table.foreign_key_constraints:
        if not _leads_to_exempt(constraint):
            own, other = constraint.elements[0].parent, constraint.elements[0].column
            assert own.name == "tenant_id"
            assert other.name == ("id" if other.table.name == "tenants" else "tenant_id")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_reaches_its_tenant(table: Table) -> None:
    """A row without a tenant cannot be stored, whatever else the row refers to."""
    reached, pending = set(), [table]
    while pending:
        following = pending.pop()
        reached.add(following.name)
        pending += [
            constraint.referred_table
            for constraint in following.foreign_key_constraints
            if constraint.referred_table.name not in reached
        ]
    assert "tenants" in reached
