"""Running `scim-server`: in this process, or as a process of its own."""

import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from scim_server.cli import run

PROGRAM = (sys.executable, "-m", "scim_server.cli")
PATIENCE = 60
PLAIN: Any = {"trust_env": False, "verify": False}
"""How httpx asks a server of ours: to get ready for TLS takes it longer than to ask."""
PAUSE = 0.02
"""Seconds between looks for what a process has not done yet; it needs the time more than who looks."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """`scim-server` in this process."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Outcome:
        self.capsys.readouterr()
        code = run(arguments)
        printed = self.capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    def done(self, *arguments: str) -> Outcome:
        """Run a command that must succeed and complain of nothing."""
        outcome = self(*arguments)
        assert (outcome.code, outcome.err) == (0, ""), outcome
        return outcome

    def json(self, *arguments: str) -> Any:
        """What a command that must succeed prints under --json."""
        return self.done(*arguments, "--json").json

    def failed(self, code: int, *arguments: str) -> str:
        """The one sentence of a command that must fail, and print nothing else."""
        outcome = self(*arguments)
        assert (outcome.code, outcome.out) == (code, ""), outcome
        assert outcome.err.startswith("scim-server: "), outcome
        assert outcome.err.count("\n") == 1, outcome
        return outcome.err.removeprefix("scim-server: ").strip()


@contextmanager
def started(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """`scim-server` as a process of its own, stopped at the end if it still runs.

    Stopped, not killed: a server takes its workers along only when it can.
    """
    with subprocess.Popen([*PROGRAM, *arguments], text=True, **options) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=PATIENCE)


def at_terminal(*arguments: str, typed: str = "") -> tuple[int, str]:
    """The exit code and screen of a command run at a terminal of 100 columns, and what is typed there."""
    here, there = pty.openpty()
    environment = {**os.environ, "COLUMNS": "100", "LINES": "40", "TERM": "xterm-256color"}
    with started(*arguments, stdin=there, stdout=there, stderr=there, env=environment) as process:
        os.close(there)
        os.write(here, typed.encode())
        screen = b""
        with suppress(OSError):  # the kernel's way of saying that nobody holds the other end any more
            while piece := os.read(here, 65536):
                screen += piece
        code = process.wait(PATIENCE)
    os.close(here)
    return code, screen.decode().replace("\r\n", "\n")


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
