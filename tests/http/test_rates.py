"""RFC 6585 section 4: too many requests are refused with a time to come back at."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.tenants import Tenant
from tests.api import callers
from tests.http.refusals import check_refusal, unchanged
from tests.programs import program
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


def check_busy(answer: TestResponse, error: str, said: str) -> None:
    """429 in the form of the endpoint, with whole seconds to come back after."""
    body = answer.json
    assert (answer.status_code, answer.headers["Cache-Control"]) == (429, "no-store"), answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert body.get("error", body.get("type", "").rpartition(":")[2]) == error
    assert said in body.get("error_description", body.get("detail"))


def test_a_client_of_the_issuer_has_its_own_limit(build_world: Callable[..., World]) -> None:
    """At all its endpoints together; whoever does not prove to be the client uses nothing up."""
    world = build_world(rate_limit="3/hour")
    okta = world.connect(world.tenant("acme"), "okta")
    one, other = program(world, okta), program(world, okta)
    form = {"grant_type": "client_credentials"}
    for _ in range(4):
        assert one.post("token", form, auth=(one.client_id, str(other.secret))).status_code == 401
    assert [one.obtain().status_code for _ in range(2)] == [200, 200]
    assert one.ask("introspect", token="x").status_code == 200
    with unchanged(world):
        check_busy(one.obtain(), "temporarily_unavailable", "This client may send 3 per 1 hour.")
        check_busy(one.ask("revoke", token="x"), "temporarily_unavailable", "client")
    assert burst(other.scim(other.token()), 9) == 3


def test_a_tenant_has_one_limit_for_scim_its_issuer_and_the_admin_api(build_world: Callable[..., World]) -> None:
    """The operator is not the tenant, and is not counted."""
    world = build_world(tenant_rate_limit="6/hour")
    acme = world.tenant("acme")
    okta, api, operator = world.connect(acme, "okta"), callers.caller(world, acme), callers.operator(world)
    idp, other = program(world, okta), callers.caller(world, world.tenant("other"))
    assert idp.obtain().status_code == 200
    assert [api.send("GET", path).status_code for path in ("~/users", "/nowhere")] == [200, 404]
    assert burst(okta, 9) == 3
    with unchanged(world):
        check_busy(api.send("POST", "~/groups", {"displayName": "x"}), "too-many-requests", "This tenant may send")
        check_busy(idp.obtain(), "temporarily_unavailable", "tenant")
    for _ in range(9):
        assert operator.send("GET", "/tenants/acme/users").status_code == 200
    assert other.send("GET", "~/users").status_code == 200


def test_nothing_is_limited_unless_the_operator_says_so(world: World, okta: Connection) -> None:
    assert burst(okta, 60) == 60
