"""A visitor with a browser that runs no scripts: signs in by a link, opens pages, fills in their forms."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, visiting
from tests.worlds import CAUSE, World

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """A form as the page has it: where it goes, and what it sends if nothing is touched. Buttons are not among it.

    `hidden` are the names of fields that nobody sees.
    """

    action: str
    method: str
    fields: Fields
    buttons: Fields
    hidden: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.found = address, list[Form]()
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: list[str] | None = None
        self._open = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "form":
            self.found.append(Form(given.get("action") or self.address, given.get("method", "get").lower(), [], []))
            self._open = True
        elif not self._open:
            return
        elif tag == "input" and name:
            self._input(name, given)
        elif tag == "button" and name:
            self.found[-1].buttons.append((name, given.get("value") or ""))
        elif tag == "select" and name:
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea" and name:
            self._area = [name]

    def _input(self, name: str, given: dict[str, str | None]) -> None:
        if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
            return
        if given.get("type") == "hidden":
            self.found[-1].hidden.add(name)
        if given.get("type") != "file":
            self.found[-1].fields.append((name, given.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected] or [
                value for value, _ in self._options[:1]
            ]
            self.found[-1].fields += [(self._select, value) for value in chosen]
            self._select = None
        elif tag == "textarea" and self._area:
            self.found[-1].fields.append((self._area[0], "".join(self._area[1:])))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.append(data)


def forms(page: TestResponse) -> list[Form]:
    """The forms of a page, those of its frame (sign-out, language) excepted."""
    content = page.text.partition("<main")[2]
    parser = _Forms(page.request.full_path.rstrip("?"))
    parser.feed(content)
    return parser.found


def text_of(page: TestResponse) -> str:
    """What the content of a page says, without tags."""
    content = page.text.partition("<main")[2].partition("</main>")[0]
    words = re.sub(r"<[^>]+>", " ", content.partition(">")[2])
    return " ".join(words.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&").split())


@dataclass
class Visitor:
    """Somebody who is signed in."""

    browser: FlaskClient
    slug: str | None

    def get(self, path: str, **query: str) -> TestResponse:
        """A page. One that does not begin with /console is of the visitor's tenant."""
        return self.browser.get(self.address(path), query_string=query or None)

    def address(self, path: str) -> str:
        return path if path.startswith("/console") else f"/console/tenants/{self.slug}{path}"

    def see(self, path: str, **query: str) -> str:
        """What a page says, which must be there."""
        page = self.get(path, **query)
        assert page.status_code == 200, (page.status_code, text_of(page))
        return text_of(page)

    def submit(self, path: str, form: int | None = None, **typed: Any) -> TestResponse:
        """Open the page, fill in a form that is sent by POST (the only one, or that of the number) and send it.

        A list in place of a text is a field with several values. Redirects are not followed.
        """
        page = self.get(path)
        assert page.status_code == 200, (page.status_code, text_of(page))
        posts = [each for each in forms(page) if each.method == "post"]
        assert form is not None or len(posts) == 1, [each.action for each in posts]
        wanted = posts[form or 0]
        data = MultiDict[str, Any](wanted.fields)
        for name, value in typed.items():
            data.setlist(name, list(value) if isinstance(value, list | tuple) and name != "file" else [value])
        return self.browser.post(wanted.action, data=data)

    def done(self, path: str, form: int | None = None, **typed: Any) -> str:
        """The same, which must be carried out: answers what the page says that comes behind it."""
        answer = self.submit(path, form, **typed)
        assert answer.status_code == 303, (answer.status_code, text_of(answer))
        return self.see(answer.headers["Location"])

    def refused(self, path: str, form: int | None = None, **typed: Any) -> str:
        """The same, which must be refused: answers why, as the form says that is shown again."""
        answer = self.submit(path, form, **typed)
        assert 400 <= answer.status_code < 500, answer.status_code
        found = re.search(r'role="alert">([^<]*)<', answer.text)
        assert found, text_of(answer)
        return found[1].strip()


def _signed_in(world: World, link: str, slug: str | None, **headers: str) -> Visitor:
    browser = world.app.test_client()
    for name, value in headers.items():
        browser.environ_base[f"HTTP_{name.upper()}"] = value
    visitor = Visitor(browser, slug)
    answer = visitor.submit(f"/console/enter/{link}")
    assert answer.status_code == 303, text_of(answer)
    return visitor


def operator(world: World, slug: str | None = None, **headers: str) -> Visitor:
    """The operator, at that tenant's pages."""
    return _signed_in(world, visiting.invite_operator(world.units)[1], slug, **headers)


def person(world: World, tenant: Tenant, user_name: str, role: str | None = None, **headers: str) -> Visitor:
    """Somebody of the tenant, who has, or is given, a role."""
    if role is not None:
        authorising.grant_role(world.units, tenant, CAUSE, user_name, role)
    return _signed_in(world, visiting.invite(world.units, tenant, user_name)[1], tenant.slug, **headers)
