"""What every endpoint of the admin API has in common: tokens, walls, wrong fields, pages, keys."""

import json

import pytest

from scim_server.api.nouns import ENDPOINTS
from scim_server.domain.errors import InProgress
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, deduplicating, person_tokens
from scim_server.services.keyed_requests import KeptAnswer, Keyed
from tests.api.callers import DAY, Caller, caller
from tests.worlds import CAUSE, World, contents

METADATA = "https://seats.example.com/.well-known/oauth-protected-resource/api/v1"
NEW = {"code": "voice", "name": "Voice"}


def test_without_a_token_nothing_opens(world: World) -> None:
    http = world.app.test_client()
    for endpoint in ENDPOINTS:
        answer = http.open("/api/v1" + endpoint.path.replace("{", "").replace("}", ""), method=endpoint.method)
        assert answer.status_code == 401, endpoint
        assert answer.headers["WWW-Authenticate"] == f'Bearer realm="api", resource_metadata="{METADATA}"'
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("wrong", ["Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 9000])
def test_a_wrong_token_opens_nothing(world: World, wrong: str) -> None:
    answer = world.app.test_client().get("/api/v1/products", headers={"Authorization": wrong})
    assert answer.status_code == 401


def test_a_revoked_or_expired_token_opens_nothing(world: World, acme: Tenant, api: Caller) -> None:
    other = caller(world, acme, "people.read")
    mine = next(token for token in api.items("~/api-tokens") if token["scopes"] == ["people.read"])
    assert other.get("/products").status_code == 200
    assert api.delete(f"~/tokens/{mine['id']}").status_code == 204
    assert other.get("/products").status_code == 401
    assert "revoked already" in api.refused(409, "DELETE", f"~/tokens/{mine['id']}")["detail"]
    world.advance(int(DAY.total_seconds()) + 1)
    assert api.get("/products").status_code == 401


def test_a_connections_token_opens_no_admin_api_and_an_api_token_no_scim(
    world: World, acme: Tenant, api: Caller
) -> None:
    okta = world.connect(acme)
    assert Caller(world.app.test_client(), okta.token).get("/products").status_code == 401
    okta.token = api.token
    assert okta.get("/Users").status_code == 401


def test_a_persons_token_opens_nothing_of_the_tenant(world: World, acme: Tenant) -> None:
    world.connect(acme).create_user("ana@x.test")
    _, text = person_tokens.issue_token(world.units, acme, CAUSE, "ana@x.test", DAY)
    problem = Caller(world.app.test_client(), text).refused(403, "GET", "/products")
    assert "people.read" in problem["detail"]


def test_each_endpoint_wants_its_scope(world: World, acme: Tenant) -> None:
    everything = set(api_tokens.OF_TENANT)
    for endpoint in ENDPOINTS:
        if endpoint.scope not in everything or endpoint.takes != "application/json":
            continue
        lacking = caller(world, acme, *(everything - {endpoint.scope}))
        path = endpoint.path.replace("{tenant}", "acme").replace("{", "").replace("}", "")
        problem = lacking.refused(403, endpoint.method, path)
        assert endpoint.scope in problem["detail"]


def test_another_tenant_is_not_there(world: World, api: Caller) -> None:
    world.tenant("other")
    there, nowhere = (api.refused(404, "GET", f"/tenants/{slug}/api-tokens") for slug in ("other", "nobody"))
    assert there["detail"].replace("other", "nobody") == nowhere["detail"]


def test_the_operator_sees_every_tenant(world: World, acme: Tenant, operator: Caller) -> None:
    caller(world, acme)
    assert len(operator.items("/tenants/acme/api-tokens")) == 1
    operator.refused(404, "GET", "/tenants/nobody/api-tokens")


def test_every_wrong_field_is_named_at_once(operator: Caller) -> None:
    body = {"code": 5, "includes": ["meeting", 7, ""], "colour": "red"}
    problem = operator.refused(422, "POST", "/products", body)
    assert [error["pointer"] for error in problem["errors"]] == [
        "/code", "/name", "/includes/1", "/includes/2", "/colour"
    ]  # fmt: skip
    assert operator.refused(422, "POST", "/products", [NEW])["errors"][0]["pointer"] == ""
    problem = operator.refused(422, "GET", "/products?limit=0&after=zz&colour=red")
    assert [error["parameter"] for error in problem["errors"]] == ["after", "limit", "colour"]


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ('{"code":"a","code":"b"}', 400), ('{"code":NaN}', 400), ('{"code":"\\u0000"}', 400), ("[]", 422)],
)
def test_a_body_goes_through_the_strict_gate(operator: Caller, body: str, status: int) -> None:
    operator.refused(status, "POST", "/products", body, Content_Type="application/json")


