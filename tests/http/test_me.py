"""RFC 7644 section 3.11: /Me, for tokens bound to a person."""

from datetime import timedelta
from itertools import count

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import person_tokens, ruling, tenancy, tokens
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_statements import counting
from tests.worlds import CAUSE, ENTERPRISE, USER, Connection, World

DISCOVERY = ["/ServiceProviderConfig", "/Schemas", f"/Schemas/{USER}", "/ResourceTypes", "/ResourceTypes/User"]

_numbers = count(1)


@pytest.fixture
def tenant(house: World) -> Tenant:
    return house.tenant(f"me-{next(_numbers)}")


@pytest.fixture
def okta(house: World, tenant: Tenant) -> Connection:
    return house.connect(tenant)


@pytest.fixture
def ana(okta: Connection) -> str:
    """The id of a person."""
    return okta.create_user("ana", nickName="Ani", title="Boss", emails=[{"value": "ana@x.test"}])["id"]


def token_of(house: World, tenant: Tenant, user_name: str = "ana", life: timedelta = timedelta(days=1)) -> Connection:
    """A client with the person's token."""
    _, text = person_tokens.issue_token(house.units, tenant, CAUSE, user_name, life)
    return Connection(house.app.test_client(), tenant.slug, text, user_name)


@pytest.fixture
def me(house: World, tenant: Tenant, ana: str) -> Connection:
    return token_of(house, tenant)


def switch(house: World, tenant: Tenant, **switches: str) -> None:
    named = {name.replace("_", "."): position for name, position in switches.items()}
    tenancy.set_terms(house.units, tenant, CAUSE, switches=named)


@pytest.mark.covers("R-7644-3.11-01")
def test_me_is_the_persons_resource_at_its_permanent_address(me: Connection, okta: Connection, ana: str) -> None:
    answer = me.get("/Me")
    address = f"https://seats.example.com/scim/{me.slug}/v2/Users/{ana}"
    assert answer.status_code == 200
    assert answer.json == okta.get(f"/Users/{ana}").json
    assert answer.json["meta"]["location"] == address
    assert answer.headers["Location"] == answer.headers["Content-Location"] == address
    assert answer.headers["ETag"] == 'W/"1"'
    assert me.get("/Me?attributes=nickName").json == {"schemas": [USER], "id": ana, "nickName": "Ani"}


@pytest.mark.covers("R-7644-3.11-01")
def test_me_answers_as_the_address_does(me: Connection) -> None:
    assert me.get("/Me", If_None_Match='W/"1"').status_code == 304
    head = me.send("HEAD", "/Me")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", 'W/"1"')
    options = me.send("OPTIONS", "/Me")
    assert options.status_code == 204
    assert {"GET", "PUT", "PATCH", "DELETE", "HEAD"} <= set(options.headers["Allow"].split(", "))
    check_refusal(me.send("PURGE", "/Me"), 405, None, "PURGE")


@pytest.mark.covers("R-7644-3.11-01", "R-7644-3.11-03")
def test_a_person_changes_what_is_theirs(me: Connection, okta: Connection, ana: str, house: World) -> None:
    change = {"op": "replace", "value": {"nickName": "An", "locale": "pt-PT", "phoneNumbers": [{"value": "+351 1"}]}}
    check_refusal(me.patch("/Me", change, If_Match='W/"7"'), 412)
    answer = me.patch("/Me", change, If_Match='W/"1"')
    assert answer.status_code == 200
    assert answer.headers["Location"].endswith(f"/Users/{ana}")
    assert okta.get(f"/Users/{ana}").json["nickName"] == "An"
    whole = {**okta.get(f"/Users/{ana}").json, "displayName": "Ana"}
    del whole["locale"]
    assert me.put("/Me", whole).status_code == 200
    after = okta.get(f"/Users/{ana}").json
    assert (after["displayName"], after["title"], after["nickName"]) == ("Ana", "Boss", "An")
    assert "locale" not in after
    actors = {entry.actor for entry in house.trail() if entry.object_id == ana}
    assert f"person:{ana}" in actors


