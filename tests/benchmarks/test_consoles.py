"""The benchmark of the console finds a page at every address it asks, and ends where there is none."""

import os
from collections.abc import Iterator

import pytest

from benchmarks import estates
from benchmarks.console import Console
from benchmarks.drivers import Unmeasurable
from benchmarks.estates import Asked
from tests import databases
from tests.worlds import build


@pytest.fixture(scope="module")
def console(postgresql_databases: databases.Fresh) -> Iterator[Console]:
    url = postgresql_databases()
    estate = estates.prepare(url, people=12, groups=1, log=100, others=3)
    world = build(url)
    yield Console(world, estate, os.getpid())
    world.installation.database.dispose()


def test_there_is_a_page_at_every_address(console: Console) -> None:
    found = console.measured(rounds=0)
    assert {each.asked.page for each in found} == {page.name for page in estates.SHOWN}


def test_addresses_that_no_page_is_at_end_the_run(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    astray = [Asked("show_template", f"/console/{path}", operators=False) for path in ("here", "tenants/acme", "there")]
    monkeypatch.setattr("benchmarks.console.asked", lambda _estate: iter(astray))
    with pytest.raises(Unmeasurable, match=r"^No page is at /console/here \(404\), /console/there \(404\)\.$"):
        console.measured(rounds=0)
