"""The conformance suite against the application: nothing fails, under the tolerant profile and under the strict one."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from scim_conformance.checks import all_checks
from scim_conformance.clients import Client
from scim_conformance.running import Outcome, Report, run_checks
from scim_conformance.selections import select
from scim_conformance.servers import discover

from tests.queues import work
from tests.worlds import Connection, World

IDPS = {"tolerant": "okta", "rfc": "generic"}
"""For Okta the server also lists roles, entitlements and the seats of users."""


@pytest.fixture(params=IDPS)
def connection(request: pytest.FixtureRequest, house: World) -> Connection:
    return house.connect(house.tenant(f"conforming-{uuid4().hex}", request.param), idp=IDPS[request.param])


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
    assert ended(report, Outcome.WARNED) == {}
    assert report.left_behind == []
    assert connection.find("/Users", "userName pr") == []
    assert connection.find("/Groups", "displayName pr") == []


def test_asynchronous_requests_hold_where_they_are_on(house: World, http: httpx.Client, connection: Connection) -> None:
    """The people whom its changes are about are gone when it is their turn."""
    house.decide(connection.slug, async_requests="request")
    client = Client(http)
    report = run_checks(select(all_checks(), ["9967"]), client, discover(client))
    assert {result.outcome for result in report.results} == {Outcome.PASSED}
    work(house)
    assert connection.find("/Users", "userName pr") == []


def test_most_checks_apply_to_this_server(http: httpx.Client) -> None:
    """What it does not offer is skipped for a reason that names the feature."""
    client = Client(http)
    server = discover(client)
    reasons = [reason for check in all_checks() for reason in map(server.lacks, check.needs) if reason]
    assert len(reasons) < len(all_checks()) / 4
    assert all("does not" in reason for reason in reasons)