FOREIGN = [
    {"op": "replace", "path": "userName", "value": "bo"},
    {"op": "replace", "path": "userName", "value": "eve"},
    {"op": "replace", "path": "active", "value": False},
    {"op": "remove", "path": "title"},
    {"op": "add", "path": "roles", "value": [{"value": "admin"}]},
    {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]},
    {"op": "replace", "path": 'emails[value eq "ana@x.test"].value', "value": "eve@x.test"},
    {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Sales"},
    {"op": "add", "path": "externalId", "value": "x"},
    {"op": "replace", "value": {"nickName": "An", "title": "Chief"}},
]


@pytest.mark.covers("R-7644-3.11-03")
@pytest.mark.parametrize("change", FOREIGN, ids=str)
def test_a_person_changes_nothing_else(me: Connection, okta: Connection, house: World, change: dict) -> None:
    """All or nothing, and without a word on what others have: bo is taken, eve is free."""
    okta.create_user("bo")
    with unchanged(house):
        check_refusal(me.patch("/Me", change), 403, None, "/Me", "nickName")


@pytest.mark.covers("R-7644-3.11-03")
def test_nobody_makes_themselves_an_admin_by_a_rule(me: Connection, house: World, tenant: Tenant) -> None:
    parts = {"condition": 'preferredLanguage eq "fr"', "role": "admin"}
    ruling.create_rule(house.units, tenant, CAUSE, parts)
    with unchanged(house):
        answer = me.patch("/Me", {"op": "replace", "path": "preferredLanguage", "value": "fr"})
        assert answer.status_code == 403
        assert "'admin'" in answer.json["detail"]
    assert me.patch("/Me", {"op": "replace", "path": "preferredLanguage", "value": "de"}).status_code == 200


def test_a_put_that_leaves_out_what_is_not_theirs_is_refused(me: Connection, house: World) -> None:
    with unchanged(house):
        check_refusal(me.put("/Me", {"schemas": [USER], "userName": "ana", "nickName": "An"}), 403, None, "/Me")


@pytest.mark.covers("R-7644-3.11-03")
def test_what_changes_nothing_is_no_change(me: Connection) -> None:
    answer = me.patch("/Me", {"op": "replace", "value": {"title": "Boss", "active": True, "id": "x"}})
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"1"')


@pytest.mark.covers("R-7644-3.11-03")
def test_a_tenant_says_what_is_theirs(me: Connection, house: World, tenant: Tenant) -> None:
    switch(house, tenant, me_attributes=f"title, {ENTERPRISE}:department")
    assert me.patch("/Me", {"op": "replace", "path": "title", "value": "Chief"}).status_code == 200
    department = {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Sales"}
    assert me.patch("/Me", department).json[ENTERPRISE]["department"] == "Sales"
    check_refusal(me.patch("/Me", {"op": "add", "path": f"{ENTERPRISE}:division", "value": "x"}), 403, None, "division")
    check_refusal(me.patch("/Me", {"op": "replace", "path": "nickName", "value": "An"}), 403, None, "nickName")
    switch(house, tenant, me_attributes=ENTERPRISE)
    assert me.patch("/Me", {"op": "add", "path": f"{ENTERPRISE}:division", "value": "x"}).status_code == 200
    switch(house, tenant, me_attributes="")
    check_refusal(me.patch("/Me", {"op": "replace", "path": "title", "value": "x"}), 403, None, "nothing")


def test_the_connection_changes_everything_as_before(me: Connection, okta: Connection, ana: str) -> None:
    assert okta.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Chief"}).status_code == 200
    assert me.get("/Me").json["title"] == "Chief"


@pytest.mark.covers("R-7644-3.11-04")
def test_nobody_signs_up(me: Connection, house: World) -> None:
    with unchanged(house):
        check_refusal(me.post("/Me", {"schemas": [USER], "userName": "new"}), 403, None, "sign up")


@pytest.mark.covers("R-7644-3.11-04")
def test_a_person_goes_only_where_the_tenant_lets_them(me: Connection, house: World, tenant: Tenant, ana: str) -> None:
    with unchanged(house):
        check_refusal(me.delete("/Me"), 403, None, "delete themselves")
    switch(house, tenant, me_delete="on")
    check_refusal(me.delete("/Me", If_Match='W/"7"'), 412)
    assert me.delete("/Me").status_code == 204
    check_refusal(me.get("/Me"), 401)


@pytest.mark.covers("R-7644-3.11-02", "C-128")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "POST", "DELETE"])
def test_a_connection_is_nobody(okta: Connection, house: World, tenant: Tenant, method: str) -> None:
    with unchanged(house):
        check_refusal(okta.send(method, "/Me", None if method == "GET" else {}), 404, None, "connection")
    switch(house, tenant, me="off")
    check_refusal(okta.send(method, "/Me"), 501, None, "/Me")


