"""`scim-server serve`: granian with our WSGI application."""

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import structlog

from scim_server.app import Installation, install
from scim_server.app.capacities import THREADS, pool_size, threads, workers
from scim_server.cli import parameters
from scim_server.cli.companions import Companion
from scim_server.cli.environment_files import EnvironmentFile
from scim_server.cli.failures import Refused, failure
from scim_server.cli.installations import opened, refuse_unready
from scim_server.cli.workers import Worker, keep_shared, let_be_stopped
from scim_server.config import MOST_THREADS, MOST_WORKERS, Bind, Settings, load_settings, variable_name
from scim_server.http.logs import foreign_formatter

if TYPE_CHECKING:
    from granian.server.common import AbstractServer

DEFAULT_BIND = "127.0.0.1:8000"
GRACE = 30
"""Seconds a worker gets to finish its requests before it is killed."""
OVERLAP = 1.0
"""Seconds for which a new worker, made beforehand, serves beside the one that it replaces."""
CONNECTIONS = 1024
"""Clients that each worker keeps, most of them idle: granian's backpressure counts them and not their requests."""
PUBLIC_URL = variable_name("public_url")

_log = structlog.get_logger("scim_server")

bind_option = click.option(
    "--bind",
    type=parameters.bind,
    metavar="HOST:PORT",
    default=DEFAULT_BIND,
    show_default=True,
    help="Where to listen.",
)


@click.command("serve")
@bind_option
@click.option(
    "--workers",
    "workers_",
    type=click.IntRange(1, MOST_WORKERS),
    metavar="N",
    help="How many processes serve. [default: SCIM_WORKERS, else the number of cores, 8 at most; one on SQLite]",
)
@click.option(
    "--threads",
    "threads_",
    type=click.IntRange(1, MOST_THREADS),
    metavar="N",
    help=f"How many requests each of them handles at once. [default: SCIM_THREADS, else {THREADS}]",
)
@click.option(
    "--events-bind",
    type=parameters.bind,
    metavar="HOST:PORT",
    help="Where a process beside serves those who wait for events (`events`). [default: SCIM_EVENTS_BIND, else none]",
)
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Settings, NAME=VALUE on each line, which go before those of the environment; read anew with SIGHUP.",
)
def serve(
    bind: Bind, workers_: int | None, threads_: int | None, events_bind: Bind | None, env_file: Path | None
) -> None:
    """Serve SCIM over HTTP until stopped by SIGTERM or Ctrl-C, which lets requests end that have begun.

    SIGHUP replaces workers one by one by such that have read the settings anew. Stand a proxy with TLS before it and
    set SCIM_PUBLIC_URL to the address clients use.
    """
    file = None if env_file is None else EnvironmentFile(env_file)
    if file is not None:
        file.apply()
    installation = opened()
    _try(installation)
    refuse_taken(bind)
    if installation.settings.metrics_bind is not None:
        refuse_taken(installation.settings.metrics_bind)

    def chosen(given: Settings) -> Settings:
        fitting = fitted(given, bind)
        return replace(fitting, workers=workers_ or fitting.workers, threads=threads_ or fitting.threads)

    settings = chosen(installation.settings)
    beside = _events_bind(events_bind, settings)
    if PUBLIC_URL not in os.environ and not bind.is_loopback:
        click.echo(f"{PUBLIC_URL} is not set: clients are told that this server is {settings.public_url}.", err=True)
    worker = Worker(settings)
    server = listening(bind, settings)
    _log.info("serving", workers=workers(settings), threads=threads(settings), connections=pool_size(settings))
    keep_shared()
    let_be_stopped()
    with _events_beside(beside, settings), Companion(worker) as companion:
        server.on_reload(partial(_renew, worker, companion, file, chosen))
        server.serve(target_loader=worker, wrap_loader=False)


def _events_bind(chosen: Bind | None, settings: Settings) -> Bind | None:
    """Where those who wait for events are to be served, if they are. Raises Refused where nobody can listen there."""
    named = chosen or settings.events_bind
    if named is not None:
        refuse_taken(named)
    return named


@contextmanager
def _events_beside(bind: Bind | None, settings: Settings) -> Iterator[None]:
    """`scim-server events` as a process beside this one, as long as this one serves, or is there at all."""
    if bind is None:
        yield
        return
    command = [sys.executable, "-m", "scim_server.cli", "events", "--bind", str(bind)]
    command += ["--with-parent", str(os.getpid())]
    with subprocess.Popen(command, env={**os.environ, PUBLIC_URL: settings.public_url}) as process:  # noqa: S603 our own
        try:
            yield
        finally:
            process.terminate()


def _renew(
    worker: Worker, companion: Companion, file: EnvironmentFile | None, chosen: Callable[[Settings], Settings]
) -> None:
    """Have the workers that come read the settings as they are now; those that cannot be used change nothing."""
    try:
        if file is not None:
            file.apply()
        settings = chosen(load_settings())
        _try(install(settings))
        worker.renew(settings)
        companion.renew()
    except Exception as error:
        _log.error("settings not read anew: the server goes on with those it has", reason=failure(error))
    else:
        _log.info("settings read anew")
        keep_shared()


def _try(installation: Installation) -> None:
    """Raise unless there is a database as this version wants it, and the key that opens what is in it."""
    try:
        refuse_unready(installation)
        installation.sealer.key()
    finally:
        installation.cells.dispose()  # no connection crosses a fork


def fitted(settings: Settings, bind: Bind) -> Settings:
    """The settings with a public address that fits `bind`, where the operator set none."""
    if PUBLIC_URL in os.environ:
        return settings
    url = bind.local_url if bind.is_loopback else f"http://127.0.0.1:{bind.port}"
    return replace(settings, public_url=url)


def refuse_taken(bind: Bind) -> None:
    """Raise Refused where nobody can listen there: workers share their port, so a second server would not notice."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(bind.host, bind.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refused(f"Something is listening at {bind} already: stop it or choose another --bind.") from error
        raise Refused(f"Nothing can listen at {bind}: {error.strerror}.") from error


def listening(bind: Bind, settings: Settings) -> "AbstractServer[Any]":
    """Granian, with as many processes and threads as the settings have."""
    # Imported here because all other commands start faster without it.
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    return Server(
        target="scim_server.app:create_app",
        address=bind.host,
        port=bind.port,
        interface=Interfaces.WSGI,
        workers=workers(settings),
        blocking_threads=threads(settings),
        backpressure=max(CONNECTIONS, 2 * threads(settings)),
        websockets=False,
        log_level=LogLevels(settings.log_level),
        log_dictconfig=_logging(settings.log_format),
        respawn_failed_workers=True,
        respawn_interval=OVERLAP,
        workers_kill_timeout=GRACE,
    )


def _logging(form: str) -> dict[str, Any]:
    """Granian's own log, and the warnings of libraries, in the form of ours, on standard error."""
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}
    logger = {"handlers": ["line"], "level": "INFO", "propagate": False}
    return {
        "formatters": {"line": {"()": foreign_formatter, "form": form}},
        "handlers": {"line": handler},
        "loggers": {"_granian": dict(logger), "granian.access": dict(logger)},
        "root": {"handlers": ["line"], "level": "WARNING"},
    }
