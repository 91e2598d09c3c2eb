"""People added, edited, suspended, deleted and brought back from the command line."""

import json
import os
from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import joining
from tests.cli.commands import CommandLine, at_terminal
from tests.worlds import Connection, World, contents

ANA = ("acme", "ana@x.test", "--first", "Ana", "--last", "Silva")
Refusing = Callable[..., str]


@pytest.fixture
def refusing(cli: CommandLine, world: World) -> Refusing:
    """Runs a command that must fail, and change nothing."""

    def run(*arguments: str, code: int = 1) -> str:
        before = contents(world)
        said = cli.failed(code, *arguments)
        assert contents(world) == before
        return said

    return run


@pytest.fixture
def seated(world: World, acme: Tenant) -> None:
    """Two seats of meeting."""
    world.buy(acme, "meeting", 2)


def test_somebody_is_added_with_products(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection, seated: None
) -> None:
    added = cli.json("user", "add", *ANA, "--product", "MEETING", "--product", "meeting")
    assert added == cli.json("user", "show", "acme", "ANA@x.test")
    assert [(claim["product"], claim["source"]) for claim in added["claims"]] == [("meeting", "direct:admin")]
    assert [(seat["product"], seat["state"], seat["source"]) for seat in added["seats"]] == [
        ("meeting", "assigned", "direct:admin")
    ]
    (seen,) = okta.find("/Users", 'userName eq "ana@x.test"')
    assert (seen["displayName"], seen["name"], seen["active"]) == (
        "Ana Silva",
        {"givenName": "Ana", "familyName": "Silva"},
        True,
    )
    assert seen["emails"] == [{"value": "ana@x.test", "type": "work", "primary": True}]
    assert "entitlements" not in seen
    said = cli.done("user", "add", "acme", "b@x.test", "--first", "B", "--last", "C", "--product", "meeting").out
    assert said == "'b@x.test' is added, with meeting (assigned).\n"


def test_somebody_is_added_with_a_role(cli: CommandLine, refusing: Refusing, world: World, acme: Tenant) -> None:
    assert "no role 'boss'" in refusing("user", "add", *ANA, "--role", "boss")
    added = cli.json("user", "add", *ANA, "--role", "Admin")
    assert [(role["role"], role["source"]) for role in added["roles"]] == [("admin", "direct:admin")]
    assert (added["status"], added["reason"]) == ("active", None)
    assert cli.json("user", "suspend", "acme", "ana@x.test")["roles"] == []
    assert cli.json("user", "reactivate", "acme", "ana@x.test")["roles"] == []
    assert world.standing(acme, "ana@x.test") == ("unassigned", "no_product")


def test_an_add_that_would_wait_knows_its_products_and_role(refusing: Refusing, world: World, acme: Tenant) -> None:
    world.connect(world.tenant("other")).create_user("ana@x.test")
    assert "no product 'zoom'" in refusing("user", "add", *ANA, "--product", "zoom")
    assert "no role 'boss'" in refusing("user", "add", *ANA, "--role", "boss")


def test_the_last_super_admin_stays(cli: CommandLine, refusing: Refusing, acme: Tenant) -> None:
    cli.done("user", "add", *ANA, "--role", "super_admin")
    for command in (("suspend",), ("delete",)):
        assert "last super admin" in refusing("user", *command, "acme", "ana@x.test")
    cli.done("user", "add", "acme", "b@x.test", "--first", "B", "--last", "C", "--role", "super_admin")
    cli.done("user", "suspend", "acme", "ana@x.test")
    assert "last super admin" in refusing("user", "suspend", "acme", "b@x.test")


def test_what_was_given_by_hand_survives_the_identity_provider(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection, seated: None
) -> None:
    cli.done("user", "add", *ANA, "--product", "meeting")
    (seen,) = okta.find("/Users", 'userName eq "ana@x.test"')
    okta.put(f"/Users/{seen['id']}", {**seen, "entitlements": []})
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}


