"""What a token is good for: reading, writing, or both, at every address there is under /scim."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scim_server.domain.tenants import SCIM_READ, SCIM_WRITE
from scim_server.services import tenancy, tokens
from scim_server.services.credentials import read_credential
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import CAUSE, Connection, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE")
READ, WRITE, NEITHER = {SCIM_READ}, {SCIM_WRITE}, set[str]()
ANY_ID = "01890000-0000-7000-8000-000000000000"


def paths(house: World, slug: str) -> dict[str, dict[str, set[str]]]:
    """Every address, with a few that are none, and what each method needs there; `scim:write` where nothing is said."""
    reads = {"GET": READ, "HEAD": READ}
    free = {"GET": NEITHER, "HEAD": NEITHER}
    known = {"": reads, "/.search": {**reads, "POST": READ}, "/Bulk": reads, "/Me": reads, "/No": reads}
    for kind in house.installation.registries.of(slug).resource_types.values():
        known[kind.endpoint] = reads
        known[f"{kind.endpoint}/.search"] = {**reads, "POST": READ}
        known[f"{kind.endpoint}/{ANY_ID}"] = reads
        known[f"{kind.endpoint}/{ANY_ID}/.search"] = reads
        known[f"//{kind.endpoint.strip('/')}/"] = reads
    for endpoint in ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes"):
        known |= {endpoint: free, f"{endpoint}/User": free}
    return known


@pytest.fixture
def holder(client: Connection, house: World) -> dict[str, Connection]:
    """The connection with a token for each scope in place of the one it has."""
    tenant = tenancy.tenant(house.units, client.slug)
    first = read_credential(client.token)
    assert first is not None
    tokens.revoke_token(house.units, CAUSE, first.token_id)
    day = timedelta(days=1)
    texts = {
        scope: tenancy.issue_token(house.units, tenant, CAUSE, client.name, day, [scope])[1]
        for scope in (SCIM_READ, SCIM_WRITE)
    }
    return {scope: replace(client, token=text) for scope, text in texts.items()}


@pytest.mark.parametrize("scope", [SCIM_READ, SCIM_WRITE])
def test_every_address_wants_the_scope_of_its_method(holder: dict[str, Connection], house: World, scope: str) -> None:
    client = holder[scope]
    for path, needs in paths(house, client.slug).items():
        for method in METHODS:
            needed = needs.get(method, WRITE)
            answer = client.send(method, path, None if method in needs else {})
            refused = answer.status_code == 403 and "scope" in answer.headers.get("WWW-Authenticate", "")
            assert refused is bool(needed - {scope}), (method, path, answer.status_code)


def test_the_refusal_says_what_is_missing(holder: dict[str, Connection], house: World) -> None:
    with unchanged(house):
        answer = holder[SCIM_READ].post("/Users", {"userName": "ana"})
    check_refusal(answer, 403, None, "scim:write")
    slug = holder[SCIM_READ].slug
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="scim", error="insufficient_scope", scope="scim:write", resource_metadata='
        f'"https://seats.example.com/.well-known/oauth-protected-resource/scim/{slug}/v2"'
    )
    check_refusal(holder[SCIM_WRITE].get("/Users"), 403, None, "scim:read")


def test_either_scope_is_good_for_its_own(holder: dict[str, Connection]) -> None:
    reads, writes = holder[SCIM_READ], holder[SCIM_WRITE]
    ana = writes.create_user("ana")["id"]
    assert reads.get(f"/Users/{ana}").status_code == reads.search("/Users").status_code == 200
    assert writes.delete(f"/Users/{ana}").status_code == 204
    assert writes.post("/Bulk", {}).status_code == 400


def test_a_token_is_good_for_both_unless_it_is_said(client: Connection) -> None:
    assert client.get("/Users").status_code == 200
    client.create_user("ana")


def test_somebody_elses_address_does_not_exist_whatever_the_scope(holder: dict[str, Connection]) -> None:
    assert replace(holder[SCIM_READ], slug="no-such-tenant").post("/Users", {}).status_code == 404


def test_everything_under_scim_comes_by_the_one_door(house: World) -> None:
    rules = [rule for rule in house.app.url_map.iter_rules() if rule.rule.startswith("/scim")]
    assert {rule.endpoint for rule in rules} == {"scim"}
    assert all(rule.methods is None for rule in rules)
