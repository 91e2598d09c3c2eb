"""How much of a machine a server takes, where nobody says."""

import os

import pytest

from scim_server.app.capacities import THREADS, UNASKED, pool_size, threads, workers
from tests.worlds import settings

URL = "postgresql://db/scim"
SQLITE = "sqlite:///scim.db"


@pytest.mark.parametrize(("cores", "expected"), [(1, 1), (3, 3), (64, UNASKED)])
def test_a_process_for_each_core_that_may_be_used(cores: int, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert workers(settings(URL)) == expected
    assert workers(settings(SQLITE)) == 1
    assert workers(settings(URL, workers=2)) == workers(settings(SQLITE, workers=2)) == 2


def test_no_thread_waits_for_a_connection() -> None:
    free = settings(URL, database_pool=None)
    assert (threads(free), pool_size(free)) == (THREADS, THREADS + 3)
    told = settings(URL, threads=8, database_pool=None)
    assert (threads(told), pool_size(told)) == (8, 11)
    assert pool_size(settings(URL, threads=8, database_pool=2)) == 2
