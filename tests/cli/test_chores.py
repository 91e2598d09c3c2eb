"""Chores: listed, run by hand, run by whichever process comes first, and by `serve` by itself."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.events import Change
from scim_server.domain.tenants import Tenant
from scim_server.http.logs import configure_logging
from scim_server.services import joining, tenancy
from scim_server.services.chore_threads import Bell, ChoreThread
from scim_server.services.chores import (
    BROKEN_OFF,
    Chore,
    Turn,
    Unfinished,
    cause,
    for_each_tenant,
    run_due,
    run_now,
    step_by_step,
)
from scim_server.services.ports import Units
from scim_server.store.operators import Operator
from tests.cli.commands import PATIENCE, CommandLine, free_port
from tests.cli.test_serving import serving
from tests.worlds import World


def chore(name: str, run: Callable[[Units], int | Iterator[int]], every: timedelta = timedelta(minutes=1)) -> Chore:
    return Chore(name, every, "Does what the test wants.", run)


def refuse(units: Units) -> int:
    raise Unavailable("the moon is full")


def test_every_chore_is_listed_with_the_time_of_its_next_run(cli: CommandLine, world: World) -> None:
    listed = cli.json("chores", "list")
    assert [each["name"] for each in listed] == [chore.name for chore in world.installation.chores]
    assert {each["next"] for each in listed} == {None}
    cli.done("chores", "run", "reprocess")
    by_name = {each["name"]: each for each in cli.json("chores", "list")}
    assert by_name["reprocess"]["next"] is not None
    assert by_name["tidy-issues"]["next"] is None
    assert "reprocess" in cli.done("chores", "list").out


def test_a_run_does_what_is_due_once(cli: CommandLine, world: World) -> None:
    names = [chore.name for chore in world.installation.chores]
    assert [turn["name"] for turn in cli.json("chores", "run")] == names
    assert cli.json("chores", "run") == []
    assert cli.done("chores", "run").out == "No chore is due.\n"


def test_a_named_chore_is_run_whether_it_is_due_or_not(cli: CommandLine, world: World) -> None:
    for _ in range(2):
        turns = cli.json("chores", "run", "tidy-issues", "reprocess", "tidy-issues")
        assert [(turn["name"], turn["done"], turn["failure"]) for turn in turns] == [
            ("tidy-issues", 0, None),
            ("reprocess", 0, None),
        ]


def test_an_unknown_chore_is_refused_with_those_there_are(cli: CommandLine, world: World) -> None:
    said = cli.failed(1, "chores", "run", "reprocess", "nothing")
    assert said.startswith("There is no chore 'nothing'. Chores: ")
    assert "reprocess" in said
    assert {each["next"] for each in cli.json("chores", "list")} == {None}


def test_a_chore_that_fails_stops_no_other(world: World) -> None:
    turns = list(run_due(world.units, [chore("bad", refuse), chore("good", lambda units: 3)]))
    assert [(turn.chore.name, turn.done) for turn in turns] == [("bad", None), ("good", 3)]
    assert turns[0].failure == "Unavailable: the moon is full"


def test_a_chore_that_fails_for_one_tenant_is_done_for_the_others(world: World) -> None:
    for slug in ("acme", "bravo", "cedar"):
        world.tenant(slug)
    seen: list[str] = []

    def one(tenant: Tenant) -> int:
        seen.append(tenant.slug)
        if tenant.slug == "bravo":
            raise Unavailable("the moon is full")
        return 1

    (turn,) = run_due(world.units, [chore("some", lambda units: for_each_tenant(tenancy.tenants(units), one))])
    assert seen == ["acme", "bravo", "cedar"]
    assert (turn.done, turn.failure) == (None, f"{Unfinished.__name__}: it failed for 1 tenants: bravo")


def test_a_chore_is_due_again_after_its_interval(world: World) -> None:
    runs: list[int] = []
    hourly = chore("hourly", lambda units: runs.append(1) or 1, timedelta(hours=1))
    for ahead, so_far in ((0, 1), (3599, 1), (2, 2), (3599, 2), (2, 3)):
        world.advance(ahead)
        list(run_due(world.units, [hourly]))
        assert len(runs) == so_far


def test_a_chore_that_failed_is_tried_again_within_the_hour(world: World) -> None:
    daily = timedelta(days=1)
    chores = [chore("bad", refuse, daily), chore("good", lambda units: 1, daily)]
    assert len(list(run_due(world.units, chores))) == 2
    world.advance(3601)
    assert [turn.chore.name for turn in run_due(world.units, chores)] == ["bad"]
    world.advance(24 * 3600)
    assert len(list(run_due(world.units, chores))) == 2


def test_of_several_processes_one_runs_a_chore(build_world: Callable[..., World]) -> None:
    worlds = [build_world() for _ in range(8)]
    ready, runs = threading.Barrier(len(worlds)), []
    once = chore("once", lambda units: runs.append(1) or 1)

    def look(world: World) -> list[Turn]:
        ready.wait()
        return list(run_due(world.units, [once]))

    with ThreadPoolExecutor(len(worlds)) as threads:
        turns = list(threads.map(look, worlds))
    assert (len(runs), sum(map(len, turns))) == (1, 1)


def test_the_thread_survives_failures_and_stops(world: World) -> None:
    runs = threading.Semaphore(0)
    again = chore("again", lambda units: runs.release() or 1, timedelta())
    thread = ChoreThread(world.units, [chore("bad", refuse, timedelta()), again], every=0.01)
    thread.start()
    for _ in range(3):
        assert runs.acquire(timeout=PATIENCE)
    thread.stop()
    while runs.acquire(blocking=False):
        pass
    assert not runs.acquire(timeout=0.1)


def test_a_chore_in_steps_is_rested_from_and_broken_off_between_two(world: World) -> None:
    for slug in ("acme", "bravo"):
        world.tenant(slug)
    rests: list[float] = []

    def steps(units: Units) -> Iterator[int]:
        return step_by_step(tenancy.tenants(units), lambda _tenant: [1, 2])

    (turn,) = run_due(world.units, [chore("long", steps)], lambda worked: rests.append(worked) or len(rests) < 8)
    assert (turn.done, len(rests)) == (6, 4)
    world.advance(61)
    (turn,) = run_due(world.units, [chore("long", steps)], lambda _worked: False)
    assert (turn.done, turn.failure) == (None, BROKEN_OFF)
    assert all(worked > 0 for worked in rests)


def test_nobody_takes_a_long_chore_for_left(world: World) -> None:
    begun: list[int] = []

    def steps(_units: Units) -> Iterator[int]:
        begun.append(1)
        for _ in range(4):
            world.advance(35 * 60)
            yield 1
            assert list(run_due(world.units, [daily])) == []

    daily = chore("long", steps, timedelta(days=1))
    (turn,) = run_due(world.units, [daily])
    assert (turn.done, begun) == (4, [1])
    world.advance(23 * 3600)
    assert list(run_due(world.units, [daily])) == []


def test_what_else_is_due_is_done_while_a_long_chore_rests(world: World) -> None:
    others, stopped = threading.Semaphore(0), threading.Event()

    def steps(_units: Units) -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            stopped.set()

    again = chore("again", lambda _units: others.release() or 1, timedelta())
    thread = ChoreThread(world.units, [chore("long", steps), again], every=0.01)
    thread.start()
    for _ in range(3):
        assert others.acquire(timeout=PATIENCE)
    thread.stop()
    assert stopped.wait(PATIENCE)


def test_whoever_rings_has_a_chore_done_before_its_time(world: World) -> None:
    runs = threading.Semaphore(0)
    wanted = chore("wanted", lambda _units: runs.release() or 1, timedelta(days=1))
    bell = Bell()
    thread = ChoreThread(
        world.units, [wanted, chore("other", refuse, timedelta(days=1))], every=PATIENCE * 2, bell=bell
    )
    thread.start()
    assert runs.acquire(timeout=PATIENCE), "it looks at once when it begins"
    for _ in range(2):
        bell.ring("wanted")
        assert runs.acquire(timeout=PATIENCE)
    thread.stop()


def test_whoever_rings_does_not_wait_for_a_long_chore_that_rests(world: World) -> None:
    runs = threading.Semaphore(0)

    def steps(_units: Units) -> Iterator[int]:
        while True:
            yield 1
            bell.ring("wanted")

    bell = Bell()
    wanted = chore("wanted", lambda _units: runs.release() or 1, timedelta(days=1))
    thread = ChoreThread(world.units, [wanted, chore("long", steps)], every=PATIENCE * 2, bell=bell)
    thread.start()
    for _ in range(3):
        assert runs.acquire(timeout=PATIENCE)
    thread.stop()


def test_a_server_does_its_chores_by_itself(acme_cli: CommandLine) -> None:
    with serving(free_port(), 2) as (process, http):
        assert http.get("/healthz").status_code == httpx.codes.OK
        deadline = time.monotonic() + PATIENCE
        while any(each["next"] is None for each in acme_cli.json("chores", "list")):
            assert process.poll() is None
            assert time.monotonic() < deadline


def test_what_a_run_of_a_chore_writes_is_found_by_one_id(
    world: World, acme: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the log, in the audit trail, and apart from what another run wrote."""

    def write(units: Units) -> int:
        structlog.get_logger().warning("odd")
        for _ in range(2):
            with units.write(acme, cause("write")) as uow:
                uow.record(Change("tenant", uow.new_id(), "tenant.edited", None, {"name": "Acme"}))
                uow.commit()
        return 2

    configure_logging("info")
    for _ in range(2):
        list(run_now(world.units, [chore("write", write)]))
    structlog.get_logger().warning("odd")
    first, done, _, _, after = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert first["request_id"] == done["request_id"]
    assert first["chore"] == "write"
    assert "request_id" not in after
    written = [entry.request_id for entry in world.trail(acme) if entry.cause == "chore write"]
    assert written.count(first["request_id"]) == 2
    assert len(set(written)) == 2


def test_warnings_of_a_command_are_no_part_of_its_results(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise Unavailable("the moon is full")

    monkeypatch.setattr(Operator, "forget_visits", fail)
    outcome = cli("chores", "run", "forget-visits", "--json")
    assert [(turn["name"], turn["done"]) for turn in outcome.json] == [("forget-visits", None)]
    (line,) = map(json.loads, outcome.err.splitlines())
    assert (line["event"], line["level"], line["chore"]) == ("a chore failed", "error", "forget-visits")
    assert line["request_id"]


def test_lines_of_a_command_have_the_id_of_what_it_writes(
    cli: CommandLine, world: World, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = joining.add_person

    def told(*arguments: Any, **named: Any) -> Any:
        structlog.get_logger("scim_server.store").warning("odd")
        return add(*arguments, **named)

    monkeypatch.setattr(joining, "add_person", told)
    outcome = cli("user", "add", "acme", "ana@example.com", "--first", "Ana", "--last", "Lima", "--json")
    (line,) = map(json.loads, outcome.err.splitlines())
    assert outcome.json["email"] == "ana@example.com"
    assert line["request_id"] in {entry.request_id for entry in world.trail(acme)}
