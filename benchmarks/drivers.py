"""The load generator: wrk, which sends requests that were written out before and answers with what came of them.

Where it is not installed, clients of ours do the same (`clients`), at a price.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from benchmarks import clients

SCRIPT = Path(__file__).with_name("driver.lua")
CONNECTIONS = 16
WRONG = ("refused", "connect", "read", "write", "timeout")
"""What may go wrong with a request: an answer of 400 or more, or none because of trouble with the connection."""
LONGEST = 3600
"""Seconds that requests that are sent once may take."""


class Unmeasurable(Exception):
    """What was to be measured went wrong; the message says how."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `path` is whole, a body is JSON."""

    method: str
    path: str
    body: str | None = None

    def written(self, host: str, headers: dict[str, str]) -> bytes:
        """The request as it goes over the wire."""
        body = (self.body or "").encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.body is not None:
            lines += ["Content-Type: application/scim+json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a run: requests sent and answered, seconds in all, and how long one took: median, 99th of 100,
    longest."""

    sent: int
    requests: int
    seconds: float
    p50: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True)
class Target:
    """A server to send to: HOST:PORT and what every request carries; `filler` is a request that changes nothing."""

    host: str
    filler: Request
    headers: dict[str, str] = field(default_factory=dict)


def find_wrk() -> str | None:
    """The path of wrk, if it is installed."""
    return shutil.which("wrk")


def warn_without_wrk() -> None:
    """Say on standard error what figures are worth without it."""
    if find_wrk() is None:
        told = "wrk is not installed (apt-get install wrk): the load comes from Python, which slows what is measured."
        print(told, file=sys.stderr)


def write(target: Target, requests: Iterable[Request], file: Path) -> None:
    """Write a file of records: the target's filler, then the requests."""
    with file.open("wb") as records:
        for request in chain([target.filler], requests):
            written = request.written(target.host, target.headers)
            records.write(b"%d\n%b" % (len(written), written))


def drive(
    target: Target,
    requests: Iterable[Request],
    file: Path,
    *,
    seconds: int | None = None,
    once: bool = False,
    connections: int = CONNECTIONS,
) -> Answered:
    """Send requests over that many connections: over and over for so many seconds, or each `once` at most.

    `file` is where they are written to. Raises Unmeasurable where one is refused or no answer comes.
    """
    write(target, requests, file)
    wrk = find_wrk()
    if wrk is None:
        return _answered(clients.drive(target.host, file, seconds or LONGEST, connections, once=once))
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds or LONGEST}s", "--timeout", "60s", "-s", str(SCRIPT)]
    command += [f"http://{target.host}/", "--", str(file), "once" if once else "again", str(4 * connections)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    last = ran.stdout.strip().rpartition("\n")[2]
    if ran.returncode or not last.startswith("{"):
        raise Unmeasurable(f"wrk failed: {ran.stdout[-500:]}{ran.stderr[-500:]}")
    return _answered(json.loads(last))


def _answered(said: dict[str, float]) -> Answered:
    wrong = {name: said[name] for name in WRONG if said.get(name)}
    if wrong:
        counts = (f"{name} {count:.0f}" for name, count in wrong.items())
        raise Unmeasurable(f"Of {said['requests']:.0f} answers not every one was a success: {', '.join(counts)}.")
    sent = int(said["sent"])  # fillers are answered as well, but only when all else is
    return Answered(sent, min(sent, int(said["requests"])), said["seconds"], said["p50"], said["p99"], said["longest"])
