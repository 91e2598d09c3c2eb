"""Worlds whose large tables are in partitions: what asks for a database gets one of those."""

from collections.abc import Iterator

import pytest

from tests import databases

PARTS = 2


@pytest.fixture(scope="session")
def cut_urls(postgresql_databases: databases.Fresh) -> Iterator[list[str]]:
    """Empty databases whose tables are cut; what a test takes it gives back, emptied or not at all."""
    urls = [databases.cut(postgresql_databases(), PARTS)]
    yield urls
    for url in urls:
        databases.drop(url)


@pytest.fixture
def database_url(cut_urls: list[str], postgresql_databases: databases.Fresh) -> Iterator[str]:
    """An empty database whose tables are cut, the test's own while it runs."""
    url = cut_urls.pop() if cut_urls else databases.cut(postgresql_databases(), PARTS)
    yield url
    if databases.empty(url):
        cut_urls.append(url)
    else:
        databases.drop(url)
