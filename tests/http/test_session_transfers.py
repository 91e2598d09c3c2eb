"""Transfers of the mode `seat_and_events`: what is to come moves, trainings and other people's webinars do not."""

from typing import Any

import pytest

from scim_server.domain.errors import Invalid
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Mode, Plan
from tests.http.refusals import unchanged
from tests.schedules import LONG_AGO, load, organisers, session
from tests.transfers import transfer
from tests.worlds import Connection, World


@pytest.fixture
def ids(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Ana, with sessions of every kind and no seat, Eva and Ben."""
    ids = {name: okta.create_user(name)["id"] for name in ("ana", "eva", "ben")}
    load(
        world,
        acme,
        session("m1", "ana"),
        session("past", "ana", starts=LONG_AGO),
        session("w1", "ana", "webinar", coOrganisers=["eva", "ben"]),
        session("w2", "ana", "webinar", coOrganisers=["ben"]),
        session("t1", "ana", "training", coOrganisers=["eva"]),
        session("r1", "ana", "recording"),
        session("b1", "ben"),
    )
    return ids


def move(world: World, tenant: Tenant, *products: str, **more: Any) -> Plan:
    return transfer(world, tenant, "ana", "eva", *products, mode=Mode.SEAT_AND_EVENTS, **more)


def test_meetings_and_webinars_of_a_co_organiser_move(world: World, acme: Tenant, ids: dict[str, str]) -> None:
    plan = move(world, acme)
    assert [each.id for each in plan.sessions] == ["m1", "w1"]
    assert {each.what: each.reason for each in plan.staying_sessions} == {
        "t1": "a training cannot move to another organiser; take_over keeps it",
        "w2": "eva is no co-organiser of this webinar; --add-co-organiser makes them one",
    }
    assert organisers(world) == {
        "m1": ids["eva"], "w1": ids["eva"], "w2": ids["ana"], "t1": ids["ana"], "past": ids["ana"],
        "r1": ids["ana"], "b1": ids["ben"],
    }  # fmt: skip
    with world.units.read(acme) as uow:
        (webinar,) = uow.sessions.visible_among(None, ["w1"])
    assert webinar.co_organisers == (ids["ben"],)


def test_webinars_move_to_who_becomes_co_organiser(world: World, acme: Tenant, ids: dict[str, str]) -> None:
    plan = move(world, acme, add_co_organiser=True)
    assert [each.id for each in plan.sessions] == ["m1", "w1", "w2"]
    assert [each.what for each in plan.staying_sessions] == ["t1"]


def test_products_move_with_them(world: World, acme: Tenant, okta: Connection, ids: dict[str, str]) -> None:
    world.buy(acme, "meeting", 1)
    okta.patch(f"/Users/{ids['ana']}", {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]})
    plan = move(world, acme)
    assert [each.product for each in plan.products] == ["meeting"]
    assert world.held_by(acme, "eva") == {"meeting": "assigned"}
    assert organisers(world)["m1"] == ids["eva"]


def test_the_mode_seat_moves_no_session(world: World, acme: Tenant, okta: Connection, ids: dict[str, str]) -> None:
    world.buy(acme, "meeting", 1)
    okta.patch(f"/Users/{ids['ana']}", {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]})
    before = organisers(world)
    assert list(transfer(world, acme, "ana", "eva").sessions) == []
    assert organisers(world) == before


def test_each_session_is_in_the_audit_trail_and_told(world: World, acme: Tenant, ids: dict[str, str]) -> None:
    move(world, acme)
    changed = [row["object_id"] for row in world.rows("audit") if row["action"] == "session.reassigned"]
    assert sorted(changed) == ["m1", "w1"]
    told = [row["subject"] for row in world.rows("outbox") if row["event"] == "session.reassigned"]
    assert told == [f"user:{ids['eva']}"] * 2


def test_where_nothing_can_move_the_reasons_are_given(world: World, acme: Tenant, ids: dict[str, str]) -> None:
    move(world, acme)
    with unchanged(world), pytest.raises(Invalid, match=r"nothing to move from 'ana' to 'eva': .*t1: a training"):
        move(world, acme)
