"""`scim-server serve`: starts, answers, stops, and refuses what cannot work."""

import json
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import IO

import httpx
import pytest

from scim_server.cli.workers import Worker
from tests.cli.commands import PATIENCE, PAUSE, PLAIN, CommandLine, free_port, started
from tests.worlds import settings

IDLE = 20
"""Connections that nobody uses: more than one worker has threads and connections to its database together."""


@contextmanager
def serving(
    port: int, workers: int, *more: str, log: IO[str] | int = subprocess.PIPE
) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A server that has become ready. Whoever asks for much takes its log in a file: a pipe that is full stops it."""
    options = ("--bind", f"127.0.0.1:{port}", "--workers", str(workers), *more)
    with (
        started("serve", *options, stderr=log) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", **PLAIN, timeout=PATIENCE) as http,
    ):
        deadline = time.monotonic() + PATIENCE
        while not _answers(http):
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(PAUSE)
        yield process, http


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(("workers", "how"), [(1, signal.SIGINT), (2, signal.SIGTERM)])
def test_it_serves_and_stops_with_exit_code_0(acme_cli: CommandLine, workers: int, how: signal.Signals) -> None:
    token = acme_cli.json("token", "issue", "acme/okta")["token"]
    port = free_port()
    with serving(port, workers) as (process, http):
        assert http.get("/healthz").status_code == 200
        headers = {"Authorization": f"Bearer {token}"}
        with ThreadPoolExecutor(8) as threads:
            created = list(threads.map(lambda number: _create(http, headers, number), range(16)))
        assert {answer.status_code for answer in created} == {201}
        assert created[0].json()["meta"]["location"].startswith(f"http://127.0.0.1:{port}/scim/acme/v2/Users/")
        assert len(acme_cli.json("user", "list", "acme")) == 16
        process.send_signal(how)
        assert process.wait(PATIENCE) == 0
        log = process.stderr.read() if process.stderr else ""
    told = [json.loads(line) for line in log.splitlines()]
    assert [line["event"] for line in told].count("Started worker-1") == 1
    (serves,) = [line for line in told if line["event"] == "serving"]
    assert (serves["workers"], serves["threads"], serves["connections"]) == (workers, 4, 7)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def _create(http: httpx.Client, headers: dict[str, str], number: int) -> httpx.Response:
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"user{number}@x.test"}
    return http.post("/scim/acme/v2/Users", json=body, headers=headers)


def test_clients_that_only_stay_connected_keep_nobody_out(acme_cli: CommandLine) -> None:
    with serving(free_port(), 1, "--threads", "2") as (_, http), ExitStack() as stack:
        url = http.base_url
        for _ in range(IDLE):
            idle = stack.enter_context(socket.create_connection((str(url.host), url.port or 0), PATIENCE))
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert idle.recv(20).startswith(b"HTTP/1.1 200")
        with httpx.Client(base_url=url, **PLAIN, timeout=PATIENCE) as another:
            assert another.get("/healthz").status_code == 200


def test_what_a_worker_runs_can_be_made_anew_where_workers_are_not_forked() -> None:
    worker = Worker(settings("sqlite:///nowhere/scim.db"))
    assert isinstance(pickle.loads(pickle.dumps(worker)), Worker)


def test_a_port_that_is_taken_is_refused(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        assert bind in cli.failed(1, "serve", "--bind", bind)
        assert bind in cli.failed(1, "quickstart", "--once", "--bind", bind)


def test_a_second_server_on_the_same_port_is_refused(cli: CommandLine) -> None:
    port = free_port()
    with serving(port, 1):
        assert f"127.0.0.1:{port}" in cli.failed(1, "serve", "--bind", f"127.0.0.1:{port}")


def test_an_address_of_nobody_is_refused(cli: CommandLine) -> None:
    assert "no-such-host.invalid:8000" in cli.failed(1, "serve", "--bind", "no-such-host.invalid:8000")


def test_an_unmigrated_database_is_refused_by_the_process_too(cli: CommandLine, unmigrate: Callable[[], None]) -> None:
    unmigrate()
    with started("serve", "--bind", f"127.0.0.1:{free_port()}", stderr=subprocess.PIPE) as process:
        _, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert complaint.count("\n") == 1
    assert "`scim-server db upgrade`" in complaint


STOPPED = """
import os, signal
from scim_server.cli.workers import let_be_stopped

signal.signal(signal.SIGTERM, lambda *_: None)
let_be_stopped()
child = os.fork()
while not child:
    signal.pause()
