"""Mails from the command line: their texts, what became of them, and welcomes sent again."""

import io
from pathlib import Path

import pytest

from tests.cli.commands import CommandLine, at_terminal
from tests.mailboxes import Mailbox, message_of


@pytest.fixture
def staffed(acme_cli: CommandLine) -> CommandLine:
    """Acme has seats, and tells people of them."""
    acme_cli.done("subscription", "set", "acme", "meeting", "--seats", "9")
    acme_cli.done("subscription", "set", "acme", "webinar", "--seats", "9")
    acme_cli.done("tenant", "set", "acme", "welcome_mails=yes", "change_mails=yes", "app_url=https://app.example.com")
    return acme_cli


def add(cli: CommandLine, name: str, *options: str) -> None:
    cli.done("user", "add", "acme", f"{name}@x.test", "--first", name.title(), "--last", "Lima", *options)


def sent_to(mailbox: Mailbox) -> list[str]:
    return [str(message_of(envelope)["To"]) for envelope in mailbox.received]


def test_who_is_added_is_welcomed_unless_quietly(staffed: CommandLine, mailbox: Mailbox) -> None:
    add(staffed, "ana", "--product", "meeting")
    add(staffed, "ben", "--product", "meeting", "--quiet")
    staffed.done("user", "edit", "acme", "ana@x.test", "--add-product", "webinar", "--quiet")
    staffed.done("user", "suspend", "acme", "ben@x.test")
    staffed.done("user", "reactivate", "acme", "ben@x.test", "--quiet")
    staffed.done("user", "delete", "acme", "ben@x.test")
    staffed.done("user", "restore", "acme", "ben@x.test", "--quiet")
    (waiting,) = staffed.json("mail", "list", "acme")
    assert (waiting["state"], waiting["userName"], waiting["attempts"]) == ("waiting", "ana@x.test", 0)
    staffed.done("chores", "run", "mails")
    assert sent_to(mailbox) == ["ana@x.test"]
    (sent,) = staffed.json("mail", "list", "acme", "--state", "sent")
    assert (sent["state"], sent["attempts"], sent["nextAttempt"]) == ("sent", 1, None)
    assert staffed.json("mail", "list", "acme", "--state", "waiting") == []
    assert "Acme: your access is ready" in staffed.done("mail", "list", "acme").out
    assert "no such mail" in staffed.done("mail", "list", "acme", "--state", "failed").out


def test_a_welcome_is_sent_again(staffed: CommandLine, mailbox: Mailbox) -> None:
    add(staffed, "ana", "--product", "meeting")
    add(staffed, "ben", "--role", "admin")
    said = staffed.done("user", "welcome", "acme", "ana@x.test").out
    assert said == "'ana@x.test' is welcomed at ana@x.test, for the 2nd time.\n"
    assert sent_to(mailbox) == ["ana@x.test", "ben@x.test", "ana@x.test"]
    shown = staffed.json("user", "show", "acme", "ana@x.test")["welcome"]
    assert shown["sent"] == 2
    assert shown["first"] < shown["last"]
    assert "Welcomed by mail: 2 times, last 2" in staffed.done("user", "show", "acme", "ana@x.test").out
    staffed.done("user", "seen", "acme", "ana@x.test")
    bulk = staffed.json("user", "welcome", "acme", "--never-seen")
    assert [(each["userName"], each["sent"]) for each in bulk["welcomed"]] == [("ben@x.test", 2)]
    assert bulk["withoutAddress"] == []
    staffed.done("user", "seen", "acme", "ben@x.test")
    assert staffed.done("user", "welcome", "acme", "--never-seen").out == "A welcome goes to 0 people.\n"


def test_at_a_terminal_many_welcomes_are_asked_about(staffed: CommandLine, mailbox: Mailbox) -> None:
    add(staffed, "ana", "--product", "meeting", "--quiet")
    code, screen = at_terminal("user", "welcome", "acme", "--never-seen", typed="n\n")
    assert code == 1
    assert "Send a mail to 1 person? [y/N]" in screen
    assert sent_to(mailbox) == []


def test_what_cannot_be_welcomed_says_how_it_could(staffed: CommandLine, mailbox: Mailbox) -> None:
    add(staffed, "ana")
    add(staffed, "ben", "--product", "meeting")
    staffed.done("user", "suspend", "acme", "ben@x.test")
    for name, cure in (("ana@x.test", "give one first"), ("ben@x.test", "reactivate the person first")):
        assert cure in staffed.failed(1, "user", "welcome", "acme", name)
    assert "has no user 'nobody'" in staffed.failed(1, "user", "welcome", "acme", "nobody")
    assert "one of them" in staffed.failed(2, "user", "welcome", "acme")
    assert "one of them" in staffed.failed(2, "user", "welcome", "acme", "ana@x.test", "--never-seen")


