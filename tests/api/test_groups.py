"""Groups by hand, over the admin API and from the command line: one way, the same objects."""

from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.http.test_statements import counting
from tests.worlds import Connection, World, contents

Refusing = Callable[..., str]


@pytest.fixture
def sales(api: Caller, world: World, acme: Tenant, okta: Connection) -> str:
    """A group of acme that its identity provider made, with Ana in it; it gives meeting, Ben has none. Its id."""
    world.buy(acme, "meeting", 20)
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana")["id"]
    okta.create_user("ben")
    return okta.create_group("Sales", ana)["id"]


@pytest.fixture
def refusing(api: Caller, cli: CommandLine, world: World) -> Refusing:
    """A request and the command for it, both refused, which change nothing; the one sentence that both say."""

    def run(status: int, request: tuple[object, ...], *command: str) -> str:
        before = contents(world)
        said = api.refused(status, *request)["detail"]  # type: ignore[arg-type]
        assert cli.failed(1, "group", *command) == said
        assert contents(world) == before
        return str(said)

    return run


def test_a_group_is_made_by_hand_and_wakes_its_rule(api: Caller, cli: CommandLine, world: World, acme: Tenant) -> None:
    world.buy(acme, "training", 5)
    rule = world.rule(acme, "Trainers", "training")
    okta = world.connect(acme)
    ana = okta.create_user("ana")["id"]
    inner = cli.json("group", "create", "acme", "Coaches", "ANA")
    body = {"displayName": "Trainers", "groups": ["coaches"]}
    made = api.done("POST", "~/groups", body)
    assert api.last is not None
    assert api.last.headers["Location"] == f"/api/v1/tenants/acme/groups/{made['id']}"
    assert (made["people"], made["groups"], made["connection"], made["memberOf"]) == (0, 1, None, [])
    assert made["rules"] == [{"id": rule.id, "priority": 1, "enabled": True, "products": ["training"], "role": None}]
    assert world.held_by(acme, "ana") == {"training": "assigned"}
    assert made == api.done("GET", "~/groups/trainers") == cli.json("group", "show", "acme", made["id"])
    shown = cli.json("group", "show", "acme", "Coaches")
    assert shown["memberOf"] == [{"id": made["id"], "displayName": "Trainers"}]
    assert api.items("~/groups?limit=1") == [shown, made] == cli.json("group", "list", "acme")
    assert api.items("~/groups?name=TRAIN") == [made] == cli.json("group", "list", "acme", "--name", "train")
    seen = okta.get(f"/Groups/{made['id']}").json
    assert seen["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Group"]
    assert [member["value"] for member in seen["members"]] == [inner["id"]]
    assert okta.member_ids(inner["id"]) == {ana}


def test_people_join_and_leave(api: Caller, cli: CommandLine, world: World, acme: Tenant, sales: str) -> None:
    done = api.done("PATCH", "~/groups/sales/members", {"addUsers": ["BEN", "ana"]})
    assert (done["changed"], done["added"], done["removed"], done["group"]["people"]) == (True, 1, 0, 2)
    assert world.held_by(acme, "ben") == {"meeting": "assigned"}
    again = cli.json("group", "add", "acme", sales, "ben")
    assert (again["changed"], again["added"]) == (False, 0)
    assert cli.done("group", "remove", "acme", "Sales", "ben").out == (
        "1 member left 'Sales', which has 1 person now. "
        "Connection 'okta' manages the group: its identity provider may overwrite this.\n"
    )
    assert world.held_by(acme, "ben") == {}
    assert cli.done("group", "remove", "acme", "Sales", "ben").out == "'Sales' is so already.\n"
    cli.done("group", "create", "acme", "Inner", "ben")
    swapped = api.done("PATCH", "~/groups/sales/members", {"addGroups": ["Inner"], "removeUsers": ["ana"]})
    assert (swapped["added"], swapped["removed"]) == (1, 1)
    assert world.held_by(acme, "ben") == {"meeting": "assigned"}
    assert world.held_by(acme, "ana") == {}
    assert [entry.action for entry in world.trail(acme) if entry.object_id == sales] == [
        "group.created", "group.changed", "group.changed", "group.changed"
    ]  # fmt: skip


def test_members_come_in_pages(api: Caller, cli: CommandLine, okta: Connection, sales: str) -> None:
    inner = okta.create_group("Inner")["id"]
    api.done("PATCH", "~/groups/sales/members", {"addUsers": ["ben"], "addGroups": [inner]})
    listed = api.items("~/groups/sales/members?limit=1")
    assert [(member["name"], member["kind"]) for member in listed] == [
        ("ana", "User"), ("ben", "User"), ("Inner", "Group")
    ]  # fmt: skip
    assert listed == cli.json("group", "members", "acme", "Sales")
    assert "Nobody is in 'Inner'." in cli.done("group", "members", "acme", "Inner").out


