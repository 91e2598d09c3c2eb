"""`scim-server receipt`: what has yet to end for whoever left, and saying that it has."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World

HOUR = 3600


@pytest.fixture
def leaver(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> str:
    """The id of the receipt of Ana, whom an admin has suspended."""
    cli.done("tenant", "set", "acme", "receipts=yes", "receipt_hours=2")
    okta.create_user("ana@x.test")
    cli.done("user", "suspend", "acme", "ana@x.test")
    (one,) = cli.json("receipt", "list", "acme", "--open")
    return str(one["id"])


def test_a_receipt_is_acknowledged_part_by_part(cli: CommandLine, leaver: str) -> None:
    said = cli.done("receipt", "acknowledge", "acme", leaver, "keys").out
    assert said == "The receipt of 'ana@x.test' still misses sessions, data_access.\n"
    said = cli.done("receipt", "acknowledge", "acme", leaver).out
    assert said == "The receipt of 'ana@x.test' is confirmed.\n"
    (one,) = cli.json("receipt", "list", "acme", "--user", "ana@x.test")
    assert {each["by"] for each in one["acknowledged"]} == {"cli"}
    assert cli.done("receipt", "list", "acme", "--open").out == "Tenant 'acme' has no such receipt.\n"
    (entry,) = cli.json("audit", "list", "acme", "--action", "receipt.closed")
    assert (entry["objectId"], entry["actor"]) == (leaver, "cli")


def test_what_is_overdue_is_listed_and_is_an_issue(
    cli: CommandLine, world: World, okta: Connection, leaver: str
) -> None:
    assert cli.json("receipt", "list", "acme", "--overdue") == []
    world.advance(-3 * HOUR)
    okta.delete(f"/Users/{okta.create_user('ben@x.test')['id']}")
    (late,) = cli.json("receipt", "list", "acme", "--overdue")
    assert (late["userName"], late["ended"], late["state"]) == ("ben@x.test", "deleted", "overdue")
    cli.done("chores", "run", "watch-receipts")
    (issue,) = cli.json("issue", "list", "acme", "--code", "LEAVER_NOT_CONFIRMED")
    assert issue["userName"] == "ben@x.test"
    row = next(each for each in cli.json("report", "run", "acme", "leaver-receipts") if each["left"] == "deleted")
    assert (row["receipt"], row["missing"]) == ("overdue", ["sessions", "keys", "data_access"])


def test_who_comes_back_has_nothing_to_acknowledge(cli: CommandLine, leaver: str) -> None:
    cli.done("user", "reactivate", "acme", "ana@x.test")
    assert cli.done("receipt", "acknowledge", "acme", leaver).out == "The receipt of 'ana@x.test' is void.\n"


def test_only_what_there_is_can_be_acknowledged(cli: CommandLine, leaver: str) -> None:
    assert "has no receipt 'none'" in cli.failed(1, "receipt", "acknowledge", "acme", "none")
    assert "'badge' is not one of" in cli.failed(2, "receipt", "acknowledge", "acme", leaver, "badge")
