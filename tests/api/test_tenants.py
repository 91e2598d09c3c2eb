"""/tenants: opened by the operator, looked at and changed from within."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import World, contents


def test_the_operator_opens_a_tenant(world: World, operator: Caller) -> None:
    made = operator.post("/tenants", {"slug": "acme", "name": "Acme"})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/tenants/acme")
    assert (made.json["profile"], made.json["baseAddress"]) == ("tolerant", "https://seats.example.com/scim/acme/v2")
    assert made.json == operator.done("GET", "/tenants/acme")
    assert operator.done("POST", "/tenants", {"slug": "strict", "name": "S", "profile": "rfc"})["profile"] == "rfc"
    assert [tenant["slug"] for tenant in operator.items("/tenants?limit=1")] == ["acme", "strict"]
    assert "'acme' already" in operator.refused(409, "POST", "/tenants", {"slug": "acme", "name": "A"})["detail"]
    assert "cannot be" in operator.refused(422, "POST", "/tenants", {"slug": "A b", "name": "A"})["detail"]
    problem = operator.refused(422, "POST", "/tenants", {"slug": "x", "name": "X", "profile": "lax"})
    assert [error["pointer"] for error in problem["errors"]] == ["/profile"]


def test_a_tenants_token_sees_its_own_tenant_and_no_list(world: World, acme: Tenant, api: Caller) -> None:
    world.tenant("other")
    assert api.done("GET", "~")["slug"] == "acme"
    api.refused(404, "GET", "/tenants/other")
    api.refused(403, "GET", "/tenants")
    api.refused(403, "POST", "/tenants", {"slug": "more", "name": "More"})


def test_terms_are_changed_and_go_back(world: World, acme: Tenant, api: Caller) -> None:
    changed = api.done(
        "PATCH",
        "~",
        {
            "name": "Acme Inc.",
            "profile": "rfc",
            "switches": {"patch.group_answer": "200", "me.attributes": "nickName"},
            "settings": {"retention_days": "60"},
        },
    )
    assert (changed["name"], changed["profile"], changed["settings"]["retention_days"]) == ("Acme Inc.", "rfc", "60")
    assert (changed["switches"]["patch.group_answer"], changed["switches"]["unknown_members"]) == ("200", "reject")
    assert changed == api.done("GET", "~")
    back = {"switches": {"patch.group_answer": None}, "settings": {"retention_days": None}}
    assert api.done("PATCH", "~", back)["switches"]["patch.group_answer"] == "204"
    assert api.done("GET", "~")["settings"]["retention_days"] == "30"
    assert api.done("PATCH", "~", {}) == api.done("GET", "~")


def test_every_wrong_term_is_named_at_once(world: World, acme: Tenant, api: Caller) -> None:
    before = contents(world)
    body = {
        "profile": "lax",
        "switches": {"patch.group_answer": "maybe", "nothing/here": "on", "paging": "index"},
        "settings": {"retention_days": "0", "colour": "red", "low_water": "5"},
    }
    problem = api.refused(422, "PATCH", "~", body)
    assert sorted(error["pointer"] for error in problem["errors"]) == [
        "/profile",
        "/settings/colour",
        "/settings/retention_days",
        "/switches/nothing~1here",
        "/switches/patch.group_answer",
    ]
    problem = api.refused(422, "PATCH", "~", {"switches": {"paging": 5}, "settings": ["x"]})
    assert sorted(error["pointer"] for error in problem["errors"]) == ["/settings", "/switches/paging"]
    api.refused(422, "PATCH", "~", {"name": "  "})
    assert contents(world) == before


def test_terms_can_be_looked_up(cli: CommandLine, acme: Tenant, api: Caller) -> None:
    terms = api.done("GET", "/terms")
    assert {"tolerant", "rfc"} <= set(terms["profiles"])
    answer = next(each for each in terms["switches"] if each["name"] == "patch.group_answer")
    assert answer["positions"] == ["204", "200"]
    assert {each["name"] for each in terms["switches"]} == set(api.done("GET", "~")["switches"])
    assert {each["name"] for each in terms["settings"]} == set(api.done("GET", "~")["settings"])
    printed = cli.done("tenant", "terms").out
    assert "patch.group_answer" in printed
    assert "retention_days" in printed


@pytest.mark.parametrize(("scope", "status"), [("tenant.write", 200), ("people.read", 403)])
def test_changing_wants_its_permission(world: World, acme: Tenant, scope: str, status: int) -> None:
    assert caller(world, acme, scope).patch("~", {"name": "B"}).status_code == status
