"""`scim-server removal`: an admin looks at held seats, lets them go or keeps them; the clock decides otherwise."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine, at_terminal
from tests.worlds import Connection, World, contents

PEOPLE = 12
LET_GO = 5
HELD = PEOPLE - LET_GO
HOURS = 24


@pytest.fixture
def emptied(world: World, acme: Tenant, okta: Connection) -> list[dict[str, str]]:
    """A group of twelve lost everybody at once: five seats went, seven are held, one person waits. Held seats."""
    world.buy(acme, "meeting", PEOPLE)
    world.rule(acme, "Sales", "meeting")
    ids = [okta.create_user(f"u{number:02}@x.test")["id"] for number in range(PEOPLE)]
    group = okta.create_group("Sales", *ids)["id"]
    answer = okta.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": []})
    assert answer.status_code == 204
    world.buy(acme, "meeting", HELD)
    okta.create_user("wanda@x.test", entitlements=["meeting"])
    return [row for row in world.rows("seats") if row["state"] == "held"]


def test_held_seats_are_listed_the_first_due_first(
    cli: CommandLine, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    listed = cli.json("removal", "list", "acme")
    assert {each["id"] for each in listed} == {row["id"] for row in emptied}
    assert len(listed) == HELD
    one = listed[0]
    assert one.keys() == {"id", "userId", "userName", "product", "since", "due", "cause"}
    assert (one["product"], one["userName"].endswith("@x.test")) == ("meeting", True)
    assert one["since"] < one["due"]
    entry = cli.json("log", "show", one["cause"])
    assert entry["method"] == "PATCH"
    assert "meeting" in cli.done("removal", "list", "acme").out


def test_a_tenant_without_held_seats(acme_cli: CommandLine) -> None:
    assert acme_cli.json("removal", "list", "acme") == []
    for command in ("list", "approve", "restore"):
        assert acme_cli.done("removal", command, "acme").out == "Tenant 'acme' has no held seat.\n"


def test_approving_one_releases_it_for_whoever_waits(
    cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    one, *_ = cli.json("removal", "list", "acme")
    said = cli.done("removal", "approve", "acme", one["id"]).out
    assert said == f"The seat of 'meeting' of '{one['userName']}' is released.\n"
    assert world.held_by(acme, one["userName"]) == {}
    assert world.held_by(acme, "wanda@x.test") == {"meeting": "assigned"}
    assert len(cli.json("removal", "list", "acme")) == HELD - 1
    assert len(cli.json("issue", "list", "acme", "--code", "HELD_REMOVAL")) == HELD - 1


def test_approving_all_releases_all(
    cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    assert cli.done("removal", "approve", "acme").out == f"{HELD} held seats are released.\n"
    assert cli.json("removal", "list", "acme") == []
    assert world.seats(acme, "meeting") == (1, 0, HELD - 1)
    assert cli.json("issue", "list", "acme", "--code", "HELD_REMOVAL") == []
    assert "wanda@x.test" not in {each["userName"] for each in cli.json("issue", "list", "acme")}


def test_restoring_one_keeps_it_by_a_claim_of_the_admin(
    cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    one, *_ = cli.json("removal", "list", "acme")
    said = cli.done("removal", "restore", "acme", one["id"]).out
    assert said == f"The seat of 'meeting' of '{one['userName']}' is kept.\n"
    portrait = world.person(acme, one["userName"])
    assert [(seat.id, seat.state.value) for seat in portrait.seats] == [(one["id"], "assigned")]
    assert [(claim.product, claim.source) for claim in portrait.claims] == [("meeting", "direct:admin")]
    assert portrait.issues == []
    assert world.held_by(acme, "wanda@x.test") == {"meeting": "waiting"}


def test_restoring_all_keeps_all(cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]) -> None:
    assert len(cli.json("removal", "restore", "acme")) == HELD
    assert cli.json("removal", "list", "acme") == []
    assert world.seats(acme, "meeting") == (HELD, 1, 0)
    assert world.do_chore("release-held-seats") == 0


def test_a_seat_that_is_not_held_is_refused_and_nothing_is_done(
    cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    before = contents(world)
    for command in ("approve", "restore"):
        assert "No held seat 'nothing' in tenant 'acme'" in cli.failed(1, "removal", command, "acme", "nothing")
    assert contents(world) == before
    decided = emptied[0]["id"]
    cli.done("removal", "approve", "acme", decided)
    assert f"No held seat '{decided}'" in cli.failed(1, "removal", "restore", "acme", decided)


def test_a_seat_of_another_tenant_is_not_held_here(
    cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    world.tenant("other")
    assert cli.json("removal", "list", "other") == []
    assert "No held seat" in cli.failed(1, "removal", "approve", "other", emptied[0]["id"])
    assert len(cli.json("removal", "list", "acme")) == HELD


def test_the_delay_running_out_releases_the_rest(
    cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    cli.done("removal", "restore", "acme", emptied[0]["id"])
    assert world.do_chore("release-held-seats") == 0
    world.advance(HOURS * 3600 + 60)
    assert world.do_chore("release-held-seats") == HELD - 1
    assert world.seats(acme, "meeting") == (2, 0, HELD - 2)
    assert world.do_chore("release-held-seats") == 0


def test_at_a_terminal_the_seats_are_shown_and_asked_about(
    cli: CommandLine, world: World, acme: Tenant, emptied: list[dict[str, str]]
) -> None:
    code, screen = at_terminal("removal", "approve", "acme", typed="n\n")
    assert code == 1
    assert "u11@x.test" in screen
    assert "Release these seats now?" in screen
    assert len(cli.json("removal", "list", "acme")) == HELD
    code, screen = at_terminal("removal", "restore", "acme", emptied[0]["id"], typed="y\n")
    assert (code, "is kept" in screen) == (0, True)
    code, screen = at_terminal("removal", "approve", "acme", "--yes")
    assert (code, "Release these seats now?" in screen) == (0, False)
    assert cli.json("removal", "list", "acme") == []
