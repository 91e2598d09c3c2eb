"""What can be assigned, and how clients find it: /Entitlements, the switch `discovery.seats`, the shape Okta reads.

https://developer.okta.com/docs/guides/scim-with-entitlements/main/, draft-ietf-scim-roles-entitlements.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from tests.http.refusals import check_refusal
from tests.http.test_concurrency import at_once, create_all, joiners
from tests.http.test_statements import AUTHENTICATION, check, counting
from tests.worlds import CAUSE, ENTERPRISE, GROUP, SEATS, USER, Connection, World

ROLE = "urn:okta:scim:schemas:core:1.0:Role"
ENTITLEMENT = "urn:okta:scim:schemas:core:1.0:Entitlement"
LISTED = {("okta", "auto"): True, ("generic", "auto"): False, ("entra", "auto"): False}
LISTED |= {(idp, position): position == "on" for idp in ("okta", "generic") for position in ("on", "off")}


def connect(world: World, idp: str, position: str | None = None, profile: str = "tolerant") -> Connection:
    """A connection of that kind to the tenant acme, whose switch is in that position."""
    tenant = world.tenant("acme", profile)
    if position is not None:
        tenant = tenancy.set_terms(world.units, tenant, CAUSE, switches={"discovery.seats": position})
    return world.connect(tenant, idp=idp)


def offers(client: Connection) -> dict[str, dict[str, Any]]:
    """Every entitlement by id."""
    return {entitlement["id"]: entitlement for entitlement in client.get("/Entitlements").json["Resources"]}


def counted(client: Connection, product: str) -> tuple[int, int]:
    """How many can have the product, and how many have it."""
    offer = client.get(f"/Entitlements/{product}").json
    return offer["totalAssignmentsPermitted"], offer["totalAssignmentsUsed"]


@pytest.mark.covers("R-ROLES-3-02")
def test_an_entitlement_has_what_the_draft_and_okta_read(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 3)
    okta.create_user("ana", entitlements=["webinar"])
    webinar = okta.get("/Entitlements/webinar").json
    location = "https://seats.example.com/scim/acme/v2/Entitlements/webinar"
    assert webinar.pop("meta").items() >= {"resourceType": "Entitlement", "location": location}.items()
    assert webinar == {
        "schemas": [ENTITLEMENT],
        "id": "webinar",
        "value": "webinar",
        "display": "Webinar",
        "displayName": "Webinar",
        "description": "A seat of Webinar, which includes Meeting",
        "type": "Entitlement",
        "supported": True,
        "limitedAssignmentsPermitted": True,
        "totalAssignmentsPermitted": 3,
        "totalAssignmentsUsed": 1,
        "contains": ["meeting"],
        "containedBy": [],
    }
    meeting = okta.get("/Entitlements/meeting").json
    assert (meeting["contains"], meeting["containedBy"]) == ([], ["training", "webinar"])


def test_every_product_can_be_assigned_bought_or_not(world: World, okta: Connection) -> None:
    """A claim on what was not bought waits, and gets its seat as soon as one is bought."""
    assert list(offers(okta)) == ["meeting", "training", "webinar"]
    assert counted(okta, "training") == (0, 0)
    assert offers(okta)["training"]["supported"] is True


def test_the_counts_are_those_of_the_subscription(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1, "overage", 2)
    for name in ("ana", "bob", "cleo", "dan"):
        okta.create_user(name, entitlements=["meeting"])
    assert counted(okta, "meeting") == (3, 3)
    world.buy(acme, "meeting", 5)
    assert counted(okta, "meeting") == (7, 4)
    (ana,) = okta.find("/Users", 'userName eq "ana"')
    tag = okta.get("/Entitlements/meeting").headers["ETag"]
    assert okta.get("/Entitlements/meeting", If_None_Match=tag).status_code == 304
    okta.patch(f"/Users/{ana['id']}", {"op": "replace", "value": {"active": False}})
    assert counted(okta, "meeting") == (7, 3)
    assert okta.get("/Entitlements/meeting", If_None_Match=tag).status_code == 200
    assert [each["id"] for each in okta.find("/Entitlements", "totalAssignmentsUsed gt 0")] == ["meeting"]
    assert okta.find("/Entitlements", "totalAssignmentsUsed gt 3") == []


def test_a_product_that_comes_with_a_bundle_takes_no_seat_of_its_own(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 1)
    okta.create_user("ana", entitlements=["webinar", "meeting"])
    assert (counted(okta, "webinar"), counted(okta, "meeting")) == ((1, 1), (1, 0))


def test_each_tenant_sees_its_own_counts(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 9)
    assert counted(world.connect(world.tenant("other")), "meeting") == (0, 0)


@pytest.mark.covers("R-ROLES-3-04")
@pytest.mark.parametrize("policy", ["wait", "reject"])
def test_the_count_is_exactly_the_limit_after_a_rush(world: World, acme: Tenant, okta: Connection, policy: str) -> None:
    world.buy(acme, "meeting", 10, policy)
    answered = create_all(world, okta, joiners(30))
    assert answered == ({201: 30} if policy == "wait" else {201: 10, 403: 20})
    assert counted(okta, "meeting") == (10, 10)


@pytest.mark.covers("R-ROLES-3-04")
def test_no_reader_ever_sees_more_used_than_permitted(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    seen: list[tuple[int, int]] = []

    def read() -> Counter[int]:
        own = world.same_client(okta)
        seen.extend(counted(own, "meeting") for _ in range(20))
        return Counter()

    def buy() -> Counter[int]:
        for seats in range(2, 12):
            world.buy(acme, "meeting", seats)
        return Counter()

    at_once(lambda: create_all(world, okta, joiners(20), clients=4), buy, read, read)
    assert len(seen) == 40
    assert [pair for pair in seen if pair[1] > pair[0]] == []
    assert counted(okta, "meeting") == (11, 11)


def test_an_id_is_what_a_user_is_given(world: World, acme: Tenant, okta: Connection) -> None:
    """Okta sends the id as `value`, by PUT of the user."""
    world.buy(acme, "meeting", 1)
    offer = offers(okta)["meeting"]
    given = [{"value": offer["id"], "display": offer["displayName"], "type": offer["type"]}]
    ana = okta.create_user("ana")
    answer = okta.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", "entitlements": given})
    assert answer.json["entitlements"] == given
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    assert world.person(acme, "ana").issues == []


def test_a_page_of_one_has_one_and_numbers_are_numbers(okta: Connection) -> None:
    """What Okta's test of a new integration asserts."""
    for path in ("/Entitlements", "/Roles"):
        page = okta.get(f"{path}?count=1&startIndex=1").json
        assert page["itemsPerPage"] == len(page["Resources"]) == 1
        numbers = [page[name] for name in ("totalResults", "startIndex", "itemsPerPage")]
        assert all(type(number) is int for number in numbers)


