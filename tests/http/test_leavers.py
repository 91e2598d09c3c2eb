"""Leaving and returning: everything free at once, and a new id for who comes back (design section 6)."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.worlds import Connection, World

PERSON = {"externalId": "e-1", "emails": [{"value": "ana@x.test", "primary": True}]}


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> str:
    """Ana's id: she holds the one seat and owns her address."""
    world.buy(acme, "meeting", 1)
    return str(okta.create_user("ana", entitlements=["meeting"], **PERSON)["id"])


def test_a_leaver_frees_seat_name_and_address_at_once(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    assert okta.delete(f"/Users/{ana}").status_code == 204
    assert okta.get(f"/Users/{ana}").status_code == 404
    assert world.seats(acme, "meeting") == (0, 0, 1)
    assert world.rows("addresses") == world.rows("user_emails") == world.rows("claims") == world.rows("seats") == []
    other = world.connect(world.tenant("other"))
    other.create_user("ana", **PERSON)


def test_a_leaver_leaves_a_tombstone_that_no_query_sees(okta: Connection, world: World, ana: str) -> None:
    okta.delete(f"/Users/{ana}")
    assert okta.find("/Users", 'userName eq "ana"') == okta.find("/Users", 'externalId eq "e-1"') == []
    (tombstone,) = world.rows("tombstones")
    assert (tombstone["id"], tombstone["external_id"], tombstone["address_key"]) == (ana, "e-1", "ana@x.test")


def test_who_returns_has_a_new_id_and_the_old_one_stays_gone(
    world: World, acme: Tenant, okta: Connection, ana: str
) -> None:
    okta.delete(f"/Users/{ana}")
    back = okta.create_user("ana", entitlements=["meeting"], **PERSON)
    assert back["id"] != ana
    assert okta.get(f"/Users/{ana}").status_code == 404
    assert world.held_by(acme, "ana") == {"meeting": "assigned"}
    okta.delete(f"/Users/{back['id']}")
    assert {row["id"] for row in world.rows("tombstones")} == {ana, back["id"]}


def test_a_second_delete_finds_nobody(world: World, okta: Connection, ana: str) -> None:
    okta.delete(f"/Users/{ana}")
    written = len(world.trail())
    assert okta.delete(f"/Users/{ana}").status_code == 404
    assert len(world.trail()) == written


def test_a_leaver_leaves_every_group_which_then_has_a_new_version(world: World, okta: Connection, ana: str) -> None:
    bob = okta.create_user("bob")["id"]
    groups = [okta.create_group(name, ana, bob) for name in ("Sales", "Staff")]
    okta.delete(f"/Users/{ana}")
    for group in groups:
        now = okta.get(f"/Groups/{group['id']}").json
        assert [member["value"] for member in now["members"]] == [bob]
        assert now["meta"]["version"] != group["meta"]["version"]
        assert now["meta"]["lastModified"] > group["meta"]["lastModified"]


def test_who_returns_is_in_no_group(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    world.rule(acme, "Sales", "meeting")
    group = okta.create_group("Sales", ana)["id"]
    okta.delete(f"/Users/{ana}")
    back = okta.create_user("ana")
    assert "groups" not in back
    assert okta.member_ids(group) == set()
    assert world.held_by(acme, "ana") == {}


def test_a_suspended_leaver_leaves_like_anybody_else(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    assert okta.delete(f"/Users/{ana}").status_code == 204
    assert world.rows("claims") == []


def test_the_issues_of_a_leaver_close(world: World, acme: Tenant, okta: Connection, ana: str) -> None:
    bob = okta.create_user("bob", entitlements=["meeting", "unheard-of"], emails=PERSON["emails"])["id"]
    codes = {row["code"] for row in world.rows("issues") if row["user_id"] == bob}
    assert codes == {"NO_SEAT", "UNKNOWN_ENTITLEMENT", "EMAIL_IN_USE"}
    okta.delete(f"/Users/{bob}")
    assert [row for row in world.rows("issues") if row["closed"] is None and row["user_id"] == bob] == []


def test_a_user_of_another_tenant_cannot_be_deleted(world: World, okta: Connection, ana: str) -> None:
    other = world.connect(world.tenant("other"))
    assert other.delete(f"/Users/{ana}").status_code == 404
    assert okta.get(f"/Users/{ana}").status_code == 200


def test_a_member_of_another_tenant_is_nobody_here(world: World, okta: Connection, ana: str) -> None:
    other = world.connect(world.tenant("other"))
    group = other.create_group("Sales", ana)
    assert "members" not in group
    assert world.rows("members") == []
