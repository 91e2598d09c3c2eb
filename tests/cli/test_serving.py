"""`scim-server serve`: starts, answers, stops, and refuses what cannot work."""

import json
import pickle
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from scim_server.cli.workers import Worker
from tests.cli.commands import PATIENCE, CommandLine, free_port, started
from tests.worlds import settings

IDLE = 20
"""Connections that nobody uses: more than one worker has threads and connections to its database together."""


@contextmanager
def serving(port: int, workers: int, *more: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A server that has become ready."""
    options = ("--bind", f"127.0.0.1:{port}", "--workers", str(workers), *more)
    with (
        started("serve", *options, stderr=subprocess.PIPE) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE) as http,
    ):
        deadline = time.monotonic() + PATIENCE
        while not _answers(http):
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
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
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as another:
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
