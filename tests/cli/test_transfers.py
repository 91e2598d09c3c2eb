"""Transfers from the command line: previewed, asked about at a terminal, carried out as previewed."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine, at_terminal
from tests.http.refusals import unchanged
from tests.schedules import load, session
from tests.worlds import Connection, World

FROM_ANA = ("acme", "ana@x.test", "eva@x.test", "--mode")


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> str:
    """Ana's id: she has the one webinar by the rule 'Sales', a meeting, a webinar and a training to come."""
    world.buy(acme, "webinar", 1)
    world.rule(acme, "Sales", "webinar")
    ana = okta.create_user("ana@x.test")["id"]
    okta.create_group("Sales", ana)
    okta.create_user("eva@x.test")
    kinds = ("meeting", "webinar", "training", "recording")
    load(world, acme, *(session(kind, "ana@x.test", kind) for kind in kinds))
    return str(ana)


def test_a_preview_says_what_moves_and_what_does_not(
    cli: CommandLine, world: World, okta: Connection, ana: str
) -> None:
    (eva,) = okta.find("/Users", 'userName eq "eva@x.test"')
    with unchanged(world):
        plan = cli.json("transfer", "preview", *FROM_ANA, "seat_and_events")
        printed = cli.done("transfer", "preview", *FROM_ANA, "seat_and_events").out
    webinar = "eva@x.test is no co-organiser of this webinar; --add-co-organiser makes them one"
    assert plan == {
        "mode": "seat_and_events",
        "from": {"id": ana, "userName": "ana@x.test", "address": "ana@x.test"},
        "to": {"id": eva["id"], "userName": "eva@x.test", "address": "eva@x.test"},
        "products": [{"product": "webinar", "state": "assigned", "givenBy": ["rule 'Sales'"]}],
        "sessions": [
            {
                "id": "meeting",
                "kind": "meeting",
                "title": "About meeting",
                "starts": "2100-01-31T09:00:00.000000Z",
            }
        ],
        "staying": {
            "products": [],
            "sessions": [
                {"what": "training", "reason": "a training cannot move to another organiser; take_over keeps it"},
                {"what": "webinar", "reason": webinar},
            ],
        },
        "replacements": [],
        "notes": ["ana@x.test is kept out of 'webinar' although it is given by rule 'Sales'."],
    }
    for words in (
        "eva@x.test receives from ana@x.test",
        "About meeting",
        webinar,
        "although it is given by rule 'Sales'",
    ):
        assert words in printed
    assert "recording" not in printed


def test_what_is_run_is_what_was_previewed(cli: CommandLine, world: World, acme: Tenant, ana: str) -> None:
    wanted = (*FROM_ANA, "seat_and_events", "--add-co-organiser", "--product", "webinar")
    previewed = cli.json("transfer", "preview", *wanted)
    assert cli.json("transfer", "run", *wanted) == previewed
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}
    listed = cli.json("session", "list", "acme", "--user", "eva@x.test")
    assert [found["id"] for found in listed] == ["meeting", "webinar"]
    assert {row["cause"] for row in world.rows("audit") if row["action"] == "session.reassigned"} == {"transfer run"}


def test_a_run_prints_the_preview_and_what_was_done(cli: CommandLine, world: World, acme: Tenant, ana: str) -> None:
    printed = cli.done("transfer", "run", *FROM_ANA, "seat").out
    assert "eva@x.test receives from ana@x.test (seat):" in printed
    assert printed.endswith("'eva@x.test' has webinar from 'ana@x.test' now.\n")


def test_a_terminal_asks_first(cli: CommandLine, world: World, acme: Tenant, ana: str) -> None:
    with unchanged(world):
        code, screen = at_terminal("transfer", "run", *FROM_ANA, "seat", typed="n\n")
    assert code == 1
    assert "although it is given by rule 'Sales'" in screen
    assert "Carry it out? [y/N]" in screen
    code, screen = at_terminal("transfer", "run", *FROM_ANA, "seat", "--yes")
    assert (code, "Carry it out?" in screen) == (0, False)
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}


def take_over(*more: str) -> tuple[str, ...]:
    return "acme", "ana@x.test", "new@x.test", "--mode", "take_over", *more


def test_somebody_new_takes_over(cli: CommandLine, okta: Connection, ana: str) -> None:
    named = take_over("--first", "Nora", "--last", "Neu", "--user-name", "nora")
    previewed = cli.json("transfer", "preview", *named)
    assert previewed["to"] == {"id": ana, "userName": "nora", "address": "new@x.test"}
    assert {each["attribute"]: each["after"] for each in previewed["replacements"]} == {
        "userName": "nora", "address": "new@x.test", "displayName": "Nora Neu"
    }  # fmt: skip
    printed = cli.done("transfer", "run", *named).out
    assert "nora takes over from ana@x.test (take_over):" in printed
    assert "are sealed" in printed
    assert printed.endswith("'nora' has taken over from 'ana@x.test'.\n")
    assert okta.get(f"/Users/{ana}").json["name"]["formatted"] == "Nora Neu"
    assert "can see them" in " ".join(
        cli.json(
            "transfer", "preview", "acme", "nora", "x@x.test", "--mode", "take_over", "--first", "X", "--last", "Y",
            "--keep-recordings",
        )["notes"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (take_over(), "needs the first and last name"),
        (take_over("--first", "Nora"), "needs the first and last name"),
        (take_over("--first", "N", "--last", "N", "--product", "webinar"), "always keeps every product"),
        (("acme", "ana@x.test", "eva@x.test", "--mode", "take_over", "--first", "E", "--last", "V"), "already"),
        (("acme", "ana@x.test", "eva@x.test", "--mode", "seat", "--first", "E"), "only take_over gives a new one"),
        (("acme", "ana@x.test", "new@x.test", "--mode", "seat"), "scim-server user add acme new@x.test"),
        (("acme", "ana@x.test", "ana@x.test", "--mode", "seat"), "cannot transfer to themselves"),
        (("acme", "eva@x.test", "ana@x.test", "--mode", "seat"), "eva@x.test has no seat and waits for none"),
        (("acme", "ana@x.test", "eva@x.test", "--mode", "seat", "--product", "x"), "There is no product 'x'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure_and_changes_nothing(
    cli: CommandLine, world: World, ana: str, arguments: tuple[str, ...], reason: str
) -> None:
    for command in ("preview", "run"):
        with unchanged(world):
            assert reason in cli.failed(1, "transfer", command, *arguments)


def test_a_mode_must_be_named(cli: CommandLine, ana: str) -> None:
    assert "--mode" in cli.failed(2, "transfer", "run", "acme", "ana@x.test", "eva@x.test")
