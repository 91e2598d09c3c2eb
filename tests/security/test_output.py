"""What leaves the server (docs/security.md, section E): text stays text, in files, pages and answers."""

import csv
import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from scim_server.domain.invitations import Offer
from scim_server.domain.tenants import Tenant
from scim_server.services import inviting, tenancy
from scim_server.services.csv_rows import is_formula
from tests.api import callers
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.console import hostile_texts
from tests.worlds import CAUSE, USER, Connection, World

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
FORMULA = "cmd|' /C calc'!A1"


def test_no_name_is_a_formula_in_a_file_and_all_come_back(
    acme: Tenant, okta: Connection, api: Caller, cli: CommandLine
) -> None:
    """E4: names that begin like formulas, in both kinds of file, and unchanged when the file is read again."""
    names = {f"u{number}@x.test": f"{trigger}{FORMULA}" for number, trigger in enumerate(TRIGGERS)}
    for user_name, name in names.items():
        parts = {"givenName": name, "familyName": "Silva"}
        okta.create_user(user_name, emails=[{"value": user_name}], name=parts, displayName=name)
    report = csv.DictReader(io.StringIO(api.get("~/reports/user-status?format=csv").text, newline=""))
    shown = {row["userName"]: row["displayName"] for row in report}
    assert shown.keys() == names.keys()
    exported = cli.done("export", "people", "acme").out
    cells = [cell for row in csv.reader(io.StringIO(exported, newline="")) for cell in row]
    assert [cell for cell in (*cells, *shown.values()) if is_formula(cell)] == []
    Path("people.csv").write_text(exported, encoding="utf-8", newline="")
    job = cli.json("import", "check", "acme", "people.csv")
    assert job["counts"] == {**dict.fromkeys(job["counts"], 0), "unchanged": len(names)}


def test_the_audit_trail_is_read_by_its_own_permission(
    world: World, acme: Tenant, okta: Connection, api: Caller
) -> None:
    """E6: nobody reads it who may merely see people; each entry says who did what to whom, before and after."""
    ana, ben = okta.create_user("ana")["id"], okta.create_user("ben")["id"]
    group = okta.create_group("Crew", ana)["id"]
    okta.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": [{"value": ben}]})
    scopes = [scope["code"] for scope in api.done("GET", "/permissions")["items"] if not scope["operators"]]
    viewer = callers.caller(world, acme, *(scope for scope in scopes if scope != "audit.read"))
    for method, path in (("GET", "entries"), ("GET", "export"), ("GET", "key"), ("POST", "verify")):
        viewer.refused(403, method, f"~/audit/{path}")
    entry = next(each for each in api.items("~/audit/entries") if each["action"] == "group.changed")
    assert entry["actor"].startswith("connection:")
    assert (entry["objectType"], entry["objectId"]) == ("group", group)
    shown = api.done("GET", f"~/audit/entries/{entry['id']}")
    assert (shown["before"]["members"], shown["after"]["members"]) == ([ana], [ben])


PAYLOADS = tuple(filter(str.isprintable, hostile_texts.PAYLOADS))
"""Those that somebody can be called."""
SAFE = frozenset({
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "form", "button", "strong",
    "br", "div", "section", "span", "em", "label", "input",
})  # fmt: skip


class Page(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def check_harmless(page: Page) -> None:
    """Nothing in it runs, loads or leads elsewhere."""
    assert {tag for tag, _ in page.elements} <= SAFE
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        assert not {"src", "href", "srcdoc", "formaction", "style"} & attributes.keys(), tag
        assert attributes.get("action") in {None, ""}, tag


def invitation(world: World, host: Tenant, product: str, name: str) -> str:
    """The page on which somebody is invited by that name."""
    sent = inviting.send(
        world.units, host, CAUSE, "eve@y.test", Offer((product,), None, name, name), None,
        public_url="https://seats.example.com", by_mail=False,
    )  # fmt: skip
    answer = world.app.test_client().get(sent.link.removeprefix("https://seats.example.com"))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return answer.text


def test_a_page_shows_names_as_text(world: World, entra: Connection) -> None:
    """E8: a payload as the name of a tenant, a product and a person is read on the page, and is no part of it."""
    entra.create_user("eve@y.test", displayName=PAYLOADS[0], name={"givenName": PAYLOADS[0]})
    for number, payload in enumerate(PAYLOADS):
        host = tenancy.create_tenant(world.units, CAUSE, f"evil-{number}", payload, "tolerant")
        tenancy.create_product(world.units, host.slug, payload, [])
        page = Page(invitation(world, host, host.slug, payload))
        check_harmless(page)
        assert payload in "".join(page.texts)


def test_an_answer_with_markup_in_it_is_json(okta: Connection, api: Caller) -> None:
    """E8: in whatever attribute it comes, and in refusals too, no browser takes the answer for a page."""
    attributes = ("displayName", "nickName", "title", "profileUrl", "userType", "locale", "timezone", "externalId")
    for number, payload in enumerate(PAYLOADS):
        body: dict[str, Any] = {"schemas": [USER], "userName": f"u{number}@x.test"}
        name = {"formatted": payload, "givenName": payload}
        answers = [
            okta.post("/Users", {**body, **dict.fromkeys(attributes, payload), "name": name}),
            okta.post("/Users", {**body, "userName": payload}),
            okta.post("/Users", {**body, "emails": [{"value": payload, "type": payload}]}),
            okta.search("/Users", filter=payload),
            okta.get(f"/{payload}"),
            api.get(f"~/users/{payload.replace('/', '')}"),
            api.post("~/users", {"email": payload, "firstName": payload}),
        ]
        answers.append(api.get("~/users"))
        for answer in answers:
            assert answer.status_code < 500
            assert answer.mimetype in {"application/scim+json", "application/json", "application/problem+json"}
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