def test_a_bad_add_is_refused_and_leaves_nothing(refusing: Refusing, world: World, acme: Tenant, seated: None) -> None:
    assert "no product 'zoom'. Known products: meeting" in refusing("user", "add", *ANA, "--product", "zoom")
    assert "'ana' is no e-mail address" in refusing("user", "add", "acme", "ana", *ANA[2:])
    assert "cannot be a first name" in refusing("user", "add", "acme", "a@x.test", "--first", " ", "--last", "S")
    assert "cannot be a last name" in refusing("user", "add", "acme", "a@x.test", "--first", "A", "--last", "\x1b")
    assert "cannot be a user name" in refusing("user", "add", "acme", "a\u2167\u00a8@x", "--first", "A", "--last", "S")
    assert "Missing option '--last'" in refusing("user", "add", *ANA[:4], code=2)
    assert "no tenant 'nobody'" in refusing("user", "add", "nobody", *ANA[1:])


def test_a_user_name_in_use_is_refused(cli: CommandLine, refusing: Refusing, acme: Tenant, okta: Connection) -> None:
    okta.create_user("Ana@x.test")
    assert "'ana@x.test' is in use in this tenant" in refusing("user", "add", *ANA)


def test_an_address_of_somebody_in_the_tenant_stays_theirs(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    first = okta.create_user("ana", emails=[{"value": "ana@x.test"}])["id"]
    assert "stays that of another person" in cli.done("user", "add", *ANA).out
    assert [row["user_id"] for row in world.rows("addresses")] == [first]
    assert [issue["code"] for issue in cli.json("user", "show", "acme", "ana@x.test")["issues"]] == ["EMAIL_IN_USE"]


def test_a_subscription_that_rejects_refuses_the_add(
    refusing: Refusing, cli: CommandLine, world: World, acme: Tenant
) -> None:
    world.buy(acme, "meeting", 0, "reject")
    assert refusing("user", "add", *ANA, "--product", "meeting").startswith("seatLimit")
    world.buy(acme, "meeting", 0, "wait")
    assert cli.json("user", "add", *ANA, "--product", "meeting")["status"] == "waiting"


def test_an_add_whose_address_is_in_use_elsewhere_waits_and_is_carried_out(
    cli: CommandLine, world: World, acme: Tenant, seated: None
) -> None:
    other = world.connect(world.tenant("other"))
    eve = other.create_user("eve", emails=[{"value": "ANA@x.test"}])["id"]
    said = cli.json("user", "add", *ANA, "--product", "meeting")
    assert (said["status"], said["email"], said["products"]) == ("pending", "ana@x.test", ["meeting"])
    assert "the add waits" in cli.done("user", "add", *ANA, "--product", "meeting").out
    assert cli.json("user", "list", "acme") == []
    assert world.seats(acme, "meeting") == (0, 0, 2)
    (issue,) = world.rows("issues")
    assert (issue["code"], issue["subject"], issue["user_id"]) == ("EMAIL_IN_USE", "ana@x.test", None)
    assert joining.retry_waiting_adds(world.units) == 0
    other.delete(f"/Users/{eve}")
    assert world.rows("issues")[0]["closed"]
    assert joining.retry_waiting_adds(world.units) == 1
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}
    assert world.rows("pending_adds") == []
    assert joining.retry_waiting_adds(world.units) == 0


def test_a_waiting_add_goes_on_waiting_while_it_must(cli: CommandLine, world: World, acme: Tenant) -> None:
    world.buy(acme, "meeting", 0, "reject")
    other = world.connect(world.tenant("other"))
    eve = other.create_user("eve", emails=[{"value": "ana@x.test"}])["id"]
    cli.done("user", "add", *ANA, "--product", "meeting")
    other.delete(f"/Users/{eve}")
    assert joining.retry_waiting_adds(world.units) == 0
    eve = other.create_user("eve", emails=[{"value": "ana@x.test"}])["id"]
    assert joining.retry_waiting_adds(world.units) == 0
    assert [row["subject"] for row in world.rows("issues") if row["closed"] is None] == ["ana@x.test"]
    other.delete(f"/Users/{eve}")
    world.buy(acme, "meeting", 1)
    assert joining.retry_waiting_adds(world.units) == 1


