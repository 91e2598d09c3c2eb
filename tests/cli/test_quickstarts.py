"""`scim-server quickstart`: the story is told once, its seats hold, and the data stays."""

import re
import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from scim_conformance.replay import Exchange, available, load, replay

from scim_server.domain.tenants import Tenant
from scim_server.services import quickstarting, tenancy
from tests.cli.commands import PATIENCE, PLAIN, CommandLine, at_terminal, free_port, started
from tests.worlds import CAUSE, World

TOKEN = re.compile(r"Token of (\w+) +(scim_\w+)")
STORY = sum(len(load(name).steps) for name in available() if name.startswith("demo/"))

TURNS = (
    "Ana Lima gets webinar",
    "Cleo Marsh waits for webinar",
    "Ben Okoro gives webinar back",
    "Cleo Marsh is promoted and has webinar now",
    "Ana Lima gives webinar back",
    "Dev Patel is promoted and has webinar now",
    "Finn Adler is promoted and has training now",
    "Gia Costa waits for training",
)


def _once(cli: CommandLine, *options: str) -> str:
    return cli.done("quickstart", "--once", "--bind", f"127.0.0.1:{free_port()}", *options).out


def test_it_tells_the_story_once_and_keeps_the_data(cli: CommandLine, unmigrate: Callable[[], None]) -> None:
    unmigrate()
    told = _once(cli)
    assert f"{STORY} exchanges were played." in told
    assert [told.index(turn) for turn in TURNS] == sorted(told.index(turn) for turn in TURNS)
    people, seats = cli.json("user", "list", "demo"), cli.json("subscription", "list", "demo")
    assert len(people) == 7
    assert [(each["product"], each["seats"], each["assigned"], each["waiting"]) for each in seats] == [
        ("meeting", 5, 0, 0),
        ("training", 1, 1, 1),
        ("webinar", 2, 2, 0),
    ]
    again = _once(cli)
    assert "nothing was missing" in again
    assert "->" not in again
    assert cli.json("user", "list", "demo") == people
    assert cli.json("subscription", "list", "demo") == seats
    assert len(cli.json("rule", "list", "demo")) == 2


def test_a_later_run_renews_its_tokens_and_leaves_alone_what_the_operator_did(cli: CommandLine) -> None:
    first = dict(TOKEN.findall(_once(cli)))
    kept = cli.json("token", "issue", "demo/okta")["id"]
    cli.done("subscription", "set", "demo", "training", "--seats", "2", "--policy", "reject")
    told = _once(cli)
    second = dict(TOKEN.findall(told))
    assert first.keys() == second.keys() == {"okta", "entra"}
    assert "revoked 2" in told
    live = {token["id"] for token in cli.json("token", "list") if token["state"] == "live"}
    assert live == {kept, *(token.split("_")[1] for token in second.values())}
    training = cli.json("subscription", "show", "demo", "training")
    assert (training["seats"], training["policy"], training["assigned"], training["waiting"]) == (2, "reject", 2, 0)


@pytest.mark.parametrize("order", [("okta", "entra"), ("entra", "okta")])
def test_the_seats_the_story_states_are_the_seats_there_are(
    cli: CommandLine, world: World, order: tuple[str, str]
) -> None:
    """After each exchange, whichever connection comes first."""
    demo = quickstarting.set_up(world.units, CAUSE)
    wrong: list[str] = []

    def compare(exchange: Exchange) -> None:
        wrong.extend(f"{exchange.step.title}: {mismatch}" for mismatch in exchange.mismatches)
        for product, stated in exchange.step.seats.items():
            shown = cli.json("subscription", "show", "demo", product)
            if stated != {name: shown[name] for name in stated}:
                wrong.append(f"{exchange.step.title}: {product} is {shown}, {stated} was stated")

    for client in order:
        assert not any(exchange.skipped for exchange in _play(world, demo, client, compare))
    assert wrong == []


def test_a_story_that_was_left_half_told_is_told_to_its_end(cli: CommandLine, world: World) -> None:
    demo = quickstarting.set_up(world.units, CAUSE)
    okta = _play(world, demo, "okta")
    told = _once(cli)
    assert f"{STORY - len(okta)} exchanges were played, {len(okta)} had been played before." in told
    assert "Ana Lima" not in told.split("Who waits")[0]
    assert "Finn Adler is promoted and has training now" in told


def _play(
    world: World, demo: Tenant, client: str, on_exchange: Callable[[Exchange], None] | None = None
) -> list[Exchange]:
    """Play one client's part of the story."""
    _, token = tenancy.issue_token(world.units, demo, CAUSE, client, timedelta(days=1))
    headers = {"Authorization": f"Bearer {token}"}
    wsgi = httpx.WSGITransport(world.app)
    with httpx.Client(base_url="http://localhost/scim/demo/v2", headers=headers, transport=wsgi) as http:
        return replay(load(f"demo/{client}"), http, on_exchange=on_exchange)


def test_an_exchange_that_goes_wrong_is_shown_and_is_code_1(cli: CommandLine, world: World) -> None:
    """Eva's address belongs to somebody in another tenant: she cannot be created, and all that follows fails."""
    world.connect(world.tenant("other")).create_user("eva.sorin@entra.example.org")
    outcome = cli("quickstart", "--once", "--bind", f"127.0.0.1:{free_port()}")
    assert outcome.code == 1
    assert "status: 409 came" in outcome.out
    assert re.fullmatch(r"scim-server: \d+ exchanges of the story [^\n]*\n", outcome.err)


def test_a_terminal_shows_the_seat_table_change(bare_cli: CommandLine) -> None:
    code, screen = at_terminal("quickstart", "--once", "--pace", "0", "--bind", f"127.0.0.1:{free_port()}")
    assert code == 0, screen
    assert screen.count("Who waits") > 10
    assert "Cleo Marsh is promoted and has webinar now" in screen
    tokens = dict(TOKEN.findall(screen))
    assert set(tokens) == {"okta", "entra"}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_on_until_it_is_stopped(bare_cli: CommandLine, tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    bind = ("--bind", f"127.0.0.1:{port}")
    with started("quickstart", *bind, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=1) as process:
        told = ""
        for line in process.stdout or ():
            told += line
            if line.startswith("Serving until"):
                break
        tokens = dict(TOKEN.findall(told))
        headers = {"Authorization": f"Bearer {tokens['okta']}"}
        address = f"http://127.0.0.1:{port}/scim/demo/v2"
        assert address in told
        found = httpx.get(f"{address}/Users", headers=headers, **PLAIN, timeout=PATIENCE)
        assert found.json()["totalResults"] == 7
        process.send_signal(how)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/Users", **PLAIN)
    assert (tmp_path / "var" / "scim.db").exists()
