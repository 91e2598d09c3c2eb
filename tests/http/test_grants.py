"""Who has which role: by `roles`, by rules and by hand; within what a connection may grant; one super admin stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scim_server.domain.errors import Taken
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, entitling, person_tokens, reconciling, reprocessing
from scim_server.store.walls import OPERATOR
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_statements import counting
from tests.worlds import CAUSE, SEATS, USER, Connection, World

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
DIRECT = "direct"
BY_HAND = "direct:admin"
DAY = timedelta(days=1)


@pytest.fixture
def root(world: World, acme: Tenant) -> Connection:
    """A connection of acme that may grant super admin."""
    return world.connect(acme, "root", max_role="super_admin")


def issues(world: World, tenant: Tenant, user_name: str) -> list[tuple[str, str]]:
    return [(issue.code, issue.subject) for issue in world.person(tenant, user_name).issues]


def set_active(client: Connection, user: dict[str, Any], active: bool) -> int:
    operation = {"op": "replace", "path": "active", "value": active}
    return client.patch(f"/Users/{user['id']}", operation).status_code


def set_roles(client: Connection, user: dict[str, Any], *codes: str) -> int:
    operation = {"op": "replace", "path": "roles", "value": [{"value": code} for code in codes]}
    return client.patch(f"/Users/{user['id']}", operation).status_code


def give(world: World, tenant: Tenant, rule: Rule, role: str | None, *groups: str) -> Rule:
    """Let a rule give a role from now on, or none."""
    changed = replace(rule, role=role, role_groups=groups)
    with world.units.write(tenant, CAUSE) as uow:
        uow.guard(exclusive=True)
        uow.rules.save(changed)
        below = uow.members.users_below([rule.group_id] if rule.group_id else [])
        entitling.refresh(uow, uow.users.lock(below))
        uow.commit()
    return changed


def role_rule(world: World, tenant: Tenant, group: str, role: str, *groups: str) -> Rule:
    """A rule that gives a role and no product."""
    rule = replace(world.rule(tenant, group, "meeting"), products=frozenset())
    return give(world, tenant, rule, role, *groups)


def make_role(world: World, tenant: Tenant, code: str, *permissions: str) -> None:
    authorising.create_role(world.units, tenant, CAUSE, code, code.title(), "", permissions)


# The roles of a document


def test_the_roles_of_a_document_are_granted_and_end_with_it(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "Admin"}, {"value": "member"}])
    assert world.roles_of(acme, "ana") == [("admin", DIRECT)]
    set_roles(okta, ana, "manager", "admin")
    assert world.roles_of(acme, "ana") == [("admin", DIRECT), ("manager", DIRECT)]
    okta.patch(f"/Users/{ana['id']}", {"op": "remove", "path": 'roles[value eq "admin"]'})
    assert world.roles_of(acme, "ana") == [("manager", DIRECT)]
    okta.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana"})
    assert world.roles_of(acme, "ana") == []


def test_a_role_that_stays_keeps_its_time(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "admin"}])
    since = world.person(acme, "ana").grants[0].since
    world.advance(60)
    set_roles(okta, ana, "admin", "manager")
    assert [grant.since == since for grant in world.person(acme, "ana").grants] == [True, False]


def test_a_single_role_of_entra_replaces_the_one_before(world: World, acme: Tenant, okta: Connection) -> None:
    """SingleAppRoleAssignment: a text literal is compared with the boolean `primary`."""
    kind = "WindowsAzureActiveDirectoryRole"
    ana = okta.create_user("ana", roles=[{"primary": True, "type": kind, "value": "manager", "display": "Manager"}])
    assert world.roles_of(acme, "ana") == [("manager", DIRECT)]
    okta.patch(
        f"/Users/{ana['id']}",
        {"op": "Replace", "path": 'roles[primary eq "True"].value', "value": "admin"},
        {"op": "Replace", "path": 'roles[primary eq "True"].display', "value": "Admin"},
    )
    assert world.roles_of(acme, "ana") == [("admin", DIRECT)]
    ben = okta.create_user("ben")
    okta.patch(f"/Users/{ben['id']}", {"op": "Add", "path": 'roles[primary eq "True"].value', "value": "manager"})
    assert world.roles_of(acme, "ben") == [("manager", DIRECT)]


def test_complex_roles_of_entra_are_added(world: World, acme: Tenant, okta: Connection) -> None:
    """AppRoleAssignmentsComplex: JSON text for a value, and `displayName`."""
    ana = okta.create_user("ana", roles=[{"primary": False, "value": "manager", "displayName": "Manager"}])
    text = '{"id":"00000000-0000-0000-0000-000000000001","value":"admin","displayName":"Admin"}'
    okta.patch(f"/Users/{ana['id']}", {"op": "Add", "path": "roles", "value": [{"value": text}]})
    assert world.roles_of(acme, "ana") == [("admin", DIRECT), ("manager", DIRECT)]


def test_assertive_roles_of_entra_are_the_whole_set(world: World, acme: Tenant, okta: Connection) -> None:
    """AssertiveAppRoleAssignmentsComplex."""
    ana = okta.create_user("ana", roles=[{"value": "manager"}])
    roles = [{"value": '{"id":"1","value":"admin","displayName":"Admin"}', "primary": False}]
    okta.patch(f"/Users/{ana['id']}", {"op": "Replace", "path": "roles", "value": roles})
    assert world.roles_of(acme, "ana") == [("admin", DIRECT)]


def test_a_change_of_something_else_leaves_the_grants(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "admin"}])
    okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "displayName", "value": "Ana"})
    assert world.roles_of(acme, "ana") == [("admin", DIRECT)]


def test_grants_are_shown_in_the_extension(world: World, acme: Tenant, okta: Connection) -> None:
    sales = okta.create_group("Sales")["id"]
    ana = okta.create_user("ana", roles=[{"value": "admin"}])
    authorising.grant_role(world.units, acme, CAUSE, "ana", "manager", ["Sales"])
    shown = okta.get(f"/Users/{ana['id']}?attributes={SEATS}").json[SEATS]
    assert shown["roles"] == [
        {"value": "admin", "source": DIRECT},
        {"value": "manager", "source": BY_HAND, "scope": [sales]},
    ]


def test_grants_are_in_the_audit_trail_and_the_outbox(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "admin"}])
    set_roles(okta, ana)
    entries = [row["action"] for row in world.rows("audit") if row["object_type"] == "grant"]
    assert entries == ["role.granted", "role.removed"]
    events = [row["event"] for row in world.rows("outbox") if row["event"].startswith("role.")]
    assert events == ["role.granted", "role.removed"]


# Suspended and back


def test_a_suspended_person_has_no_role_and_gets_back_only_what_is_derived(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana", roles=[{"value": "admin"}])
    okta.create_group("Leads", ana["id"])
    rule = role_rule(world, acme, "Leads", "manager")
    authorising.grant_role(world.units, acme, CAUSE, "ana", "manager")
    assert len(world.roles_of(acme, "ana")) == 3
    set_active(okta, ana, False)
    assert world.roles_of(acme, "ana") == []
    set_active(okta, ana, True)
    assert world.roles_of(acme, "ana") == [("admin", DIRECT), ("manager", rule.source)]


def test_who_is_created_suspended_has_no_role_until_active(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", active=False, roles=[{"value": "admin"}])
    assert world.roles_of(acme, "ana") == []
    set_roles(okta, ana, "manager")
    assert world.roles_of(acme, "ana") == []
    set_active(okta, ana, True)
    assert world.roles_of(acme, "ana") == [("manager", DIRECT)]


def test_who_is_deleted_leaves_no_grant(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "admin"}])
    assert okta.delete(f"/Users/{ana['id']}").status_code == 204
    assert world.rows("grants") == []


# What a connection may grant


def test_a_role_above_the_connection_is_echoed_granted_to_nobody_and_an_issue(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana", roles=[{"value": "Super_Admin"}, {"value": "admin"}])
    assert [role["value"] for role in ana["roles"]] == ["Super_Admin", "admin"]
    assert world.roles_of(acme, "ana") == [("admin", DIRECT)]
    assert issues(world, acme, "ana") == [("ROLE_ABOVE_MAX", "Super_Admin")]
    set_roles(okta, ana, "admin")
    assert issues(world, acme, "ana") == []


@pytest.mark.parametrize("profile", ["rfc", "interop", "ipsie"])
def test_the_other_profiles_refuse_a_role_above_the_connection(world: World, profile: str) -> None:
    client = world.connect(world.tenant("strict", profile), max_role="manager")
    body = {"schemas": [USER], "userName": "ana", "roles": [{"value": "admin"}]}
    with unchanged(world):
        check_refusal(client.post("/Users", body), 403, None, "admin", "manager")
    ana = client.create_user("ana", roles=[{"value": "MANAGER"}])
    with unchanged(world):
        check_refusal(client.put(f"/Users/{ana['id']}", body), 403, None, "admin")
        add = {"op": "add", "path": "roles", "value": [{"value": "admin"}]}
        check_refusal(client.patch(f"/Users/{ana['id']}", add), 403, None, "admin")
        operation = {"method": "POST", "path": "/Users", "bulkId": "1", "data": {**body, "userName": "ben"}}
        answer = client.post("/Bulk", {"schemas": [BULK], "Operations": [operation]})
        assert answer.json["Operations"][0]["status"] == "403"


def test_what_another_connection_granted_stays_when_a_weaker_one_writes(
    world: World, acme: Tenant, okta: Connection, root: Connection
) -> None:
    ana = root.create_user("ana", roles=[{"value": "super_admin"}])
    set_roles(okta, ana, "super_admin", "admin")
    assert world.roles_of(acme, "ana") == [("admin", DIRECT), ("super_admin", DIRECT)]
    assert issues(world, acme, "ana") == []


def test_bringing_somebody_back_grants_no_more_than_the_connection_may(
    world: World, acme: Tenant, okta: Connection, root: Connection
) -> None:
    root.create_user("eve", roles=[{"value": "super_admin"}])
    ana = root.create_user("ana", roles=[{"value": "super_admin"}])
    set_active(okta, ana, False)
    set_active(okta, ana, True)
    assert (world.roles_of(acme, "ana"), issues(world, acme, "ana")) == ([], [("ROLE_ABOVE_MAX", "super_admin")])
    set_active(root, ana, False)
    set_active(root, ana, True)
    assert (world.roles_of(acme, "ana"), issues(world, acme, "ana")) == ([("super_admin", DIRECT)], [])


def test_a_raised_limit_grants_what_was_above_it_when_it_is_looked_at_again(
    world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ana", roles=[{"value": "super_admin"}, {"value": "manager"}])

    def look_again() -> None:
        reprocessing.reprocess_tenant(world.units, acme, CAUSE)

    look_again()
    assert world.roles_of(acme, "ana") == [("manager", DIRECT)]
    with world.installation.database.write(OPERATOR) as connection:
        connection.exec_driver_sql("UPDATE connections SET max_role = 'super_admin'")
        connection.commit()
    look_again()
    assert world.roles_of(acme, "ana") == [("manager", DIRECT), ("super_admin", DIRECT)]
    assert issues(world, acme, "ana") == []


def test_a_person_cannot_grant_themselves_a_role(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "manager"}])
    world.switch("acme", "me.attributes", "roles")
    _, token = person_tokens.issue_token(world.units, acme, CAUSE, "ana", DAY)
    own = Connection(world.app.test_client(), "acme", token, "me")
    body = {"op": "replace", "path": "roles", "value": [{"value": "manager"}, {"value": "admin"}]}
    assert own.patch("/Me", body).status_code == 200
    assert world.roles_of(acme, "ana") == [("manager", DIRECT)]
    assert issues(world, acme, "ana") == [("ROLE_ABOVE_MAX", "admin")]
    assert ana["id"] == world.person(acme, "ana").user.id


# Custom roles


def test_a_custom_role_is_listed_granted_and_above_who_permits_less(
    world: World, acme: Tenant, okta: Connection
) -> None:
    make_role(world, acme, "auditor", "audit.read", "reports.read")
    make_role(world, acme, "buyer", "subscriptions.write")
    listed = {role["id"]: role for role in okta.get("/Roles").json["Resources"]}
    assert list(listed) == ["admin", "auditor", "buyer", "manager", "member", "super_admin"]
    assert (listed["auditor"]["display"], listed["auditor"]["contains"]) == ("Auditor", [])
    okta.create_user("ana", roles=[{"value": "AUDITOR"}, {"value": "buyer"}])
    assert world.roles_of(acme, "ana") == [("auditor", DIRECT)]
    assert issues(world, acme, "ana") == [("ROLE_ABOVE_MAX", "buyer")]


def test_a_custom_role_is_the_tenant_s_own(world: World, acme: Tenant, okta: Connection) -> None:
    other = world.connect(world.tenant("other", "rfc"))
    make_role(world, acme, "auditor", "audit.read")
    body = {"schemas": [USER], "userName": "ana", "roles": [{"value": "auditor"}]}
    check_refusal(other.post("/Users", body), 400, "invalidValue", "auditor")
    assert okta.post("/Users", body).status_code == 201
    check_refusal(other.get("/Roles/auditor"), 404, None, "auditor")


def test_the_stricter_profiles_know_custom_roles(world: World) -> None:
    strict = world.tenant("strict", "rfc")
    client = world.connect(strict)
    make_role(world, strict, "auditor", "audit.read")
    client.create_user("ana", roles=[{"value": "auditor"}])
    assert world.roles_of(strict, "ana") == [("auditor", DIRECT)]


def test_a_role_that_was_named_before_it_was_made_is_granted_when_it_is(
    world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ana", roles=[{"value": "Auditor"}, {"value": "admin"}, {"value": "pilot"}])
    make_role(world, acme, "auditor", "audit.read")
    assert world.roles_of(acme, "ana") == [("admin", DIRECT), ("auditor", DIRECT)]
    assert issues(world, acme, "ana") == [("UNKNOWN_ROLE", "pilot")]
    okta.create_user("ben", roles=[{"value": "buyer"}])
    make_role(world, acme, "buyer", "subscriptions.write")
    assert (world.roles_of(acme, "ben"), issues(world, acme, "ben")) == ([], [("ROLE_ABOVE_MAX", "buyer")])


def test_a_deleted_role_ends_its_grants_and_is_unknown(world: World, acme: Tenant, okta: Connection) -> None:
    make_role(world, acme, "auditor", "audit.read")
    okta.create_user("ana", roles=[{"value": "Auditor"}])
    okta.create_user("ben")
    authorising.grant_role(world.units, acme, CAUSE, "ben", "auditor")
    assert authorising.delete_role(world.units, acme, CAUSE, "Auditor") == 2
    assert world.rows("grants") == []
    assert issues(world, acme, "ana") == [("UNKNOWN_ROLE", "Auditor")]
    assert issues(world, acme, "ben") == []
    assert okta.get("/Roles/auditor").status_code == 404


def test_a_deleted_role_is_no_longer_above_anybody(world: World, acme: Tenant, okta: Connection) -> None:
    make_role(world, acme, "buyer", "subscriptions.write")
    okta.create_user("ana", roles=[{"value": "buyer"}])
    authorising.delete_role(world.units, acme, CAUSE, "buyer")
    assert issues(world, acme, "ana") == [("UNKNOWN_ROLE", "buyer")]


def test_a_role_that_a_rule_gives_cannot_be_deleted(world: World, acme: Tenant) -> None:
    make_role(world, acme, "auditor", "audit.read")
    role_rule(world, acme, "Leads", "auditor")
    with unchanged(world), pytest.raises(Taken, match="rule 1"):
        authorising.delete_role(world.units, acme, CAUSE, "auditor")


# Damage planted by hand

_INVENTED = "INSERT INTO grants (tenant_id, user_id, role, source, scope, since) SELECT tenant_id, id, "
DAMAGES = {
    "direct grant lost": ("DELETE FROM grants WHERE source = 'direct'", "grant missing"),
    "grant by rule lost": ("DELETE FROM grants WHERE source LIKE 'rule:%'", "grant missing"),
    "grant by rule invented": (f"{_INVENTED} 'admin', 'rule:x', '[]', created FROM users", "grant for nothing"),
    "role unknown": (f"{_INVENTED} 'pilot', 'direct:admin', '[]', created FROM users", "grant for nothing"),
    "kept beside another": (f"{_INVENTED} 'super_admin', 'kept', '[]', created FROM users", "grant for nothing"),
    "suspended with roles": ("UPDATE users SET blocked_for = 'by_admin'", "grant for nothing"),
    "scope lost": ("UPDATE grants SET scope = '[]'", "grant for other groups"),
    "issue of an unknown role lost": ("DELETE FROM issues WHERE code = 'UNKNOWN_ROLE'", "issue not open"),
    "issue about nothing": (
        "INSERT INTO issues (tenant_id, id, code, user_id, subject, opened) "
        "SELECT tenant_id, id, 'LAST_SUPER_ADMIN', id, '', created FROM users WHERE user_name_key = 'ana'",
        "issue open for nothing",
    ),
    "issue of a role that is not named": (
        "UPDATE issues SET subject = 'admin' WHERE code = 'ROLE_ABOVE_MAX'",
        "issue open for nothing",
    ),
}


@pytest.mark.parametrize(("statement", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_found_named_and_repaired(
    world: World, acme: Tenant, okta: Connection, root: Connection, statement: str, words: str
) -> None:
    ana = okta.create_user("ana", roles=[{"value": "manager"}, {"value": "pilot"}, {"value": "super_admin"}])
    root.create_user("eve", roles=[{"value": "super_admin"}])
    okta.create_group("Leads", ana["id"])
    role_rule(world, acme, "Leads", "manager", "g1")
    with world.installation.database.write(OPERATOR) as connection:
        connection.exec_driver_sql(statement.replace("%", "%%" if not world.installation.database.is_sqlite else "%"))
        connection.commit()
    found = reconciling.differences(world.units, acme)
    assert any(words in line for line in found), found
    assert reconciling.repair(world.units, acme, CAUSE) != []
    assert reconciling.differences(world.units, acme) == []
    assert reconciling.repair(world.units, acme, CAUSE) == []


# Rules


def test_a_rule_gives_its_role_to_the_group_as_long_as_it_does(world: World, acme: Tenant, okta: Connection) -> None:
    ana, ben = okta.create_user("ana"), okta.create_user("ben")
    group = okta.create_group("Leads", ana["id"])
    rule = role_rule(world, acme, "Leads", "manager", "g1")
    assert world.roles_of(acme, "ana") == [("manager", rule.source)]
    assert world.person(acme, "ana").grants[0].scope == ("g1",)
    path = f"/Groups/{group['id']}"
    okta.patch(path, {"op": "replace", "path": "members", "value": [{"value": ben["id"]}]})
    assert (world.roles_of(acme, "ana"), world.roles_of(acme, "ben")) == ([], [("manager", rule.source)])
    give(world, acme, rule, "manager", "g1", "g2")
    assert world.person(acme, "ben").grants[0].scope == ("g1", "g2")
    give(world, acme, rule, "admin")
    assert world.roles_of(acme, "ben") == [("admin", rule.source)]
    give(world, acme, rule, "member")
    assert world.roles_of(acme, "ben") == []
    give(world, acme, rule, "admin")
    okta.delete(path)
    assert world.roles_of(acme, "ben") == []


def test_a_rule_leaves_what_was_given_otherwise(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "admin"}])
    authorising.grant_role(world.units, acme, CAUSE, "ana", "admin")
    group = okta.create_group("Leads", ana["id"])
    rule = role_rule(world, acme, "Leads", "admin")
    assert world.roles_of(acme, "ana") == [("admin", DIRECT), ("admin", BY_HAND), ("admin", rule.source)]
    okta.delete(f"/Groups/{group['id']}")
    assert world.roles_of(acme, "ana") == [("admin", DIRECT), ("admin", BY_HAND)]


def test_a_role_for_many_costs_what_it_costs_for_few(world: World, acme: Tenant, okta: Connection) -> None:
    ids = [okta.create_user(f"u{number}")["id"] for number in range(60)]
    rule = world.rule(acme, "Leads", "meeting")
    group = okta.create_group("Leads")
    give(world, acme, replace(rule, group_id=group["id"], products=frozenset()), "admin")

    def cost(op: str, some: list[str]) -> int:
        with counting(world) as count:
            value = [{"value": user_id} for user_id in some]
            okta.patch(f"/Groups/{group['id']}", {"op": op, "path": "members", "value": value})
        return int(count)

    few = [cost("add", ids[:2]), cost("remove", ids[:2])]
    assert [cost("add", ids), cost("remove", ids)] == few
    assert world.rows("grants") == []


# The last super admin

Attempt = Callable[[Connection, dict[str, Any]], int]


def _bulk(client: Connection, user: dict[str, Any]) -> int:
    operation = {"method": "DELETE", "path": f"/Users/{user['id']}"}
    answer = client.post("/Bulk", {"schemas": [BULK], "Operations": [operation]})
    return int(answer.json["Operations"][0]["status"])


ATTEMPTS: dict[str, Attempt] = {
    "suspend": lambda client, user: set_active(client, user, active=False),
    "suspend-in-words": lambda client, user: (
        client.patch(f"/Users/{user['id']}", {"op": "Replace", "path": "active", "value": "False"}).status_code
    ),
    "demote": lambda client, user: set_roles(client, user, "admin"),
    "put": lambda client, user: (
        client.put(f"/Users/{user['id']}", {"schemas": [USER], "userName": user["userName"], "roles": []}).status_code
    ),
    "put-suspended": lambda client, user: (
        client.put(
            f"/Users/{user['id']}",
            {
                "schemas": [USER],
                "userName": user["userName"],
                "active": False,
                "roles": [{"value": "super_admin"}],
            },
        ).status_code
    ),
    "delete": lambda client, user: client.delete(f"/Users/{user['id']}").status_code,
    "bulk": _bulk,
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_the_last_super_admin_cannot_go_until_there_is_another(
    world: World, acme: Tenant, root: Connection, attempt: Attempt
) -> None:
    ana = root.create_user("ana", roles=[{"value": "super_admin"}])
    assert attempt(root, ana) == 403
    assert world.roles_of(acme, "ana") == [("super_admin", DIRECT)]
    person = world.person(acme, "ana")
    assert [(issue.code, issue.user_id) for issue in person.issues] == [("LAST_SUPER_ADMIN", ana["id"])]
    assert (person.user.version, person.user.active) == (1, True)
    root.create_user("eve", roles=[{"value": "super_admin"}])
    assert issues(world, acme, "ana") == []
    assert attempt(root, ana) < 300
    assert ("super_admin", DIRECT) not in [
        (grant["role"], grant["source"]) for grant in world.rows("grants") if grant["user_id"] == ana["id"]
    ]


def test_the_refusal_says_what_to_do(world: World, root: Connection) -> None:
    ana = root.create_user("ana", roles=[{"value": "super_admin"}])
    check_refusal(root.delete(f"/Users/{ana['id']}"), 403, None, "'ana'", "last super admin", "Make somebody else")
    actions = [row["action"] for row in world.rows("audit")]
    assert actions.count("role.removed") == actions.count("user.deleted") == 0


def test_one_of_two_sources_may_end(world: World, acme: Tenant, root: Connection) -> None:
    ana = root.create_user("ana", roles=[{"value": "super_admin"}])
    authorising.grant_role(world.units, acme, CAUSE, "ana", "super_admin")
    assert set_roles(root, ana) == 200
    assert world.roles_of(acme, "ana") == [("super_admin", BY_HAND)]
    assert set_active(root, ana, False) == 403


@pytest.mark.parametrize("way", ["leave", "delete group", "change rule"])
def test_the_last_super_admin_by_a_rule_keeps_the_role_until_there_is_another(
    world: World, acme: Tenant, okta: Connection, root: Connection, way: str
) -> None:
    ana, ben = okta.create_user("ana"), okta.create_user("ben")
    group = okta.create_group("Roots", ana["id"], ben["id"])
    rule = role_rule(world, acme, "Roots", "super_admin")
    if way == "leave":
        assert okta.patch(f"/Groups/{group['id']}", {"op": "remove", "path": "members"}).status_code == 204
    elif way == "delete group":
        assert okta.delete(f"/Groups/{group['id']}").status_code == 204
    else:
        give(world, acme, rule, None)
    kept = {name: world.roles_of(acme, name) for name in ("ana", "ben")}
    assert sorted(kept.values()) == [[], [("super_admin", "kept")]]
    (last,) = [name for name, roles in kept.items() if roles]
    assert [code for code, _ in issues(world, acme, last)] == ["LAST_SUPER_ADMIN"]
    user = ana if last == "ana" else ben
    assert set_active(root, user, False) == 403
    root.create_user("eve", roles=[{"value": "super_admin"}])
    assert (world.roles_of(acme, last), issues(world, acme, last)) == ([], [])


def test_who_is_back_in_the_group_needs_no_keeping(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")
    group = okta.create_group("Roots", ana["id"])
    rule = role_rule(world, acme, "Roots", "super_admin")
    path = f"/Groups/{group['id']}"
    okta.patch(path, {"op": "remove", "path": "members"})
    assert world.roles_of(acme, "ana") == [("super_admin", "kept")]
    okta.patch(path, {"op": "add", "path": "members", "value": [{"value": ana["id"]}]})
    assert (world.roles_of(acme, "ana"), issues(world, acme, "ana")) == ([("super_admin", rule.source)], [])


def test_another_tenant_s_super_admin_is_no_other(world: World, root: Connection) -> None:
    ana = root.create_user("ana@x.test", roles=[{"value": "super_admin"}])
    other = world.connect(world.tenant("other"), max_role="super_admin")
    other.create_user("eve@x.test", roles=[{"value": "super_admin"}])
    assert root.delete(f"/Users/{ana['id']}").status_code == 403
