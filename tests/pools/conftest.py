"""Databases that are reached through pgbouncer, where it is installed (`apt-get install pgbouncer`; `.ci/run` does)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests import databases, worlds
from tests.pools.bouncers import Through, found, pooling

Pooled = Callable[[int], Through]
"""A pooler with so many connections to each database."""


@pytest.fixture
def url(postgresql_databases: databases.Fresh, emptied_databases: dict[str, list[str]]) -> Iterator[str]:
    """An empty migrated database, as it is reached past the pooler."""
    with databases.lent(postgresql_databases, emptied_databases["postgresql"]) as taken:
        yield taken


@pytest.fixture
def pooled(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pooled]:
    program = found()
    if program is None:
        pytest.skip("pgbouncer is not installed here (apt-get install pgbouncer)")
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("pgbouncer")
        yield lambda size: stack.enter_context(pooling(program, url, size, folder))


@pytest.fixture
def scarce(pooled: Pooled, url: str) -> str:
    """The same database through a pooler with two connections to it, and nothing said of the pooler."""
    return pooled(2)(url)


@pytest.fixture
def world(scarce: str) -> Iterator[worlds.World]:
    """A world that knows of the pooler."""
    built = worlds.build(f"{scarce}?pooler=transaction", database_pool=16)
    built.sell("meeting")
    yield built
    built.check()
    built.installation.database.dispose()
