"""Who sees which page: whoever the table of pages lets, within their own tenant, and nobody else."""

import re
from collections.abc import Callable, Iterator

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from scim_server.console.sections import Page
from scim_server.console.views import SECTIONS
from scim_server.domain.access import PERMISSIONS
from scim_server.services.visiting import READING
from tests.console.addresses import PAGES, PLACE, SENT, addresses, is_operators
from tests.console.estates import Estate
from tests.console.markup import Markup
from tests.console.towns import Town
from tests.console.visitors import Visitor
from tests.walls.secrets import Secrets, kept
from tests.walls.writes import Writes

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
DEMANDING = frozenset({"look_at_chosen", "undo_change"})
"""Pages that take another permission as well, which depends on what they are asked about."""
QUERIED = ("user", "held")
"""Places that are filled in questions as well."""
BY_NAME = {page.name: page for page in PAGES}


@pytest.fixture(scope="session")
def writes(town: Town) -> Writes:
    """What is written to the town's database."""
    return Writes(town.world.installation.database.engine)


def ask(visitor: Visitor, page: Page, address: str, token: str | None = None) -> TestResponse:
    """The page as it is meant: looked at, or its form sent with nothing but the token in it."""
    if page.method == "GET":
        return visitor.browser.get(address)
    return visitor.browser.post(address, data={} if token is None else {"csrf_token": token})


def token_of(visitor: Visitor) -> str:
    """What makes the forms of this visitor good."""
    found = TOKEN.search(visitor.get("/people").text)
    assert found
    return found[1]


@pytest.mark.parametrize("permission", sorted({page.permission for page in PAGES} - {READING}))
def test_who_lacks_the_permission_is_shown_neither_page_nor_way(town: Town, writes: Writes, permission: str) -> None:
    """Whoever lacks the permission to read does not visit at all (test_visits.py)."""
    visitor = town.all_but(permission)
    token, wrong = token_of(visitor), []
    closed = [page for page in PAGES if page.permission == permission]
    writes.taken()
    for page in closed:
        for address in addresses(page, town.few):
            status, written = ask(visitor, page, address, token).status_code, writes.taken()
            if status != 403 or written:
                wrong.append(f"{page.name}, {address}: {status}, wrote {written}")
    assert not wrong, "\n".join(wrong)
    names = {page.name for page in closed}
    ways = {section.opens for section in SECTIONS} & names
    assert not {page_at(town, link) for link in Markup(visitor.get("/people").text).links()} & ways


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_no_link_leads_to_a_refusal(town: Town, permission: str) -> None:
    """Whoever may do nothing but read and this one thing is shown the way to nothing else."""
    visitor, wrong = town.only(permission), set()
    for page in (each for each in PAGES if (each.method, each.permission) == ("GET", permission)):
        for address in addresses(page, town.few):
            answer = visitor.browser.get(address)
            if answer.status_code == 403 and page.name in DEMANDING:
                continue
            assert answer.status_code == 200, address
            if answer.mimetype == "text/html":
                led = {page_at(town, link) for link in Markup(answer.text).links()} & BY_NAME.keys()
                wrong |= {
                    f"{page.name}: {name}" for name in led if BY_NAME[name].permission not in {READING, permission}
                }
    assert not wrong, "\n".join(sorted(wrong))


def page_at(town: Town, address: str) -> str | None:
    """The name of the page at an address; None where there is none of ours."""
    path = address.partition("#")[0].partition("?")[0]
    try:
        endpoint, _ = town.world.app.url_map.bind("seats.example.com").match(path or "/")
    except HTTPException:
        return None
    return endpoint.removeprefix("console.")


def test_nothing_of_another_tenant_is_there(town: Town, writes: Writes) -> None:
    """A visitor of one tenant asks for what another has, at both tenants' addresses: it is as if nobody had it."""
    visitor, secrets = town.boss(town.many), Secrets.of(town.world, town.few.tenant)
    token, before, probed, wrong = token_of(visitor), kept(town.world, town.few.tenant), 0, []
    for page in PAGES:
        for address in strange(page, town.many, town.few, secrets):
            writes.taken()
            answers = [ask(visitor, page, each, token) for each in (address, secrets.disguised(address))]
            said = [_outside(answers[0], secrets.disguised), _outside(answers[1], str)]
            probed += 1
            if said[0] != said[1] or (answers[0].status_code != 404 and "?" not in address):
                told = set(said[0].splitlines()) ^ set(said[1].splitlines())
                wrong.append(f"{page.name}, {address}: {[each.status_code for each in answers]} {sorted(told)}")
            if leaks := secrets.leaks(answers[0].text, address) or writes.taken():
                wrong.append(f"{page.name}, {address}: {leaks}")
    assert not wrong, "\n".join(wrong)
    assert kept(town.world, town.few.tenant) == before
    assert probed > len(PAGES)


def strange(page: Page, own: Estate, other: Estate, secrets: Secrets) -> Iterator[str]:
    """The page's addresses with what the other tenant has in the last place, in all but the first, and in all."""
    if "tenant" not in PLACE.findall(page.path):
        return
    theirs = {name: texts for name, texts in other.places.items() if secrets.disguised(texts[0]) != texts[0]}
    last = {name: theirs[name] for name in (*PLACE.findall(page.path)[-1:], *QUERIED) if name in theirs}
    for places in (last, theirs):
        mixed = Estate(own.tenant, own.boss, {**own.places, **places, "tenant": own.places["tenant"]})
        yield from set(addresses(page, mixed)) - set(addresses(page, own))
    yield from addresses(page, other)


def _outside(answer: TestResponse, disguised: Callable[[str], str]) -> str:
    """What a visitor can tell of an answer but for the tokens in it."""
    return TOKEN.sub("", f"{answer.status_code}\n{disguised(answer.text)}")


def test_nobody_is_sent_to_sign_in(town: Town, writes: Writes) -> None:
    stranger, wrong = Visitor(town.world.app.test_client(), None), []
    writes.taken()
    for page in PAGES:
        for address in addresses(page, town.few):
            answer = ask(stranger, page, address)
            led = answer.headers.get("Location", "")
            if answer.status_code != 303 or not led.startswith("/console/sign-in") or writes.taken():
                wrong.append(f"{page.name}, {address}: {answer.status_code} {led}")
    assert not wrong, "\n".join(wrong)


def test_a_form_without_the_visitors_own_token_does_nothing(town: Town, writes: Writes) -> None:
    boss, operator, wrong = town.boss(town.few), town.operator, list[str]()
    anothers = token_of(town.boss(town.many))
    writes.taken()
    for page in SENT:
        for address in addresses(page, town.few):
            for token in (None, anothers):
                status = ask(operator if is_operators(page) else boss, page, address, token).status_code
                if status != 400 or writes.taken():
                    wrong.append(f"{page.name}, {address}: {status}")
    assert not wrong, "\n".join(wrong)
