"""A tenant whose people, groups, connections and files are called by scripts: the browser runs none of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Request

from scim_server.services import visiting
from scim_server.services.addresses import link_address
from tests import databases
from tests.browser.conftest import signed_in
from tests.browser.sites import served
from tests.cli.commands import free_port
from tests.console.addresses import SHOWN, addresses, is_operators
from tests.console.estates import Estate, estate
from tests.console.hostile_texts import hostile
from tests.worlds import World, build


@pytest.fixture
def evil(sqlite_databases: databases.Fresh) -> Iterator[tuple[World, Estate]]:
    """The pages are the same on every database, so they are looked at on one."""
    world = build(sqlite_databases(), public_url=f"http://127.0.0.1:{free_port()}")
    yield world, estate(world, "evil", 3, hostile, "e")
    world.check()
    world.installation.database.dispose()


def test_no_name_runs_loads_or_leads_anywhere(evil: tuple[World, Estate], context: BrowserContext) -> None:
    """No dialog, nothing that the policy had to stop (`complaints`), no request elsewhere, no other page than asked."""
    world, place = evil
    abroad: list[str] = []
    with served(world) as url:

        def note(request: Request) -> None:
            if not request.url.startswith((url, "data:")):
                abroad.append(request.url)

        context.on("request", note)
        page = signed_in(context, link_address(url, visiting.invite(world.units, place.tenant, place.boss)[1]))
        for address in (next(addresses(each, place)) for each in SHOWN if not is_operators(each)):
            if context.request.head(url + address).headers["content-type"].startswith("text/html"):
                page.goto(url + address)
                page.wait_for_load_state("networkidle")
                assert page.url == url + address
        assert abroad == []