def test_a_group_is_renamed_and_deleted(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, okta: Connection, sales: str
) -> None:
    renamed = api.done("PATCH", "~/groups/Sales", {"displayName": "Sellers"})
    assert (renamed["displayName"], renamed["connection"]) == ("Sellers", "okta")
    assert cli.json("rule", "list", "acme")[0]["group"] == "Sellers"
    assert "is called so already: 'Sellers'" in cli.done("group", "rename", "acme", sales, "Sellers").out
    assert "is now called 'Sales'. Connection 'okta'" in cli.done("group", "rename", "acme", sales, "Sales").out
    assert cli.done("group", "delete", "acme", "sales", "--yes").out == "Group 'Sales' is deleted.\n"
    assert okta.get(f"/Groups/{sales}").status_code == 404
    assert world.held_by(acme, "ana") == {}
    assert cli.json("rule", "list", "acme")[0]["bound"] is False
    cli.done("group", "create", "acme", "Sales", "ana")
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert api.delete("~/groups/Sales").status_code == 204


def test_the_guard_holds_what_too_many_would_lose(
    api: Caller, world: World, acme: Tenant, okta: Connection, sales: str
) -> None:
    names = [f"u{number}" for number in range(12)]
    for name in names:
        okta.create_user(name)
    api.done("PATCH", "~/groups/Sales/members", {"addUsers": names})
    api.done("PATCH", "~/groups/Sales/members", {"removeUsers": names})
    states = [world.held_by(acme, name).get("meeting") for name in names]
    assert (states.count("held"), states.count(None)) == (7, 5)


def test_what_makes_no_sense_is_refused_and_changes_nothing(refusing: Refusing, sales: str) -> None:
    members = "~/groups/sales/members"
    assert "no user 'eva'" in refusing(
        404, ("PATCH", members, {"addUsers": ["ben", "eva"]}), "add", "acme", "sales", "ben", "eva"
    )
    assert "no group with the name or id 'HR'" in refusing(
        404, ("PATCH", members, {"addGroups": ["HR"]}), "add", "acme", "sales", "--group", "HR"
    )
    assert "cannot be a member of itself" in refusing(
        422, ("PATCH", members, {"addGroups": ["Sales"]}), "add", "acme", "sales", "--group", sales
    )
    assert "'SALES' exists in this tenant" in refusing(
        409, ("POST", "~/groups", {"displayName": "SALES"}), "create", "acme", "SALES"
    )
    assert "no group with the name or id 'HR'" in refusing(404, ("DELETE", "~/groups/HR"), "delete", "acme", "HR")
    assert "cannot be a group's name" in refusing(
        422, ("PATCH", "~/groups/sales", {"displayName": " x"}), "rename", "acme", "sales", " x"
    )


def test_nobody_does_both(api: Caller, world: World, sales: str) -> None:
    before = contents(world)
    body = {"addUsers": ["ben"], "removeUsers": ["BEN"]}
    assert "join and leave" in api.refused(422, "PATCH", "~/groups/sales/members", body)["detail"]
    problem = api.refused(422, "POST", "~/groups", {"users": [5], "colour": "red"})
    assert [error["pointer"] for error in problem["errors"]] == ["/displayName", "/users/0", "/colour"]
    assert contents(world) == before


def test_a_group_of_another_tenant_is_not_there(world: World, sales: str) -> None:
    other = caller(world, world.tenant("other"))
    assert other.items("~/groups") == []
    other.refused(404, "GET", f"~/groups/{sales}")
    other.refused(404, "GET", f"~/groups/{sales}/members")
    other.refused(404, "PATCH", f"~/groups/{sales}/members", {"addUsers": []})
    other.refused(404, "DELETE", f"~/groups/{sales}")


def test_the_command_line_asks_whom(cli: CommandLine, acme: Tenant) -> None:
    assert "Say who" in cli.failed(2, "group", "add", "acme", "Sales")
    assert cli.done("group", "list", "acme").out == "Tenant 'acme' has no group yet.\n"


def test_lists_cost_the_same_whatever_there_is(api: Caller, world: World, okta: Connection, sales: str) -> None:
    ids = [okta.create_user(f"u{number}")["id"] for number in range(10)]
    groups = [okta.create_group(f"Team {number}", *ids)["id"] for number in range(5)]
    okta.create_group("All", *groups)

    def cost(path: str) -> int:
        with counting(world) as count:
            api.done("GET", path)
        return int(count)

    assert cost("~/groups?limit=2") == cost("~/groups?limit=7")
    assert cost("~/groups/All/members?limit=1") <= cost("~/groups/Team%200/members?limit=1")
    assert cost("~/groups/Team%200/members?limit=1") == cost("~/groups/Team%200/members?limit=10")
