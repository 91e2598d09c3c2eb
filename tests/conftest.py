"""Fixtures: every test that asks for a world runs on SQLite and on PostgreSQL."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from scim_server.domain.tenants import Tenant
from scim_server.http.logs import configure_logging
from tests import databases, dialects, memories, worlds

if "SCIM_TEST_EXAMPLES" not in os.environ:
    # The same examples each time, so that what fails fails for what was changed; `make test-long` tries others.
    settings.register_profile("the same", derandomize=True)
    settings.load_profile("the same")
dialects.remember_compiled()
memories.remember_made()
# Left alone, structlog draws the values of all variables of a traceback, which takes seconds of a world's.
configure_logging("info")
# A shell that runs the tests in the background has them ignore SIGINT, and so would every program that they begin.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    memories.keep_collected()


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[databases.Fresh]:
    with databases.scratch_folder() as folder:
        yield databases.sqlite_databases(folder)


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[databases.Fresh]:
    with databases.postgresql_databases() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def emptied_databases() -> dict[str, list[str]]:
    """Databases of each kind that earlier tests used and that are empty again."""
    return {kind: [] for kind in databases.KINDS}


@pytest.fixture(params=databases.KINDS)
def database_url(request: pytest.FixtureRequest, emptied_databases: dict[str, list[str]]) -> Iterator[str]:
    """An empty migrated database of each kind, the test's own while it runs."""
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    with databases.lent(fresh, emptied_databases[request.param]) as url:
        yield url


@pytest.fixture
def build_world(database_url: str) -> Iterator[Callable[..., worlds.World]]:
    """Builds worlds over the test's database, with settings of the test's choice; all must end in order."""
    built: list[worlds.World] = []

    def build(**changes: object) -> worlds.World:
        built.append(worlds.build(database_url, **changes))
        return built[-1]

    yield build
    for world in built:
        try:
            world.check()
        finally:
            world.installation.database.dispose()


@pytest.fixture
def world(build_world: Callable[..., worlds.World]) -> worlds.World:
    """A world that sells meeting, webinar (with meeting) and training (with meeting)."""
    built = build_world()
    built.sell("meeting", "webinar:meeting", "training:meeting")
    return built


@pytest.fixture
def acme(world: worlds.World) -> Tenant:
    """A tenant of profile `tolerant`."""
    return world.tenant("acme")


@pytest.fixture
def okta(world: worlds.World, acme: Tenant) -> worlds.Connection:
    """A connection of acme."""
    return world.connect(acme, "okta")
