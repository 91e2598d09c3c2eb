"""Servers to measure, each a process of its own under granian with as many workers and threads."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drivers import Unmeasurable
from scim_server.app.capacities import THREADS

WORKERS = 2
PATIENCE = 180
"""Seconds a server may take to begin and to end."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens at `host` (HOST:PORT); `pid` is that of its first process."""

    host: str
    pid: int


@contextmanager
def scim_server(
    database_url: str, folder: Path, workers: int = WORKERS, changed: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Our own, as an operator starts it, with every setting as by default but those `changed`."""
    port = free_port()
    command = [sys.executable, "-m", "scim_server.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    settings = {"SCIM_DATABASE_URL": database_url, "SCIM_PUBLIC_URL": f"http://127.0.0.1:{port}", **(changed or {})}
    with running([*command, "--workers", str(workers)], port, folder / "server.log", settings) as server:
        yield server


@contextmanager
def hello_world(folder: Path, workers: int = WORKERS) -> Iterator[Server]:
    """A hello world of Flask under the same server."""
    port = free_port()
    with running(granian("benchmarks.hello:app", port, workers), port, folder / "hello.log") as server:
        yield server


def granian(application: str, port: int, workers: int = WORKERS, python: str = sys.executable) -> list[str]:
    """The command that serves a WSGI application as `scim-server serve` serves ours."""
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(workers)]
    options += ["--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning"]
    return [python, "-m", "granian", "--interface", "wsgi", *options, application]


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A command that serves at that port, once it does. Raises Unmeasurable where it never does."""
    with started(command, log, environment or {}) as process:
        _await(process, port, log)
        yield Server(f"127.0.0.1:{port}", process.pid)


@contextmanager
def started(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command that goes on until it is stopped, with no settings but those."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCIM_")}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**clean, **environment})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Unmeasurable(f"A server did not begin: {log.read_text()[-2000:]}")
