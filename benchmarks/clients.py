"""Load without wrk: threads of this process, which take much of the cores that are measured for themselves."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from itertools import cycle
from pathlib import Path
from socket import create_connection
from threading import Lock

PATIENCE = 60
"""Seconds an answer may take."""
SUCCESSES = range(200, 400)


@dataclass(slots=True)
class Said:
    """What came of it, counted as wrk's script does (`driver.lua`)."""

    sent: int = 0
    taken: list[float] = field(default_factory=list)
    refused: int = 0
    read: int = 0


def drive(host: str, file: Path, seconds: float, connections: int, *, once: bool) -> dict[str, float]:
    """Send the requests of a file of records, the first one apart, as `driver.lua` does; answers what it would."""
    said, lock = Said(), Lock()
    records = iter(_records(file))
    next(records)
    waiting = records if once else cycle(list(records))
    begun = time.perf_counter()
    with ThreadPoolExecutor(connections) as threads:
        for _ in range(connections):
            threads.submit(_send, host, waiting, begun + seconds, said, lock)
    spent = time.perf_counter() - begun
    taken = sorted(said.taken) or [0.0]
    return {
        "requests": len(said.taken),
        "sent": said.sent,
        "seconds": spent,
        "p50": taken[len(taken) // 2],
        "p99": taken[len(taken) * 99 // 100],
        "longest": taken[-1],
        "refused": said.refused,
        "read": said.read,
    }


def _records(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while size := content.readline():
            yield content.read(int(size))


def _send(host: str, waiting: Iterator[bytes], ends: float, said: Said, lock: Lock) -> None:
    """Send one after the other over one connection, until there is nothing left or the time is up."""
    name, _, port = host.partition(":")
    with create_connection((name, int(port)), PATIENCE) as connection:
        while time.perf_counter() < ends:
            with lock:
                request = next(waiting, None)
                said.sent += request is not None
            if request is None:
                return
            begun = time.perf_counter()
            try:
                connection.sendall(request)
                answer = HTTPResponse(connection, method=request[:10].split()[0].decode())
                answer.begin()
                answer.read()
            except (OSError, HTTPException):
                said.read += 1
                return
            said.taken.append(time.perf_counter() - begun)
            said.refused += answer.status not in SUCCESSES
