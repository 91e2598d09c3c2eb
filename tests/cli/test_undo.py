"""`scim-server undo`: shown first, asked at a terminal, carried out, taken back again."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine, at_terminal
from tests.worlds import Connection, World


@pytest.fixture
def edited(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> str:
    """Ana has a webinar and was then given a training by hand; the id of that request."""
    world.buy(acme, "webinar", 2)
    world.buy(acme, "training", 1)
    okta.create_user("ana@x.test", entitlements=["webinar"])
    cli.done("user", "edit", "acme", "ana@x.test", "--language", "fr", "--add-product", "training")
    return world.trail(acme)[-1].request_id


def test_a_preview_says_what_and_who_and_changes_nothing(cli: CommandLine, edited: str) -> None:
    before = cli.json("user", "show", "acme", "ana@x.test")
    shown = cli.done("undo", "acme", "--request", edited, "--preview").out
    assert "user.changed" in shown
    assert "claims.changed" in shown
    assert "1 person would gain or lose products. Nothing is changed." in shown
    assert "training" in shown
    foreseen = cli.json("undo", "acme", "--request", edited, "--preview")
    assert [person["loses"][0]["product"] for person in foreseen["people"]] == ["training"]
    assert cli.json("user", "show", "acme", "ana@x.test") == before


def test_it_is_undone_and_redone(cli: CommandLine, world: World, acme: Tenant, edited: str) -> None:
    said = cli.done("undo", "acme", "--request", edited).out
    assert said.startswith("2 changes are undone, as request ")
    assert world.held_by(acme, "ana@x.test") == {"webinar": "assigned"}
    undone = world.trail(acme)[-1].request_id
    assert undone in said
    again = cli.json("undo", "acme", "--request", undone)
    assert {each["action"] for each in again["reverted"]} == {"user.changed", "claims.changed"}
    assert world.held_by(acme, "ana@x.test") == {"webinar": "assigned", "training": "assigned"}


def test_one_entry_alone(cli: CommandLine, world: World, acme: Tenant, edited: str) -> None:
    entry = next(each for each in world.trail(acme) if each.request_id == edited and each.object_type == "user")
    assert cli.done("undo", "acme", "--entry", entry.id).out.startswith("1 change is undone")
    assert world.held_by(acme, "ana@x.test") == {"webinar": "assigned", "training": "assigned"}


def test_later_changes_are_named(cli: CommandLine, edited: str) -> None:
    cli.done("user", "edit", "acme", "ana@x.test", "--language", "de")
    sentence = cli.failed(1, "undo", "acme", "--request", edited)
    assert "user 'ana@x.test' is not as that change left it (profile.preferredLanguage)" in sentence
    assert "user.changed by cli" in sentence


def test_what_is_not_there_or_not_named(cli: CommandLine, edited: str) -> None:
    assert "audit list" in cli.failed(1, "undo", "acme", "--request", "nothing")
    assert "--request or --entry" in cli.failed(2, "undo", "acme")
    cli.failed(2, "undo", "acme", "--request", edited, "--entry", edited)


@pytest.mark.parametrize(("typed", "kept"), [("n\n", True), ("y\n", False)])
def test_at_a_terminal_it_is_shown_and_asked(
    cli: CommandLine, world: World, acme: Tenant, edited: str, typed: str, kept: bool
) -> None:
    code, screen = at_terminal("undo", "acme", "--request", edited, typed=typed)
    assert code == int(kept), screen
    assert "Undo it?" in screen
    assert ("training" in world.held_by(acme, "ana@x.test")) is kept
