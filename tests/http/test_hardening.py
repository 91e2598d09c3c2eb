"""What a hostile or careless client sends, and what must not come of it."""

import json

import pytest

from scim_server.domain.tenants import Tenant
from tests.worlds import Connection, World, contents

EMPTY_HANDED = {
    "an empty element": [{}],
    "an empty value": [{"value": ""}],
    "null": [None],
    "a name alone": [{"display": "x"}],
    "an empty object": {},
    "an empty text": "",
    "a stranger": [{"value": "nobody"}],
}


@pytest.mark.parametrize("value", EMPTY_HANDED.values(), ids=EMPTY_HANDED)
@pytest.mark.parametrize("verb", ["patch", "put"])
def test_a_list_that_names_nobody_never_empties_a_group(okta: Connection, verb: str, value: object) -> None:
    """Only an explicit empty list, null or a bare remove does (quirks 14, 16, 18 and 49)."""
    ana = okta.create_user("ana@x.test")["id"]
    group = okta.create_group("Sales", ana)
    if verb == "patch":
        answer = okta.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "members", "value": value})
    else:
        answer = okta.put(f"/Groups/{group['id']}", {"displayName": "Sales", "members": value})
    assert (answer.status_code, answer.json["scimType"]) == (400, "invalidValue")
    assert okta.member_ids(group["id"]) == {ana}


INNER = {
    "half a surrogate pair": '{"value":"\\ud800"}',
    "NUL": '{"value":"a\\u0000b"}',
    "a name twice": '{"value":"a","value":"b"}',
    "NaN": '{"value":"a","x":NaN}',
    "a deep nest": '{"value":"a","x":' + "[" * 900 + "]" * 900 + "}",
}


@pytest.mark.parametrize("text", INNER.values(), ids=INNER)
def test_json_inside_a_role_passes_the_same_gate_as_a_body(okta: Connection, text: str) -> None:
    """What the gate refuses is no JSON of Entra's, and stays the plain text it is."""
    user = okta.create_user("ana@x.test", roles=[{"value": text}])
    assert okta.get(f"/Users/{user['id']}").json["roles"] == [{"value": text}]


def test_clearing_many_unknown_entitlements_costs_a_fixed_number_of_statements(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana@x.test", entitlements=[{"value": f"unknown-{number}"} for number in range(900)])
    assert len(world.person(acme, "ana@x.test").issues) == 900
    assert okta.patch(f"/Users/{ana['id']}", {"op": "remove", "path": "entitlements"}).status_code == 200
    assert world.person(acme, "ana@x.test").issues == []


def test_a_user_has_at_most_a_thousand_elements_of_a_kind(world: World, okta: Connection) -> None:
    before = contents(world)
    body = {"userName": "ana@x.test", "roles": [{"value": str(number)} for number in range(1001)]}
    answer = okta.post("/Users", body)
    assert (answer.status_code, answer.json["scimType"]) == (400, "invalidValue")
    assert "roles has 1001 elements" in answer.json["detail"]
    assert contents(world) == before


SPELLINGS = [" v@x.org", "v@x.org ", "\uff56@x.org", "v@x.org.", "v@x\u3002org", "mailto:v@x.org", "V@X.ORG"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_spelling_of_an_address_is_the_same_address(world: World, okta: Connection, spelling: str) -> None:
    """Invariant 5 across tenants: what reaches one mailbox has one owner."""
    other = world.connect(world.tenant("rivals"), "entra")
    other.create_user("v", emails=[{"value": "v@x.org"}])
    answer = okta.post("/Users", {"userName": "w", "emails": [{"value": spelling}]})
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")
    assert "rivals" not in answer.text


def test_letters_that_grow_when_folded_are_refused_and_not_answered_503(okta: Connection) -> None:
    answer = okta.post("/Users", {"userName": "ana@x.test", "displayName": "\u1fb7" * 512})
    assert (answer.status_code, answer.json["scimType"]) == (400, "invalidValue")
    assert json.loads(answer.text)["status"] == "400"


def test_rfc_takes_read_only_values_that_are_the_stored_ones(world: World) -> None:
    """C-14: a client may send back what it read."""
    strict = world.connect(world.tenant("strict", "rfc"))
    user = strict.create_user("ana@x.test")
    read = strict.get(f"/Users/{user['id']}").json
    same = strict.patch(f"/Users/{user['id']}", {"op": "replace", "value": {**read, "title": "t"}})
    assert (same.status_code, same.json["title"]) == (200, "t")
    other = strict.patch(f"/Users/{user['id']}", {"op": "replace", "value": {"id": "other", "title": "u"}})
    assert (other.status_code, other.json["scimType"]) == (400, "mutability")
