"""People page by page, sought by what an admin knows of them."""

from collections.abc import Callable
from typing import Any

import pytest

from scim_server.domain.directory import Status
from scim_server.domain.particulars import Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, joining, people, seeing, tenancy
from scim_server.services.sought_people import EVERYBODY, SoughtPeople
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World

Found = Callable[..., list[str]]


@pytest.fixture
def found(world: World, acme: Tenant, okta: Connection) -> Found:
    """Four people of acme, by id, in whose midst one of another tenant was made; looks for some by name."""
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("Ana", displayName="Ana Silva", emails=[{"value": "A@x.test"}], entitlements=["meeting"])
    world.connect(world.tenant("other")).create_user("ana.other", entitlements=["meeting"])
    okta.create_user("ben@x.test", displayName="Ben de Sousa", externalId="E-1", entitlements=["meeting"])
    cas = okta.create_user("cas", active=False, roles=[{"value": "admin"}])
    okta.create_user("di%", roles=[{"value": "admin"}])
    inner = okta.create_group("Sales EMEA", ana["id"])["id"]
    okta.create_group("Sales", inner, cas["id"])

    def find(**sought: Any) -> list[str]:
        page = people.page(world.units, acme, SoughtPeople(**sought), limit=10)
        return [portrait.user.user_name for portrait in page]

    return find


@pytest.mark.parametrize(
    ("sought", "names"),
    [
        ({}, ["Ana", "ben@x.test", "cas", "di%"]),
        ({"user_name": "ANA"}, ["Ana"]),
        ({"user_name": "an"}, []),
        ({"user_name": "a\u2167\u00a8"}, []),
        ({"address": "a@X.test"}, ["Ana"]),
        ({"address": "BEN@x.test"}, ["ben@x.test"]),
        ({"external_id": "E-1"}, ["ben@x.test"]),
        ({"external_id": "e-1"}, []),
        ({"text": "SIL"}, ["Ana"]),
        ({"text": "ilva"}, []),
        ({"text": "sou"}, ["ben@x.test"]),
        ({"text": "be"}, ["ben@x.test"]),
        ({"text": "%"}, []),
        ({"text": "di%"}, ["di%"]),
        ({"text": ""}, ["Ana", "ben@x.test", "cas", "di%"]),
        ({"active": False}, ["cas"]),
        ({"active": True, "text": "c"}, []),
        ({"product": "meeting"}, ["Ana", "ben@x.test"]),
        ({"role": "admin"}, ["di%"]),
        ({"role": "admin", "product": "meeting"}, []),
    ],
)
def test_people_are_found(found: Found, sought: dict[str, Any], names: list[str]) -> None:
    assert found(**sought) == names


def test_people_are_found_by_group(found: Found, okta: Connection) -> None:
    groups = {group["displayName"]: group["id"] for group in okta.get("/Groups").json["Resources"]}
    assert found(group=groups["Sales EMEA"]) == ["Ana"]
    assert found(group=groups["Sales"]) == ["Ana", "cas"]
    assert found(group="sales") == ["Ana", "cas"]
    assert found(group="nothing") == []


def test_pages_follow_each_other_at_the_same_cost(world: World, acme: Tenant, okta: Connection, found: Found) -> None:
    with counting(world) as small:
        first = people.page(world.units, acme, limit=3)
    with counting(world) as large:
        everybody = people.page(world.units, acme, EVERYBODY, limit=100)
    assert int(small) == int(large)
    rest = people.page(world.units, acme, after=first[-1].user.id, limit=3)
    assert [each.user.id for each in (*first, *rest)] == [each.user.id for each in everybody]
    assert [each.status.value for each in everybody] == ["active", "waiting", "suspended", "active"]
    assert people.page(world.units, acme, after=rest[-1].user.id, limit=3) == []


