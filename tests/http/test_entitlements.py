"""Entitlements on the wire: what a client writes is echoed, and becomes direct claims (design section 6)."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.worlds import USER, Connection, World

MEETING = [{"value": "meeting", "display": "Meeting", "primary": True}]


def put(connection: Connection, user: dict[str, object], **attributes: object) -> dict[str, object]:
    """Replace the user by just those attributes."""
    answer = connection.put(f"/Users/{user['id']}", {"schemas": [USER], "userName": user["userName"], **attributes})
    assert answer.status_code == 200, answer.text
    return answer.json


def products(world: World, tenant: Tenant, user_name: str) -> set[str]:
    """The products that the person claims directly."""
    return {claim.product for claim in world.person(tenant, user_name).claims if claim.source == "direct"}


def test_entitlements_are_echoed_as_they_were_written(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana", entitlements=MEETING)
    assert ana["entitlements"] == MEETING
    assert okta.get(f"/Users/{ana['id']}").json["entitlements"] == MEETING


def test_an_entitlement_names_a_product_in_any_letter_case(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", entitlements=["MEETING", "Webinar"])
    assert [entry["value"] for entry in ana["entitlements"]] == ["MEETING", "Webinar"]
    assert products(world, acme, "ana") == {"meeting", "webinar"}


def test_the_same_product_named_twice_is_one_claim(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana", entitlements=[{"value": "meeting"}, {"value": "Meeting", "type": "x"}])
    assert products(world, acme, "ana") == {"meeting"}
    assert world.seats(acme, "meeting") == (0, 1, 0)


def test_entitlements_can_be_added_and_removed_one_by_one(world: World, acme: Tenant, okta: Connection) -> None:
    path = f"/Users/{okta.create_user('ana', entitlements=['meeting'])['id']}"
    okta.patch(path, {"op": "add", "path": "entitlements", "value": [{"value": "training"}]})
    assert products(world, acme, "ana") == {"meeting", "training"}
    okta.patch(path, {"op": "remove", "path": 'entitlements[value eq "meeting"]'})
    assert products(world, acme, "ana") == {"training"}
    okta.patch(path, {"op": "remove", "path": "entitlements"})
    assert products(world, acme, "ana") == set()


def test_a_claim_that_stays_keeps_its_time(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", entitlements=["meeting"])
    (before,) = world.person(acme, "ana").claims
    put(okta, ana, entitlements=[{"value": "MEETING"}, {"value": "training"}])
    claims = world.person(acme, "ana").claims
    assert before in claims
    assert len(claims) == 2


def test_an_unknown_entitlement_is_echoed_grants_nothing_and_opens_an_issue(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana", entitlements=["unheard-of", "meeting"])
    assert [entry["value"] for entry in ana["entitlements"]] == ["unheard-of", "meeting"]
    assert products(world, acme, "ana") == {"meeting"}
    unknown = [issue for issue in world.person(acme, "ana").issues if issue.code == "UNKNOWN_ENTITLEMENT"]
    assert [issue.subject for issue in unknown] == ["unheard-of"]
    put(okta, ana, entitlements=MEETING)
    assert [issue.code for issue in world.person(acme, "ana").issues] == ["NO_SEAT"]


@pytest.mark.parametrize("profile", ["rfc", "interop", "ipsie"])
def test_the_other_profiles_refuse_an_unknown_entitlement(world: World, profile: str) -> None:
    client = world.connect(world.tenant("strict", profile))
    answer = client.post("/Users", {"schemas": [USER], "userName": "ana", "entitlements": [{"value": "unheard-of"}]})
    assert (answer.status_code, answer.json["scimType"]) == (400, "invalidValue")
    assert "unheard-of" in answer.json["detail"]
    assert world.rows("users") == []


@pytest.mark.parametrize(
    ("manages", "wrote", "kept"),
    [("auto", False, True), ("auto", True, False), ("yes", False, False), ("no", True, True)],
)
def test_a_put_without_the_key_clears_only_what_the_connection_manages(
    world: World, acme: Tenant, manages: str, wrote: bool, kept: bool
) -> None:
    """Under `auto` a connection manages entitlements once it has written some."""
    world.buy(acme, "meeting", 5)
    ana = world.connect(acme, "writer").create_user("ana", entitlements=["meeting"])
    client = world.connect(acme, "client", manages_entitlements=manages)
    if wrote:
        client.create_user("bob", entitlements=["meeting"])
    after = put(client, ana, displayName="Ana")
    assert ("entitlements" in after) is kept
    assert world.held_by(acme, "ana") == ({"meeting": "assigned"} if kept else {})


def test_an_empty_list_is_not_yet_written_entitlements(world: World, acme: Tenant) -> None:
    ana = world.connect(acme, "writer").create_user("ana", entitlements=["meeting"])
    client = world.connect(acme, "client")
    client.create_user("bob", entitlements=[])
    assert "entitlements" in put(client, ana, displayName="Ana")


def test_a_refused_request_does_not_make_a_connection_manage_entitlements(world: World, acme: Tenant) -> None:
    ana = world.connect(acme, "writer").create_user("ana", entitlements=["meeting"])
    client = world.connect(acme, "client")
    refused = client.post("/Users", {"schemas": [USER], "userName": "ANA", "entitlements": MEETING})
    assert refused.status_code == 409
    assert "entitlements" in put(client, ana, displayName="Ana")


def test_a_put_with_the_key_replaces_whoever_manages(world: World, acme: Tenant) -> None:
    ana = world.connect(acme, "writer").create_user("ana", entitlements=["meeting"])
    client = world.connect(acme, "client", manages_entitlements="no")
    put(client, ana, entitlements=[{"value": "training"}])
    assert products(world, acme, "ana") == {"training"}


def test_profile_rfc_always_clears(world: World) -> None:
    tenant = world.tenant("strict", "rfc")
    client = world.connect(tenant, manages_entitlements="no")
    ana = client.create_user("ana", entitlements=["meeting"])
    assert "entitlements" not in put(client, ana, displayName="Ana")
    assert products(world, tenant, "ana") == set()


def test_entitlements_of_rules_are_never_shown_as_written(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("ana")
    okta.create_group("Sales", ana["id"])
    assert "entitlements" not in okta.get(f"/Users/{ana['id']}").json


def test_a_put_that_says_what_is_already_there_changes_nothing(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", entitlements=MEETING)
    written = len(world.trail()), len(world.rows("outbox"))
    assert put(okta, ana, entitlements=MEETING)["meta"] == ana["meta"]
    assert (len(world.trail()), len(world.rows("outbox"))) == written