def test_reading_entitlements_costs_a_fixed_number_of_statements(world: World, okta: Connection) -> None:
    """Token, products with what they include, subscriptions; the tenant's own roles."""
    for path in ("/Entitlements", "/Entitlements/meeting", "/Entitlements?count=1&sortBy=display"):
        with counting(world) as count:
            assert okta.get(path).status_code == 200
        check(count, AUTHENTICATION + 2)
    with counting(world) as count:
        okta.get("/Roles")
    check(count, AUTHENTICATION + 1)


@pytest.mark.covers("R-ROLES-3-01")
@pytest.mark.parametrize(("idp", "position"), LISTED)
def test_discovery_lists_seats_under_the_switch(world: World, idp: str, position: str) -> None:
    client = connect(world, idp, position)
    listed = LISTED[idp, position]
    kinds = {kind["id"]: kind for kind in client.get("/ResourceTypes").json["Resources"]}
    assert kinds.keys() == {"User", "Group"} | ({"Role", "Entitlement"} if listed else set())
    extensions = {each["schema"] for each in kinds["User"]["schemaExtensions"]}
    assert extensions == {ENTERPRISE} | ({SEATS} if listed else set())
    urns = {schema["id"] for schema in client.get("/Schemas").json["Resources"]}
    assert urns == {USER, GROUP, ENTERPRISE} | ({SEATS, ROLE, ENTITLEMENT} if listed else set())
    assert ("RolesAndEntitlements" in client.get("/ServiceProviderConfig").json) is listed
    assert (SEATS in client.create_user("ana")) is listed


def test_the_switch_is_auto_where_nobody_set_it(world: World) -> None:
    assert SEATS in connect(world, "okta").create_user("ana")


@pytest.mark.parametrize("position", ["on", "off"])
def test_discovery_agrees_with_itself(world: World, position: str) -> None:
    """Every schema that a resource type names is listed; every resource carries what its schema says."""
    client = connect(world, "generic", position)
    kinds = client.get("/ResourceTypes").json["Resources"]
    named = {kind["schema"] for kind in kinds}
    named |= {each["schema"] for kind in kinds for each in kind.get("schemaExtensions", ())}
    schemas = {schema["id"]: schema for schema in client.get("/Schemas").json["Resources"]}
    assert named == schemas.keys()
    for kind in kinds:
        assert client.get(f"/ResourceTypes/{kind['id']}").json == kind
        for resource in client.get(kind["endpoint"]).json["Resources"]:
            known = {attribute["name"] for attribute in schemas[kind["schema"]]["attributes"]}
            assert resource["schemas"] == [kind["schema"]]
            assert resource.keys() <= known | {"schemas", "id", "meta"}
    for urn, schema in schemas.items():
        assert client.get(f"/Schemas/{urn}").json == schema


