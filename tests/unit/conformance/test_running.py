"""Checks run on their own, are judged by their level, skipped for a reason, and leave nothing behind."""

from typing import Any

import httpx
import pytest
from scim_conformance.checks import Level, all_checks
from scim_conformance.clients import Client
from scim_conformance.fixtures import Probe
from scim_conformance.running import Outcome, Report, run_checks
from scim_conformance.servers import FEATURES, Server, Unreachable, discover
from scim_conformance.verdicts import CheckFailed, CheckSkipped, same

from .conftest import BASE, ERROR, TOKEN, USER, Stub, made


def fail(scim: Probe) -> None:
    raise CheckFailed("it is not so")


def run(client: Client, *checks: Any, **options: Any) -> Report:
    return run_checks(checks, client, discover(client), **options)


def outcomes(report: Report) -> list[tuple[str, str]]:
    return [(result.outcome.value, result.message) for result in report.results]


@pytest.mark.parametrize(
    ("level", "strict", "outcome"),
    [
        (Level.MUST, False, "failed"),
        (Level.SHOULD, False, "warned"),
        (Level.SHOULD, True, "failed"),
        (Level.MAY, False, "warned"),
        (Level.MAY, True, "warned"),
    ],
)
def test_what_does_not_hold_is_judged_by_its_level(client: Client, level: Level, strict: bool, outcome: str) -> None:
    assert outcomes(run(client, made(fail, level=level), strict=strict)) == [(outcome, "it is not so")]


def test_a_check_that_returns_has_passed_and_one_may_skip_itself(client: Client) -> None:
    def skip(scim: Probe) -> None:
        raise CheckSkipped("not here")

    assert outcomes(run(client, made(lambda scim: None), made(skip))) == [("passed", ""), ("skipped", "not here")]


def test_an_answer_that_cannot_be_read_fails_its_check_and_not_the_run(client: Client, stub: Stub) -> None:
    stub.answers["GET /Users/1"] = (200, {})
    checks = [made(lambda scim: scim.get("/Users/1").resource["id"]), made(lambda scim: None)]
    assert outcomes(run(client, *checks)) == [
        ("failed", "the answer is not of the expected form: KeyError: 'id'"),
        ("passed", ""),
    ]


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        ("bulk", "ServiceProviderConfig does not advertise bulk"),
        ("sort", "ServiceProviderConfig does not advertise sort"),
        ("cursor", "ServiceProviderConfig does not advertise cursor (RFC 9865)"),
        ("Device", "ResourceTypes does not list Device"),
        ("User.title", "the schema of User does not list title"),
        ("enterprise.department", "the User resource type does not list the enterprise extension"),
    ],
)
def test_what_is_not_advertised_is_skipped_with_the_reason(client: Client, need: str, reason: str) -> None:
    report = run(client, made(fail, needs=("User", need)))
    assert outcomes(report) == [("skipped", reason)]


def test_what_is_advertised_is_not_skipped(client: Client) -> None:
    server = discover(client)
    assert [server.lacks(need) for need in ("patch", "User", "Group", "User.userName")] == [None] * 4


def test_without_discovery_the_core_is_assumed(client: Client, stub: Stub) -> None:
    for path in ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas"):
        stub.answers[f"GET {path}"] = (404, {})
    server = discover(client)
    assert server == Server()
    assert [server.lacks(need) for need in ("User", "User.title", "enterprise.manager")] == [None] * 3
    assert server.lacks("patch")


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_ends_the_run_before_it_begins(client: Client, stub: Stub, status: int) -> None:
    stub.answers["GET /ServiceProviderConfig"] = (status, {})
    with pytest.raises(Unreachable, match="does not accept this token"):
        discover(client)


def test_a_server_that_cannot_be_reached_ends_the_run_before_it_begins() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    reason = f"{BASE}/ServiceProviderConfig: no answer came: connection refused"
    transport = httpx.MockTransport(refuse)
    with httpx.Client(transport=transport, base_url=BASE) as http, pytest.raises(Unreachable, match=reason):
        discover(Client(http))


def test_a_failed_check_shows_its_own_exchanges_without_the_token(client: Client, stub: Stub) -> None:
    stub.answers["GET /Users/1"] = (200, {"echo": f"Bearer {TOKEN}"})
    report = run(
        client,
        made(lambda scim: scim.get("/Users/other")),
        made(lambda scim: same(scim.get("/Users/1", a="b").body, {}, "body")),
    )
    [exchange] = report.results[1].exchanges
    assert (exchange.method, exchange.path, exchange.status) == ("GET", "/Users/1?a=b", 200)
    assert exchange.answer == '{"echo": "Bearer [token]"}'
    assert TOKEN not in repr(report)


