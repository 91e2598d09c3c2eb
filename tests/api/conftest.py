"""Fixtures of the admin API's tests."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.api import callers
from tests.cli.conftest import bare_cli, cli
from tests.worlds import World

__all__ = ["api", "bare_cli", "cli", "operator"]


@pytest.fixture
def api(world: World, acme: Tenant) -> callers.Caller:
    """A program with every scope in acme."""
    return callers.caller(world, acme)


@pytest.fixture
def operator(world: World) -> callers.Caller:
    """The operator with every scope."""
    return callers.operator(world)
