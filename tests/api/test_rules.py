"""/rules of the admin API: made, ordered, changed, tried out, and never above one's own permissions."""

from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import templating
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import CAUSE, Connection, World, contents

SALES = {"group": "Sales", "products": ["meeting"]}


@pytest.fixture
def people(world: World, acme: Tenant, okta: Connection) -> Connection:
    """Ana and ben in the group Sales, and three seats of meeting."""
    world.buy(acme, "meeting", 3)
    okta.create_group("Sales", *(okta.create_user(name)["id"] for name in ("ana", "ben")))
    return okta


def test_a_rule_is_made_shown_changed_and_deleted(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, people: Connection
) -> None:
    templating.set_template(world.units, acme, CAUSE, "meeting", "std", {"recording": "off"})
    made = api.post("~/rules", {**SALES, "templates": {"meeting": "std"}, "role": "manager", "policy": "overage"})
    assert made.status_code == 201
    rule = made.get_json()
    assert made.headers["Location"] == f"/api/v1/tenants/acme/rules/{rule['id']}"
    shown = api.done("GET", f"~/rules/{rule['id']}")
    assert [shown] == [rule] == api.items("~/rules") == cli.json("rule", "list", "acme")
    assert (rule["group"], rule["bound"], rule["templates"], rule["policy"], rule["mail"]) == (
        "Sales", True, {"meeting": "std"}, "overage", None
    )  # fmt: skip
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    changed = api.done("PATCH", f"~/rules/{rule['id']}", {"role": None, "policy": None, "templates": {"meeting": None}})
    assert changed == {**rule, "role": None, "policy": None, "templates": {}}
    assert api.delete(f"~/rules/{rule['id']}").status_code == 204
    assert world.held_by(acme, "ana") == {}
    assert "no rule" in api.refused(404, "GET", f"~/rules/{rule['id']}")["detail"]


def test_rules_are_ordered_and_listed_in_pages(api: Caller, people: Connection) -> None:
    ids = [api.done("POST", "~/rules", {"group": name, "products": ["meeting"]})["id"] for name in "abc"]
    ordered = api.done("PUT", "~/rules/order", {"rules": [ids[2], ids[1]]})
    assert [rule["id"] for rule in ordered["items"]] == [ids[2], ids[1], ids[0]]
    assert api.items("~/rules?limit=2") == ordered["items"]
    assert api.done("PATCH", f"~/rules/{ids[0]}", {"priority": 1})["priority"] == 1
    assert "each once" in api.refused(422, "PUT", "~/rules/order", {"rules": [ids[0], ids[0]]})["detail"]


@pytest.mark.parametrize(
    ("change", "command"),
    [
        ({"create": {"condition": "userName pr", "products": ["meeting"], "language": "fr"}},
         ("create", "acme", "--filter", "userName pr", "--product", "meeting", "--language", "fr")),
        ({"edit": {"rule": "RULE", "products": ["webinar"]}}, ("edit", "acme", "RULE", "--product", "webinar")),
        ({"delete": "RULE"}, ("delete", "acme", "RULE")),
        ({"reorder": ["RULE"]}, ("reorder", "acme", "RULE")),
    ],
)  # fmt: skip
def test_what_if_tells_what_the_command_tells_and_keeps_nothing(
    api: Caller, cli: CommandLine, world: World, people: Connection, change: dict[str, Any], command: tuple[str, ...]
) -> None:
    rule = api.done("POST", "~/rules", SALES)["id"]
    (kind, wanted), *_ = change.items()
    asked = {"delete": rule, "reorder": [rule]}.get(kind, wanted)
    if isinstance(asked, dict) and "rule" in asked:
        asked = {**asked, "rule": rule}
    before = contents(world)
    told = api.done("POST", "~/rules/what-if", {kind: asked})
    assert contents(world) == before
    assert told == cli.json("rule", "what-if", *(rule if word == "RULE" else word for word in command))
    assert bool(told["people"]) == (kind in {"edit", "delete", "create"})


def test_one_change_is_tried_out_at_a_time(api: Caller) -> None:
    for body in ({}, {"delete": "x", "reorder": ["x"]}):
        problem = api.refused(422, "POST", "~/rules/what-if", body)
        assert [error["pointer"] for error in problem["errors"]] == [""]
    problem = api.refused(422, "POST", "~/rules/what-if", {"edit": {"products": [5], "colour": "red"}})
    assert {error["pointer"] for error in problem["errors"]} == {"/edit/products/0", "/edit/rule", "/edit/colour"}


def test_every_wrong_part_of_a_rule_is_named(api: Caller, world: World, people: Connection) -> None:
    body = {"group": "", "products": "meeting", "templates": {"meeting": 5}, "policy": "hope", "priority": 0, "x": 1}
    problem = api.refused(422, "POST", "~/rules", body)
    assert {error["pointer"].split("/")[1] for error in problem["errors"]} == {*body}
    before = contents(world)
    assert "something to give" in api.refused(422, "POST", "~/rules", {"group": "Sales"})["detail"]
    assert "needs a group" in api.refused(422, "POST", "~/rules", {"products": ["meeting"]})["detail"]
    assert "Known products" in api.refused(404, "POST", "~/rules", {**SALES, "products": ["zoom"]})["detail"]
    wrong = {"condition": "departmnt pr", "products": ["meeting"]}
    assert "'departmnt' is not an attribute" in api.refused(422, "POST", "~/rules", wrong)["detail"]
    assert contents(world) == before


def test_no_rule_gives_or_takes_a_role_above_ones_own(world: World, acme: Tenant, people: Connection) -> None:
    whole, narrow = caller(world, acme), caller(world, acme, "people.read", "rules.write")
    rule = whole.done("POST", "~/rules", {**SALES, "role": "super_admin"})
    before = contents(world)
    assert "beyond your own" in narrow.refused(403, "POST", "~/rules", {"group": "Sales", "role": "manager"})["detail"]
    for body in ({"group": "Other"}, {"role": None}, {"enabled": False}, {"products": []}):
        assert "super_admin" in narrow.refused(403, "PATCH", f"~/rules/{rule['id']}", body)["detail"]
    narrow.refused(403, "DELETE", f"~/rules/{rule['id']}")
    assert contents(world) == before
    other = narrow.done("POST", "~/rules", SALES)
    narrow.done("PUT", "~/rules/order", {"rules": [other["id"]]})
    narrow.done("POST", "~/rules", {"group": "Sales", "role": "member"})


def test_a_rule_of_another_tenant_is_not_there(world: World, api: Caller, people: Connection) -> None:
    other = world.tenant("other")
    theirs = world.rule(other, "Sales", "meeting")
    for method, body in (("GET", None), ("PATCH", {"enabled": False}), ("DELETE", None)):
        there, nowhere = (api.refused(404, method, f"~/rules/{each}", body) for each in (theirs.id, "nothing"))
        assert there["detail"].replace(theirs.id, "nothing") == nowhere["detail"]
    api.refused(404, "PUT", "~/rules/order", {"rules": [theirs.id]})
    api.refused(404, "POST", "~/rules/what-if", {"delete": theirs.id})
