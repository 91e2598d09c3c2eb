"""Whoever names a tenant on the command line reaches nothing of another one.

Each argument and each option that names something is tried with what is another tenant's, and with what nobody has: the
two end alike, with the same words. Made from the commands that there are.
"""

from collections.abc import Iterator

import click

from scim_server.cli.commands import scim_server
from tests.api.seeds import Seeds, seed, seed_tenant
from tests.cli.commands import CommandLine
from tests.schedules import SOON
from tests.walls.secrets import MARK, Secrets, kept
from tests.worlds import World, build

PLACES = {
    **dict.fromkeys(("user_name", "user", "users", "giver", "receiver", "organiser", "manager", "others"), "user"),
    **dict.fromkeys(("group", "groups", "nested", "role_groups"), "group"),
    **dict.fromkeys(("rule_id", "rule_ids"), "rule"),
    **dict.fromkeys(("role", "code"), "role"),
    "connection": "connection",
    "seat_id": "removal",
    "issue_id": "issue",
    "import_id": "import",
    "invitation_id": "invitation",
    "add": "add",
    "session_id": "session",
    "entry_id": "entry",
    "request_id": "request",
    "domain": "domain",
    "client": "client",
    "client_id": "client",
    **dict.fromkeys(("issuer", "issuer_id"), "issuer"),
    "secret_id": "secret",
    "token_id": "token",
}
"""What a parameter of that name names."""
USUAL = {"address": "new@x.test", "product": "meeting", "products": "meeting", "name": "user-status", "values": "a=b"}
"""What else must be given to get so far."""
OWN_WORDS = frozenset(
    {"user edit --user-name", "transfer preview --user-name", "transfer run --user-name", "role create code"}
)
"""What somebody of one's own is to be called, as somebody elsewhere may be."""
MORE = {
    "connection edit": ("--idp", "okta"),
    "group add": ("ana@x.test",),
    "group remove": ("ana@x.test",),
    "issuer add": ("--issuer", "https://issuer.example.com", "--audience", "x", "--subject", "x"),
    "rule edit": ("--language", "de"),
    "user edit": ("--title", "x"),
}
"""What commands want besides, so that they look at what is named."""


def commands(
    command: click.Command, context: click.Context, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None, name
        yield from commands(found, click.Context(found, parent=context, info_name=name), (*path, name))


def lines(own: Seeds, others: Seeds) -> Iterator[list[str]]:
    """Command lines of the first tenant that name something of the other's."""
    for path, command in commands(scim_server, click.Context(scim_server)):
        arguments = [each for each in command.params if isinstance(each, click.Argument)]
        if not arguments or arguments[0].name != "tenant":
            continue
        for parameter in command.params:
            if parameter.name in PLACES and f"{' '.join(path)} {parameter.opts[-1]}" not in OWN_WORDS:
                more = MORE.get(" ".join(path), ())
                yield [*path, own.tenant.slug, *_given(command, arguments[1:], parameter, own, others), *more]


def _given(
    command: click.Command, arguments: list[click.Argument], tried: click.Parameter, own: Seeds, others: Seeds
) -> Iterator[str]:
    for argument in arguments:
        name = str(argument.name)
        if argument is tried:
            yield others.places[PLACES[name]][0]
        elif argument.required:
            yield own.places[PLACES[name]][0] if name in PLACES else USUAL[name]
    for option in command.params:
        if isinstance(option, click.Option) and option.required and option is not tried:
            yield from (option.opts[-1], option.type.choices[0] if isinstance(option.type, click.Choice) else SOON)
    if isinstance(tried, click.Option):
        yield from (tried.opts[-1], others.places[PLACES[str(tried.name)]][0])
    if any(each.name == "yes" for each in command.params):
        yield "--yes"


def test_what_is_another_tenants_is_what_nobody_has(cli: CommandLine, database_url: str) -> None:
    world: World = build(database_url)
    own, others = seed(world), seed_tenant(world, f"{MARK}globex", MARK)
    secrets = Secrets.of(world, others.tenant)
    before, wrong, counted = kept(world, others.tenant), list[str](), 0
    for line in lines(own, others):
        twin = [secrets.disguised(each) for each in line]
        if twin == line:
            continue
        counted += 1
        theirs, nobodys = cli(*line), cli(*twin)
        told = (theirs.code, secrets.disguised(theirs.out), secrets.disguised(theirs.err))
        if told != (nobodys.code, nobodys.out, nobodys.err) or theirs.code == 2:
            wrong.append(f"{' '.join(line)}\n  {theirs}\n  {nobodys}")
        if leaks := secrets.leaks(theirs.out + theirs.err, " ".join(line)):
            wrong.append(f"{' '.join(line)} shows {leaks}")
    assert not wrong, "\n".join(wrong)
    assert kept(world, others.tenant) == before
    assert counted > 30
    world.installation.database.dispose()
