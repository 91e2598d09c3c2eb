"""A world over a cluster and a standby that follows it."""

from collections.abc import Callable, Iterator

import pytest

from tests import databases, worlds
from tests.replicas.following import Following


@pytest.fixture(scope="package")
def cluster() -> Iterator[tuple[databases.Fresh, databases.Standby]]:
    with databases.replicated_cluster() as made:
        yield made


@pytest.fixture(scope="package")
def primaries(cluster: tuple[databases.Fresh, databases.Standby]) -> tuple[str, str]:
    """Two databases, which each test leaves empty."""
    fresh, _ = cluster
    return fresh(), fresh()


@pytest.fixture
def build(
    cluster: tuple[databases.Fresh, databases.Standby], primaries: tuple[str, str]
) -> Iterator[Callable[..., Following]]:
    """Builds worlds over the first database, with settings of the test's choice."""
    _, standby = cluster
    built: list[Following] = []

    def make(**changes: object) -> Following:
        home, west = primaries
        followed = (("", standby.url(home)), *((("west", standby.url(west)),) if "cell_urls" in changes else ()))
        built.append(Following(worlds.build(home, replica_urls=followed, **changes), standby, (home, west)))
        return built[-1]

    yield make
    for following in built:
        following.world.check()
        following.world.installation.cells.dispose()
    for url in primaries:
        assert databases.empty(url)


@pytest.fixture
def following(build: Callable[..., Following]) -> Following:
    """One of a single database."""
    return build()
