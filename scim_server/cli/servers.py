"""`scim-server serve` as a process of its own, for a command that talks to it."""

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx

from scim_server.cli.failures import Refused
from scim_server.config import Bind

PATIENCE = 60.0
"""Seconds the server may take to become ready."""
STEP = 0.05
LAST_WORDS = 20


class ServerProcess:
    """The running server. Its log is kept back until `show_log`."""

    def __init__(self, bind: Bind) -> None:
        self.url = bind.local_url
        self._kept: deque[str] = deque(maxlen=LAST_WORDS)
        self._shown = False
        command = [sys.executable, "-m", "scim_server.cli", "serve", "--bind", str(bind)]
        self._process = subprocess.Popen(  # noqa: S603 our own command
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> None:
        """Return when /readyz answers 200; raises Refused when the server ends instead, or takes too long."""
        deadline = time.monotonic() + PATIENCE
        with httpx.Client(base_url=self.url, trust_env=False, timeout=5) as http:
            while not _is_ready(http):
                if self._process.poll() is not None:
                    raise Refused(f"The server did not start: {self._last_words()}")
                if time.monotonic() > deadline:
                    raise Refused(f"The server at {self.url} did not become ready within {PATIENCE:.0f} seconds.")
                time.sleep(STEP)

    def show_log(self) -> None:
        """From now on write the server's log to standard error."""
        self._shown = True

    def wait(self) -> None:
        """Wait for the end of the server; raises Refused where it did not end well."""
        if self._process.wait():
            raise Refused(f"The server ended: {self._last_words()}")

    def stop(self) -> None:
        """End the server, once it has finished its requests."""
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        if self._process.stderr:
            self._process.stderr.close()

    def _read(self) -> None:
        for line in self._process.stderr or ():
            self._kept.append(line.strip())
            if self._shown:
                click.echo(line.rstrip(), err=True)

    def _last_words(self) -> str:
        self._reader.join()
        return self._kept[-1].removeprefix("scim-server: ") if self._kept else "it said nothing."


@contextmanager
def running(bind: Bind) -> Iterator[ServerProcess]:
    """A server that is ready, and is stopped at the end of the block."""
    server = ServerProcess(bind)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def _is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
