"""RFC 9967 section 2.5.1.3: what came of an asynchronous request, as a token: at its address, and over a stream."""

from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from scim_server.domain.tenants import Tenant
from tests.delivery.test_pushes import EVENT, Reader, kinds, listen, world
from tests.delivery.test_webhooks import work
from tests.http.test_async_requests import ASYNC, BULK, accepted, rename
from tests.receivers import receiving
from tests.worlds import ERROR, USER, Connection, World

__all__ = ["world"]
RESPONSE = f"{EVENT}:misc:asyncresp"


@pytest.fixture
def acme(world: World) -> Tenant:
    world.tenant("acme")
    return world.decide("acme", async_requests="request")


@pytest.fixture
def okta(world: World, acme: Tenant) -> Connection:
    return world.connect(acme, "okta")


def fetched(world: World, client: Connection, txn: str, **headers: str) -> Mapping[str, Any]:
    """The token at the result address, read by the keys that the issuer publishes, as the client may."""
    answer = client.get(f"/AsyncRequests/{txn}", **headers)
    assert (answer.status_code, answer.content_type) == (200, "application/secevent+jwt")
    keys = jwt.PyJWKSet.from_dict(world.app.test_client().get("/oauth/acme/jwks").json)
    key = keys[jwt.get_unverified_header(answer.text)["kid"]]
    (connection,) = world.rows("connections")
    claims: Mapping[str, Any] = jwt.decode(answer.text, key, ["RS256"], audience=f"urn:uuid:{connection['id']}")
    return claims


@pytest.mark.covers("R-9967-2.5.1-02", "R-9967-2.5.1-05", "R-9967-2.5.1-06")
def test_the_result_address_answers_a_signed_token(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")
    txn = accepted(okta.patch(f"/Users/{ana['id']}", rename("Ana"), **ASYNC))
    failed = accepted(okta.post("/Users", {"schemas": [USER], "userName": "ana"}, **ASYNC))
    work(world)
    claims = fetched(world, okta, txn)
    assert claims["txn"] == txn
    assert claims["iss"] == "https://seats.example.com/oauth/acme"
    assert claims["sub_id"] == {"format": "scim", "uri": f"/Users/{ana['id']}", "id": ana["id"]}
    told = {"method": "PATCH", "status": "200", "version": 'W/"2"', "location": ana["meta"]["location"]}
    assert claims["events"] == {RESPONSE: told}
    again = fetched(world, okta, txn, Accept="application/secevent+jwt, application/scim+json;q=0.5")
    assert again["jti"] == claims["jti"]
    refused = fetched(world, okta, failed)
    assert refused["sub_id"] == {"format": "scim", "uri": "/"}
    response = refused["events"][RESPONSE]["response"]
    assert (response["schemas"], response["status"], response["scimType"]) == ([ERROR], "409", "uniqueness")
    assert okta.get(f"/AsyncRequests/{txn}", Accept="text/html").status_code == 406
    assert okta.get(f"/AsyncRequests/{txn}", Accept="application/json").json["Operations"] == [told]


@pytest.mark.covers("R-9967-2.5.1-02", "R-9967-2.5.1-07")
def test_a_stream_is_told_of_the_change_and_then_of_the_completion(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana")
    with receiving() as receiver:
        listen(world, acme, receiver)
        work(world)
        operations = [
            {"method": "DELETE", "path": "/Users/nobody"},
            {"method": "DELETE", "path": f"/Users/{ana['id']}"},
        ]
        txn = accepted(okta.post("/Bulk", {"schemas": [BULK], "Operations": operations}, **ASYNC))
        work(world)
        told = Reader(world, acme).taken(receiver)
    about = [(kinds(each), each["txn"]) for each in told if each["sub_id"]["uri"] == f"/Users/{ana['id']}"]
    assert about == [(f"{EVENT}:prov:delete", txn), (RESPONSE, f"{txn}:1")]
    others = [each for each in told if each["sub_id"]["uri"] == "/" and kinds(each) == RESPONSE]
    assert [(each["txn"], each["events"][RESPONSE]["status"]) for each in others] == [(f"{txn}:0", "404")]
    answered = [fetched(world, okta, f"{txn}:{number}")["txn"] for number in range(2)]
    assert answered == [f"{txn}:0", f"{txn}:1"]
