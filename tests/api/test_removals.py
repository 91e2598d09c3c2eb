"""/removals: an admin looks at held seats, lets them go or keeps them."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World, contents

PEOPLE = 12
LET_GO = 5
HELD = PEOPLE - LET_GO


@pytest.fixture
def emptied(world: World, acme: Tenant, okta: Connection) -> str:
    """A group of twelve lost everybody at once: five seats went, seven are held, one person waits. The request's id."""
    world.buy(acme, "meeting", PEOPLE)
    world.rule(acme, "Sales", "meeting")
    ids = [okta.create_user(f"u{number:02}@x.test")["id"] for number in range(PEOPLE)]
    group = okta.create_group("Sales", *ids)["id"]
    answer = okta.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": []})
    world.buy(acme, "meeting", HELD)
    okta.create_user("wanda@x.test", entitlements=["meeting"])
    return answer.headers["X-Request-Id"]


def test_held_seats_are_listed_in_pages_as_the_command_line_prints_them(
    cli: CommandLine, api: Caller, emptied: str
) -> None:
    listed = api.items("~/removals?limit=3")
    assert len(listed) == HELD
    assert listed == cli.json("removal", "list", "acme")
    assert {each["cause"] for each in listed} == {emptied}
    assert all(each["since"] < each["due"] for each in listed)


def test_one_is_released_another_kept(world: World, acme: Tenant, api: Caller, emptied: str) -> None:
    first, second, *_ = api.items("~/removals")
    assert api.done("POST", f"~/removals/{first['id']}/approve") == first
    assert world.held_by(acme, first["userName"]) == {}
    assert world.held_by(acme, "wanda@x.test") == {"meeting": "assigned"}
    assert api.done("POST", f"~/removals/{second['id']}/restore", Idempotency_Key="k") == second
    assert api.done("POST", f"~/removals/{second['id']}/restore", Idempotency_Key="k") == second
    assert world.held_by(acme, second["userName"]) == {"meeting": "assigned"}
    assert [claim.source for claim in world.person(acme, second["userName"]).claims] == ["direct:admin"]
    assert len(api.items("~/removals")) == HELD - 2
    for decided in (first, second):
        assert "decided already" in api.refused(404, "POST", f"~/removals/{decided['id']}/approve")["detail"]


def test_several_or_all_are_decided_at_once(world: World, acme: Tenant, api: Caller, emptied: str) -> None:
    three = [each["id"] for each in api.items("~/removals")][:3]
    kept = api.done("POST", "~/removals/restore", {"ids": three})
    assert ([each["id"] for each in kept["items"]], kept["next"]) == (three, None)
    released = api.done("POST", "~/removals/approve", {"ids": None})
    assert len(released["items"]) == HELD - 3
    assert api.items("~/removals") == []
    assert world.seats(acme, "meeting") == (4, 0, HELD - 4)
    assert api.done("POST", "~/removals/approve", {"ids": None})["items"] == []


def test_who_is_meant_must_be_said(world: World, api: Caller, emptied: str) -> None:
    before = contents(world)
    one = api.items("~/removals")[0]["id"]
    for decision in ("approve", "restore"):
        assert api.refused(422, "POST", f"~/removals/{decision}", {})["errors"][0]["pointer"] == "/ids"
        assert api.refused(422, "POST", f"~/removals/{decision}")["errors"][0]["pointer"] == "/ids"
        assert "No held seat" in api.refused(404, "POST", f"~/removals/{decision}", {"ids": [one, "nothing"]})["detail"]
        assert api.done("POST", f"~/removals/{decision}", {"ids": []})["items"] == []
    assert contents(world) == before


def test_held_seats_of_another_tenant_are_not_there(world: World, api: Caller, emptied: str) -> None:
    other = caller(world, world.tenant("other"))
    one = api.items("~/removals")[0]["id"]
    assert other.items("~/removals") == []
    other.refused(404, "POST", f"~/removals/{one}/approve")
    other.refused(404, "POST", "~/removals/restore", {"ids": [one]})
    assert len(api.items("~/removals")) == HELD
