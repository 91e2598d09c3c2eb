"""Every part of a run works, at sizes at which figures mean nothing."""

import os
from pathlib import Path

import pytest

from benchmarks import clients, directories, drivers
from benchmarks.clusters import Cluster
from benchmarks.drivers import Request, Target, Unmeasurable
from benchmarks.operations import HELLO, OPERATIONS, RAW
from benchmarks.rounds import Plan
from benchmarks.servers import Server, hello_world
from tests import databases

PLAN = Plan(rounds=1, connections=2, most=3, workers=1)
PEOPLE, MEMBERS = 12, 4


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Server:
    with hello_world(tmp_path_factory.mktemp("hello"), workers=1) as server:
        yield server


def test_operations_are_measured_beside_their_limits(postgresql_databases: databases.Fresh) -> None:
    """At a server of its own. What was done to people is undone: the round meets them as its warming-up did."""
    operations = [OPERATIONS[name] for name in ("get", "suspend", "create")]
    cluster = Cluster(postgresql_databases(), os.getpid())
    found = directories.measure(cluster, operations, PLAN, PEOPLE, MEMBERS, groups=1)
    assert found.figures.keys() == {"get", "suspend", "create", HELLO, RAW}
    for figure in found.figures.values():
        assert figure.rate > 0
        assert 0 < figure.p50 <= figure.p99 <= figure.longest
    assert found.memory > 10
    table = directories.table(found)
    assert table.rows[0][0] == OPERATIONS["get"].title
    assert all(len(row) == len(table.headings) for row in table.rows)


@pytest.mark.parametrize("once", [True, False])
def test_requests_are_sent_as_often_as_wanted(hello: Server, tmp_path: Path, once: bool) -> None:
    requests = [Request("GET", "/")] * 7
    target = Target(hello.host, Request("GET", "/"))
    answered = drivers.drive(target, requests, tmp_path / "requests", seconds=1, once=once, connections=2)
    assert answered.sent == 7 if once else answered.sent > 7
    assert answered.requests <= answered.sent
    assert 0 < answered.p50 <= answered.p99 <= answered.longest


def test_clients_of_ours_send_where_wrk_is_missing(hello: Server, tmp_path: Path) -> None:
    target = Target(hello.host, Request("GET", "/"))
    drivers.write(target, [Request("GET", "/")] * 7, tmp_path / "requests")
    assert clients.drive(hello.host, tmp_path / "requests", 60, 2, once=True)["requests"] == 7
    assert clients.drive(hello.host, tmp_path / "requests", 0.2, 2, once=False)["requests"] > 7


@pytest.mark.parametrize("request_", [Request("GET", "/nowhere"), Request("POST", "/", "{}")])
def test_an_answer_that_is_no_success_ends_the_run(hello: Server, tmp_path: Path, request_: Request) -> None:
    target = Target(hello.host, Request("GET", "/"))
    with pytest.raises(Unmeasurable, match="refused"):
        drivers.drive(target, [request_], tmp_path / "requests", once=True, connections=1)
