"""The load generator: wrk, which sends requests that were written out before and answers with what came of them."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).with_name("driver.lua")
CONNECTIONS = 16
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


def find_wrk() -> str:
    """The path of wrk. Raises Unmeasurable."""
    found = shutil.which("wrk")
    if found is None:
        raise Unmeasurable("wrk is not installed: `apt-get install wrk` (Debian, Ubuntu), then again.")
    return found


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
    with file.open("wb") as records:
        for request in (target.filler, *requests):
            written = request.written(target.host, target.headers)
            records.write(b"%d\n%b" % (len(written), written))
    command = [find_wrk(), "-t1", f"-c{connections}", f"-d{seconds or LONGEST}s", "--timeout", "60s"]
    command += ["-s", str(SCRIPT), f"http://{target.host}/", "--", str(file), "once" if once else "again"]
    ran = subprocess.run([*command, str(4 * connections)], capture_output=True, text=True, check=False)
    last = ran.stdout.strip().rpartition("\n")[2]
    if ran.returncode or not last.startswith("{"):
        raise Unmeasurable(f"wrk failed: {ran.stdout[-500:]}{ran.stderr[-500:]}")
    return _answered(json.loads(last))


def _answered(said: dict[str, float]) -> Answered:
    if said["refused"] or said["broken"]:
        counts = (f"{said[name]:.0f} {name}" for name in ("requests", "refused", "broken"))
        raise Unmeasurable(f"Not every answer was a success: {', '.join(counts)}.")
    answered = int(said["requests"] - min(said["fillers"], said["requests"]))
    return Answered(int(said["sent"]), answered, said["seconds"], said["p50"], said["p99"], said["longest"])
