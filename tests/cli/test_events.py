"""`scim-server event` and `scim-server events`: what happened, at the command line and for those who wait."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPResponse

import httpx
import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services.event_types import EVENT_TYPES
from scim_server.services.pulling import LONGEST_WAIT
from scim_server.services.relaying import relay
from tests.api import callers
from tests.cli.commands import PATIENCE, PLAIN, CommandLine, free_port, started
from tests.cli.test_serving import serving
from tests.worlds import Connection, World

PATH = "/api/v1/tenants/acme/events"


@pytest.fixture
def ana(world: World, okta: Connection) -> str:
    """Somebody whom a client made; her id."""
    made = okta.create_user("ana@x.test", displayName="Ana\x1b[31m")["id"]
    relay(world.units)
    return str(made)


def test_types_are_listed(bare_cli: CommandLine) -> None:
    assert [each["name"] for each in bare_cli.json("event", "types")] == sorted(EVENT_TYPES)
    assert "seat.assigned" in bare_cli.done("event", "types").out


def test_the_newest_events_are_listed_and_those_behind_a_position(
    cli: CommandLine, world: World, okta: Connection, ana: str
) -> None:
    okta.patch(f"/Users/{ana}", {"op": "replace", "value": {"displayName": "Anna"}})
    relay(world.units)
    whole = cli.json("event", "list", "acme")
    assert [each["type"] for each in whole["items"]] == ["user.provisioned", "user.changed"]
    assert cli.json("event", "list", "acme", "--limit", "1")["items"] == whole["items"][1:]
    assert cli.json("event", "list", "acme", "--after", "0", "--limit", "1")["items"] == whole["items"][:1]
    assert cli.json("event", "list", "acme", "--type", "user.changed")["items"] == whole["items"][1:]
    first = cli.json("event", "list", "acme", "--type", "user.provisioned", "--limit", "1")
    assert first["items"] == whole["items"][:1]
    printed = cli.done("event", "list", "acme").out
    assert "user ana@x.test" in printed
    assert "changed=displayName" in printed
    assert cli.done("event", "list", "acme", "--type", "role.*").out == "Tenant 'acme' has no such event.\n"
    assert "no type of event 'nonsense'" in cli.failed(1, "event", "list", "acme", "--type", "nonsense")
    assert "the last one is at 2" in cli.failed(1, "event", "list", "acme", "--after", "9")


def test_events_are_followed_as_they_come(cli: CommandLine, world: World, okta: Connection, ana: str) -> None:
    with started("event", "follow", "acme", "--after", "0", "--json", stdout=subprocess.PIPE) as follower:
        assert follower.stdout is not None
        assert json.loads(follower.stdout.readline())["subject"]["id"] == ana
        okta.delete(f"/Users/{ana}")
        relay(world.units)
        assert json.loads(follower.stdout.readline())["type"] == "user.deleted"
        follower.send_signal(signal.SIGINT)
        assert follower.wait(PATIENCE) == 0


@contextmanager
def waited_on(*command: str, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process for those who wait, and its address, as soon as it answers."""
    url = f"http://127.0.0.1:{port}"
    with started(*command, stderr=subprocess.PIPE) as process:
        _until_it_answers(url)
        yield process, url


def _until_it_answers(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"{url}/readyz", **PLAIN).status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_process_of_its_own_lets_requests_wait_and_lets_them_go_at_its_end(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    token = callers.caller(world, acme, "events.read").token
    bearer = f"Authorization: Bearer {token}"

    def wait(url: str, after: int) -> httpx.Response:
        query = {"after": after, "wait": LONGEST_WAIT}
        headers = dict([bearer.split(": ")])
        return httpx.get(f"{url}{PATH}", params=query, headers=headers, **PLAIN, timeout=PATIENCE)

    port = free_port()
    with (
        waited_on("events", "--bind", f"127.0.0.1:{port}", "--threads", "16", port=port) as (process, url),
        ThreadPoolExecutor(1) as pool,
    ):
        answer = pool.submit(wait, url, 1)
        okta.create_user("ben@x.test")
        relay(world.units)
        assert [each["subject"]["userName"] for each in answer.result(PATIENCE).json()["items"]] == ["ben@x.test"]
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as waiting:
            waiting.sendall(f"GET {PATH}?after=2&wait=60 HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\n\r\n".encode())
            assert wait(url, 0).status_code == 200, "who came later is answered, so the other one has been let in"
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            answered = HTTPResponse(waiting)
            answered.begin()
            assert json.loads(answered.read()) == {"items": [], "next": 2, "last": 2}
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - begun < LONGEST_WAIT / 2


def test_serve_begins_it_beside_where_a_setting_names_an_address(
    cli: CommandLine, world: World, acme: Tenant, ana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = free_port()
    monkeypatch.setenv("SCIM_EVENTS_BIND", f"127.0.0.1:{beside}")
    headers = {"Authorization": f"Bearer {callers.caller(world, acme, 'events.read').token}"}
    with serving(free_port(), 1) as (process, http):
        _until_it_answers(f"http://127.0.0.1:{beside}")
        for url in (str(http.base_url), f"http://127.0.0.1:{beside}"):
            answer = httpx.get(f"{url}{PATH}", headers=headers, **PLAIN)
            assert [each["type"] for each in answer.json()["items"]] == ["user.provisioned"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{beside}/healthz", **PLAIN)


def test_it_ends_with_the_server_that_was_killed(acme_cli: CommandLine) -> None:
    beside = f"127.0.0.1:{free_port()}"
    command = ("serve", "--bind", f"127.0.0.1:{free_port()}", "--workers", "1", "--events-bind", beside)
    with started(*command, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            _until_it_answers(f"http://{beside}")
            process.kill()
            process.wait(PATIENCE)
            _until_nobody_answers(f"http://{beside}")
        finally:
            os.killpg(process.pid, signal.SIGKILL)


ORPHAN = """
import os, signal, sys
from scim_server.cli import parents
if sys.argv[1] == "watching":
    parents._is_told = lambda _: False
    parents.LOOKS = 0.01
signal.signal(signal.SIGTERM, lambda *_: print("told", flush=True) or sys.exit())
parent, (ready, begun) = os.getpid(), os.pipe()
if os.fork():
    os.read(ready, 1)
    os._exit(0)
parents.end_with(parent)
os.write(begun, b".")
while True:
    signal.pause()
"""


@pytest.mark.parametrize("how", ["told", "watching"])
def test_whoever_ends_with_a_parent_is_told_whatever_the_system(how: str) -> None:
    ended = subprocess.run([sys.executable, "-c", ORPHAN, how], capture_output=True, text=True, timeout=PATIENCE)
    assert ended.stdout == "told\n", ended.stderr


def _until_nobody_answers(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    with suppress(httpx.TransportError):
        while httpx.get(f"{url}/healthz", **PLAIN):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_an_address_that_is_taken_is_refused_by_both(acme_cli: CommandLine) -> None:
    port = free_port()
    with waited_on("events", "--bind", f"127.0.0.1:{port}", port=port):
        assert f"127.0.0.1:{port}" in acme_cli.failed(1, "events", "--bind", f"127.0.0.1:{port}")
        other = f"127.0.0.1:{free_port()}"
        assert f"127.0.0.1:{port}" in acme_cli.failed(1, "serve", "--bind", other, "--events-bind", f"127.0.0.1:{port}")
