"""The conformance suite against the application: nothing fails, under the tolerant profile and under the strict one."""

from collections.abc import Iterator, Mapping

import httpx
import pytest
from scim_conformance.checks import all_checks
from scim_conformance.clients import Client
from scim_conformance.running import Outcome, Report, run_checks
from scim_conformance.servers import discover

from tests.http.conftest import Connect
from tests.worlds import Connection, World

WARNINGS: Mapping[str, str] = {}
"""Checks of level should and may that do not hold, and why; the list must be exact."""


@pytest.fixture(params=["tolerant", "rfc"])
def connection(request: pytest.FixtureRequest, connect_as: Connect) -> Connection:
    return connect_as(request.param)


@pytest.fixture
def http(house: World, connection: Connection) -> Iterator[httpx.Client]:
    with httpx.Client(
        transport=httpx.WSGITransport(app=house.app),
        base_url=f"https://seats.example.com/scim/{connection.slug}/v2",
        headers={"Authorization": f"Bearer {connection.token}"},
    ) as client:
        yield client


def ended(report: Report, outcome: Outcome) -> dict[str, str]:
    """The checks that ended so, with their messages."""
    return {result.check.id: result.message for result in report.results if result.outcome is outcome}


def test_no_check_fails_and_nothing_is_left_behind(http: httpx.Client, connection: Connection) -> None:
    client = Client(http)
    report = run_checks(all_checks(), client, discover(client))
    assert ended(report, Outcome.FAILED) == {}
    assert sorted(ended(report, Outcome.WARNED)) == sorted(WARNINGS)
    assert report.left_behind == []
    assert connection.find("/Users", "userName pr") == []
    assert connection.find("/Groups", "displayName pr") == []


def test_most_checks_apply_to_this_server(http: httpx.Client) -> None:
    """What it does not offer is skipped for a reason that names the feature."""
    client = Client(http)
    server = discover(client)
    reasons = [reason for check in all_checks() for reason in map(server.lacks, check.needs) if reason]
    assert len(reasons) < len(all_checks()) / 4
    assert all("does not" in reason for reason in reasons)
