"""Whatever people, clients and visitors write is text on every page: it brings no element and no attribute."""

from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from scim_server.services.addresses import CONSOLE_PATH
from tests.console import visitors
from tests.console.addresses import SHOWN, addresses, is_operators
from tests.console.estates import Estate, estate
from tests.console.hostile_texts import PAYLOADS, hostile
from tests.console.markup import Element, Markup
from tests.console.visitors import Visitor, forms
from tests.worlds import World

FEW = 3
LEADING = ("href", "src", "action", "formaction", "hx-get", "hx-post")
TYPED = "".join(PAYLOADS)
"""All at once, for whatever takes a text."""


def test_what_others_wrote_brings_no_markup(build_world: Callable[..., World]) -> None:
    """Two tenants of the same things, one of which is called by payloads: their pages are made of the same elements."""
    world = build_world()
    evil = estate(world, "evil", FEW, hostile, "e")
    good = estate(world, "good", FEW, lambda text: f"plain {text}", "g")
    boss, plain = (visitors.person(world, each.tenant, each.boss) for each in (evil, good))
    wrong, read = [], set[str]()
    for page in SHOWN:
        for theirs, ours in zip(addresses(page, evil), addresses(page, good), strict=True):
            answer = (visitors.operator(world) if is_operators(page) else boss).get(theirs)
            if answer.mimetype != "text/html":
                continue
            shown, other = Markup(answer.text), Markup(plain.get(ours).text)
            wrong += [f"{page.name}, {theirs}: {each}" for each in harms(shown)]
            if not is_operators(page) and skeleton(shown) != skeleton(other):
                more, less = skeleton(shown) - skeleton(other), skeleton(other) - skeleton(shown)
                wrong.append(f"{page.name}, {theirs}: {more} instead of {less}")
            read |= {payload for payload in PAYLOADS if any(payload in text for text in shown.texts)}
    assert not wrong, "\n".join(wrong)
    assert read == set(PAYLOADS), "each is read somewhere as it was written"


def test_what_is_typed_into_a_form_brings_no_markup(build_world: Callable[..., World]) -> None:
    """Every field of every form, of those that ask and of those that change something, refused or not."""
    world = build_world()
    place = estate(world, "evil", FEW, hostile, "e")
    boss, wrong, sent = visitors.person(world, place.tenant, place.boss), [], 0
    for address, answer in _typed(boss, place):
        sent += 1
        if answer.status_code >= 500:
            wrong.append(f"{address}: {answer.status_code}")
        if answer.mimetype == "text/html":
            wrong += [f"{address}: {each}" for each in harms(Markup(answer.text))]
    assert not wrong, "\n".join(wrong)
    assert sent > len(SHOWN) / 4


def _typed(visitor: Visitor, place: Estate) -> Iterator[tuple[str, TestResponse]]:
    for page in SHOWN:
        for address in () if is_operators(page) else addresses(page, place):
            answer = visitor.get(address)
            for form in forms(answer) if answer.mimetype == "text/html" else ():
                typed = MultiDict(form.fields)
                texts = [name for name, value in form.fields if name not in form.hidden and not value.isdigit()]
                for name in texts:
                    typed.setlist(name, [TYPED])
                if texts and form.method == "post":
                    yield form.action, visitor.browser.post(form.action, data=typed)
                elif texts:
                    yield form.action, visitor.browser.get(form.action, query_string=typed)


def skeleton(page: Markup) -> Counter[tuple[str, ...]]:
    """How often there is an element with attributes of those names."""
    return Counter((element.tag, *sorted(element.attributes)) for element in page.elements)


def harms(page: Markup) -> Iterator[str]:
    """What in a page runs, loads or leads anywhere but within the console."""
    for element in page.elements:
        yield from (f"{element.tag} {name}" for name in element.attributes if name == "style" or name.startswith("on"))
        if element.tag in {"style", "base", "iframe", "object", "embed", "svg", "img"} or _is_foreign(element):
            yield f"{element.tag} {dict(element.attributes)}"
        if element.tag == "script" and not element.attributes.get("src", "").startswith(f"{CONSOLE_PATH}/static/"):
            yield "a script"


def _is_foreign(element: Element) -> bool:
    found = (urlsplit(element.attributes[name].strip()) for name in LEADING if name in element.attributes)
    return any(each.scheme not in {"", "https", "mailto"} or each.netloc.endswith("evil.test") for each in found)


@pytest.mark.parametrize("payload", [each for each in PAYLOADS if "alert(1)" in each and "&lt;" not in each])
def test_the_look_for_harm_finds_it(payload: str) -> None:
    assert list(harms(Markup(f'<main><a href="{payload}">{payload}</a></main>')))
