"""Habits of clients over HTTP: what is served for everybody, and what a tenant switches."""

from base64 import b64encode
from datetime import timedelta

import pytest

from scim_server.dialects.courtesies import ACCEPT_RAW, ALWAYS, COURTESIES, Courtesy
from scim_server.domain.tenants import Tenant
from scim_server.services import person_tokens, provisioning_logs, tenancy
from tests.worlds import CAUSE, Connection, World

ALIKE = [courtesy for courtesy in COURTESIES if courtesy.rule in {ALWAYS, ACCEPT_RAW}]
GARBAGE = "scim_x"


def switch(world: World, tenant: Tenant, **positions: str) -> None:
    tenancy.set_terms(
        world.units, tenant, CAUSE, switches={name.replace("__", "."): to for name, to in positions.items()}
    )


def answer(connection: Connection, request: dict) -> tuple[int, dict]:
    """Status and body of a sample's request."""
    headers = {name: text.replace("TOKEN", connection.token) for name, text in request["headers"].items()}
    headers.setdefault("Authorization", f"Bearer {connection.token}")
    address = f"/scim/{connection.slug}/v2{request['path']}"
    response = connection.http.open(address, method=request["method"], headers=headers)
    return response.status_code, response.json


@pytest.mark.parametrize("courtesy", ALIKE, ids=lambda courtesy: courtesy.name)
def test_two_ways_to_ask_are_answered_alike(world: World, okta: Connection, courtesy: Courtesy) -> None:
    world.accept(okta, accepts_raw=True)
    okta.create_user("anna")
    before, after = answer(okta, dict(courtesy.before)), answer(okta, dict(courtesy.after))
    assert before == after
    assert (after[0], after[1]["totalResults"]) == (200, 1)


def raw(connection: Connection, header: str) -> tuple[int, list[str], dict]:
    response = connection.get("/Users", Authorization=header)
    return response.status_code, response.headers.getlist("WWW-Authenticate"), response.json


@pytest.mark.covers("R-7644-2-01")
def test_a_raw_token_opens_only_a_connection_that_takes_them(world: World, acme: Tenant, okta: Connection) -> None:
    other = world.connect(acme, "other")
    assert raw(okta, okta.token)[0] == 401
    world.accept(okta, accepts_raw=True)
    assert raw(okta, okta.token)[0] == 200
    assert raw(other, other.token)[0] == 401
    world.accept(okta, accepts_raw=False)
    assert raw(okta, okta.token)[0] == 401


def basic(name: str, password: str) -> str:
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


@pytest.mark.covers("R-7644-2-01")
def test_basic_opens_only_a_connection_that_takes_it_under_its_own_name(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """RFC 7617: the name of the connection, which may have a colon in it, and the token as password."""
    other = world.connect(acme, "böse: other")
    assert raw(okta, basic("okta", okta.token))[0] == 401
    for connection in (okta, other):
        world.accept(connection, accepts_basic=True)
        assert raw(connection, basic(connection.name, connection.token))[0] == 200
        assert raw(connection, f"bAsIc  {basic(connection.name, connection.token)[6:]}")[0] == 200
    wrong = [
        basic("other", okta.token),
        basic("", okta.token),
        basic("okta", other.token),
        basic("okta", ""),
        basic("okta", GARBAGE),
        f"Basic {okta.token}",
        "Basic !",
        "Basic 4pi6",
        f"Basic {b64encode(okta.token.encode()).decode()}",
    ]
    assert {raw(okta, header)[0] for header in wrong} == {401}
    assert len({str(raw(okta, header)[1:]) for header in wrong}) == 1
    world.accept(okta, accepts_basic=False)
    assert raw(okta, basic("okta", okta.token))[0] == 401


def test_the_token_of_a_person_comes_as_a_bearer_token_alone(world: World, acme: Tenant, okta: Connection) -> None:
    world.accept(okta, accepts_basic=True, accepts_raw=True)
    okta.create_user("ana")
    _, text = person_tokens.issue_token(world.units, acme, CAUSE, "ana", timedelta(days=1))
    assert okta.get("/Me", Authorization=f"Bearer {text}").status_code == 200
    for header in (text, basic("okta", text), basic("ana", text)):
        assert okta.get("/Me", Authorization=header).status_code == 401


def test_whether_a_raw_token_is_somebodys_does_not_show(world: World, okta: Connection) -> None:
    nobodys = okta.token[:-8] + "00000000"
    assert raw(okta, okta.token) == raw(okta, nobodys) == raw(okta, GARBAGE) == raw(okta, "Bearer")
    challenges = raw(okta, okta.token)[1]
    assert [challenge.partition(" ")[0] for challenge in challenges] == ["Bearer", "DPoP", "Basic"]
    assert not any("error=" in challenge for challenge in challenges)


def test_a_tenant_switches_a_habit_for_itself(world: World, acme: Tenant, okta: Connection) -> None:
    other = world.connect(world.tenant("other", "rfc"), "other")
    for connection in (okta, other):
        connection.create_user("anna")
    address = "/Users?filter=userName+eq+anna"
    assert [okta.get(address).status_code, other.get(address).status_code] == [200, 400]
    switch(world, acme, **{"dialect.bare-words": "off"})
    switch(world, tenancy.tenant(world.units, "other"), **{"dialect.bare-words": "on"})
    assert [okta.get(address).status_code, other.get(address).status_code] == [400, 200]
    assert okta.get("/Users?startindex=1").status_code == 200


def test_names_of_parameters_and_attributes_in_a_query(okta: Connection) -> None:
    """Quirks 25 and 39, beside the filter: in what is sorted by, and in what is shown."""
    for name, department in (("a", "Two"), ("b", "One")):
        okta.create_user(name, department=department)
    found = okta.get("/Users?SORTBY=department&Attributes=userName,department").json["Resources"]
    assert [user["userName"] for user in found] == ["b", "a"]
    assert all(any("enterprise" in name for name in user) for user in found)


def test_the_log_names_the_habits_of_query_and_body_in_their_order(world: World, okta: Connection) -> None:
    group = f"/Groups/{okta.create_group('Sales')['id']}"
    for answer, habits in (
        (okta.get("/Users?COUNT=1&filter=userName+eq+anna"), ("parameter-case", "bare-words")),
        (okta.patch(group, {"op": "Remove", "path": "members", "value": []}), ("op-case", "remove-by-value")),
        (okta.get(group), ()),
    ):
        assert answer.status_code in {200, 204}
        world.installation.log.flush()
        logged = provisioning_logs.request_anywhere(world.units, answer.headers["X-Request-Id"])
        assert logged.entry.habits == habits
