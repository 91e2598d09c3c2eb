"""Two clusters of PostgreSQL, and the command line as an operator uses it."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from scim_server.services import tenancy
from scim_server.services.event_watches import EventWatch
from scim_server.services.relaying import relay
from tests import databases
from tests.cells.removals import lives_in, move
from tests.cli.commands import CommandLine, started
from tests.worlds import CAUSE, World, build

SOON = 10.0


@pytest.fixture(scope="module")
def far_url() -> Iterator[str]:
    """A database on another cluster."""
    with databases.another_cluster() as fresh:
        yield fresh()


@pytest.fixture
def cells(home_url: str, far_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world of home and, on another cluster, far, which the environment names as well."""
    monkeypatch.setenv("SCIM_DATABASE_URL", home_url)
    monkeypatch.setenv("SCIM_CELL_URLS", f"far={far_url}")
    monkeypatch.setenv("SCIM_LOG_LEVEL", "error")
    built = build(home_url, cell_urls=(("far", far_url),))
    yield built
    built.installation.cells.dispose()
    databases.empty(far_url)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], cells: World) -> CommandLine:
    """`scim-server` over both."""
    return CommandLine(capsys)


def test_a_move_to_another_cluster_that_is_killed_is_completed_by_the_next(cells: World, cli: CommandLine) -> None:
    acme = cells.tenant("acme")
    okta = cells.connect(acme)
    okta.create_group("Sales", *(okta.create_user(f"p{number}@acme.test")["id"] for number in range(5)))
    cells.installation.sealer.flush()
    with (
        cells.units.write(acme, CAUSE),
        started("tenant", "move", "acme", "--to", "far", stdout=subprocess.PIPE, env={**os.environ}) as process,
    ):
        assert process.stdout is not None
        assert next(line for line in process.stdout if line.startswith("copy: users")) == "copy: users, 5 rows\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
    assert lives_in(cells, acme) == {"home": "home", "far": "home"}
    okta.create_user("later@acme.test")

    moved = cli.json("tenant", "move", "acme", "--to", "far")

    tables = {each["table"]: each for each in moved["tables"]}
    assert (moved["source"], moved["target"], tables["users"]["rows"]) == ("home", "far", 6)
    assert all(each["same"] and each["rows"] == each["rowsThere"] for each in moved["tables"])
    assert moved["entries"] > 0
    assert lives_in(cells, acme) == {"home": "far", "far": "far"}
    assert okta.get("/Users").json["totalResults"] == 6
    assert cli.json("tenant", "show", "acme")["cell"] == "far"
    assert "lives in cell 'far' already" in cli.done("tenant", "move", "acme", "--to", "far").out
    assert "Cells: home, far" in cli.failed(1, "tenant", "move", "acme", "--to", "near")
    assert [(each["name"], each["tenants"], each["current"]) for each in cli.json("cell", "list")] == [
        ("home", 0, True),
        ("far", 1, True),
    ]
    assert len(cli.done("db", "upgrade").out.splitlines()) == 2


def test_a_cell_that_is_down_is_down_for_its_own_tenants(
    cells: World, cli: CommandLine, home_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells.tenant("acme")
    nowhere = "postgresql://scim:secret@127.0.0.1:1/scim"
    monkeypatch.setenv("SCIM_CELL_URLS", f"far={nowhere}")
    listed = cli.json("cell", "list")
    assert [each["reachable"] for each in listed] == [True, False]
    assert "secret" not in str(listed)
    assert "cannot be reached" in cli.failed(1, "tenant", "move", "acme", "--to", "far")
    broken = build(home_url, cell_urls=(("far", nowhere),))
    okta = broken.connect(broken.tenant("other"))
    assert okta.create_user("ana@other.test")
    failed = [turn["name"] for turn in cli("chores", "run", "--json").json if turn["done"] is None]
    assert failed == ["remove-moved-tenants", "share-products"], "those that go to all cells"
    broken.installation.cells.dispose()


def test_who_waits_for_events_is_told_while_another_cell_is_down(home_url: str, west_url: str) -> None:
    nowhere = "postgresql://scim:secret@127.0.0.1:1/scim"
    world = build(home_url, cell_urls=(("down", nowhere), ("west", west_url)))
    acme = world.tenant("acme")
    move(world, "acme", "west")
    world.connect(tenancy.tenant(world.units, "acme")).create_user("ana@acme.test")
    relay(world.units)
    over: list[bool] = []
    assert EventWatch(world.units, 1, lambda: bool(over)).wait(acme, 0, SOON)
    over.append(True)
    world.installation.cells.dispose()


@pytest.mark.parametrize(
    ("home", "others", "sentence"),
    [
        ("sqlite:///x.db", "west=postgresql://db/scim", "needs PostgreSQL at home"),
        ("postgresql://db/scim", "west=postgresql://db/scim", "that one is home already"),
        ("postgresql://db/scim", "home=postgresql://db/other", "cannot call a cell 'home'"),
        ("postgresql://db/scim", "west=sqlite:///x.db", "SCIM_CELL_URLS cannot be used"),
    ],
)
def test_cells_that_cannot_be_are_refused_at_the_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: str, others: str, sentence: str
) -> None:
    monkeypatch.setenv("SCIM_DATABASE_URL", home)
    monkeypatch.setenv("SCIM_CELL_URLS", others)
    assert sentence in CommandLine(capsys).failed(1, "cell", "list")
