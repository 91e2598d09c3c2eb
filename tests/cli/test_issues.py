"""`scim-server issue`: what is open, about whom, and what to do; and working it out anew."""

from pathlib import Path

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import issues
from scim_server.services.issue_pages import page
from tests.cli.commands import CommandLine
from tests.troubles import trouble
from tests.worlds import Connection, World, contents

ROOT = Path(__file__).parents[2]


@pytest.fixture
def troubled(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """One waits, one has a wrong entitlement, a group has a stranger, and a rule has lost its group."""
    return trouble(world, acme, okta)


def test_open_issues_are_listed_with_what_to_do(cli: CommandLine, acme: Tenant, troubled: dict[str, str]) -> None:
    listed = cli.json("issue", "list", "acme")
    shown = [(each["code"], each["userName"], each["group"], each["product"]) for each in listed]
    assert sorted(shown, key=str) == sorted(
        [
            ("LOW_SEATS", None, None, "meeting"),
            ("NO_SEAT", "ben@x.test", None, "meeting"),
            ("ORPHAN_RULE", None, "Gone", None),
            ("UNKNOWN_ENTITLEMENT", "cid@x.test", None, None),
            ("UNKNOWN_MEMBER", None, "Sales", None),
        ],
        key=str,
    )
    assert [each["opened"] for each in listed] == sorted(each["opened"] for each in listed)
    assert all(each["cure"] == issues.KINDS[each["code"]].cure and each["closed"] is None for each in listed)
    printed = cli.done("issue", "list", "acme").out
    assert "Buy seats" in printed
    assert "Gone" in printed


def test_issues_are_chosen_by_code_and_person(cli: CommandLine, acme: Tenant, troubled: dict[str, str]) -> None:
    assert [each["subject"] for each in cli.json("issue", "list", "acme", "--code", "unknown_member")] == ["nobody"]
    assert [each["code"] for each in cli.json("issue", "list", "acme", "--user", "BEN@x.test")] == ["NO_SEAT"]
    assert cli.json("issue", "list", "acme", "--user", "ben@x.test", "--code", "OVERAGE") == []
    assert cli.done("issue", "list", "acme", "--code", "OVERAGE").out == "Tenant 'acme' has no such issue.\n"
    assert "has no user 'eve'" in cli.failed(1, "issue", "list", "acme", "--user", "eve")
    assert "'NONE' is not one of" in cli.failed(2, "issue", "list", "acme", "--code", "NONE")


def test_closed_issues_are_shown_when_wanted(
    cli: CommandLine, world: World, acme: Tenant, troubled: dict[str, str]
) -> None:
    world.buy(acme, "meeting", 5)
    assert cli.json("issue", "list", "acme", "--code", "NO_SEAT") == []
    (closed,) = cli.json("issue", "list", "acme", "--code", "NO_SEAT", "--all")
    assert closed["closed"] >= closed["opened"]
    assert closed["closed"][:19] in cli.done("issue", "list", "acme", "--code", "NO_SEAT", "--all").out


def test_a_product_that_comes_later_is_given_by_reprocessing(
    cli: CommandLine, world: World, acme: Tenant, troubled: dict[str, str]
) -> None:
    cli.done("product", "create", "whiteboard", "--name", "Whiteboard")
    cli.done("subscription", "set", "acme", "whiteboard", "--seats", "10")
    said = cli.done("issue", "reprocess", "acme", "--product", "whiteboard").out
    assert said == "1 person looked at: 1 issue closed, 0 opened.\n"
    assert world.held_by(acme, "cid@x.test") == {"whiteboard": "assigned"}
    before = contents(world)
    assert cli.json("issue", "reprocess", "acme") == {"people": 3, "closed": 0, "opened": 0}
    assert contents(world) == before


@pytest.mark.parametrize(
    ("option", "people"), [(("--user", "ana@x.test"), 1), (("--group", "Sales"), 1), (("--product", "meeting"), 2)]
)
def test_reprocessing_looks_at_those_named(
    cli: CommandLine, acme: Tenant, troubled: dict[str, str], option: tuple[str, str], people: int
) -> None:
    assert cli.json("issue", "reprocess", "acme", *option)["people"] == people


def test_reprocessing_what_is_not_there_is_refused(cli: CommandLine, acme: Tenant, world: World) -> None:
    assert "has no user 'eve'" in cli.failed(1, "issue", "reprocess", "acme", "--user", "eve")
    assert "has no group 'Sales'" in cli.failed(1, "issue", "reprocess", "acme", "--group", "Sales")
    assert "There is no product 'x'" in cli.failed(1, "issue", "reprocess", "acme", "--product", "x")
    assert "exclude each other" in cli.failed(2, "issue", "reprocess", "acme", "--user", "a", "--group", "b")


def test_every_code_has_a_meaning_somebody_to_act_and_a_cure() -> None:
    codes = {name for name, value in vars(issues).items() if name.isupper() and name == value}
    assert codes == issues.KINDS.keys()
    for kind in issues.KINDS.values():
        assert kind.acts in {issues.ADMIN, issues.IDP_ADMIN}
        assert kind.means.endswith(".")
        assert kind.cure.endswith(".")


def test_the_page_of_the_documents_is_up_to_date(bare_cli: CommandLine) -> None:
    assert (ROOT / "docs" / "issues.md").read_text() == page() + "\n"
    assert bare_cli.done("issue", "page").out == page() + "\n"