SPREAD = {
    Status.ACTIVE: ["held", "chief", "seen"],
    Status.INVITED: ["asked"],
    Status.INACTIVE: ["idle"],
    Status.WAITING: ["waits"],
    Status.UNASSIGNED: ["bare"],
    Status.SUSPENDED: ["off", "barred"],
    Status.DELETED: [],
}
"""Who stands where, where sign-ins matter; without that who is invited or idle is active."""


@pytest.fixture
def spread(world: World, acme: Tenant, okta: Connection) -> Tenant:
    """Somebody of each status."""
    world.buy(acme, "meeting", 5)
    names = ("held", "seen", "idle", "asked")
    ids = {name: okta.create_user(name, entitlements=["meeting"])["id"] for name in names}
    okta.create_user("chief", roles=[{"value": "admin"}])
    okta.create_user("off", active=False, entitlements=["meeting"])
    okta.create_user("barred", entitlements=["meeting"])
    editing.suspend_person(world.units, acme, CAUSE, "barred")
    world.buy(acme, "meeting", 4)
    okta.create_user("waits", entitlements=["meeting"])
    okta.create_user("bare")
    tenant = world.decide("acme", inactive_after="30")
    seeing.report_seen(world.units, tenant, [(ids["held"], None), (ids["seen"], None), ("chief", None)])
    seeing.report_seen(world.units, tenant, [(ids["idle"], "2020-01-01T00:00:00.000000Z")])
    return tenant


@pytest.mark.parametrize("status", list(Status))
def test_people_are_found_by_the_status_they_are_shown_with(world: World, spread: Tenant, status: Status) -> None:
    def names(tenant: Tenant, sought: SoughtPeople) -> list[str]:
        return [each.user.user_name for each in people.page(world.units, tenant, sought, limit=20)]

    assert sorted(names(spread, SoughtPeople(status=status))) == sorted(SPREAD[status])
    careless = world.decide("acme", inactive_after="none")
    for tenant in (spread, careless):
        shown = [each for each in people.people(world.units, tenant) if each.status is status]
        assert names(tenant, SoughtPeople(status=status)) == [each.user.user_name for each in shown]


def test_people_are_found_by_where_they_come_from(world: World, acme: Tenant, okta: Connection, found: Found) -> None:
    entra = world.connect(acme, "entra")
    entra.create_user("eva@x.test")
    joining.add_person(world.units, acme, CAUSE, Newcomer("fay@x.test", "Fay", "Ito"))
    by_entra, by_okta = (f"connection:{each.id}" for each in tenancy.connections(world.units, acme))
    assert found(source="admin") == ["fay@x.test"]
    assert found(source=by_entra) == ["eva@x.test"]
    assert found(source=by_okta, text="be") == ["ben@x.test"]
    assert found(source="connection", text="e") == ["eva@x.test"]
    assert found(source="conn") == []


def test_people_are_found_one_by_one_and_within_groups(
    world: World, acme: Tenant, okta: Connection, found: Found
) -> None:
    ids = {each.user.user_name: each.user.id for each in people.people(world.units, acme)}
    groups = {group["displayName"]: group["id"] for group in okta.get("/Groups").json["Resources"]}
    assert found(ids=(ids["cas"], ids["di%"], "nobody")) == ["cas", "di%"]
    assert found(ids=()) == []
    assert found(within=(groups["Sales"],)) == ["Ana", "cas"]
    assert found(within=(groups["Sales EMEA"], "gone")) == ["Ana"]
    assert found(within=(groups["Sales"],), ids=(ids["cas"], ids["di%"])) == ["cas"]
    assert found(within=(groups["Sales"],), group="sales emea") == ["Ana"]
    assert found(within=()) == []


def test_all_who_are_found_are_read_batch_by_batch(world: World, acme: Tenant, found: Found, monkeypatch: Any) -> None:
    monkeypatch.setattr(people, "AT_ONCE", 2)
    assert [each.user.user_name for each in people.every_person(world.units, acme, EVERYBODY)] == found()
