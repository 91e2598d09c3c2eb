"""Roles, as an admin sees, makes and deletes them."""

import csv
import io

from scim_server.domain.access import PERMISSIONS
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, ruling
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.worlds import CAUSE, Connection, World


def test_roles_are_listed_with_who_has_them(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    okta.create_user("ben@example.com")
    okta.create_group("Sales")
    authorising.grant_role(world.units, acme, CAUSE, "ben@example.com", "manager", ["Sales"])
    shown = ana.see("/roles")
    assert "Member member Built in 0 everybody" in shown
    assert "Manager manager Built in 4 1" in shown
    manager = ana.see("/roles/manager")
    assert "Run and download reports reports.read" in manager
    assert "ben@example.com an admin, by hand Sales" in manager
    file = list(csv.DictReader(io.StringIO(ana.get("/roles/manager/export").text)))
    assert [(row["user_name"], row["source"]) for row in file] == [("ben@example.com", "direct:admin")]
    assert "Everybody is a member" in ana.see("/roles/member")
    assert "manager,Manager,false,1" in ana.get("/roles/export").text


def test_a_role_is_made_of_permissions_and_deleted(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    okta.create_user("ben@example.com")
    okta.create_group("Sales")
    typed = {"name": "Help desk", "code": "helpdesk", "description": "First line"}
    assert "at least one permission" in ana.refused("/roles/new", **typed)
    page = ana.submit("/roles/new", permission=["logs.read"], **{**typed, "code": "NO"})
    assert 'value="logs.read" checked' in page.text
    made = ana.done("/roles/new", permission=["people.read", "logs.read"], **typed)
    assert "Read the provisioning log logs.read" in made
    assert "Nobody has this role." in made
    authorising.grant_role(world.units, acme, CAUSE, "ben@example.com", "helpdesk")
    rule = ruling.create_rule(world.units, acme, CAUSE, {"group": "Sales", "role": "helpdesk"})
    preview = ana.see("/roles/helpdesk/delete")
    assert "it cannot go yet" in preview
    assert "1 person has it and loses it" in preview
    assert "is given by rule 1" in ana.refused("/roles/helpdesk/delete")
    ruling.delete_rule(world.units, acme, CAUSE, rule.id)
    assert "The role is deleted" in ana.done("/roles/helpdesk/delete")
    assert "helpdesk" not in ana.see("/roles")


def test_every_permission_has_words_of_its_own(ana: Visitor) -> None:
    page = text_of(ana.get("/roles/super_admin"))
    for code in PERMISSIONS:
        assert f"{code} {code}" not in page
    assert "reports.read" in page


def test_an_admin_who_is_none_above_sees_roles_and_makes_none(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    okta.create_user("ben@example.com")
    admin = visitors.person(world, acme, "ben@example.com", "admin")
    assert "New role" not in admin.see("/roles")
    assert admin.get("/roles/new").status_code == 403
