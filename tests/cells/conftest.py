"""A world of two cells, home and west, on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import databases, worlds


@contextmanager
def _lent(fresh: databases.Fresh, emptied: list[str]) -> Iterator[str]:
    """An empty migrated database, emptied afterwards for the next test."""
    url = emptied.pop() if emptied else fresh()
    yield url
    if databases.empty(url):
        emptied.append(url)
    else:
        databases.drop(url)


@pytest.fixture
def home_url(postgresql_databases: databases.Fresh, emptied_databases: list[str]) -> Iterator[str]:
    """The database of home."""
    with _lent(postgresql_databases, emptied_databases) as url:
        yield url


@pytest.fixture
def west_url(postgresql_databases: databases.Fresh, emptied_databases: list[str]) -> Iterator[str]:
    """The database of west."""
    with _lent(postgresql_databases, emptied_databases) as url:
        yield url


@pytest.fixture
def world(home_url: str, west_url: str) -> Iterator[worlds.World]:
    """A world of both, with the products meeting and webinar."""
    built = worlds.build(home_url, cell_urls=(("west", west_url),))
    built.sell("meeting", "webinar:meeting")
    yield built
    built.check()
    built.installation.cells.dispose()