def test_without_a_mail_server_nothing_is_promised(staffed: CommandLine) -> None:
    add(staffed, "ana", "--product", "meeting")
    assert staffed.json("mail", "list", "acme") == []
    for whom in ("ana@x.test", "--never-seen"):
        assert "SCIM_SMTP_URL" in staffed.failed(1, "user", "welcome", "acme", whom)


def test_texts_are_written_shown_and_taken_back(
    staffed: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(staffed, "ana", "--product", "webinar")
    assert "Hello {first_name}," in staffed.done("mail", "template", "show", "acme", "welcome").out
    body = tmp_path / "body.txt"
    body.write_text("Grüezi {first_name}: {products}\n", encoding="utf-8")
    arguments = ("mail", "template", "set", "acme", "welcome", "--language", "de-CH", "--subject", "Hoi {name}")
    assert staffed.json(*arguments, "--body", str(body)) == {
        "name": "welcome",
        "language": "de-ch",
        "subject": "Hoi {name}",
        "body": "Grüezi {first_name}: {products}\n",
        "own": True,
    }
    assert staffed.json("mail", "preview", "acme", "ana@x.test", "--language", "de-CH") == {
        "userName": "ana@x.test",
        "template": "welcome",
        "language": "de-ch",
        "recipient": "ana@x.test",
        "subject": "Hoi Ana Lima",
        "body": "Grüezi Ana: Meeting, Webinar\n",
    }
    printed = staffed.done("mail", "preview", "acme", "ana@x.test", "--template", "change", "--language", "fr").out
    assert printed.startswith("To: ana@x.test\nSubject: Acme : votre accès a changé\n\nBonjour Ana,\n")
    assert "Nouveaux produits : Meeting, Webinar\n" in printed
    own = [each for each in staffed.json("mail", "template", "list", "acme") if each["own"]]
    assert [(each["name"], each["language"]) for each in own] == [("welcome", "de-ch")]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x {colour}")))
    assert "unknown placeholder '{colour}'" in staffed.failed(1, *arguments, "--body", "-")
    body.write_bytes(b"Gr\xfcezi")
    assert "UTF-8" in staffed.failed(2, *arguments, "--body", str(body))
    assert (
        "is gone in 'de-CH'" in staffed.done("mail", "template", "reset", "acme", "welcome", "--language", "de-CH").out
    )
    assert "written no mail template" in staffed.failed(1, "mail", "template", "reset", "acme", "welcome")
    assert "It is there in: de, en, es, fr, pt" in staffed.failed(
        1, "mail", "template", "show", "acme", "welcome", "--language", "tlh"
    )
    assert "Known ones: welcome, change" in staffed.failed(
        1, "mail", "preview", "acme", "ana@x.test", "--template", "x"
    )
    assert "{first_name}" in staffed.done("mail", "template", "placeholders").out


def test_a_text_that_came_with_the_server_holds_again(staffed: CommandLine, tmp_path: Path) -> None:
    body = tmp_path / "body.txt"
    body.write_text("Own words")
    staffed.done("mail", "template", "set", "acme", "change", "--subject", "Own", "--body", str(body))
    said = staffed.done("mail", "template", "reset", "acme", "change").out
    assert said == "The mail template 'change' in 'en' is the server's own again.\n"
    assert "{changes}" in staffed.json("mail", "template", "show", "acme", "change")["body"]


def test_a_rule_says_which_mail_goes_with_it(staffed: CommandLine, tmp_path: Path) -> None:
    body = tmp_path / "body.txt"
    body.write_text("For Sales")
    rule = ("rule", "create", "acme", "--group", "Sales", "--product", "webinar", "--mail")
    assert "Known ones: welcome, change" in staffed.failed(1, *rule, "sales")
    staffed.done("mail", "template", "set", "acme", "sales", "--subject", "Sales", "--body", str(body))
    made = staffed.json(*rule, "sales")
    assert made["mail"] == "sales"
    assert "in use" in staffed.failed(1, "mail", "template", "reset", "acme", "sales")
    assert staffed.json("rule", "edit", "acme", made["id"], "--mail", "none")["mail"] == "none"
    assert staffed.json("rule", "edit", "acme", made["id"], "--mail", "default")["mail"] is None