def test_a_body_of_another_kind_is_refused(operator: Caller) -> None:
    for kind in ("text/plain", "application/scim+json", "application/json; charset=latin-1"):
        operator.refused(415, "POST", "/products", json.dumps(NEW), Content_Type=kind)
    operator.refused(415, "POST", "/products", json.dumps(NEW), Content_Type="application/json", Content_Encoding="br")


def test_addresses_that_are_not_there_and_methods_that_are_not_possible(operator: Caller) -> None:
    operator.refused(404, "GET", "/nothing")
    operator.refused(404, "GET", "")
    answer = operator.delete("/products")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


def test_lists_come_in_pages(world: World, operator: Caller) -> None:
    world.sell(*(f"p{number:02}" for number in range(7)))
    page = operator.done("GET", "/products?limit=4")
    assert len(page["items"]) == 4
    whole = operator.items("/products?limit=4")
    assert [product["code"] for product in whole] == sorted(product["code"] for product in whole)
    assert len(whole) == 10
    assert operator.done("GET", "/products?limit=10")["next"] is None


def test_the_same_key_carries_out_once(world: World, operator: Caller) -> None:
    first = operator.post("/products", NEW, Idempotency_Key="k-1")
    again = operator.post("/products", NEW, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.text, again.headers["Location"]) == (first.text, first.headers["Location"])
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    before = contents(world)
    problem = operator.refused(422, "POST", "/products", {**NEW, "name": "Other"}, Idempotency_Key="k-1")
    assert problem["type"].endswith("key-reused")
    assert contents(world) == before


def test_a_key_belongs_to_whoever_sent_it(world: World, operator: Caller) -> None:
    operator.done("POST", "/products", NEW, Idempotency_Key="k-1")
    other = Caller(
        world.app.test_client(),
        api_tokens.issue_operators_token(world.units, "other", ["products.write"], DAY)[1],
    )
    assert "Voice" not in other.refused(409, "POST", "/products", NEW, Idempotency_Key="k-1")["detail"]


def test_a_refused_request_may_be_sent_again_with_its_key(world: World, operator: Caller) -> None:
    operator.refused(404, "POST", "/products", {**NEW, "includes": ["video"]}, Idempotency_Key="k-1")
    world.sell("video")
    operator.done("POST", "/products", {**NEW, "includes": ["video"]}, Idempotency_Key="k-1")


def test_whoever_took_too_long_leaves_the_key_to_who_has_it_now(world: World) -> None:
    slow, second, third = (Keyed("", "operator:x", "k", "same", f"request {number}") for number in range(3))
    assert deduplicating.begin(world.units, None, slow) is None
    world.advance(600)
    assert deduplicating.begin(world.units, None, second) is None
    deduplicating.let_go(world.units, slow)
    deduplicating.keep(world.units, slow, KeptAnswer(201, None, "late"))
    with pytest.raises(InProgress):
        deduplicating.begin(world.units, None, third)
    deduplicating.keep(world.units, second, KeptAnswer(200, None, "right"))
    kept = deduplicating.begin(world.units, None, third)
    assert kept is not None
    assert kept.body == "right"


def test_a_key_that_is_none_is_refused(operator: Caller) -> None:
    for key in ("", "x" * 256):
        assert "header" in operator.refused(422, "POST", "/products", NEW, Idempotency_Key=key)["errors"][0]


def test_keys_are_forgotten_after_a_day(world: World, operator: Caller) -> None:
    operator.done("POST", "/products", NEW, Idempotency_Key="k-1")
    assert world.do_chore(deduplicating.CHORE) == 0
    world.advance(24 * 3600 + 1)
    assert world.do_chore(deduplicating.CHORE) == 1


def test_a_secret_is_shown_once(api: Caller) -> None:
    body = {"name": "reader", "scopes": ["people.read"]}
    first = api.done("POST", "~/api-tokens", body, Idempotency_Key="k-1")
    again = api.done("POST", "~/api-tokens", body, Idempotency_Key="k-1")
    assert first["token"].startswith("scimapi_")
    assert again == {**first, "token": None}


def test_a_token_permits_no_more_than_whoever_issues_it(world: World, acme: Tenant) -> None:
    narrow = caller(world, acme, "tokens.write", "people.read")
    problem = narrow.refused(403, "POST", "~/api-tokens", {"name": "wide", "scopes": ["people.read", "rules.write"]})
    assert "rules.write" in problem["detail"]
    assert "no scope" in narrow.refused(422, "POST", "~/api-tokens", {"name": "odd", "scopes": ["fly"]})["detail"]


def test_the_document_is_there_for_anybody(world: World) -> None:
    answer = world.app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype, answer.json["openapi"]) == (200, "application/json", "3.1.0")
