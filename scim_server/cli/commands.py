"""The root command, and the one place where whatever goes wrong becomes a sentence and an exit code."""

import os
import sys
from collections.abc import Sequence

import click

from scim_server.cli.async_requests import async_requests
from scim_server.cli.audits import audits
from scim_server.cli.backups import backups
from scim_server.cli.cells import cells, move, replicas
from scim_server.cli.chores import chores
from scim_server.cli.completions import VARIABLE, completion, offer_names
from scim_server.cli.connections import connections
from scim_server.cli.credentials import credentials
from scim_server.cli.databases import databases
from scim_server.cli.dialects import dialects
from scim_server.cli.domains import domains
from scim_server.cli.event_serving import serve_events
from scim_server.cli.events import events
from scim_server.cli.examinations import doctor
from scim_server.cli.explanations import explain
from scim_server.cli.failures import failure
from scim_server.cli.groups import groups
from scim_server.cli.histories import histories
from scim_server.cli.imports import exports, imports
from scim_server.cli.invitations import invitations
from scim_server.cli.issuers import issuers
from scim_server.cli.issues import issues
from scim_server.cli.logs import logs
from scim_server.cli.mails import mails
from scim_server.cli.metrics import metrics
from scim_server.cli.oauth import oauth
from scim_server.cli.operator_webhooks import operator_webhooks
from scim_server.cli.outputs import printable
from scim_server.cli.pending_adds import pending_adds
from scim_server.cli.people import BY_HAND
from scim_server.cli.products import products
from scim_server.cli.quickstarts import quickstart
from scim_server.cli.receipts import receipts
from scim_server.cli.reconciling import reconcile
from scim_server.cli.removals import removals
from scim_server.cli.reports import reports
from scim_server.cli.roles import roles
from scim_server.cli.rules import rules
from scim_server.cli.schemas import schemas
from scim_server.cli.seats import seats
from scim_server.cli.secrets import secrets
from scim_server.cli.serving import serve
from scim_server.cli.sessions import sessions
from scim_server.cli.sign_ins import SIGN_INS
from scim_server.cli.stream_states import streams
from scim_server.cli.subscriptions import subscriptions
from scim_server.cli.templates import templates
from scim_server.cli.tenants import tenants
from scim_server.cli.tokens import tokens
from scim_server.cli.transfers import transfers
from scim_server.cli.undoing import undo
from scim_server.cli.users import users
from scim_server.cli.visits import consoles
from scim_server.cli.webhooks import webhooks
from scim_server.cli.welcomes import welcome
from scim_server.cli.working import worker

PROGRAM = "scim-server"
DONE, FAILED, MISUSED = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=PROGRAM, prog_name=PROGRAM)
def scim_server() -> None:
    """A SCIM 2.0 server that turns joiners, movers and leavers into seats.

    It is configured by SCIM_* variables in the environment; the README lists them.
    """


for command in (
    databases,
    backups,
    tenants,
    cells,
    replicas,
    domains,
    connections,
    tokens,
    credentials,
    consoles,
    issuers,
    oauth,
    products,
    subscriptions,
    rules,
    templates,
    roles,
    users,
    groups,
    seats,
    explain,
    pending_adds,
    imports,
    exports,
    invitations,
    mails,
    webhooks,
    streams,
    operator_webhooks,
    sessions,
    transfers,
    reports,
    events,
    issues,
    removals,
    receipts,
    reconcile,
    chores,
    secrets,
    dialects,
    logs,
    async_requests,
    audits,
    histories,
    metrics,
    undo,
    schemas,
    serve,
    serve_events,
    worker,
    doctor,
    quickstart,
    completion,
):
    scim_server.add_command(command)
for command in (*BY_HAND, *SIGN_INS, welcome):
    users.add_command(command)
tenants.add_command(move)


def main() -> None:
    """Run the command line of this process and end the process."""
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        code = FAILED
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and answer its exit code."""
    if VARIABLE in os.environ:
        offer_names(scim_server)
    try:
        code = scim_server.main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except click.UsageError as error:
        return _misused(error)
    except (click.Abort, KeyboardInterrupt):
        return _failed("Aborted.")
    except BrokenPipeError:
        _forget_stdout()
        return FAILED
    except Exception as error:
        return _failed(failure(error))
    return code if isinstance(code, int) else DONE


def _misused(error: click.UsageError) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return MISUSED
    path = error.ctx.command_path if error.ctx else PROGRAM
    message = error.format_message()
    _complain(f"{message}{'' if message.endswith(('.', ')', '?')) else '.'} See `{path} --help`.")
    return MISUSED


def _failed(sentence: str) -> int:
    _complain(sentence)
    return FAILED


def _complain(sentence: str) -> None:
    click.echo(f"{PROGRAM}: {printable(' '.join(sentence.split()))}", err=True)


def _forget_stdout() -> None:
    """Whoever read the output has gone; keep the interpreter from complaining about it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