os.kill(child, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_that_is_stopped_as_soon_as_it_is_forked_ends() -> None:
    command = [sys.executable, "-c", STOPPED]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert told.stdout.split() == [str(-signal.SIGTERM)]


class Load:
    """Clients that create people as fast as they are answered, each on a connection kept open, until they are told."""

    def __init__(self, url: str, token: str, clients: int = 4) -> None:
        self.url, self.headers = url, {"Authorization": f"Bearer {token}"}
        self.confirmed: set[str] = set()
        self.broken: list[str] = []
        """What was sent and never answered; nobody can tell whether it was done."""
        self.wrong: list[tuple[str, int]] = []
        self._stop, self._answered = threading.Event(), threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def wait_for(self, more: int) -> None:
        """Return when so many more were confirmed."""
        while self._answered.acquire(blocking=False):
            pass
        for _ in range(more):
            assert self._answered.acquire(timeout=PATIENCE), (len(self.confirmed), self.broken, self.wrong)

    def _run(self, client: int) -> None:
        with httpx.Client(base_url=self.url, **PLAIN, timeout=PATIENCE, headers=self.headers) as http:
            for number in count():
                if self._stop.is_set():
                    return
                self._create(http, f"load{client}.{number}@x.test")

    def _create(self, http: httpx.Client, name: str) -> None:
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}
        try:
            answer = http.post("/scim/acme/v2/Users", json=body)
        except httpx.ConnectError:
            self._stop.wait(0.01)  # nobody listens, so nothing was sent
        except httpx.TransportError:
            self.broken.append(name)
        else:
            if answer.status_code == 201:
                self.confirmed.add(name)
                self._answered.release()
            else:
                self.wrong.append((name, answer.status_code))


def names(cli: CommandLine) -> set[str]:
    return {each["userName"] for each in cli.json("user", "list", "acme")}


def test_a_server_that_is_stopped_answers_what_has_begun(acme_cli: CommandLine, tmp_path: Path) -> None:
    """Nothing that was confirmed is lost, nothing is answered with an error, and the log and the trail are written."""
    token = acme_cli.json("token", "issue", "acme/okta")["token"]
    log = (tmp_path / "log").open("w")
    with log, serving(free_port(), 2, log=log) as (process, http), Load(str(http.base_url), token) as load:
        load.wait_for(8)
        read = http.get("/scim/acme/v2/Users?count=1", headers=load.headers)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    there = names(acme_cli)
    assert load.wrong == []
    assert load.confirmed <= there
    assert there == load.confirmed, "whatever was done was answered"
    assert acme_cli.json("audit", "verify", "acme")["unsealed"] == 0
    logged = acme_cli.json("log", "show", read.headers["X-Request-Id"])
    assert logged["method"] == "GET", "the buffer of reads is written at the end"


def test_a_file_of_settings_that_is_not_there_is_no_empty_one(acme_cli: CommandLine, tmp_path: Path) -> None:
    """Otherwise a name that was mistyped serves a database of its own."""
    said = acme_cli.failed(1, "serve", "--bind", f"127.0.0.1:{free_port()}", "--env-file", str(tmp_path / "none"))
    assert said == f"{tmp_path}/none cannot be read as a file of settings: No such file or directory."


def test_workers_are_replaced_with_settings_read_anew(acme_cli: CommandLine, tmp_path: Path) -> None:
    """Under load: nothing confirmed is lost, and what was broken off by a connection that closed was not done twice."""
    token = acme_cli.json("token", "issue", "acme/okta")["token"]
    file, log = tmp_path / "env", (tmp_path / "log").open("w")
    file.write_text("SCIM_BULK_MAX_OPERATIONS=7\n")
    with log, serving(free_port(), 2, "--env-file", str(file), log=log) as (process, http):
        assert bulk(http) == {7}
        with Load(str(http.base_url), token) as load:
            load.wait_for(4)
            file.write_text("SCIM_BULK_MAX_OPERATIONS=9\n")
            process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + PATIENCE
            while not _all_say(http, 9):
                assert time.monotonic() < deadline
            load.wait_for(4)
        assert load.wrong == []
        for times, bad in enumerate(
            ("SCIM_BULK_MAX_OPERATIONS=many", f"SCIM_DATABASE_URL=sqlite:///{tmp_path}/none"), 1
        ):
            file.write_text(f"{bad}\n")
            process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + PATIENCE
            while (tmp_path / "log").read_text().count("settings not read anew") < times:
                assert time.monotonic() < deadline
                time.sleep(PAUSE)
            assert bulk(http) == {9}
        file.unlink()
        process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while "No such file" not in (tmp_path / "log").read_text():
            assert time.monotonic() < deadline
        assert bulk(http) == {9}
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    refused = [each["reason"] for each in lines if each["event"].startswith("settings not read anew")]
    assert "SCIM_BULK_MAX_OPERATIONS" in refused[0]
    assert "scim-server db upgrade" in refused[1]
    there = names(acme_cli)
    assert load.confirmed <= there
    assert there == load.confirmed, "whatever was done was answered"


def _all_say(http: httpx.Client, operations: int) -> bool:
    """Whether all workers say so of bulk. A connection that breaks was to one that is going."""
    try:
        return bulk(http) == {operations}
    except httpx.TransportError:
        return False


def bulk(http: httpx.Client) -> set[int]:
    """What the workers that happen to answer say of bulk, each asked on a connection of its own."""
    told = set()
    for _ in range(12):
        with httpx.Client(base_url=http.base_url, **PLAIN, timeout=PATIENCE) as client:
            answer = client.get("/scim/acme/v2/ServiceProviderConfig")
            told.add(answer.json()["bulk"]["maxOperations"])
    return told
