"""A process that is killed, as by `kill -9`, at a step of an asynchronous request's way."""

from typing import Any

from scim_server.http import async_progress, async_runs, deferrals
from scim_server.store.async_requests import AsyncRequests
from scim_server.store.unit_of_work import UnitOfWork
from tests.delivery.dying_workers import deadly
from tests.queues import work
from tests.worlds import USER, Connection, build

STEPS: dict[str, tuple[Any, str, bool, int]] = {
    "before the first request is taken": (async_runs, "take", False, 1),
    "before the first lease is committed": (AsyncRequests, "take", True, 1),
    "when the first lease is committed": (async_runs, "take", True, 1),
    "before the first change is written down": (async_progress, "write_down", False, 1),
    "when the first change is written down": (async_progress, "write_down", True, 1),
    "before the first change is committed": (UnitOfWork, "write_out", True, 2),
    "when the first change is committed": (UnitOfWork, "tell", False, 2),
    "before the Bulk is taken": (async_runs, "take", False, 2),
    "when the Bulk is taken": (async_runs, "take", True, 2),
    "before its first operation is written down": (async_progress, "write_down", False, 2),
    "when its first operation is written down": (async_progress, "write_down", True, 2),
    "before its second operation is written down": (async_progress, "write_down", False, 3),
    "when its second operation is written down": (async_progress, "write_down", True, 3),
    "before its first failure is written": (async_progress, "fail", False, 1),
    "before its first failure is committed": (AsyncRequests, "add_results", True, 4),
    "when its first failure is committed": (async_progress, "fail", True, 1),
    "when its second failure is committed": (async_progress, "fail", True, 2),
    "when its last operation is written down": (AsyncRequests, "add_results", True, 7),
    "before the Bulk is over": (async_progress, "finish", False, 1),
    "before that is committed": (AsyncRequests, "finish", True, 2),
    "when that is committed": (async_progress, "finish", True, 1),
    "before the request after it is taken": (async_runs, "take", False, 3),
    "when the last request fails": (async_progress, "fail", False, 3),
    "when that failure is committed": (async_progress, "fail", True, 3),
}
"""Each by the function that is called then, whether it is over, and how often."""
ACCEPTING: dict[str, tuple[Any, str, bool, int]] = {
    "before it is kept": (AsyncRequests, "add", False, 1),
    "before that is committed": (UnitOfWork, "write_out", True, 1),
    "when that is committed": (UnitOfWork, "tell", False, 1),
    "before it is answered": (deferrals, "accept", True, 1),
}
"""The same of a process that accepts one."""


def main(url: str, step: str, token: str) -> None:
    world = build(url)
    owner, name, over, times = (ACCEPTING if token else STEPS)[step]
    http = world.app.test_client()
    setattr(owner, name, deadly(getattr(owner, name), over, times))
    if token:
        body = {"schemas": [USER], "userName": "ana"}
        Connection(http, "acme", token, "okta").post("/Users", body, Prefer="respond-async")
    else:
        work(world)
