"""Processes that are scraped together: whatever they count adds up, and there are never more files than processes."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from scim_server.telemetry import meters
from scim_server.telemetry.catalogue import PROCESSES, RETRIES
from scim_server.telemetry.expositions import exposed
from scim_server.telemetry.slots import Slots
from scim_server.telemetry.surveys import Survey


@pytest.fixture
def slots(tmp_path: Path) -> Iterator[Slots]:
    yield meters.begin(tmp_path)
    meters.end()


def total(slots: Slots, name: str) -> float:
    text = exposed(slots, Survey(slots, list)).decode()
    return sum(sample.value for family in parse(text) for sample in family.samples if sample.name == name)


def in_child(work: Callable[[], object], *, dies: bool = False) -> int:
    """What a forked process does; it ends at once, or waits to be killed when it has answered."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work()
            os.write(writing, b".")
            while dies:
                signal.pause()
        finally:
            os._exit(0)
    os.close(writing)
    assert os.read(reading, 1) == b"."
    os.close(reading)
    if not dies:
        os.waitpid(child, 0)
    return child


def work() -> None:
    RETRIES.add("settle")
    PROCESSES.set(1, "serve")


def test_what_processes_count_adds_up_and_outlives_them(slots: Slots) -> None:
    work()
    for _ in range(5):
        in_child(work)
    assert total(slots, "scim_retries_total") == 6
    assert total(slots, "scim_processes") == 1
    assert len(list(slots.folder.glob("counter_*.db"))) == 2


def test_a_process_that_is_killed_is_no_more(slots: Slots) -> None:
    work()
    child = in_child(work, dies=True)
    assert total(slots, "scim_processes") == 2
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert total(slots, "scim_processes") == 1
    assert total(slots, "scim_retries_total") == 2


def test_a_parent_that_is_killed_is_no_more_although_its_child_lives(slots: Slots) -> None:
    """A fork does not keep the number of who forked."""
    reading, writing = os.pipe()

    def fork_in_turn() -> None:
        work()
        in_child(lambda: (work(), os.write(writing, f"{os.getpid():>10}".encode())), dies=True)

    work()
    parent = in_child(fork_in_turn, dies=True)
    child = int(os.read(reading, 10))
    try:
        assert total(slots, "scim_processes") == 3
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        assert total(slots, "scim_processes") == 2
    finally:
        os.kill(child, signal.SIGKILL)
        os.close(reading)
        os.close(writing)


def test_processes_that_live_at_once_have_numbers_of_their_own(slots: Slots) -> None:
    """Neither do two of them write into one file, nor does a parent lose its own by a child."""
    work()
    children = [in_child(work, dies=True) for _ in range(3)]
    work()
    try:
        assert total(slots, "scim_retries_total") == 5
        assert total(slots, "scim_processes") == 4
        assert {path.stem for path in slots.folder.glob("*.slot")} == {"0", "1", "2", "3"}
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def test_a_folder_that_a_server_left_is_emptied_by_the_next(slots: Slots) -> None:
    work()
    meters.end()
    following = meters.begin(slots.folder.parent)
    RETRIES.add("begin")
    assert total(following, "scim_retries_total") == 1


def test_what_lies_beside_it_stays(tmp_path: Path) -> None:
    """An operator may name any folder, that of the database too."""
    for name in ("scim.db", "counter_0.db", "scim.db.lock"):
        (tmp_path / name).write_bytes(b"database")
    meters.begin(tmp_path)
    work()
    meters.end()
    assert {path.name for path in tmp_path.iterdir()} == {
        "scim.db",
        "counter_0.db",
        "scim.db.lock",
        "scim-server-metrics",
    }
    assert (tmp_path / "counter_0.db").read_bytes() == b"database"


def test_each_process_that_counts_is_told_so(tmp_path: Path) -> None:
    told: list[int] = []
    meters.begin(tmp_path, lambda: told.append(os.getpid()))
    try:
        assert told == []
        work()
        work()
        assert told == [os.getpid()]
    finally:
        meters.end()