def test_an_answer_that_does_not_come_fails_the_check() -> None:
    def hang(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("timed out", request=request)

    with httpx.Client(transport=httpx.MockTransport(hang), base_url=BASE) as http:
        report = run_checks([made(lambda scim: scim.user())], Client(http), Server())
    assert outcomes(report) == [("failed", "no answer came: timed out")]
    assert report.left_behind == ["/Users: a POST was not answered and may have created a resource"]


def test_a_rate_limit_is_obeyed_and_not_taken_for_a_fault(stub: Stub) -> None:
    waited: list[float] = []
    busy = iter([(429, {}), (429, {})])
    stub.answers["GET /Users/1"] = lambda: next(busy, (200, {"id": "1"}))
    stub.headers.append(("Retry-After", "7"))
    with httpx.Client(transport=httpx.WSGITransport(app=stub), base_url=BASE) as http:
        assert Client(http, waited.append).send("GET", "/Users/1").status == 200
    assert waited == [7.0, 7.0]


class TestCleaningUp:
    def test_what_a_check_made_is_removed_newest_first_whether_it_holds_or_not(
        self, client: Client, stub: Stub
    ) -> None:
        def make_and_fail(scim: Probe) -> None:
            scim.group(scim.user())
            raise CheckFailed("it is not so")

        report = run(client, made(make_and_fail), made(lambda scim: scim.user()))
        assert stub.resources == {}
        assert report.left_behind == []
        deleted = [path.split("/")[1] for method, path in stub.received if method == "DELETE"]
        assert deleted == ["Groups", "Users", "Users"]

    def test_it_is_removed_before_the_next_check_runs(self, client: Client, stub: Stub) -> None:
        seen: list[int] = []
        run(client, made(lambda scim: scim.user()), made(lambda scim: seen.append(len(stub.resources))))
        assert seen == [0]

    def test_what_a_server_created_unasked_is_removed_too(self, client: Client, stub: Stub) -> None:
        report = run(client, made(lambda scim: scim.post("/Users", {"schemas": [USER]}).refused(400)))
        assert outcomes(report)[0][0] == "failed"
        assert stub.resources == {}

    def test_what_a_check_deleted_itself_is_not_deleted_again(self, client: Client, stub: Stub) -> None:
        run(client, made(lambda scim: scim.delete(scim.user())))
        assert [method for method, _ in stub.received].count("DELETE") == 1

    def test_what_a_bulk_request_made_is_removed(self, client: Client, stub: Stub) -> None:
        stub.resources["/Users/b1"] = {"id": "b1"}
        results = [
            {"method": "POST", "status": "201", "location": f"{BASE}/Users/b1"},
            {"method": "PUT", "status": "200"},
        ]
        stub.answers["POST /Bulk"] = (200, {"Operations": results})
        run(client, made(lambda scim: scim.post("/Bulk", {})))
        assert stub.resources == {}

    def test_an_interruption_ends_the_run_and_not_the_cleaning_up(self, client: Client, stub: Stub) -> None:
        def interrupt(scim: Probe) -> None:
            scim.user()
            raise KeyboardInterrupt

        report = run(client, made(lambda scim: None), made(interrupt), made(fail))
        assert report.interrupted
        assert outcomes(report) == [("passed", "")]
        assert stub.resources == {}

    def test_shared_fixtures_are_made_once_and_stay_to_the_end(self, client: Client, stub: Stub) -> None:
        def everyone(scim: Probe) -> list[str]:
            return [scim.user()["id"]]

        seen: list[list[str]] = []
        checks = [made(lambda scim: seen.append(scim.shared(everyone))) for _ in range(2)]
        run(client, *checks, made(lambda scim: seen.append([path.split("/")[2] for path in stub.resources])))
        assert seen[0] == seen[1] == seen[2]
        assert stub.resources == {}

    def test_what_cannot_be_removed_is_told(self, client: Client, stub: Stub) -> None:
        stub.refuses_deletion = True
        report = run(client, made(lambda scim: scim.user()))
        [sentence] = report.left_behind
        assert sentence.startswith("/Users/x")
        assert sentence.endswith("DELETE is answered with 403")
        assert report.count(Outcome.PASSED) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_always_breaks_passes_no_check_of_the_suite(status: int) -> None:
    """Whoever accepts "anything but" an answer would accept this one."""
    every = dict.fromkeys(("supported", "cursor", "index"), True)
    config = dict.fromkeys((*FEATURES, "pagination"), every)
    broken = {"schemas": [ERROR], "status": str(status), "detail": "out of order"}
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json=broken))
    with httpx.Client(transport=transport, base_url=BASE, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        report = run_checks(all_checks(), Client(http), Server(config=config))
    assert [result.check.id for result in report.results if result.outcome is Outcome.PASSED] == []
    assert report.count(Outcome.SKIPPED) < 20
