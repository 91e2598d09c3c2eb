"""The operator's view: all tenants and how each is, usage and limits, the catalogue, chores, databases."""

import csv
import io
import re
from datetime import timedelta

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import operator_hooking, tenancy, visiting
from tests.console import visitors
from tests.console.visitors import Visitor
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World

ALL = "/console/tenants"


@pytest.fixture
def operator(world: World, acme: Tenant, okta: Connection) -> Visitor:
    """The operator, with three tenants: at acme somebody waits for a seat, globex was refused something."""
    world.buy(acme, "meeting", 1)
    for name in ("ana", "ben"):
        okta.create_user(f"{name}@example.com", entitlements=["meeting"])
    okta.create_group("Sales")
    globex = world.connect(world.tenant("globex"))
    globex.get("/Users")
    assert globex.post("/Users", {"schemas": []}).status_code == 400
    world.tenant("initech")
    world.installation.log.flush()
    world.installation.sealer.flush()
    return visitors.operator(world, "acme")


def shown(visitor: Visitor, **conditions: str) -> list[str]:
    said = visitor.see(ALL, **conditions)
    return [name for name in ("acme", "globex", "initech") if f"{name.title()} {name}" in said]


def test_every_tenant_is_there_with_how_it_is(operator: Visitor) -> None:
    said = operator.see(ALL)
    acme = said.partition("Acme acme")[2].partition("Globex globex")[0]
    assert "1 / 1 1 2" in acme, "assigned of bought, waiting, people"
    assert "0%" in acme
    globex = said.partition("Globex globex")[2].partition("Initech initech")[0]
    assert "50%" in globex
    assert "never – 0 / 0 0 0" in said.partition("Initech initech")[2]


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({"text": "GLOB"}, ["globex"]),
        ({"text": "%"}, []),
        ({"need": "waiting"}, ["acme"]),
        ({"need": "issues"}, ["acme"]),
        ({"need": "refused"}, ["globex"]),
        ({"need": "unsealed"}, ["initech"]),
        ({"need": "nonsense"}, ["acme", "globex", "initech"]),
        ({"need": "waiting", "text": "globex"}, []),
    ],
)
def test_tenants_are_narrowed_down(operator: Visitor, conditions: dict[str, str], names: list[str]) -> None:
    assert shown(operator, **conditions) == names


def test_a_page_costs_the_same_statements_and_goes_on(world: World, operator: Visitor) -> None:
    operator.see(ALL)
    with counting(world) as few:
        operator.see(ALL)
    for number in range(60):
        world.tenant(f"more-{number:02}")
    with counting(world) as many:
        first = operator.get(ALL)
    assert len(many.statements) == len(few.statements)
    address = first.text.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    rest = operator.browser.get(address, headers={"HX-Request": "true"})
    assert ("more-59" in first.text, "more-59" in rest.text, "<main" in rest.text) == (False, True, False)
    export = operator.get(f"{ALL}/export")
    assert export.text.count("\n") == 1 + 63


def test_usage_and_limits_of_a_tenant(operator: Visitor) -> None:
    said = operator.see("/usage")
    assert "People 2 Groups 1 Seats bought 1 Seats assigned 1 Waiting 1" in said
    assert "Requests of one connection any number" in said
    assert "Provisioning log kept for 30 days" in said


def test_a_tenant_is_opened(world: World, operator: Visitor) -> None:
    assert "The tenant is open." in operator.done(f"{ALL}/new", slug="umbrella", name="Umbrella", profile="rfc")
    assert tenancy.tenant(world.units, "umbrella").profile == "rfc"
    assert "already" in operator.refused(f"{ALL}/new", slug="umbrella", name="Umbrella")
    assert "use 1 to 63 lower-case letters" in operator.refused(f"{ALL}/new", slug="Um brella", name="U")


def test_a_product_is_added_with_what_it_includes(world: World, operator: Visitor) -> None:
    operator.done("/console/products/new", code="suite", name="Suite", includes=["meeting", "webinar"])
    assert tenancy.product(world.units, "suite").includes == {"meeting", "webinar"}
    assert "meeting, webinar" in operator.see("/console/products")
    assert "suite" in operator.get("/console/products/export").text
    assert operator.submit("/console/products/new", code="suite", name="Suite").status_code == 409


def test_a_chore_is_run_now(world: World, operator: Visitor) -> None:
    visiting.invite_operator(world.units)
    world.advance(timedelta(hours=1).total_seconds())
    visitor = visitors.operator(world, "acme")
    assert visiting.CHORE in visitor.see("/console/chores")
    said = visitor.done(f"/console/chores/{visiting.CHORE}/run")
    assert f"{visiting.CHORE} is done: 1 dealt with." in said
    assert visitor.get("/console/chores/nothing/run").status_code == 404
    assert f"{visiting.CHORE}," in visitor.get("/console/chores/export").text


def test_databases_are_shown_as_they_are_found(operator: Visitor) -> None:
    said = operator.see("/console/cells")
    assert "home" in said
    assert "as it should be" in said
    assert "No replica follows" in said
    (home,) = csv.DictReader(io.StringIO(operator.get("/console/cells/export").text))
    assert (home["cell"], home["reachable"], home["replica"], home["tenants"]) == ("home", "True", "False", "3")


@pytest.mark.parametrize(
    "path",
    [ALL, f"{ALL}/export", f"{ALL}/new", "/usage", "/console/products"]
    + [f"/console/{name}{file}" for name in ("chores", "cells") for file in ("", "/export")],
)
def test_all_of_it_is_the_operators_alone(ana: Visitor, path: str) -> None:
    assert ana.get(path).status_code == 403


def test_texts_of_tenants_stay_texts(world: World, operator: Visitor) -> None:
    tenancy.create_tenant(world.units, CAUSE, "evil", "<script>alert(1)</script>", "tolerant")
    page = operator.get(ALL)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


TRY, SWITCH, CHANGE = range(3)
"""The forms of a webhook's page."""


def test_a_webhook_of_the_operator_is_made_tried_changed_and_removed(operator: Visitor, world: World) -> None:
    assert "No webhook is there yet" in operator.see("/console/webhooks")
    made = operator.submit("/console/webhooks", name="vendor", url="https://app.invalid/in", types="seat.*", tenants="")
    (secret,) = set(re.findall(r"whsec_[\w+/=]+", made.text))
    assert secret not in operator.get("/console/webhooks").text
    (webhook,) = operator_hooking.operator_webhooks(world.units)
    page = f"/console/webhooks/{webhook.id}"
    assert "tenants are being set up for it" in operator.see(page)
    assert "cannot be found" in operator.done(page, TRY)
    for wrong, said in (("https://127.0.0.1/in", "not public"), ("http://x.test/", "https://")):
        assert said in operator.refused(page, CHANGE, url=wrong)
        assert said in operator.refused("/console/webhooks", name="third", url=wrong, types="", tenants="")
    operator.done(page, CHANGE, name="other", types="", tenants="acme, globex")
    operator.done(page, SWITCH)
    after = operator_hooking.operator_webhook(world.units, "other")
    assert (after.types, after.tenants, after.enabled) == ((), ("acme", "globex"), False)
    assert "switched off by an admin" in operator.see("/console/webhooks")
    assert "whsec_" in operator.submit(f"{page}/secret").text
    operator.done(f"{page}/remove")
    assert operator_hooking.operator_webhooks(world.units) == []
