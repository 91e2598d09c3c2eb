"""Fixtures of the console's tests."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.console import visitors
from tests.console.visitors import Visitor
from tests.worlds import Connection, World


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> Visitor:
    """A super admin of acme, signed in."""
    okta.create_user("ana@example.com", displayName="Ana Lima", name={"givenName": "Ana", "familyName": "Lima"})
    return visitors.person(world, acme, "ana@example.com", "super_admin")


@pytest.fixture
def operator(world: World, acme: Tenant) -> Visitor:
    """The operator, at acme's pages."""
    return visitors.operator(world, acme.slug)
