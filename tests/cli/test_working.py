"""`scim-server worker` and the sender within `serve`: processes that send events."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import PATIENCE, CommandLine, free_port, started
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
