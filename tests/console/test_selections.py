"""What is done to people who were chosen: seen for each, confirmed once, undone as one."""

import pytest

from scim_server.domain.particulars import Edit, Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, editing, joining, undoing
from scim_server.services.undoing import Undoable
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.worlds import CAUSE, Connection, World

NAMES = ("bea", "cas", "dov")


@pytest.fixture
def chosen(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Three people by id: bea has the one seat, cas waits for it, dov is suspended by the identity provider."""
    world.buy(acme, "meeting", 1)
    ids = {
        name: okta.create_user(f"{name}@example.com", displayName=name.title(), entitlements=["meeting"])["id"]
        for name in NAMES
    }
    okta.patch(f"/Users/{ids['dov']}", {"op": "replace", "path": "active", "value": False})
    return ids


def path(deed: str, *ids: str, product: str | None = None) -> str:
    about = "" if product is None else f"&product={product}"
    return f"/people/chosen?deed={deed}{about}" + "".join(f"&user={each}" for each in ids)


def foreseen(visitor: Visitor, deed: str, ids: dict[str, str], product: str | None = None) -> list[str]:
    """What the page says will happen to each, in the order of the list."""
    page = visitor.get(path(deed, *ids.values(), product=product))
    rows = page.text.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    return [" ".join(text_of_cell(row).split()) for row in rows]


def text_of_cell(row: str) -> str:
    cell = row.rpartition("<td>")[2].partition("</td>")[0]
    return cell.replace("<small>", " ").replace("</small>", " ")


def test_nothing_happens_before_it_was_confirmed(
    world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]
) -> None:
    page = ana.submit("/people", deed="suspend", user=list(chosen.values()))
    assert page.status_code == 200
    assert "No seat and no role until an admin lifts it" in text_of(page)
    assert [world.standing(acme, each)[0] for each in chosen.values()] == ["active", "waiting", "suspended"]
    page = text_of(ana.submit("/people", deed="suspend"))
    assert "Nobody is chosen" in page


def test_several_are_suspended_and_brought_back_as_one_change(
    world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]
) -> None:
    world.buy(acme, "meeting", 2)
    assert foreseen(ana, "suspend", chosen) == [
        "Loses what they have Products: meeting",
        "Loses what they have Products: meeting",
        "Stays suspended, also when the identity provider brings them back",
    ]
    assert ana.done(path("suspend", *chosen.values())).startswith("Suspended: 3 people. Undo")
    assert [world.standing(acme, each)[1] for each in chosen.values()] == ["by_admin", "by_admin", "by_idp"]
    assert foreseen(ana, "suspend", chosen) == ["Nothing changes"] * 3
    last = world.trail(acme)[-1].request_id
    undoing.undo(world.units, acme, CAUSE, Undoable(request_id=last))
    assert [world.standing(acme, each)[0] for each in chosen.values()] == ["active", "active", "suspended"]


def test_who_cannot_come_back_keeps_nobody_else_from_it(
    world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]
) -> None:
    editing.suspend_person(world.units, acme, CAUSE, chosen["bea"])
    assert foreseen(ana, "reactivate", chosen) == [
        "Comes back, and asks anew for what they should have Products: meeting",
        "Nothing changes",
        "Is suspended by the identity provider, which alone can lift that",
    ]
    told = ana.done(path("reactivate", *chosen.values()))
    assert told.startswith(
        "Reactivated: 2 people. 1 was refused: The identity provider has suspended 'dov@example.com'"
    )
    assert world.standing(acme, chosen["bea"])[0] == "waiting"


def test_products_are_given_as_far_as_there_is_room(
    world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]
) -> None:
    world.buy(acme, "meeting", 2)
    editing.edit_person(world.units, acme, CAUSE, chosen["cas"], Edit(), removed=["meeting"])
    free = joining.add_person(world.units, acme, CAUSE, Newcomer("eve@example.com", "Eve", "Adam"))
    assert not isinstance(free, joining.PendingAdd)
    everybody = {**chosen, "eve": free.user.id}
    expected = [
        "Nothing changes",
        "Gets a seat",
        "Is suspended, and gets it with their return",
        "Waits: no seat is free",
    ]
    assert foreseen(ana, "give", everybody, "meeting") == expected
    assert ana.done(path("give", *everybody.values(), product="meeting")).startswith("Given: 4 people.")
    states = [world.held_by(acme, each).get("meeting") for each in everybody.values()]
    assert states == ["assigned", "assigned", None, "waiting"]


def test_a_subscription_that_refuses_says_so_beforehand(
    world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]
) -> None:
    world.buy(acme, "webinar", 0, "reject")
    assert foreseen(ana, "give", {"bea": chosen["bea"]}, "webinar") == ["Is refused: no seat is free"]
    assert "seatLimit" in ana.refused(path("give", chosen["bea"], product="webinar"))


def test_products_are_taken_whatever_gives_them(
    world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]
) -> None:
    editing.edit_person(world.units, acme, CAUSE, "ana@example.com", Edit(), added=["meeting"])
    everybody = {**chosen, "ana": world.person(acme, "ana@example.com").user.id}
    kept_out = "Loses it, and is kept out of it although it would be given"
    assert sorted(foreseen(ana, "take", everybody, "meeting")) == sorted([kept_out] * 3 + ["Loses what they have"])
    ana.done(path("take", *everybody.values(), product="meeting"))
    assert [world.held_by(acme, each) for each in everybody.values()] == [{}, {}, {}, {}]
    assert set(foreseen(ana, "take", everybody, "meeting")) == {"Nothing changes"}


def test_deleted_people_leave_the_list_and_the_last_super_admin_stays(
    world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]
) -> None:
    boss = world.person(acme, "ana@example.com").user.id
    everybody = {**chosen, "ana": boss}
    assert "Is refused: the last super admin stays" in foreseen(ana, "delete", everybody)
    told = ana.done(path("delete", *everybody.values()))
    assert told.startswith("Deleted: 3 people. 1 was refused: 'ana@example.com' is the last super admin")
    assert "bea@example.com" not in ana.see("/people")
    assert "last super admin" in ana.refused(path("suspend", boss))


def test_of_two_super_admins_one_may_go(world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]) -> None:
    authorising.grant_role(world.units, acme, CAUSE, chosen["bea"], "super_admin")
    boss = world.person(acme, "ana@example.com").user.id
    first, last = foreseen(ana, "suspend", {"ana": boss, "bea": chosen["bea"]})
    assert first == "Loses what they have Roles: Super admin"
    assert last == "Is refused: the last super admin stays"


def test_a_deed_takes_its_permission(world: World, acme: Tenant, ana: Visitor, chosen: dict[str, str]) -> None:
    authorising.create_role(world.units, acme, CAUSE, "seater", "Seater", "", ["people.read", "seats.write"])
    seater = visitors.person(world, acme, "bea@example.com", "seater")
    assert seater.get(path("suspend", chosen["cas"])).status_code == 403
    assert seater.get(path("take", chosen["cas"], product="meeting")).status_code == 200
    page = seater.get("/people").text
    assert ('value="suspend"' in page, 'value="take"' in page) == (False, True)


@pytest.mark.parametrize("deed", ["", "promote"])
def test_an_unknown_deed_is_told(ana: Visitor, chosen: dict[str, str], deed: str) -> None:
    page = ana.get(path(deed, chosen["bea"]))
    assert (page.status_code, "Choose what is to be done" in text_of(page)) == (400, True)


def test_there_is_a_most(ana: Visitor) -> None:
    page = ana.submit("/people", deed="delete", user=[str(number) for number in range(501)])
    assert (page.status_code, "At most 500 people" in text_of(page)) == (400, True)