def test_a_waiting_add_of_somebody_who_came_otherwise_is_over(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    other = world.connect(world.tenant("other"))
    eve = other.create_user("eve", emails=[{"value": "ana@x.test"}])["id"]
    cli.done("user", "add", *ANA)
    other.delete(f"/Users/{eve}")
    okta.create_user("ana@x.test")
    assert joining.retry_waiting_adds(world.units) == 0
    assert world.rows("pending_adds") == []


def test_a_waiting_add_can_be_called_off(cli: CommandLine, refusing: Refusing, world: World, acme: Tenant) -> None:
    world.connect(world.tenant("other")).create_user("eve", emails=[{"value": "ana@x.test"}])
    cli.done("user", "add", *ANA)
    (waiting,) = cli.json("pending-add", "list", "acme")
    assert cli.json("pending-add", "show", "acme", "ana@x.test") == waiting
    assert waiting["id"] in cli.done("pending-add", "show", "acme", waiting["id"]).out
    assert "ana@x.test" in cli.done("pending-add", "list", "acme").out
    assert "called off" in cli.done("pending-add", "cancel", "acme", "Ana@x.test").out
    assert world.rows("pending_adds") == []
    assert "no add of 'ana@x.test'" in refusing("pending-add", "cancel", "acme", "ana@x.test")
    assert "no add of 'ana@x.test'" in refusing("pending-add", "show", "acme", "ana@x.test")
    assert "No add waits" in cli.done("pending-add", "list", "acme").out
    actions = [row["action"] for row in world.rows("audit") if row["object_type"] == "add"]
    assert actions == ["add.waits", "add.called_off"]


def test_a_person_is_edited(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    cli.done("user", "add", *ANA)
    cli.done("user", "edit", "acme", "ana@x.test", "--last", "Costa", "--email", "a.costa@x.test", "--language", "pt")
    (seen,) = okta.find("/Users", 'userName eq "ana@x.test"')
    assert (seen["name"]["familyName"], seen["displayName"], seen["preferredLanguage"]) == ("Costa", "Ana Costa", "pt")
    assert seen["emails"] == [{"value": "a.costa@x.test", "type": "work", "primary": True}]
    assert [row["address_key"] for row in world.rows("addresses")] == ["a.costa@x.test"]
    cli.done("user", "edit", "acme", "ana@x.test", "--user-name", "ana", "--display-name", "A. C.", "--language", "")
    cli.done("user", "edit", "acme", "ana", "--first", "Anna")
    (seen,) = okta.find("/Users", 'name.givenName eq "Anna"')
    assert (seen["userName"], seen["displayName"]) == ("ana", "A. C.")
    assert "preferredLanguage" not in seen
    assert cli.done("user", "edit", "acme", "ana", "--first", "Anna").out == "'ana' is so already.\n"


def test_a_bad_edit_is_refused_and_changes_nothing(
    cli: CommandLine, refusing: Refusing, world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ben")
    world.connect(world.tenant("other")).create_user("eve@x.test")
    cli.done("user", "add", *ANA)
    edit = ("user", "edit", "acme", "ana@x.test", "--first", "Anna")
    assert "'BEN' is in use" in refusing(*edit, "--user-name", "BEN")
    assert "in use outside this tenant" in refusing(*edit, "--email", "eve@x.test")
    assert "is no e-mail address" in refusing(*edit, "--email", "eve")
    assert "cannot be a user name" in refusing(*edit, "--user-name", "")
    assert "is no language" in refusing(*edit, "--language", "Portuguese!")
    assert "no product 'zoom'" in refusing(*edit, "--remove-product", "zoom")
    assert "given and taken" in refusing(*edit, "--add-product", "meeting", "--remove-product", "MEETING")
    assert "no user 'nobody'" in refusing("user", "edit", "acme", "nobody", "--first", "N")


def test_a_product_taken_by_hand_stays_taken_whoever_gives_it(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection, seated: None
) -> None:
    world.rule(acme, "Sales", "meeting")
    cli.done("user", "add", *ANA, "--product", "meeting")
    (seen,) = okta.find("/Users", 'userName eq "ana@x.test"')
    okta.create_group("Sales", seen["id"])
    said = cli.done("user", "edit", "acme", "ana@x.test", "--remove-product", "meeting").out
    assert "go on giving meeting: the person is kept out" in said
    assert world.held_by(acme, "ana@x.test") == {}
    cli.done("user", "edit", "acme", "ana@x.test", "--add-product", "meeting")
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}


def test_a_product_given_by_hand_alone_is_just_taken(
    cli: CommandLine, world: World, acme: Tenant, seated: None
) -> None:
    cli.done("user", "add", *ANA, "--product", "meeting")
    assert cli.done("user", "edit", "acme", "ana@x.test", "--remove-product", "meeting").out == (
        "'ana@x.test' is changed.\n"
    )
    assert world.rows("exclusions") == world.rows("claims") == []
    assert world.seats(acme, "meeting") == (0, 0, 2)


def test_somebody_is_suspended_and_brought_back(cli: CommandLine, world: World, acme: Tenant, seated: None) -> None:
    cli.done("user", "add", *ANA, "--product", "meeting")
    shown = cli.json("user", "suspend", "acme", "ana@x.test")
    assert (shown["status"], shown["reason"], shown["active"], shown["seats"]) == ("suspended", "by_admin", True, [])
    assert cli.done("user", "suspend", "acme", "ana@x.test").out == "'ana@x.test' is already suspended.\n"
    assert cli.done("user", "reactivate", "acme", "ana@x.test").out == (
        "'ana@x.test' is back, with meeting (assigned).\n"
    )
    assert cli.done("user", "reactivate", "acme", "ana@x.test").out == "'ana@x.test' is not suspended.\n"


def test_a_rejecting_subscription_leaves_them_suspended(
    cli: CommandLine, refusing: Refusing, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1, "reject")
    cli.done("user", "add", *ANA, "--product", "meeting")
    cli.done("user", "suspend", "acme", "ana@x.test")
    okta.create_user("ben", entitlements=["meeting"])
    assert refusing("user", "reactivate", "acme", "ana@x.test").startswith("seatLimit")


def test_what_the_identity_provider_suspended_is_its_to_lift(
    cli: CommandLine, refusing: Refusing, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ben", active=False)
    assert "identity provider has suspended 'ben'" in refusing("user", "reactivate", "acme", "ben")
    cli.done("user", "suspend", "acme", "ben")
    assert "stays suspended by the identity provider" in cli.done("user", "reactivate", "acme", "ben").out


def test_somebody_is_deleted_listed_and_restored(cli: CommandLine, world: World, acme: Tenant, seated: None) -> None:
    ana = cli.json("user", "add", *ANA, "--product", "meeting")["id"]
    assert cli.json("user", "list", "acme", "--deleted") == []
    gone = cli.json("user", "delete", "acme", "ana@x.test", "--yes")
    assert (gone["id"], gone["status"], gone["continuedBy"]) == (ana, "deleted", None)
    assert gone["deleted"] < gone["restorableUntil"]
    assert cli.json("user", "list", "acme", "--deleted") == [gone] == [cli.json("user", "show", "acme", "ana@x.test")]
    assert cli.json("user", "list", "acme") == []
    shown = cli.done("user", "show", "acme", "ana@x.test").out
    assert "deleted" in shown
    assert gone["restorableUntil"][:19] in shown
    assert cli.json("user", "restore", "acme", "ana@x.test", "--id", ana)["id"] == ana
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}
    assert "is deleted" in cli.done("user", "delete", "acme", "ana@x.test").out
    assert cli.done("user", "restore", "acme", "ana@x.test").out == (
        "'ana@x.test' is restored, with meeting (assigned).\n"
    )


def test_a_newcomer_is_shown_with_whom_they_continue(cli: CommandLine, acme: Tenant, okta: Connection) -> None:
    first = okta.create_user("ana", externalId="e-1")["id"]
    okta.delete(f"/Users/{first}")
    second = okta.create_user("ana", externalId="e-1")["id"]
    assert cli.json("user", "show", "acme", "ana")["continues"] == [first]
    assert first in cli.done("user", "show", "acme", "ana").out
    assert cli.json("user", "list", "acme", "--deleted")[0]["continuedBy"] == second


def test_nobody_is_restored_in_vain(cli: CommandLine, refusing: Refusing, acme: Tenant, okta: Connection) -> None:
    assert "nobody 'ana' to restore" in refusing("user", "restore", "acme", "ana")
    ana = okta.create_user("ana")["id"]
    okta.delete(f"/Users/{ana}")
    okta.create_user("ana")
    assert "has the name" in refusing("user", "restore", "acme", "ana")
    assert "no user 'nobody'" in refusing("user", "delete", "acme", "nobody", "--yes")


@pytest.mark.parametrize(("typed", "deleted"), [("n\n", False), ("y\n", True)])
def test_at_a_terminal_a_deletion_is_asked_for(
    cli: CommandLine, world: World, acme: Tenant, seated: None, typed: str, deleted: bool
) -> None:
    cli.done("user", "add", *ANA, "--product", "meeting")
    assert os.environ["SCIM_DATABASE_URL"]
    code, screen = at_terminal("user", "delete", "acme", "ana@x.test", typed=typed)
    assert "'ana@x.test' loses meeting (assigned). Delete?" in screen
    assert code == (0 if deleted else 1)
    assert bool(world.rows("tombstones")) is deleted


def test_sign_ins_are_reported(cli: CommandLine, refusing: Refusing, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    assert cli.json("user", "show", "acme", "ana")["lastSeen"] is None
    seen = cli.json("user", "seen", "acme", "ana", "--at", "2026-01-02T04:04:05+01:00")
    assert seen["lastSeen"] == "2026-01-02T03:04:05.000000Z"
    assert "was last seen 20" in cli.done("user", "seen", "acme", "ANA").out
    assert cli.json("user", "show", "acme", "ana")["lastSeen"] > seen["lastSeen"]
    assert "no user 'ben'" in refusing("user", "seen", "acme", "ben")
    for moment in ("yesterday", "2026-13-02", ""):
        assert "is no moment" in refusing("user", "seen", "acme", "ana", "--at", moment, code=2)


def test_settings_are_set_shown_and_taken_back(cli: CommandLine, refusing: Refusing, acme: Tenant) -> None:
    assert cli.json("tenant", "show", "acme")["settings"]["retention_days"] == "30"
    changed = cli.json("tenant", "set", "acme", "inactive_after=60", "put.omitted=clear", "guard_seats=7")
    assert [changed["settings"][name] for name in ("inactive_after", "guard_seats")] == ["60", "7"]
    assert changed["switches"]["put.omitted"] == "clear"
    lines = cli.done("tenant", "show", "acme").out.splitlines()
    assert any(line.split()[:2] == ["inactive_after", "60"] for line in lines)
    assert cli.json("tenant", "set", "acme", "guard_seats=default")["settings"]["guard_seats"] == "5"
    assert "inactive_after cannot be '45': it wants one of none, 30, 60, 90." in refusing(
        "tenant", "set", "acme", "guard_seats=9", "inactive_after=45"
    )
    assert "retention_days cannot be ''" in refusing("tenant", "set", "acme", "retention_days")
    said = refusing("tenant", "set", "acme", "colour=blue", code=2)
    assert "There is no switch 'colour'." in said
    assert "Settings are inactive_after, " in said
    assert json.dumps(cli.json("tenant", "show", "acme")["settings"])


def test_an_edit_says_what_is_to_change(cli: CommandLine, acme: Tenant) -> None:
    assert "Say what is to change" in cli.failed(2, "user", "edit", "acme", "ana@x.test")
