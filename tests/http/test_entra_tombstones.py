"""Entra's rename before deletion: 32 hexadecimal digits in front of the name corrupt nothing (`domain/renames.py`)."""

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import leaving, people
from tests.worlds import CAUSE, Connection, World

DIGITS = "0123456789abcdef0123456789ABCDEF"
NAME = "ana@x.test"
RENAMED = DIGITS + NAME
OFF = {"op": "Replace", "path": "active", "value": "False"}


def rename(name: str, path: str = "userName") -> dict:
    return {"op": "Replace", "path": path, "value": name}


@pytest.fixture
def entra(world: World, acme: Tenant) -> Connection:
    world.buy(acme, "meeting", 1)
    return world.connect(acme, "entra", idp="entra")


def make(entra: Connection, *, mailed: bool) -> str:
    """Ana's id; with an e-mail of her own, or none but her name."""
    more = {"emails": [{"value": NAME, "type": "work", "primary": True}], "displayName": NAME} if mailed else {}
    return str(entra.create_user(NAME, externalId="ana", entitlements=["meeting"], **more)["id"])


def owners(world: World) -> list[tuple[str, str]]:
    return [(row["address_key"], row["user_id"]) for row in world.rows("addresses")]


@pytest.mark.parametrize("mailed", [True, False])
@pytest.mark.parametrize("together", [True, False])
def test_the_address_stays_through_rename_suspension_and_restore(
    world: World, acme: Tenant, entra: Connection, mailed: bool, together: bool
) -> None:
    ana = make(entra, mailed=mailed)
    path, kept = f"/Users/{ana}", entra.get(f"/Users/{ana}").json
    changes = [rename(RENAMED), OFF]
    for operations in [changes] if together else [changes[:1], changes[1:]]:
        assert entra.patch(path, *operations).status_code == 200
        assert owners(world) == [(NAME, ana)]
    now = entra.get(path).json
    assert (now["userName"], now["active"]) == (RENAMED, False)
    assert now.get("emails") == kept.get("emails")
    assert world.seats(acme, "meeting") == (0, 0, 1)
    assert world.rows("users")[0]["address_key"] == NAME
    answer = entra.patch(path, rename(NAME), {"op": "Replace", "path": "active", "value": "True"})
    assert (answer.json["userName"], answer.json["active"]) == (NAME, True)
    assert owners(world) == [(NAME, ana)]
    assert world.held_by(acme, NAME) == {"meeting": "assigned"}
    assert world.rows("users")[0]["true_name"] is None


def test_a_mapped_address_and_display_name_are_not_renamed(world: World, entra: Connection) -> None:
    ana = make(entra, mailed=True)
    operations = [
        rename(RENAMED),
        rename(RENAMED, 'emails[type eq "work"].value'),
        rename(RENAMED, "displayName"),
        OFF,
    ]
    for _ in range(2):
        now = entra.patch(f"/Users/{ana}", *operations).json
        assert (now["userName"], now["displayName"], now["emails"][0]["value"]) == (RENAMED, NAME, NAME)
    assert owners(world) == [(NAME, ana)]
    assert [row["address_key"] for row in world.rows("user_emails")] == [NAME]


def test_a_put_renames_likewise(world: World, entra: Connection) -> None:
    ana = make(entra, mailed=True)
    before = entra.get(f"/Users/{ana}").json
    answer = entra.put(f"/Users/{ana}", {**before, "userName": RENAMED, "active": False})
    assert answer.json["userName"] == RENAMED
    assert owners(world) == [(NAME, ana)]


def test_the_rename_is_in_audit_trail_and_log(world: World, entra: Connection) -> None:
    ana = make(entra, mailed=False)
    entra.patch(f"/Users/{ana}", rename(RENAMED), OFF)
    assert "a rename before deletion" in str(world.rows("provisioning_log")[-1]["notes"])
    (entry,) = [row for row in world.rows("audit") if row["action"] == "user.suspended"]
    assert f'"nameBeforeDeletion":"{NAME}"' in str(entry["after"]).replace("'", '"').replace(": ", ":")


@pytest.mark.parametrize("mailed", [True, False])
def test_the_deletion_that_follows_frees_name_and_address(
    world: World, acme: Tenant, entra: Connection, mailed: bool
) -> None:
    ana = make(entra, mailed=mailed)
    entra.patch(f"/Users/{ana}", rename(RENAMED), OFF)
    assert entra.delete(f"/Users/{ana}").status_code == 204
    assert owners(world) == []
    (gone,) = people.departed(world.units, acme, NAME)
    assert (gone.tombstone.user.user_name, gone.tombstone.user.id) == (NAME, ana)
    back = make(entra, mailed=mailed)
    assert world.person(acme, NAME).continues == [ana]
    assert owners(world) == [(NAME, back)]


def test_who_is_restored_by_hand_has_the_true_name(world: World, acme: Tenant, entra: Connection) -> None:
    ana = make(entra, mailed=False)
    entra.patch(f"/Users/{ana}", rename(RENAMED), OFF)
    entra.delete(f"/Users/{ana}")
    leaving.restore_person(world.units, acme, CAUSE, NAME)
    assert entra.get(f"/Users/{ana}").json["userName"] == NAME
    assert owners(world) == [(NAME, ana)]


def test_the_old_name_can_be_given_again_and_then_does_not_come_back(world: World, entra: Connection) -> None:
    """A name is unique, a disguised one like any other; the address stays with whom it belongs to."""
    ana = make(entra, mailed=False)
    entra.patch(f"/Users/{ana}", rename(RENAMED), OFF)
    ben = entra.create_user(NAME, externalId="ben")["id"]
    assert owners(world) == [(NAME, ana)]
    answer = entra.patch(f"/Users/{ana}", rename(NAME))
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")
    entra.delete(f"/Users/{ana}")
    assert owners(world) == [(NAME, ben)]


def test_a_name_that_merely_looks_like_it_is_a_name(world: World, entra: Connection) -> None:
    """Hashes and relay addresses begin with such digits from the start; another name is another person's address."""
    relay = f"{DIGITS}ab@relay.test"
    ana = entra.create_user(relay)["id"]
    assert owners(world) == [(relay.lower(), ana)]
    entra.patch(f"/Users/{ana}", rename(f"{DIGITS}cd@relay.test"))
    assert owners(world) == [(f"{DIGITS}cd@relay.test".lower(), ana)]
    entra.patch(f"/Users/{ana}", rename("ana@x.test"))
    assert owners(world) == [("ana@x.test", ana)]
