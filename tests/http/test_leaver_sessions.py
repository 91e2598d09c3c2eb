"""DELETE of a person: what becomes of the sessions they had planned is the tenant's setting `leaver_sessions`."""

from dataclasses import dataclass
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from tests.schedules import LONG_AGO, load, organisers, session
from tests.worlds import CAUSE, ENTERPRISE, Connection, World

PLANNED = ("meeting", "webinar", "training")


@dataclass
class Office:
    """Ana, whose manager is Mia, and their heir Hal; Ana has one of each session, one meeting long ago."""

    world: World
    tenant: Tenant
    okta: Connection
    ids: dict[str, str]

    def settle(self, **settings: str) -> None:
        tenancy.set_terms(self.world.units, self.tenant, CAUSE, settings=settings)

    def delete(self, name: str) -> None:
        assert self.okta.delete(f"/Users/{self.ids[name]}").status_code == 204

    def events(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.world.rows("outbox") if row["event"] == name]

    def planned(self) -> set[str | None]:
        """Whose the sessions are that were still to come."""
        return {organisers(self.world).get(kind, "nobody's") for kind in PLANNED}


@pytest.fixture
def office(world: World, acme: Tenant, okta: Connection) -> Office:
    ids = {name: okta.create_user(f"{name}@x.test")["id"] for name in ("mia", "hal")}
    manager = {ENTERPRISE: {"manager": {"value": ids["mia"]}}}
    ids["ana"] = okta.create_user("ana@x.test", **manager)["id"]
    planned = [session(kind, "ana@x.test", kind, coOrganisers=["mia@x.test", "hal@x.test"]) for kind in PLANNED]
    past = session("past", "ana@x.test", starts=LONG_AGO)
    load(world, acme, *planned, past, session("recording", "ana@x.test", "recording"))
    return Office(world, acme, okta, ids)


def test_they_are_kept_by_default(office: Office) -> None:
    before = office.world.rows("sessions")
    office.delete("ana")
    assert office.world.rows("sessions") == before


def test_they_are_cancelled_and_the_application_is_told(office: Office) -> None:
    office.settle(leaver_sessions="cancel")
    office.delete("ana")
    assert organisers(office.world) == {"past": office.ids["ana"], "recording": office.ids["ana"]}
    assert len(office.events("session.cancelled")) == len(PLANNED)
    actions = [row["object_id"] for row in office.world.rows("audit") if row["action"] == "session.cancelled"]
    assert sorted(actions) == sorted(PLANNED)


@pytest.mark.parametrize(("setting", "heir"), [("manager", "mia"), ("heir", "hal")])
def test_they_go_to_whoever_the_setting_names(office: Office, setting: str, heir: str) -> None:
    office.settle(leaver_sessions=setting, leaver_heir="HAL@x.test")
    office.delete("ana")
    assert office.planned() == {office.ids[heir]}
    assert {organisers(office.world)[kept] for kept in ("past", "recording")} == {office.ids["ana"]}
    assert {row["subject"] for row in office.events("session.reassigned")} == {f"user:{office.ids[heir]}"}
    with office.world.units.read(office.tenant) as uow:
        (webinar,) = [each for each in uow.sessions.visible(None) if each.id == "webinar"]
    assert office.ids[heir] not in webinar.co_organisers
    assert len(webinar.co_organisers) == 1


@pytest.mark.parametrize("setting", ["manager", "heir"])
def test_they_are_kept_where_there_is_nobody_to_get_them(office: Office, setting: str) -> None:
    office.settle(leaver_sessions=setting, leaver_heir="hal@x.test")
    for name in ("mia", "hal"):
        office.delete(name)
    office.delete("ana")
    assert office.planned() == {office.ids["ana"]}


def test_a_suspended_manager_gets_none(office: Office) -> None:
    office.settle(leaver_sessions="manager")
    office.okta.patch(f"/Users/{office.ids['mia']}", {"op": "replace", "path": "active", "value": False})
    office.delete("ana")
    assert office.planned() == {office.ids["ana"]}


def test_an_heir_who_leaves_is_not_their_own_heir(office: Office) -> None:
    office.settle(leaver_sessions="heir", leaver_heir="ana@x.test")
    office.delete("ana")
    assert office.planned() == {office.ids["ana"]}
