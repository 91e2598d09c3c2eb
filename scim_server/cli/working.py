"""`scim-server worker`: sends events, and does what is due every so often, beside servers that do not."""

import os
import signal
import threading
from contextlib import suppress
from typing import Any

import click
import structlog

from scim_server.app import Installation
from scim_server.app.chore_threads import start_working
from scim_server.app.watches import trace
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import counted, json_option, report
from scim_server.cli.parents import end_with
from scim_server.http.logs import configure_logging

GIVES_WAY = 5
"""What is added to the niceness of a process that works: servers on the same machine get three times as much of the
processors as long as they want it. More would have rows locked for long that they wait for."""

_log = structlog.get_logger("scim_server")


@click.command("worker")
@click.option("--once", is_flag=True, help="Send what is due, and end: for cron.")
@json_option
def worker(once: bool, as_json: bool) -> None:
    """Send events to webhooks and do what is due every so often, until stopped by SIGTERM or Ctrl-C.

    Any number of them works beside any number of servers, on any number of machines with PostgreSQL; `serve` does the
    same by itself unless SCIM_WORKER=off.
    """
    installation = migrated()
    installation.sealer.key()  # a worker that cannot open what is stored had better not begin
    if once:
        sent = installation.event_worker().work_off()
        report({"sent": sent}, f"{counted(sent, 'request')} sent.", as_json=as_json)
        return
    configure_logging(installation.settings.log_level, installation.settings.log_format)
    trace()
    installation.sealer.start()
    work(installation)


def work(installation: Installation, parent: int | None = None) -> None:
    """Work until told to stop by a signal, or until the process of that id, which began this one, is gone."""
    with suppress(OSError):  # a sandbox may forbid it
        os.nice(GIVES_WAY)
    installation.watch.start("worker")
    installation.watch.ensure()
    events = installation.event_worker()

    def stop(_signal: int, _frame: Any) -> None:
        # In a thread of its own: this one may hold the lock of what it waits for.
        threading.Thread(target=events.stop, name="stop").start()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    if parent is not None:
        end_with(parent)
    start_working(installation, rests=parent is not None)
    _log.info("working")
    events.run()
