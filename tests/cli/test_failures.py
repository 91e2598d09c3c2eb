"""Whatever goes wrong: one sentence on standard error, the right exit code, nothing on standard output."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from scim_server.cli.commands import scim_server
from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World

COMMANDS = {
    "audit compare",
    "audit export",
    "audit key",
    "audit list",
    "audit show",
    "audit verify",
    "backup create",
    "backup restore",
    "backup verify",
    "cell list",
    "chores list",
    "chores run",
    "completion",
    "connection create",
    "connection edit",
    "connection list",
    "connection remove",
    "connection show",
    "credential list",
    "db partition",
    "db upgrade",
    "doctor",
    "dialects list",
    "dialects page",
    "dialects show",
    "domain add",
    "domain list",
    "domain remove",
    "domain show",
    "domain verify",
    "event follow",
    "event list",
    "event page",
    "event types",
    "events",
    "explain",
    "export people",
    "group add",
    "group link",
    "group create",
    "group delete",
    "group list",
    "group members",
    "group remove",
    "group rename",
    "group show",
    "history group",
    "history subscription",
    "history user",
    "import cancel",
    "import check",
    "import errors",
    "import list",
    "import resume",
    "import run",
    "import show",
    "import template",
    "invitation accept",
    "invitation decline",
    "invitation list",
    "invitation preview",
    "invitation send",
    "invitation show",
    "issue kinds",
    "issue list",
    "issue page",
    "issue reprocess",
    "issue show",
    "issuer add",
    "issuer list",
    "issuer remove",
    "issuer show",
    "log show",
    "log tail",
    "mail list",
    "mail preview",
    "mail template list",
    "mail template placeholders",
    "mail template reset",
    "mail template set",
    "mail template show",
    "metrics list",
    "metrics table",
    "oauth approve",
    "oauth client create",
    "oauth client edit",
    "oauth client list",
    "oauth client revoke",
    "oauth client show",
    "oauth grant list",
    "oauth grant revoke",
    "oauth keys list",
    "oauth keys rotate",
    "oauth secret issue",
    "oauth secret list",
    "oauth secret revoke",
    "pending-add cancel",
    "pending-add list",
    "pending-add show",
    "operator-webhook create",
    "operator-webhook edit",
    "operator-webhook list",
    "operator-webhook log",
    "operator-webhook remove",
    "operator-webhook replay",
    "operator-webhook rotate",
    "operator-webhook show",
    "operator-webhook test",
    "product create",
    "product list",
    "product show",
    "quickstart",
    "reconcile",
    "receipt acknowledge",
    "receipt list",
    "request cancel",
    "request list",
    "request show",
    "removal approve",
    "removal list",
    "removal restore",
    "replica list",
    "report list",
    "report page",
    "report run",
    "role create",
    "role delete",
    "role grant",
    "role grants",
    "role list",
    "role permissions",
    "role revoke",
    "role show",
    "rule create",
    "rule delete",
    "rule edit",
    "rule list",
    "rule reorder",
    "rule show",
    "rule what-if create",
    "rule what-if delete",
    "rule what-if edit",
    "rule what-if reorder",
    "schema check",
    "seat claims",
    "seat give",
    "seat lift",
    "seat list",
    "seat take",
    "seat waiting",
    "secrets reseal",
    "serve",
    "session cancel",
    "session list",
    "session load",
    "session put",
    "subscription list",
    "subscription set",
    "subscription show",
    "template delete",
    "template list",
    "template set",
    "template show",
    "tenant create",
    "tenant list",
    "tenant move",
    "tenant set",
    "tenant show",
    "tenant terms",
    "token issue",
    "token list",
    "token revoke",
    "token rotate",
    "transfer preview",
    "transfer run",
    "undo",
    "user access",
    "user add",
    "user delete",
    "user edit",
    "user erase",
    "user list",
    "user reactivate",
    "connection doctor",
    "console login-link",
    "console provider remove",
    "console provider set",
    "console provider show",
    "user restore",
    "user seen",
    "user show",
    "user link",
    "user suspend",
    "user welcome",
    *(f"stream {each}" for each in ("create", "disable", "edit", "list", "log", "pause", "remove", "replay", "resume")),
    *(f"stream {each}" for each in ("show", "test", "verify")),
    "webhook create",
    "webhook edit",
    "webhook list",
    "webhook log",
    "webhook remove",
    "webhook replay",
    "webhook rotate",
    "webhook show",
    "webhook test",
    "worker",
}
READS = [
    ("tenant", "list"),
    ("connection", "list", "acme"),
    ("token", "list"),
    ("product", "list"),
    ("subscription", "list", "acme"),
    ("rule", "list"),
    ("template", "list", "acme"),
    ("user", "list", "acme"),
    ("invitation", "list", "acme"),
    ("log", "tail", "acme"),
    ("audit", "list", "acme"),
    ("audit", "verify", "acme"),
    ("audit", "key"),
]


def _paths(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _paths(child, (*path, name))
    else:
        yield " ".join(path)


def test_exactly_these_commands_exist() -> None:
    assert set(_paths(scim_server)) == COMMANDS


@pytest.mark.parametrize("path", ["", "db", "token", *sorted(COMMANDS)])
def test_every_command_explains_itself(bare_cli: CommandLine, path: str) -> None:
    helped = bare_cli.done(*path.split(), "--help").out
    assert helped.startswith(f"Usage: {' '.join(['scim-server', *path.split()])}")
    assert "--help" in helped


def test_the_version_is_told(bare_cli: CommandLine) -> None:
    assert bare_cli.done("--version").out.startswith("scim-server, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("tenant", "nonsense"),
        ("tenant", "create"),
        ("tenant", "create", "acme"),
        ("tenant", "create", "acme", "--name", "A", "--profile", "strict"),
        ("tenant", "list", "--nonsense"),
        ("tenant", "list", "too", "many"),
        ("connection", "create", "acme", "okta"),
        ("connection", "create", "acme", "okta", "--idp", "nobody"),
        ("subscription", "set", "acme", "meeting"),
        ("subscription", "set", "acme", "meeting", "--seats", "-1"),
        ("subscription", "set", "acme", "meeting", "--seats", "many"),
        ("subscription", "set", "acme", "meeting", "--seats", "1", "--policy", "hope"),
        ("rule", "create", "acme", "Sales", "--role", "admin"),
        ("serve", "--bind", "8000"),
        ("serve", "--bind", "127.0.0.1:0"),
        ("serve", "--bind", "127.0.0.1:65536"),
        ("serve", "--workers", "0"),
        ("quickstart", "--pace", "-1"),
    ],
)
def test_a_wrong_command_line_is_code_2(bare_cli: CommandLine, arguments: tuple[str, ...]) -> None:
    assert "--help" in bare_cli.failed(2, *arguments)


def test_what_was_meant_is_asked_in_one_sentence(bare_cli: CommandLine) -> None:
    said = bare_cli.failed(2, "worker", "--nope")
    assert said == "No such option '--nope'. Did you mean '--once'? See `scim-server worker --help`."


def test_a_noun_alone_shows_what_can_follow(bare_cli: CommandLine) -> None:
    outcome = bare_cli("tenant")
    assert (outcome.code, outcome.out) == (2, "")
    assert "create" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("tenant", "create", "acme", "--name", "Again"), "acme"),
        (("tenant", "create", "Ac_me", "--name", "A"), "Ac_me"),
        (("tenant", "create", "beta", "--name", " "), "name"),
        (("connection", "create", "acme", "okta", "--idp", "okta"), "okta"),
        (("connection", "create", "acme", "a/b", "--idp", "okta"), "/"),
        (("connection", "create", "nobody", "okta", "--idp", "okta"), "nobody"),
        (("connection", "list", "nobody"), "nobody"),
        (("connection", "remove", "acme", "nobody"), "nobody"),
        (("token", "issue", "acme/nobody"), "nobody"),
        (("token", "issue", "nobody/okta", "--quiet"), "nobody"),
        (("token", "revoke", "nothing"), "nothing"),
        (("product", "create", "meeting", "--name", "Again"), "meeting"),
        (("product", "create", "Bad Code", "--name", "A"), "Bad Code"),
        (("product", "create", "suite", "--name", "Suite", "--includes", "nothing"), "nothing"),
        (("subscription", "set", "acme", "nothing", "--seats", "1"), "nothing"),
        (("subscription", "show", "acme", "meeting"), "meeting"),
        (("subscription", "list", "nobody"), "nobody"),
        (("rule", "create", "acme", "--group", "Sales", "--product", "nothing"), "nothing"),
        (("rule", "create", "acme", "--group", " ", "--product", "meeting"), "group"),
        (("rule", "list", "nobody"), "nobody"),
        (("user", "list", "nobody"), "nobody"),
        (("invitation", "send", "acme", "nobody@x.test"), "nobody@x.test"),
        (("invitation", "list", "nobody"), "nobody"),
        (("invitation", "accept", "sciminv_nothing"), "link"),
        (("user", "show", "acme", "nobody@x.test"), "nobody@x.test"),
    ],
)
def test_what_is_refused_is_code_1_and_names_the_reason(
    acme_cli: CommandLine, arguments: tuple[str, ...], named: str
) -> None:
    assert named in acme_cli.failed(1, *arguments)


def test_a_token_is_revoked_once(acme_cli: CommandLine) -> None:
    token_id = acme_cli.json("token", "issue", "acme/okta")["id"]
    acme_cli.done("token", "revoke", token_id)
    assert "revoked already" in acme_cli.failed(1, "token", "revoke", token_id)


def test_seats_that_are_in_use_cannot_be_given_back(cli: CommandLine, okta: Connection) -> None:
    cli.done("subscription", "set", "acme", "meeting", "--seats", "2")
    for name in ("ana@x.test", "ben@x.test"):
        okta.create_user(name, entitlements=["meeting"])
    refusal = cli.failed(1, "subscription", "set", "acme", "meeting", "--seats", "1", "--json")
    assert "ana@x.test" in refusal
    assert "ben@x.test" in refusal
    assert cli.json("subscription", "show", "acme", "meeting")["seats"] == 2


@pytest.mark.parametrize("command", [*READS, ("tenant", "create", "acme", "--name", "A"), ("serve",)])
def test_an_unmigrated_database_is_named_with_the_command_that_helps(
    cli: CommandLine, unmigrate: Callable[[], None], command: tuple[str, ...]
) -> None:
    unmigrate()
    assert "scim-server db upgrade" in cli.failed(1, *command)


def test_looking_at_a_missing_file_does_not_create_it(
    bare_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIM_DATABASE_URL", "sqlite:///var/scim.db")
    assert "scim-server db upgrade" in bare_cli.failed(1, "tenant", "list")
    assert not list(tmp_path.iterdir())
    bare_cli.done("db", "upgrade")
    assert (tmp_path / "var" / "scim.db").exists()


@pytest.mark.parametrize("command", [("db", "upgrade"), ("tenant", "list", "--json"), ("quickstart", "--once")])
@pytest.mark.parametrize(
    ("name", "value", "wants"),
    [
        ("SCIM_DATABASE_URL", "mysql://root@localhost/scim", "SCIM_DATABASE_URL"),
        ("SCIM_DATABASE_URL", "sqlite:///", "SCIM_DATABASE_URL"),
        ("SCIM_PUBLIC_URL", "http://seats.example.com", "https"),
        ("SCIM_LOG_LEVEL", "loud", "debug"),
        ("SCIM_NONSENSE", "1", "SCIM_NONSENSE"),
    ],
)
def test_bad_settings_are_named(
    bare_cli: CommandLine, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], name: str, value: str, wants: str
) -> None:
    monkeypatch.setenv(name, value)
    assert wants in bare_cli.failed(1, *command)


@pytest.mark.parametrize("command", [("db", "upgrade"), ("tenant", "list"), ("quickstart", "--once")])
@pytest.mark.parametrize(
    "url",
    ["sqlite:///garbage.db", "sqlite:///folder", "sqlite:///garbage.db/x.db", "postgresql://scim@127.0.0.1:1/scim"],
)
def test_a_database_that_cannot_be_used_is_a_sentence(
    bare_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], url: str
) -> None:
    (tmp_path / "garbage.db").write_bytes(b"this is no database, but long enough to be looked into " * 100)
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv("SCIM_DATABASE_URL", url)
    assert "Error" not in bare_cli.failed(1, *command)


def test_writes_are_recorded_under_the_command(cli: CommandLine, world: World, acme: Tenant) -> None:
    cli.done("subscription", "set", "acme", "meeting", "--seats", "1")
    causes = [(entry.actor, entry.cause, entry.action) for entry in world.trail(acme)]
    assert causes[1:] == [("cli", "subscription set", "subscription.set")]
