"""Fixtures of the console's tests."""

from collections.abc import Iterator

import pytest

from scim_server.domain.tenants import Tenant
from tests import databases
from tests.console import visitors
from tests.console.towns import Town
from tests.console.visitors import Visitor
from tests.worlds import Connection, World, build


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> Visitor:
    """A super admin of acme, signed in."""
    okta.create_user("ana@example.com", displayName="Ana Lima", name={"givenName": "Ana", "familyName": "Lima"})
    return visitors.person(world, acme, "ana@example.com", "super_admin")


@pytest.fixture
def operator(world: World, acme: Tenant) -> Visitor:
    """The operator, at acme's pages."""
    return visitors.operator(world, acme.slug)


@pytest.fixture(scope="session", params=databases.KINDS)
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """Two tenants that have everything, for tests that only look; their ledgers must be in order at the end."""
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    url = fresh()
    built = build(url)
    yield Town(built)
    built.check()
    built.installation.database.dispose()
    databases.drop(url)
