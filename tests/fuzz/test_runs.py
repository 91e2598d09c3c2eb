"""A few hundred inputs of every family find nothing, and a run would say so if they did."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import KINDS, Fresh
from tests.fuzz.__main__ import main
from tests.fuzz.families import FAMILIES
from tests.fuzz.grounds import Ground, copied, lay_out
from tests.fuzz.journals import Journal
from tests.fuzz.runs import Order, Report, requests, run_piece
from tests.fuzz.shrinking import shrunk
from tests.fuzz.verdicts import LONGEST, Judge
from tests.walls.requests import Application, Request
from tests.walls.writes import Writes
from tests.worlds import ERROR, World

FEW = 30
"""Inputs of each family; `make fuzz` tries more."""


@pytest.fixture(scope="session")
def ground(sqlite_databases: Fresh) -> Ground:
    """What the judge is tried on: it looks at answers, and for those one database is as good as the other."""
    return lay_out(sqlite_databases())


@pytest.fixture
def world(ground: Ground) -> Iterator[World]:
    with copied(ground) as built:
        yield built


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_inputs_of_every_family_find_nothing(request: pytest.FixtureRequest, kind: str) -> None:
    fresh: Fresh = request.getfixturevalue(f"{kind}_databases")
    ground, order = lay_out(fresh()), Order(seed=1, database=kind)
    report = run_piece(order, 0, ground, FEW * len(FAMILIES))
    assert not report.faults, "\n".join(report.faults)
    assert report.inputs == FEW * len(FAMILIES)
    refused = sum(times for status, times in report.answers.items() if status >= 400)
    assert 0 < refused < report.inputs, "some of what is sent is right"


def test_a_piece_of_a_seed_is_always_the_same(ground: Ground) -> None:
    order = Order(seed=5, database="sqlite")
    once, again = ([request for _, request in requests(order, 3, ground, 80)] for _ in range(2))
    other = [request for _, request in requests(order, 4, ground, 80)]
    assert once == again != other


def refusal(status: int, text: str = "") -> Application:
    """An application that answers everything so, as a SCIM Error."""
    body = json.dumps({"schemas": [ERROR], "status": str(status), "detail": text}).encode()

    def answer(_environment: Any, start: Any) -> list[bytes]:
        start(f"{status} x", [("Content-Type", "application/scim+json")])
        return [body]

    return answer


def kinds(judge: Judge, request: Request) -> set[str]:
    return {fault.kind for fault in judge.judge(request)[1]}


def judged(world: World, ground: Ground, app: Application) -> set[str]:
    """What is found wrong with a plain request to that application."""
    judge = Judge(app, ground, Writes(world.installation.database.engine))
    return kinds(judge, Request("GET", f"{ground.base}/Users/x"))


def test_whatever_an_answer_must_not_be_is_a_fault(world: World, ground: Ground) -> None:
    theirs = next(iter(ground.secrets.ids))

    def raising(_environment: Any, _start: Any) -> list[bytes]:
        raise RuntimeError

    def writing(environment: Any, start: Any) -> list[bytes]:
        world.sell("fuzzed")
        answer: list[bytes] = refusal(404)(environment, start)
        return answer

    def plain(_environment: Any, start: Any) -> list[bytes]:
        start("404 x", [("Content-Type", "text/html")])
        return [b"{}"]

    def idle(environment: Any, start: Any) -> list[bytes]:
        answer: list[bytes] = refusal(404)(environment, start)
        return answer

    assert judged(world, ground, idle) == set()
    assert judged(world, ground, refusal(500)) == {"broken"}
    assert judged(world, ground, refusal(404, f"There is no {theirs}.")) == {"leak"}
    assert judged(world, ground, raising) == {"escaped"}
    assert judged(world, ground, plain) == {"shape"}
    assert judged(world, ground, writing) == {"changed"}


def test_who_repeats_what_was_asked_leaks_nothing(world: World, ground: Ground) -> None:
    theirs = next(iter(ground.secrets.ids))
    judge = Judge(refusal(404, f"There is no {theirs}."), ground, Writes(world.installation.database.engine))
    assert kinds(judge, Request("GET", f"{ground.base}/Users/{theirs}")) == set()


def test_an_answer_that_tells_another_tenants_id_from_nobodys_is_a_fault(world: World, ground: Ground) -> None:
    theirs = next(iter(ground.secrets.ids))

    def telling(environment: Any, start: Any) -> list[bytes]:
        status = 403 if theirs in environment["PATH_INFO"] else 404
        answer: list[bytes] = refusal(status)(environment, start)
        return answer

    request = Request("GET", f"{ground.base}/Users/{theirs}")
    writes = Writes(world.installation.database.engine)
    assert [fault.kind for fault in Judge(telling, ground, writes).compare(request)] == ["oracle"]
    assert Judge(world.app, ground, writes).compare(request) == []


def test_what_takes_too_long_is_a_fault(world: World, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, LONGEST + 0.1])
    monkeypatch.setattr("tests.walls.requests.time.process_time", lambda: next(ticks))
    assert judged(world, ground, refusal(404)) == {"slow"}


def test_a_fault_is_shown_as_short_as_it_can_be(world: World, ground: Ground) -> None:
    def picky(environment: Any, start: Any) -> list[bytes]:
        broken = b"!" in environment["wsgi.input"].read()
        answer: list[bytes] = refusal(500 if broken else 404)(environment, start)
        return answer

    judge = Judge(picky, ground, Writes(world.installation.database.engine))
    request = Request("POST", "/scim/acme/v2/Users", "a=b&c=d", (("X-Any", "x"),), b"something long! and more")
    (fault,) = judge.judge(request)[1]
    assert shrunk(judge, request, fault) == Request("POST", "/scim/acme/v2/Users", "", (), b"!")


def test_a_run_goes_on_where_it_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = Order(seed=2, database="sqlite", families=("filters",))
    path = tmp_path / "journal"
    Journal(order, path).add(Report(0, 2_000, 4.0))
    Journal(Order(seed=3, database="sqlite", families=("filters",)), path).add(Report(1, 2_000, 4.0, faults=["x"]))
    run: Callable[..., int] = main
    assert run(["--inputs", "2000", "--seed", "2", "--only", "filters", "--journal", str(path)]) == 0
    assert "2,000 inputs in 1 pieces" in capsys.readouterr().out
    assert run(["--inputs", "0", "--seed", "3", "--only", "filters", "--journal", str(path)]) == 1
    assert run(["--only", "nothing"]) == 2
