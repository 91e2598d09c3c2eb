"""What holds for every page there is: the table of pages is gone through, so that no new one is left out.

A page whose address has a place of its own needs what may stand there in `estates.py`, one that says little unless it
is asked something its question in `addresses.py`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from werkzeug.test import TestResponse

from scim_server.services import operator_hooking
from tests.console.addresses import SHOWN, addresses, is_operators
from tests.console.markup import Markup
from tests.console.sentences import english_left, same_words
from tests.console.towns import Town
from tests.console.visitors import Visitor
from tests.http.test_statements import counting
from tests.worlds import CAUSE

FILED_AT_ONCE = 50
"""Rows of a file that a statement more is fair for: files go on and on, so they are read piece by piece."""


def test_every_page_answers_and_is_in_order(town: Town) -> None:
    """A super admin and the operator see it; it has one heading, tokens in its forms, and no script or style in it."""
    boss, wrong = town.boss(town.many), []
    for page in SHOWN:
        for address in addresses(page, town.many):
            for visitor in (town.operator,) if is_operators(page) else (town.operator, boss):
                wrong += [f"{page.name}, {address}: {problem}" for problem in disorders(visitor.get(address))]
    assert not wrong, "\n".join(wrong)


def disorders(answer: TestResponse) -> Iterator[str]:
    """What is wrong with a page, in words."""
    if answer.status_code != 200:
        yield f"{answer.status_code}"
    if answer.mimetype != "text/html":
        return
    page = Markup(answer.text)
    if page.every("html") and len(page.every("h1")) != 1:
        yield f"{len(page.every('h1'))} h1"
    for form, content in page.forms_sent():
        if not any(each.attributes.get("name") == "csrf_token" for each in content):
            yield f"no token in the form that is sent to {form.attributes.get('action', 'its own address')}"
    for element in page.elements:
        if element.tag == "style" or (element.tag == "script" and "src" not in element.attributes):
            yield f"an inline {element.tag}"
        yield from (f"{element.tag} {name}" for name in element.attributes if name == "style" or name.startswith("on"))


def test_a_page_costs_no_more_statements_for_many_than_for_few(town: Town) -> None:
    bosses, wrong = (town.boss(town.few), town.boss(town.many)), []
    for page in SHOWN:
        few, many = (town.operator, town.operator) if is_operators(page) else bosses
        for small, large in zip(addresses(page, town.few), addresses(page, town.many), strict=True):
            least, most = cost(town, few, small), cost(town, many, large)
            if most.statements > least.statements + most.rows // FILED_AT_ONCE:
                wrong.append(f"{page.name}, {large}: {least.statements} for few, {most.statements} for many")
    assert not wrong, "\n".join(wrong)


def test_the_operators_pages_cost_the_same_for_more_tenants_and_webhooks(town: Town) -> None:
    asked = [each for page in SHOWN if is_operators(page) for each in addresses(page, town.few)]
    before = {address: cost(town, town.operator, address).statements for address in asked}
    for number in range(20):
        town.world.tenant(f"more-{number}")
    for number in range(3):
        url = "https://app.invalid/in"
        operator_hooking.create_operator_webhook(
            town.world.units, town.world.installation.web, CAUSE, f"more {number}", url
        )
    assert {address: cost(town, town.operator, address).statements for address in asked} == before


class Cost(NamedTuple):
    """How many statements something took; of a file also how many rows it has."""

    statements: int
    rows: int


def cost(town: Town, visitor: Visitor, address: str) -> Cost:
    """What the page takes to its last byte, once whatever is kept in memory is there."""
    assert visitor.get(address).text is not None
    with counting(town.world) as count:
        answer = visitor.get(address)
        rows = 0 if answer.mimetype == "text/html" else answer.text.count("\n")
    return Cost(int(count), rows)


def test_every_page_is_french_throughout(town: Town) -> None:
    """Nothing of the catalogue is left in English, and nothing that is not in it."""
    english, french, wrong = town.boss(town.few), town.boss(town.few, accept_language="fr"), set()
    for page in SHOWN:
        ours, theirs = (town.operator, town.french_operator) if is_operators(page) else (english, french)
        for address in addresses(page, town.few):
            answer = theirs.get(address)
            if answer.mimetype == "text/html":
                said, before = list(Markup(answer.text).said()), Markup(ours.get(address).text).said()
                wrong |= {f"{page.name}: {text}" for text in (*english_left(said), *same_words(before, said))}
    assert not wrong, "\n".join(sorted(wrong))
