"""Every page there is, by the table of pages: pictures in both languages and themes, none with a serious violation."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from scim_server.services import visiting
from scim_server.services.addresses import link_address
from tests import databases
from tests.browser.conftest import signed_in
from tests.browser.pictures import Album
from tests.browser.sites import served
from tests.cli.commands import free_port
from tests.console.addresses import SHOWN, addresses, is_operators
from tests.console.estates import Estate, estate
from tests.worlds import World, build

SECTIONS = sorted({page.section for page in SHOWN})


@pytest.fixture
def house(sqlite_databases: databases.Fresh) -> Iterator[tuple[World, Estate]]:
    """A tenant with three of everything."""
    world = build(sqlite_databases(), public_url=f"http://127.0.0.1:{free_port()}")
    yield world, estate(world, "house", 3)
    world.check()
    world.installation.database.dispose()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_page_is_pictured(
    house: tuple[World, Estate], context: BrowserContext, album: Album, section: str
) -> None:
    world, place = house
    pages = [page for page in SHOWN if page.section == section]
    with served(world) as url:
        if all(is_operators(page) for page in pages):
            _, text = visiting.invite_operator(world.units)
        else:
            _, text = visiting.invite(world.units, place.tenant, place.boss)
        browsed = signed_in(context, link_address(url, text))
        for each in pages:
            *_, address = addresses(each, place)
            if "<html" in context.request.get(url + address).text():
                browsed.goto(url + address)
                assert browsed.url == url + address
                album.take(browsed, f"{section}/{each.name}")