@pytest.mark.covers("R-ROLES-3-01")
def test_the_configuration_says_what_roles_and_entitlements_can_be(world: World) -> None:
    able = connect(world, "okta").get("/ServiceProviderConfig").json["RolesAndEntitlements"]
    assert able == {
        "roles": {
            "supported": True,
            "multipleRolesSupported": True,
            "primarySupported": True,
            "typeSupported": True,
            "types": ["Role"],
        },
        "entitlements": {
            "supported": True,
            "multipleEntitlementsSupported": True,
            "primarySupported": True,
            "typeSupported": True,
            "types": ["Entitlement"],
        },
    }


def test_all_is_served_at_its_address_though_not_listed(world: World) -> None:
    client = connect(world, "generic", "off")
    for name in ("Role", "Entitlement"):
        kind = client.get(f"/ResourceTypes/{name}").json
        assert client.get(f"/Schemas/{kind['schema']}").json["id"] == kind["schema"]
        assert client.get(kind["endpoint"]).json["totalResults"] > 0
    check_refusal(client.get("/ResourceTypes/Bogus"), 404)


def test_what_okta_looks_for_is_found_the_way_it_looks(world: World) -> None:
    """Each resource type of one of Okta's two schemas, whatever its endpoint, then its pages."""
    client = connect(world, "okta")
    kinds = client.get("/ResourceTypes").json["Resources"]
    assert {kind["schema"]: kind["endpoint"] for kind in kinds}.items() >= {
        (ROLE, "/Roles"),
        (ENTITLEMENT, "/Entitlements"),
    }
    for kind in kinds:
        if kind["schema"] == ENTITLEMENT:
            page = client.get(f"{kind['endpoint']}?startIndex=1&count=100").json
            assert {each["type"] for each in page["Resources"]} == {kind["name"]}


Change = Callable[[Connection, str], Any]
ANSWERS: dict[str, Change] = {
    "read": lambda client, path: client.get(path).json,
    "list": lambda client, path: client.get("/Users").json["Resources"][0],
    "replace": lambda client, path: client.put(path, {**client.get(path).json, "title": "x"}).json,
    "patch": lambda client, path: client.patch(path, {"op": "replace", "path": "title", "value": "y"}).json,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_users_are_answered_with_their_seats(world: World, answer: Change) -> None:
    client = connect(world, "okta")
    ana = client.create_user("ana", entitlements=["meeting"])
    assert ana[SEATS]["seats"][0]["state"] == "waiting"
    shown = answer(client, f"/Users/{ana['id']}")
    assert shown[SEATS] == ana[SEATS]
    assert shown["schemas"] == [USER, SEATS]


def test_what_is_left_out_is_not_shown(world: World) -> None:
    client = connect(world, "okta")
    path = f"/Users/{client.create_user('ana', entitlements=['meeting'])['id']}"
    assert SEATS not in client.get(f"{path}?attributes=userName").json
    assert SEATS not in client.get(f"{path}?excludedAttributes={SEATS}").json
    shown = client.get(f"{path}?excludedAttributes={SEATS}:seats").json[SEATS]
    assert shown.keys() == {"status", "reason", "issues"}
    assert client.get(f"{path}?attributes=status").json[SEATS] == {"status": "waiting"}


@pytest.mark.parametrize("profile", ["tolerant", "rfc"])
def test_what_was_read_can_be_sent_back(world: World, profile: str) -> None:
    """C-14, with the computed seats in it."""
    client = connect(world, "generic", "on", profile)
    ana = client.create_user("ana", entitlements=["meeting"])
    path = f"/Users/{ana['id']}"
    assert client.put(path, ana).json == ana
    answer = client.patch(path, {"op": "replace", "value": ana})
    assert (answer.status_code, answer.json) == (200, ana)
    forged = {**ana, SEATS: {**ana[SEATS], "status": "active"}}
    answer = client.patch(path, {"op": "replace", "value": forged})
    if profile == "rfc":
        check_refusal(answer, 400, "mutability", "status")
    assert client.get(path).json == ana


def test_groups_have_no_seats(world: World) -> None:
    assert SEATS not in connect(world, "okta").create_group("Sales")
