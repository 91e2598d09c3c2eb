"""`scim-server completion`, and what a shell completes beside commands and options: the names of what there is.

A shell asks at every TAB: nothing here prints an error, takes long, or makes a database that is not there.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class
from click.types import StringParamType

from scim_server.app import Installation, install
from scim_server.cli.installations import has_file
from scim_server.services import authorising, tenancy
from scim_server.services.sought_people import SoughtPeople

PROGRAM = "scim-server"
VARIABLE = "_SCIM_SERVER_COMPLETE"
PATIENCE = 2.0
"""Seconds that a look-up may take."""
MOST = 50
"""How many people are offered."""
PLAIN = re.compile(r"[\w.@+/-]+")
"""What no shell takes for anything but text."""
SPLIT = re.compile(r".*[:=]|.*(?=@)")
"""What Bash has before the word that it completes, which begins behind a colon, but with the '@'."""
SHELLS: Mapping[str, str] = {
    "bash": 'Bash: add `eval "$(scim-server completion bash)"` to ~/.bashrc.',
    "zsh": 'Zsh: add `eval "$(scim-server completion zsh)"` to ~/.zshrc, behind compinit.',
    "fish": "Fish: write this to ~/.config/fish/completions/scim-server.fish.",
}

Find = Callable[[Installation, click.Context, str], Iterable[str]]


@click.command("completion")
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> None:
    """Print a script that makes SHELL complete commands, options and names at the TAB key.

    Its first line says where it goes.
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    click.echo(f"# {SHELLS[shell]}")
    click.echo(kind(click.get_current_context().find_root().command, {}, PROGRAM, VARIABLE).source())


@add_completion_class
class WholeWords(BashComplete):
    """Bash splits words at '@' and ':' too, so it hands over the line, and is given what goes for the last piece."""

    name = "bash"
    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' item
    COMPREPLY=()
    for item in $(COMP_LINE="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null); do
        COMPREPLY+=("$item")
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def source(self) -> str:
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        words = os.environ["COMP_LINE"].split(" ")
        return [word for word in words[1:-1] if word], words[-1]

    def complete(self) -> str:
        args, incomplete = self.get_completion_args()
        option, equals, value = incomplete.partition("=")
        there = SPLIT.match(value if equals and option.startswith("-") else incomplete)
        items = self.get_completions(args, incomplete)
        return "\n".join(item.value[there.end() if there else 0 :] for item in items)


class Named(StringParamType):
    """A text that names something of which the database has a list."""

    def __init__(self, find: Find) -> None:
        self.find = find

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
        del param
        found: list[str] = []

        def look() -> None:
            with suppress(Exception):
                found.extend(_looked_up(self.find, ctx, incomplete))

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        looking.join(PATIENCE)
        return [CompletionItem(name) for name in found if PLAIN.fullmatch(name) and name.startswith(incomplete)]


def _looked_up(find: Find, ctx: click.Context, incomplete: str) -> list[str]:
    installation = install()
    if not has_file(installation.settings.database_url):
        return []
    try:
        return list(find(installation, ctx, incomplete))
    finally:
        installation.cells.dispose()


def _slugs(installation: Installation, ctx: click.Context, _incomplete: str) -> Iterable[str]:
    if ctx.info_name == "create" and ctx.parent is not None and ctx.parent.info_name == "tenant":
        return ()
    return (tenant.slug for tenant in tenancy.tenants(installation.units))


def _connections(installation: Installation, ctx: click.Context, _incomplete: str) -> Iterable[str]:
    tenant = tenancy.tenant(installation.units, _slug(ctx))
    return (connection.name for connection in tenancy.connections(installation.units, tenant))


def _owners(installation: Installation, ctx: click.Context, incomplete: str) -> Iterable[str]:
    """Tenants, or behind a slash the connections of one."""
    slug, slash, _ = incomplete.partition("/")
    if not slash:
        return _slugs(installation, ctx, incomplete)
    tenant = tenancy.tenant(installation.units, slug)
    return (f"{slug}/{connection.name}" for connection in tenancy.connections(installation.units, tenant))


def _products(installation: Installation, _ctx: click.Context, _incomplete: str) -> Iterable[str]:
    return (product.code for product in tenancy.products(installation.units))


def _roles(installation: Installation, ctx: click.Context, _incomplete: str) -> Iterable[str]:
    tenant = tenancy.tenant(installation.units, _slug(ctx))
    return (post.role.code for post in authorising.roles(installation.units, tenant))


def _people(installation: Installation, ctx: click.Context, incomplete: str) -> Iterable[str]:
    with installation.units.read(tenancy.tenant(installation.units, _slug(ctx))) as uow:
        return sorted(user.user_name for user in uow.users.page(SoughtPeople(text=incomplete or None), "", MOST))


def _chores(installation: Installation, _ctx: click.Context, _incomplete: str) -> Iterable[str]:
    return (chore.name for chore in installation.chores)


def _slug(ctx: click.Context) -> str:
    """The tenant that the words before name; click leaves them as they are before an option whose value is missing."""
    named = ctx.params.get("tenant") or ctx.params.get("owner") or next(iter(ctx.args), "")
    return str(named).partition("/")[0]


NAMES: Mapping[str, Find] = {
    **dict.fromkeys(("tenant", "slug"), _slugs),
    "owner": _owners,
    "connection": _connections,
    **dict.fromkeys(("user_name", "user", "users", "giver", "receiver", "organiser", "others"), _people),
    **dict.fromkeys(("product", "products", "includes", "added", "removed", "by_product"), _products),
    "role": _roles,
    "names": _chores,
}
"""What the parameters of commands name, by their names, which mean the same in all of them."""


def offer_names(command: click.Command) -> None:
    """Let the parameters of a command, and of all below it, that name something complete it.

    Done only while a shell asks, so that the commands need not know.
    """
    for parameter in command.params:
        if parameter.name in NAMES and type(parameter.type) is StringParamType:
            parameter.type = Named(NAMES[parameter.name])
    if isinstance(command, click.Group):
        for each in command.commands.values():
            offer_names(each)
