"""Fixtures of the browser tests. Whatever the browser complains of fails the test that it happened in."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from scim_server.services import authorising
from tests import databases
from tests.browser.pictures import Album
from tests.browser.sites import Site, furnish, served
from tests.cli.commands import free_port
from tests.issuers import LOOPBACK
from tests.worlds import CAUSE, World

CHROMIUM = os.environ.get("SCIM_TEST_CHROMIUM") or shutil.which("chromium") or "chromium"
PICTURES = Path(__file__).parents[2] / "var" / "pictures"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def database_url(sqlite_databases: databases.Fresh) -> str:
    """Pages are the same on every database; what they do on PostgreSQL is tested without a browser."""
    return sqlite_databases()


@pytest.fixture
def site(build_world: Callable[..., World]) -> Iterator[Site]:
    """acme with people, of whom Ana is a super admin."""
    world = build_world(public_url=f"http://127.0.0.1:{free_port()}", egress_networks=LOOPBACK)
    world.sell("meeting", "webinar:meeting", "training:meeting")
    tenant = world.tenant("acme")
    okta = world.connect(tenant, "okta", idp="okta")
    furnish(world, tenant, okta)
    authorising.grant_role(world.units, tenant, CAUSE, "ana@example.com", "super_admin")
    with served(world) as url:
        yield Site(world, url, tenant, okta)


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser said against a page: errors, broken policies, questions that a script asked."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def context(browser: Browser, complaints: list[str]) -> Iterator[BrowserContext]:
    """A browser with nothing in it."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB", timezone_id="Europe/Paris")
    context.set_default_timeout(10_000)
    context.on("console", lambda message: complaints.extend(_complaint(message)))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    yield context
    context.close()


def _complaint(message: ConsoleMessage) -> list[str]:
    """Refusals are answered with a status that the browser writes down as an error; that is as it should be."""
    expected = "the server responded with a status of 4"
    return [message.text] if message.type in {"error", "warning"} and expected not in message.text else []


@pytest.fixture
def page(site: Site, context: BrowserContext) -> Page:
    """Ana, signed in."""
    return signed_in(context, site.link("ana@example.com"))


@pytest.fixture
def operators_page(site: Site, context: BrowserContext) -> Page:
    """The operator, signed in."""
    return signed_in(context, site.link())


def signed_in(context: BrowserContext, link: str) -> Page:
    """A new page, behind the link."""
    page = context.new_page()
    page.goto(link)
    page.locator("main button").click()
    page.wait_for_url("**/console/tenants**")
    return page


@pytest.fixture
def album() -> Album:
    """Takes pictures of pages and holds them against the rules of accessibility."""
    return Album(PICTURES)
