"""/issues: what somebody can act on, and working it out anew; nobody closes an issue by hand."""

import pytest

from scim_server.api.nouns import ENDPOINTS
from scim_server.domain.tenants import Tenant
from scim_server.services.issues import KINDS, ROLE_ABOVE_MAX
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.http.test_statements import counting
from tests.troubles import trouble
from tests.worlds import Connection, World, contents

NOBODY = "01a219be-0000-7000-8000-000000000000"


@pytest.fixture
def troubled(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """One waits, one has a wrong entitlement, a group has a stranger, and a rule has lost its group; ids of people."""
    return trouble(world, acme, okta)


def test_open_issues_are_listed_in_pages_as_the_command_line_prints_them(
    cli: CommandLine, api: Caller, troubled: dict[str, str]
) -> None:
    listed = api.items("~/issues?limit=2")
    assert listed == cli.json("issue", "list", "acme")
    assert sorted(each["code"] for each in listed) == [
        "LOW_SEATS", "NO_SEAT", "ORPHAN_RULE", "UNKNOWN_ENTITLEMENT", "UNKNOWN_MEMBER"
    ]  # fmt: skip
    waiting = next(each for each in listed if each["code"] == "NO_SEAT")
    assert (waiting["userName"], waiting["userId"], waiting["product"], waiting["cure"]) == (
        "ben@x.test", troubled["ben@x.test"], "meeting", KINDS["NO_SEAT"].cure
    )  # fmt: skip
    shown = api.done("GET", f"~/issues/{waiting['id']}")
    assert shown == waiting == cli.json("issue", "show", "acme", waiting["id"])
    assert "meeting" in cli.done("issue", "show", "acme", waiting["id"]).out


def test_issues_are_chosen_by_code_person_and_whether_they_are_closed(
    world: World, acme: Tenant, api: Caller, troubled: dict[str, str]
) -> None:
    for user in ("BEN@x.test", troubled["ben@x.test"]):
        assert [each["code"] for each in api.items(f"~/issues?user={user}")] == ["NO_SEAT"]
    assert [each["subject"] for each in api.items("~/issues?code=UNKNOWN_MEMBER")] == ["nobody"]
    world.buy(acme, "meeting", 9)
    assert api.items("~/issues?code=NO_SEAT") == []
    (closed,) = api.items("~/issues?code=NO_SEAT&closed=true")
    assert closed["closed"] >= closed["opened"]
    assert api.done("GET", f"~/issues/{closed['id']}") == closed
    assert "has no user 'eve'" in api.refused(404, "GET", "~/issues?user=eve")["detail"]
    assert api.refused(422, "GET", "~/issues?code=NONE&closed=maybe")["errors"][1]["parameter"] == "code"
    assert "has no issue" in api.refused(404, "GET", f"~/issues/{NOBODY}")["detail"]


def test_the_kinds_of_issues_come_with_cures(cli: CommandLine, world: World, api: Caller) -> None:
    kinds = api.items("/issue-kinds?limit=4")
    assert [kind["code"] for kind in kinds] == sorted(KINDS)
    assert all(kind["cure"] == KINDS[kind["code"]].cure for kind in kinds)
    assert kinds == cli.json("issue", "kinds")


def test_a_product_that_comes_later_is_given_by_reprocessing_one_issue(
    cli: CommandLine, world: World, acme: Tenant, api: Caller, troubled: dict[str, str]
) -> None:
    world.sell("whiteboard")
    world.buy(acme, "whiteboard", 10)
    (one,) = api.items("~/issues?code=UNKNOWN_ENTITLEMENT")
    outcome = api.done("POST", f"~/issues/{one['id']}/reprocess", {})
    assert outcome == {"people": 1, "closed": 1, "opened": 0}
    assert world.held_by(acme, "cid@x.test") == {"whiteboard": "assigned"}
    assert "closed already" in api.refused(409, "POST", f"~/issues/{one['id']}/reprocess")["detail"]
    assert "closed already" in cli.failed(1, "issue", "reprocess", "acme", "--issue", one["id"])
    (assigned,) = (entry for entry in world.trail(acme) if entry.seats.get("whiteboard"))
    assert assigned.actor.startswith("api:")
    before = contents(world)
    for other in api.items("~/issues"):
        assert api.done("POST", f"~/issues/{other['id']}/reprocess")["closed"] == 0
        assert cli.json("issue", "reprocess", "acme", "--issue", other["id"])["closed"] == 0
    assert contents(world) == before


@pytest.mark.parametrize(
    ("body", "people"), [({}, 3), ({"user": "ana@x.test"}, 1), ({"group": "Sales"}, 1), ({"product": "meeting"}, 2)]
)
def test_reprocessing_looks_at_those_named(
    cli: CommandLine, api: Caller, troubled: dict[str, str], body: dict[str, str], people: int
) -> None:
    outcome = api.done("POST", "~/issues/reprocess", body)
    assert outcome["people"] == people
    options = [text for name, value in body.items() for text in (f"--{name}", value)]
    assert cli.json("issue", "reprocess", "acme", *options) == outcome


def test_reprocessing_what_is_not_there_is_refused(world: World, api: Caller, troubled: dict[str, str]) -> None:
    before = contents(world)
    assert "has no user 'eve'" in api.refused(404, "POST", "~/issues/reprocess", {"user": "eve"})["detail"]
    assert "has no group 'x'" in api.refused(404, "POST", "~/issues/reprocess", {"group": "x"})["detail"]
    assert "no product 'x'" in api.refused(404, "POST", "~/issues/reprocess", {"product": "x"})["detail"]
    api.refused(422, "POST", "~/issues/reprocess", {"user": "ana@x.test", "product": "meeting"})
    api.refused(404, "POST", f"~/issues/{NOBODY}/reprocess")
    assert contents(world) == before


def test_nobody_closes_an_issue_by_hand(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    """The issue is the one record that a role is held back."""
    okta.create_user("ana@x.test", roles=[{"value": "super_admin"}])
    (held_back,) = api.items(f"~/issues?code={ROLE_ABOVE_MAX}")
    for method in ("DELETE", "PATCH", "PUT"):
        api.refused(405, method, f"~/issues/{held_back['id']}")
    api.done("POST", f"~/issues/{held_back['id']}/reprocess")
    assert api.items(f"~/issues?code={ROLE_ABOVE_MAX}") == [held_back]
    methods = {endpoint.method for endpoint in ENDPOINTS if "/issues" in endpoint.path}
    assert methods == {"GET", "POST"}


def test_issues_of_another_tenant_are_not_there(world: World, api: Caller, troubled: dict[str, str]) -> None:
    other = caller(world, world.tenant("other"))
    for issue in api.items("~/issues"):
        other.refused(404, "GET", f"~/issues/{issue['id']}")
        other.refused(404, "POST", f"~/issues/{issue['id']}/reprocess")
    assert other.items("~/issues") == []


def test_a_page_costs_the_same_however_long_it_is(
    world: World, acme: Tenant, okta: Connection, api: Caller, troubled: dict[str, str]
) -> None:
    with counting(world) as few:
        api.done("GET", "~/issues?closed=true")
    for number in range(20):
        okta.create_user(f"u{number}@x.test", entitlements=["meeting", "other"])
    with counting(world) as many:
        assert len(api.done("GET", "~/issues?closed=true")["items"]) > 40
    assert int(few) == int(many)
