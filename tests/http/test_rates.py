"""RFC 6585 section 4: too many requests are refused with a time to come back at."""

from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import USER, Connection, World


def burst(client: Connection, most: int) -> int:
    """How many of `most` requests are served before one is refused, which is checked."""
    for number in range(most):
        answer = client.get("/Users?count=0")
        if answer.status_code != 200:
            check_refusal(answer, 429, None, "send the request again in")
            assert 1 <= int(answer.headers["Retry-After"]) <= 3600
            return number
    return most


@pytest.mark.covers("R-6585-4-01", "R-7644-7-08", "R-IPSIE-8-01")
def test_a_connection_has_its_own_limit(build_world: Callable[..., World]) -> None:
    world = build_world(rate_limit="3/hour")
    acme = world.tenant("acme")
    okta, entra = world.connect(acme, "okta"), world.connect(acme, "entra")
    assert (burst(okta, 9), burst(entra, 9)) == (3, 3)
    with unchanged(world):
        check_refusal(okta.post("/Users", {"schemas": [USER], "userName": "ana"}), 429, None, "connection")


def test_a_tenant_has_one_for_all_its_connections(build_world: Callable[..., World]) -> None:
    world = build_world(tenant_rate_limit="4/hour")
    acme: Tenant = world.tenant("acme")
    okta, entra = world.connect(acme, "okta"), world.connect(acme, "entra")
    other = world.connect(world.tenant("other"))
    assert burst(okta, 9) == 4
    assert (burst(entra, 9), burst(other, 3)) == (0, 3)


def test_nothing_is_limited_unless_the_operator_says_so(world: World, okta: Connection) -> None:
    assert burst(okta, 60) == 60
