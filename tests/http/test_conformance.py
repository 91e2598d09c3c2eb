"""The conformance suite against the application: nothing fails, under the tolerant profile and under the strict one."""

import httpx
import pytest
from scim_conformance.checks import all_checks
from scim_conformance.clients import Client
from scim_conformance.running import Outcome, run_checks
from scim_conformance.servers import discover

from tests.worlds import World


@pytest.mark.parametrize("profile", ["tolerant", "rfc"])
def test_no_check_fails_and_nothing_is_left_behind(world: World, profile: str) -> None:
    okta = world.connect(world.tenant("acme", profile))
    with httpx.Client(
        transport=httpx.WSGITransport(app=world.app),
        base_url="https://seats.example.com/scim/acme/v2",
        headers={"Authorization": f"Bearer {okta.token}"},
    ) as http:
        client = Client(http)
        report = run_checks(all_checks(), client, discover(client))
    assert [
        (result.check.id, result.message)
        for result in report.results
        if result.outcome in (Outcome.FAILED, Outcome.WARNED)
    ] == []
    assert report.left_behind == []
    assert okta.find("/Users", "userName pr") == []
    assert okta.find("/Groups", "displayName pr") == []
