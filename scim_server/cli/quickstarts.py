"""`scim-server quickstart`: a demo tenant, a server, and a story of joiners, movers and leavers played against it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

import click

from scim_server.app import Installation
from scim_server.cli.failures import Refused
from scim_server.cli.installations import cause, opened
from scim_server.cli.serving import bind_option, fitted, refuse_taken
from scim_server.cli.tables import console
from scim_server.config import Bind
from scim_server.domain.tenants import Tenant
from scim_server.services import quickstarting, visiting
from scim_server.services.addresses import api_address, base_address, link_address

PACE = 0.6
"""Seconds between two exchanges that somebody watches."""


@click.command("quickstart")
@bind_option
@click.option(
    "--pace",
    type=click.FloatRange(0, 60),
    metavar="SECONDS",
    help=f"Pause after each exchange (at a terminal {PACE}, else 0).",
)
@click.option("--once", is_flag=True, help="End after the story instead of serving on.")
def quickstart(bind: Bind, pace: float | None, once: bool) -> None:
    """See it work: a demo tenant, a server, and traffic of Okta and Entra played against it.

    Run again, it keeps the data and plays only what is missing.
    """
    _require_conformance()
    from scim_server.cli.guides import connecting
    from scim_server.cli.servers import running
    from scim_server.cli.stories import Story
    from scim_server.store import migrations

    refuse_taken(bind)
    installation = opened()
    migrations.upgrade(installation.database)
    tenant = quickstarting.set_up(installation.units, cause())
    tokens, revoked = _renew_tokens(installation, tenant)
    out = console()
    with _ended_by_signals(), running(bind) as server:
        story = Story(installation.units, tenant, out, _pause(pace, watched=out.is_terminal))
        story.play(base_address(server.url, tenant.slug), tokens)
        public_url = fitted(installation.settings, bind).public_url
        base, api = base_address(public_url, tenant.slug), api_address(public_url)
        link = link_address(public_url, visiting.invite_operator(installation.units)[1])
        click.echo(connecting(base, api, link, tokens, revoked, tenant.slug))
        if story.failures and once:
            raise Refused(f"{story.failures} exchanges of the story were not answered as they should be; see above.")
        if not once:
            click.echo("\nServing until Ctrl-C.")
            server.show_log()
            with suppress(KeyboardInterrupt):
                server.wait()


def _require_conformance() -> None:
    try:
        import scim_conformance  # noqa: F401 looked for, used elsewhere
    except ModuleNotFoundError as error:
        raise Refused(
            "The quickstart plays traffic that comes with scim-conformance: "
            "install it from the source tree with `pip install ./conformance`."
        ) from error


def _renew_tokens(installation: Installation, tenant: Tenant) -> tuple[dict[str, str], int]:
    tokens, revoked = {}, 0
    for connection in quickstarting.CONNECTIONS:
        tokens[connection], ended = quickstarting.renew_token(installation.units, tenant, cause(), connection)
        revoked += ended
    return tokens, revoked


def _pause(pace: float | None, *, watched: bool) -> float:
    if pace is not None:
        return pace
    return PACE if watched else 0.0


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, so that no server is left behind.

    SIGINT is set as well: a process that a script starts in the background is born ignoring it.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
