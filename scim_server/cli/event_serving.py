"""`scim-server events`: a process of its own for those who wait for events."""

import multiprocessing
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
import structlog

from scim_server.app import create_events_app, install
from scim_server.cli import parameters
from scim_server.cli.installations import migrated
from scim_server.cli.parents import end_with
from scim_server.cli.serving import listening, refuse_taken
from scim_server.cli.workers import keep_shared, let_be_stopped, spare_memory
from scim_server.config import Bind, Settings, read_bind
from scim_server.http.logs import log_uncaught
from scim_server.services.event_watches import EventWatch

DEFAULT_BIND = "127.0.0.1:8001"
THREADS, FEWEST_THREADS, MOST_THREADS = 200, 16, 2000
SPARE = 8
"""Threads in which nobody waits: for whoever is answered at once."""
CONNECTIONS = 8
"""To each database: who waits needs none."""

_log = structlog.get_logger("scim_server")


@click.command("events")
@click.option(
    "--bind",
    type=parameters.bind,
    metavar="HOST:PORT",
    help=f"Where to listen. [default: SCIM_EVENTS_BIND, else {DEFAULT_BIND}]",
)
@click.option(
    "--threads",
    type=click.IntRange(FEWEST_THREADS, MOST_THREADS),
    metavar="N",
    default=THREADS,
    show_default=True,
    help=f"How many requests it handles at once; all but {SPARE} of them may wait.",
)
@click.option("--with-parent", "parent", type=click.IntRange(1), hidden=True)
def serve_events(bind: Bind | None, threads: int, parent: int | None) -> None:
    """Serve those who wait for events, until stopped by SIGTERM or Ctrl-C.

    Send it the addresses that end in /events, and in /poll, and all others to `serve`. Any number of it may run.
    """
    if parent is not None:
        end_with(parent)
    settings = migrated().settings
    chosen = bind or settings.events_bind or read_bind(DEFAULT_BIND)
    refuse_taken(chosen)
    settings = replace(settings, workers=1, threads=threads, database_pool=settings.database_pool or CONNECTIONS)
    worker = EventsWorker(settings)
    server = listening(chosen, settings)
    server.on_startup(worker.note_signals)
    _log.info("serving events", threads=threads, connections=settings.database_pool)
    keep_shared()
    let_be_stopped()
    server.serve(target_loader=worker, wrap_loader=False)


class EventsWorker:
    """What its one worker runs, made before it is forked. As soon as the process is told to end, nobody waits on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._over = multiprocessing.Event()
        assert settings.threads is not None, "the command says how many"
        installation = install(settings)
        watch = EventWatch(installation.units, settings.threads - SPARE, self._over.is_set)
        self._application = create_events_app(installation, watch)

    def __reduce__(self) -> tuple[type["EventsWorker"], tuple[Settings]]:
        return EventsWorker, (self._settings,)

    def __call__(self) -> Callable[..., Any]:
        log_uncaught()
        spare_memory()
        return self._application

    def note_signals(self) -> None:
        """Have this process, which the worker is a child of, pass on that it was told to end."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._ending(signal.getsignal(each)))

    def _ending(self, handle: Any) -> Callable[..., None]:
        def end(*told: Any) -> None:
            self._over.set()
            handle(*told)

        return end
