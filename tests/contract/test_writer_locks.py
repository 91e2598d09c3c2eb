"""The lock of SQLite's writers: among processes that were forked too, and gone with the database that it was for."""

import fcntl
import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from scim_server.store.databases import _WriterLock
from tests.worlds import World

PATIENCE = 30.0


def stay(lock: _WriterLock, inside: Event, leave: Event) -> None:
    with lock:
        inside.set()
        leave.wait(PATIENCE)


def test_a_process_that_was_forked_keeps_its_parent_out(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    lock, inside, leave = _WriterLock(tmp_path / "writer.lock"), context.Event(), context.Event()
    with lock:
        pass
    child = context.Process(target=stay, args=(lock, inside, leave))
    child.start()
    assert inside.wait(PATIENCE)
    assert lock._file is not None
    with pytest.raises(BlockingIOError):
        fcntl.flock(lock._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    leave.set()
    child.join(PATIENCE)
    with lock:
        assert child.exitcode == 0


def test_a_database_that_is_let_go_leaves_no_file_open(build_world: Callable[..., World]) -> None:
    def use(slug: str) -> None:
        world = build_world()
        world.tenant(slug)
        world.installation.database.dispose()

    use("first")
    before = len(os.listdir("/proc/self/fd"))
    for slug in ("second", "third", "fourth"):
        use(slug)
    assert len(os.listdir("/proc/self/fd")) == before
