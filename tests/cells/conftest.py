"""A world of two cells, home and west, on PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests import databases, worlds


@pytest.fixture
def home_url(postgresql_databases: databases.Fresh, emptied_databases: dict[str, list[str]]) -> Iterator[str]:
    """The database of home."""
    with databases.lent(postgresql_databases, emptied_databases["postgresql"]) as url:
        yield url


@pytest.fixture
def west_url(postgresql_databases: databases.Fresh, emptied_databases: dict[str, list[str]]) -> Iterator[str]:
    """The database of west."""
    with databases.lent(postgresql_databases, emptied_databases["postgresql"]) as url:
        yield url


@pytest.fixture
def world(home_url: str, west_url: str) -> Iterator[worlds.World]:
    """A world of both, with the products meeting and webinar."""
    built = worlds.build(home_url, cell_urls=(("west", west_url),))
    built.sell("meeting", "webinar:meeting")
    yield built
    built.check()
    built.installation.cells.dispose()
