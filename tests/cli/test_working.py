"""`scim-server worker` and the sender within `serve`: processes that send events."""

import multiprocessing
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from scim_server.cli.inheritances import let_go_of_listeners
from scim_server.domain.tenants import Tenant
from scim_server.services.chore_threads import SharedBell
from tests.cli.commands import PATIENCE, CommandLine, free_port, started
from tests.cli.test_serving import serving
from tests.delivery.test_webhooks import await_, publish
from tests.receivers import Receiver, receiving
from tests.worlds import World


@pytest.fixture(autouse=True)
def _reaching_this_machine(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_EGRESS_NETWORKS", "127.0.0.1/32")


def hooked(cli: CommandLine, receiver: Receiver) -> str:
    """A webhook of acme; answers its secret."""
    secret: str = cli.json("webhook", "create", "acme", "app", receiver.url)["secret"]
    return secret


@pytest.mark.parametrize("command", [("worker",), ("serve",)], ids=["worker", "serve"])
def test_a_process_sends_until_it_is_stopped(
    cli: CommandLine, world: World, acme: Tenant, command: tuple[str, ...]
) -> None:
    port = ("--bind", f"127.0.0.1:{free_port()}") if command == ("serve",) else ()
    with receiving() as receiver:
        secret = hooked(cli, receiver)
        with started(*command, *port) as process:
            for _ in range(3):
                publish(world, acme, "ana", "ben")
                wanted = len(world.rows("outbox"))
                await_(lambda wanted=wanted: len(receiver.taken) >= wanted)
            process.terminate()
            assert process.wait(PATIENCE) == 0
        receiver.verify(secret)
        assert len(receiver.taken) == 6


def test_a_server_may_leave_it_to_a_worker_that_is_called_now_and_then(
    cli: CommandLine, world: World, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCIM_WORKER", "off")
    with receiving() as receiver:
        hooked(cli, receiver)
        publish(world, acme, "ana")
        with started("serve", "--bind", f"127.0.0.1:{free_port()}"):
            assert cli.json("worker", "--once") == {"sent": 1}
        assert cli.done("worker", "--once").out == "0 requests sent.\n"
        assert len(receiver.taken) == 1


def companion(process: subprocess.Popen[str]) -> int:
    """The process that gives way to those that serve. Raises StopIteration where there is none."""
    told = (each.read_text() for each in Path(f"/proc/{process.pid}/task").glob("*/children"))
    children = [each for text in told for each in text.split()]
    return next(int(each) for each in children if os.getpriority(os.PRIO_PROCESS, int(each)) > 0)


def companion_other_than(process: subprocess.Popen[str], former: int) -> Callable[[], bool]:
    def there() -> bool:
        with suppress(StopIteration, ProcessLookupError):
            return companion(process) != former
        return False

    return there


def has_ended(pid: int) -> bool:
    """Whether it is gone, or waits for somebody to take notice."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_when_the_process_beside_a_server_is_killed_another_sends(cli: CommandLine, world: World, acme: Tenant) -> None:
    with receiving() as receiver, started("serve", "--bind", f"127.0.0.1:{free_port()}") as process:
        hooked(cli, receiver)
        publish(world, acme, "ana")
        await_(lambda: [each["position"] for each in world.rows("webhook_cursors")] == [1])
        former = companion(process)
        os.kill(former, signal.SIGKILL)
        publish(world, acme, "ben")
        await_(lambda: len(receiver.taken) >= 2)
        assert companion(process) != former


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_process_beside_a_server_is_made_anew_with_it_and_ends_with_it(cli: CommandLine, world: World) -> None:
    with serving(free_port(), 1) as (process, _):
        former = companion(process)
        process.send_signal(signal.SIGHUP)
        await_(companion_other_than(process, former))
        last = companion(process)
        process.kill()
        await_(lambda: has_ended(last))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def holding_no_port(port: int, known: socket.socket, ends: Connection) -> None:
    let_go_of_listeners()
    ends.send(is_free(port))
    ends.recv()
    ends.send(known.send(b"x"))


def test_a_process_beside_holds_no_port(cli: CommandLine) -> None:
    """It lets go of what it inherited, and of nothing else."""
    here, there = multiprocessing.Pipe()
    left, right = socket.socketpair()
    with left, right, here, there, socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        forked = multiprocessing.get_context("fork").Process(target=holding_no_port, args=(port, right, there))
        forked.start()
        assert here.recv() is False
        listening.close()
        assert is_free(port)
        here.send(None)
        assert (here.recv(), left.recv(1)) == (1, b"x")
        forked.join(PATIENCE)
        assert forked.exitcode == 0


def test_a_bell_is_heard_in_another_process() -> None:
    bell = SharedBell()
    forking = multiprocessing.get_context("fork")
    for _ in range(2):
        ringing = forking.Process(target=bell.ring)
        ringing.start()
        assert bell.wait(PATIENCE) == []
        ringing.join()
        begun = time.monotonic()
        bell.wait(0.05)
        assert time.monotonic() - begun >= 0.05, "it is heard once"
    for _ in range(70_000):
        bell.ring()
