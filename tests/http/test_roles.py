"""Roles: /Roles, and what may stand in a user's `roles` (draft-ietf-scim-roles-entitlements section 3.2)."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import USER, Connection, World

ROLE = "urn:okta:scim:schemas:core:1.0:Role"
CODES = ["admin", "manager", "member", "super_admin"]


def found(client: Connection, query: str) -> list[str]:
    """The ids that a query of /Roles finds, in order."""
    answer = client.get(f"/Roles?{query}")
    assert answer.status_code == 200, answer.text
    return [role["id"] for role in answer.json["Resources"]]


@pytest.mark.covers("R-ROLES-3-02")
def test_a_role_has_what_the_draft_and_okta_read(client: Connection) -> None:
    listed = client.get("/Roles").json
    assert [listed[name] for name in ("totalResults", "startIndex", "itemsPerPage")] == [4, 1, 4]
    roles = {role["id"]: role for role in listed["Resources"]}
    assert list(roles) == CODES
    address = f"https://seats.example.com/scim/{client.slug}/v2/Roles/admin"
    admin = dict(roles["admin"])
    assert admin.pop("meta") == {
        "resourceType": "Role",
        "location": address,
        "version": roles["admin"]["meta"]["version"],
    }
    assert 0 < len(admin.pop("description")) <= 1000
    assert admin == {
        "schemas": [ROLE],
        "id": "admin",
        "value": "admin",
        "display": "Admin",
        "displayName": "Admin",
        "type": "Role",
        "supported": True,
        "limitedAssignmentsPermitted": False,
        "contains": ["manager"],
        "containedBy": ["super_admin"],
    }
    assert "totalAssignmentsPermitted" not in admin


def test_each_role_is_at_its_address(client: Connection) -> None:
    for role in client.get("/Roles").json["Resources"]:
        answer = client.get(f"/Roles/{role['id']}")
        assert answer.json == role
        assert answer.headers["ETag"] == role["meta"]["version"]
        assert answer.headers["Location"] == role["meta"]["location"]
        head = client.send("HEAD", f"/Roles/{role['id']}")
        assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", role["meta"]["version"])
    check_refusal(client.get("/Roles/bogus"), 404, None, "bogus", "Role")


def test_a_role_that_the_client_has_is_not_sent_again(client: Connection) -> None:
    """R-7644-3.14-03, without a body."""
    tag = client.get("/Roles/admin").headers["ETag"]
    assert client.get("/Roles/admin", If_None_Match=tag).status_code == 304
    assert client.get("/Roles/member", If_None_Match=tag).status_code == 200


QUERIES = {
    "count=1&startIndex=1": ["admin"],
    "count=2&startIndex=3": ["member", "super_admin"],
    "startIndex=5": [],
    "count=0": [],
    'filter=value eq "ADMIN"': ["admin"],
    'filter=displayName sw "m"': ["manager", "member"],
    'filter=not (displayName sw "m") and supported eq true': ["admin", "super_admin"],
    'filter=contains eq "manager"': ["admin"],
    "filter=contains pr": ["admin", "manager", "super_admin"],
    "filter=totalAssignmentsUsed pr": [],
    'filter=id eq "member"': ["member"],
    'filter=meta.resourceType eq "role"': [],
    'filter=meta.resourceType eq "Role"': CODES,
    f'filter={ROLE}:value eq "member"': ["member"],
    "sortBy=displayName&sortOrder=descending": ["super_admin", "member", "manager", "admin"],
    "sortBy=contains": ["super_admin", "admin", "manager", "member"],
    "sortBy=contains&sortOrder=descending": ["member", "manager", "admin", "super_admin"],
    "sortBy=type&sortOrder=descending": CODES,
    'sortBy=displayName&sortOrder=descending&count=1&startIndex=2&filter=displayName sw "m"': ["manager"],
}


@pytest.mark.parametrize(("query", "ids"), QUERIES.items(), ids=QUERIES.keys())
def test_a_query_finds(client: Connection, query: str, ids: list[str]) -> None:
    assert found(client, query) == ids


def test_a_page_says_how_many_there_are(client: Connection) -> None:
    page = client.get("/Roles?count=1&startIndex=2").json
    assert [page[name] for name in ("totalResults", "startIndex", "itemsPerPage")] == [4, 2, 1]


def test_only_what_is_asked_for_is_shown(client: Connection) -> None:
    assert client.get("/Roles/admin?attributes=display").json == {
        "schemas": [ROLE],
        "id": "admin",
        "display": "Admin",
    }
    assert "description" not in client.get("/Roles?excludedAttributes=description").json["Resources"][0]


@pytest.mark.parametrize(
    ("query", "scim_type"),
    [("filter=bogus pr", "invalidFilter"), ("sortBy=meta", "invalidValue"), ("sortBy=bogus", "invalidValue")],
)
def test_a_query_that_cannot_be_answered_is_refused(client: Connection, query: str, scim_type: str) -> None:
    check_refusal(client.get(f"/Roles?{query}"), 400, scim_type)


@pytest.mark.covers("R-ROLES-3-02")
@pytest.mark.parametrize("path", ["/Roles", "/Roles/admin", "/Roles/bogus", "/Entitlements", "/Entitlements/meeting"])
def test_what_an_admin_manages_is_read_only_on_the_wire(client: Connection, house: World, path: str) -> None:
    with unchanged(house):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = client.send(method, path, {"value": "x", "displayName": "x"})
            check_refusal(answer, 405, None, method)
            assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.send("OPTIONS", path).headers["Allow"] == "GET, HEAD, OPTIONS"


def issues(world: World, tenant: Tenant, user_name: str) -> list[tuple[str, str]]:
    return [(issue.code, issue.subject) for issue in world.person(tenant, user_name).issues]


def test_a_role_that_is_listed_is_known_in_any_letter_case(world: World, acme: Tenant, okta: Connection) -> None:
    ids = found(okta, "")
    roles = [{"value": code} for code in ids] + [{"value": "Admin", "type": "x", "display": "Admin"}]
    ana = okta.create_user("ana", roles=roles)
    assert ana["roles"] == roles
    assert "UNKNOWN_ROLE" not in [code for code, _ in issues(world, acme, "ana")]


def test_an_unknown_role_is_echoed_and_opens_an_issue_until_it_is_gone(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana", roles=[{"value": "captain"}, {"value": "admin"}, {"display": "nameless"}])
    path = f"/Users/{ana['id']}"
    assert [role.get("value") for role in ana["roles"]] == ["captain", "admin", None]
    assert issues(world, acme, "ana") == [("UNKNOWN_ROLE", "captain")]
    okta.patch(path, {"op": "add", "path": "roles", "value": [{"value": "pilot"}]})
    assert sorted(issues(world, acme, "ana")) == [("UNKNOWN_ROLE", "captain"), ("UNKNOWN_ROLE", "pilot")]
    okta.patch(path, {"op": "remove", "path": 'roles[value eq "captain"]'})
    assert issues(world, acme, "ana") == [("UNKNOWN_ROLE", "pilot")]
    okta.patch(path, {"op": "remove", "path": "roles"})
    assert issues(world, acme, "ana") == []


def test_an_unknown_role_and_an_unknown_entitlement_are_two_issues(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana", roles=[{"value": "x"}], entitlements=["x"])
    assert sorted(issues(world, acme, "ana")) == [("UNKNOWN_ENTITLEMENT", "x"), ("UNKNOWN_ROLE", "x")]
    okta.patch(f"/Users/{ana['id']}", {"op": "remove", "path": "roles"})
    assert issues(world, acme, "ana") == [("UNKNOWN_ENTITLEMENT", "x")]


def test_a_long_name_of_an_unknown_role_is_no_obstacle(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana", roles=[{"value": "x" * 5000}, {"value": "x" * 5001}])
    assert issues(world, acme, "ana") == [("UNKNOWN_ROLE", "x" * 512)]


@pytest.mark.covers("R-ROLES-3-03")
@pytest.mark.parametrize("profile", ["rfc", "interop", "ipsie"])
def test_the_other_profiles_refuse_an_unknown_role(world: World, profile: str) -> None:
    client = world.connect(world.tenant("strict", profile))
    body = {"schemas": [USER], "userName": "ana", "roles": [{"value": "captain"}]}
    with unchanged(world):
        check_refusal(client.post("/Users", body), 400, "invalidValue", "captain", "super_admin")
    ana = client.create_user("ana", roles=[{"value": "ADMIN"}])
    with unchanged(world):
        for operation in (
            {"op": "add", "path": "roles", "value": [{"value": "captain"}]},
            {"op": "replace", "path": 'roles[value eq "admin"].value', "value": "captain"},
        ):
            check_refusal(client.patch(f"/Users/{ana['id']}", operation), 400, "invalidValue", "captain")
        check_refusal(client.put(f"/Users/{ana['id']}", body), 400, "invalidValue", "captain")


def test_a_change_of_roles_is_in_the_audit_trail(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana", roles=[{"value": "member"}])
    okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "roles", "value": [{"value": "admin"}]})
    entry = next(each for each in world.trail() if each.action == "user.changed")
    assert "member" in str(entry.before)
    assert "admin" in str(entry.after)
