"""Two tenants side by side, and the edges by which somebody might reach from one into the other."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.conftest import api, operator
from tests.cli.conftest import bare_cli, cli
from tests.http.conftest import library
from tests.worlds import Connection, World

__all__ = ["api", "bare_cli", "cli", "library", "operator"]


@pytest.fixture
def rivals(world: World) -> Tenant:
    """A second tenant of the same installation."""
    return world.tenant("rivals")


@pytest.fixture
def entra(world: World, rivals: Tenant) -> Connection:
    """A connection of the rivals."""
    return world.connect(rivals, "entra")