@pytest.mark.covers("R-7644-3.11-02", "C-128")
def test_a_tenant_can_do_without(me: Connection, house: World, tenant: Tenant) -> None:
    switch(house, tenant, me="off")
    check_refusal(me.get("/Me"), 501, None, "/Me")


@pytest.mark.covers("R-7644-3.11-01")
def test_discovery_is_readable_and_nothing_else(me: Connection, okta: Connection, ana: str, house: World) -> None:
    for path in DISCOVERY:
        assert me.get(path).json == okta.get(path).json
    group = okta.create_group("Team", ana)["id"]
    forbidden = [
        ("GET", "/Users"),
        ("GET", f"/Users/{ana}"),
        ("PATCH", f"/Users/{ana}"),
        ("GET", f"/Groups/{group}"),
        ("POST", "/Groups"),
        ("POST", "/Bulk"),
        ("POST", "/.search"),
        ("GET", "/Nothing"),
        ("GET", "/Me/Users"),
        ("OPTIONS", "/Users"),
    ]
    with unchanged(house):
        for method, path in forbidden:
            check_refusal(me.send(method, path, {} if method in {"POST", "PATCH"} else None), 403, None, "/Me")


def test_a_token_is_of_one_tenant(me: Connection, house: World) -> None:
    other = house.tenant(f"me-{next(_numbers)}")
    abroad = Connection(house.app.test_client(), other.slug, me.token, "ana")
    check_refusal(abroad.get("/Me"), 404)


@pytest.mark.covers("R-7643-4.1-03")
def test_whoever_is_suspended_is_out_at_once_and_back_at_once(me: Connection, okta: Connection, ana: str) -> None:
    for active, status in ((False, 401), (True, 200)):
        okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": active})
        assert me.get("/Me").status_code == status
        assert me.get("/Schemas").status_code == status


def test_whoever_is_deleted_has_no_token(me: Connection, okta: Connection, house: World, ana: str) -> None:
    assert okta.delete(f"/Users/{ana}").status_code == 204
    check_refusal(me.get("/Me"), 401)
    assert [row for row in house.rows("person_tokens") if row["user_id"] == ana] == []
    okta.create_user("ana")
    check_refusal(me.get("/Me"), 401)


def test_a_token_ends(me: Connection, house: World, tenant: Tenant) -> None:
    short = token_of(house, tenant, life=timedelta(microseconds=1))
    check_refusal(short.get("/Me"), 401)
    other = token_of(house, tenant)
    tokens.revoke_token(house.units, CAUSE, me.token.split("_")[1])
    check_refusal(me.get("/Me"), 401)
    assert other.get("/Me").status_code == 200


def test_a_token_is_no_other(me: Connection, okta: Connection) -> None:
    """Neither a changed secret nor another prefix makes a token of it."""
    prefix, token_id, secret = me.token.split("_")
    for text in (f"{prefix}_{token_id}_{secret[::-1]}", f"scim_{token_id}_{secret}", me.token + "0", "scimme__"):
        check_refusal(Connection(me.http, me.slug, text, "").get("/Me"), 401)
    check_refusal(Connection(me.http, me.slug, okta.token.replace("scim_", "scimme_"), "").get("/Users"), 401)


def test_the_token_costs_one_look_up(me: Connection, house: World) -> None:
    with counting(house) as cost:
        me.get("/Me?attributes=nickName")
    assert int(cost) == 2, cost.statements
