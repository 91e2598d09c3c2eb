"""People page by page, sought by what an admin knows of them."""

from collections.abc import Callable
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import people
from scim_server.services.sought_people import EVERYBODY, SoughtPeople
from tests.http.test_statements import counting
from tests.worlds import Connection, World

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
