"""A pgbouncer of our own before a PostgreSQL, in transaction mode."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.cli.commands import free_port

PATIENCE = 20
_INI = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
"""
Through = Callable[[str], str]
"""The URL that reaches the database of another one through the pooler; it does not say so."""


def found() -> str | None:
    """Where pgbouncer is, None where it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def pooling(program: str, url: str, size: int, folder: Path) -> Iterator[Through]:
    """A pooler before the server of `url`, with so many connections to each of its databases."""
    server, port = make_url(url), free_port()
    ini = folder / f"pgbouncer-{port}.ini"
    ini.write_text(_INI.format(server=_server(server), port=port, size=size))
    with subprocess.Popen([program, "--quiet", *_as_somebody(server), str(ini)], stderr=subprocess.PIPE) as process:

        def through(other: str) -> str:
            database = make_url(other).database
            return f"postgresql://{server.username}@127.0.0.1:{port}/{database}"

        try:
            _await(process, through(url))
            yield through
        finally:
            process.terminate()


def _server(url: URL) -> str:
    parts = {"host": _host(url), "port": url.port, "user": url.username, "password": url.password}
    return " ".join(f"{name}={value}" for name, value in parts.items() if value)


def _host(url: URL) -> str:
    return url.host or str(url.query["host"])


def _as_somebody(url: URL) -> tuple[str, ...]:
    """It does not run as root: then as whoever may use the server's socket."""
    if os.geteuid():
        return ()
    folder = Path(_host(url))
    name = pwd.getpwuid(folder.stat().st_uid).pw_name if folder.is_absolute() else "nobody"
    return "--user", name


def _await(process: "subprocess.Popen[bytes]", url: str) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < ends
        else:
            return
