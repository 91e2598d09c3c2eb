"""Invitations from the command line: sent by mail or shown, listed, answered."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine, at_terminal
from tests.mailboxes import Mailbox
from tests.worlds import Connection, World, contents

ADDRESS = "ana@x.test"


@pytest.fixture
def globex(world: World) -> Tenant:
    """The tenant that invites."""
    return world.tenant("globex")


@pytest.fixture
def ana(okta: Connection) -> str:
    """The id of who owns the address, in acme."""
    return str(okta.create_user(ADDRESS, displayName="Ana")["id"])


def link_in(text: str) -> str:
    return next(word for word in text.split() if "/invitations/" in word)


def test_without_a_mail_server_the_link_is_shown_and_answered_here(
    cli: CommandLine, world: World, globex: Tenant, ana: str
) -> None:
    world.buy(globex, "meeting", 1)
    printed = cli.done("invitation", "send", "globex", ADDRESS, "--product", "meeting", "--first", "Ana").out
    assert "Reserved: meeting." in printed
    assert "SCIM_SMTP_URL is not set" in printed
    accepted = cli.json("invitation", "accept", link_in(printed))
    assert (accepted["tenant"], accepted["userName"], accepted["state"]) == ("globex", ADDRESS, "accepted")
    assert world.held_by(globex, ADDRESS) == {"meeting": "assigned"}
    assert world.person(globex, ADDRESS).user.id == accepted["id"] != ana
    assert world.rows("mails") == []


def test_the_list_says_how_each_stands(cli: CommandLine, world: World, globex: Tenant, ana: str) -> None:
    world.buy(globex, "meeting", 1)
    assert "no invitation yet" in cli.done("invitation", "list", "globex").out
    sent = cli.json("invitation", "send", "globex", ADDRESS, "--product", "meeting", "--role", "Admin", "--days", "3")
    (listed,) = cli.json("invitation", "list", "globex")
    assert listed == {name: value for name, value in sent.items() if name not in {"link", "byMail", "unreserved"}}
    assert cli.json("invitation", "show", "globex", listed["id"]) == listed
    told = cli.json("invitation", "preview", "globex", listed["id"])
    assert told == {
        "tenant": "Globex", "address": ADDRESS, "products": ["Meeting"], "expires": listed["expires"]
    }  # fmt: skip
    assert "Meeting" in cli.done("invitation", "preview", "globex", listed["id"]).out
    assert (listed["state"], listed["reserved"], listed["role"]) == ("open", ["meeting"], "admin")
    declined = cli.json("invitation", "decline", sent["link"].rpartition("/")[2])
    assert declined == {"tenant": "globex", "address": ADDRESS, "state": "declined"}
    assert "was declined" in cli.failed(1, "invitation", "preview", "globex", listed["id"])
    assert "no invitation 'x'" in cli.failed(1, "invitation", "show", "globex", "x")
    (listed,) = cli.json("invitation", "list")
    assert listed["tenant"] == "globex"
    assert (listed["state"], listed["reserved"], listed["products"]) == ("declined", [], ["meeting"])
    assert "declined" in cli.done("invitation", "list").out


def test_what_cannot_be_reserved_is_said(cli: CommandLine, globex: Tenant, ana: str) -> None:
    printed = cli.done("invitation", "send", "globex", ADDRESS, "--product", "webinar").out
    assert "No seat is free of webinar: whoever accepts waits for it." in printed


def test_a_mail_brings_the_link_to_the_person_alone(
    cli: CommandLine, world: World, globex: Tenant, ana: str, mailbox: Mailbox
) -> None:
    printed = cli.done("invitation", "send", "globex", ADDRESS, "--product", "meeting").out
    assert "/invitations/" not in printed
    message = mailbox.message()
    assert (message["From"], message["To"]) == ("seats@scim.test", ADDRESS)
    assert mailbox.received[0].rcpt_tos == [ADDRESS]
    assert message["Subject"] == "Globex invites you / Globex vous invite"
    assert message.get_content_type() == "text/plain"
    body = message.get_content()
    assert "with Meeting" in body
    assert "avec Meeting" in body
    assert "acme" not in body.lower()
    (kept,) = world.rows("mails")
    assert (kept["body"], kept["attempts"], kept["sent"] is None) == ("", 1, False)
    token = link_in(body).rpartition("/")[2]
    assert all(token not in row for rows in contents(world).values() for row in rows)
    assert cli.json("invitation", "accept", link_in(body))["userName"] == ADDRESS


def test_the_json_of_what_went_by_mail_has_no_link(
    cli: CommandLine, globex: Tenant, ana: str, mailbox: Mailbox
) -> None:
    sent = cli.json("invitation", "send", "globex", ADDRESS)
    assert sent["byMail"] is True
    assert "invitations/" not in str(sent)
    assert len(mailbox.received) == 1


def test_an_answered_or_reused_link_is_one_sentence_with_the_cure(cli: CommandLine, globex: Tenant, ana: str) -> None:
    link = cli.json("invitation", "send", "globex", ADDRESS)["link"]
    cli.done("invitation", "decline", link)
    for command in ("accept", "decline"):
        assert cli.failed(1, "invitation", command, link) == (
            "This invitation was declined. If that was a mistake, ask Globex to invite you again."
        )
    assert "leads to no invitation" in cli.failed(1, "invitation", "accept", link[:-1])


def test_nobody_outside_has_the_address(cli: CommandLine, globex: Tenant, okta: Connection, acme: Tenant) -> None:
    assert "scim-server user add" in cli.failed(1, "invitation", "send", "globex", ADDRESS)
    okta.create_user(ADDRESS)
    assert f"'{ADDRESS}' of this tenant" in cli.failed(1, "invitation", "send", "acme", ADDRESS)
    assert "no tenant 'nowhere'" in cli.failed(1, "invitation", "send", "nowhere", ADDRESS)
    assert "no role 'king'" in cli.failed(1, "invitation", "send", "globex", ADDRESS, "--role", "king")


def test_at_a_terminal_moving_is_asked_for(cli: CommandLine, world: World, globex: Tenant, ana: str) -> None:
    link = cli.json("invitation", "send", "globex", ADDRESS)["link"]
    code, screen = at_terminal("invitation", "accept", link, typed="n\n")
    assert (code, "cannot be taken back" in screen) == (1, True)
    assert len(world.rows("users")) == 1


def test_whoever_is_invited_is_named_among_the_holders(
    cli: CommandLine, world: World, globex: Tenant, ana: str
) -> None:
    world.buy(globex, "meeting", 1)
    cli.done("invitation", "send", "globex", ADDRESS, "--product", "meeting")
    before = contents(world)
    said = cli.failed(1, "subscription", "set", "globex", "meeting", "--seats", "0")
    assert said.startswith("1 seat of 'meeting' is assigned, more than the 0 asked for.")
    assert said.endswith(f"Holders: {ADDRESS} (invited)")
    assert contents(world) == before
