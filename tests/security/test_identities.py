"""Whose an object is (docs/security.md, section A): nothing that a client may choose makes it somebody else's."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import GROUP, PATCH_OP, USER, Connection, World

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
PERSONAL = "/tenants/acme/users/ana@x.test/tokens"
CHOSEN = ("0", "1", "-1", "me", "Me", "../1", "..%2F1", "null", "admin", "*", "%", "' OR 1=1 --")


def row_of(world: World, table: str, object_id: str) -> dict[str, Any]:
    """One row by its id."""
    return next(row for row in world.rows(table) if row["id"] == object_id)


def test_an_external_id_is_data_and_opens_nothing(
    world: World, acme: Tenant, okta: Connection, entra: Connection, api: Caller
) -> None:
    """A1: named like every id there is, it finds nobody by an address, by a name or for an admin."""
    boss = okta.create_user("boss@x.test", roles=[{"value": "admin"}])
    group, stranger = okta.create_group("Admins", boss["id"]), entra.create_user("eve@y.test")
    before = {"users": row_of(world, "users", boss["id"]), "groups": row_of(world, "groups", group["id"])}
    known = [boss["id"], group["id"], stranger["id"], acme.id, *(row["id"] for row in world.rows("connections"))]
    made = [okta.create_user(f"u{number}", externalId=each)["id"] for number, each in enumerate((*CHOSEN, *known))]
    assert len({boss["id"], group["id"], stranger["id"], *made}) == len(made) + 3
    for chosen in (*CHOSEN, *known[2:]):
        place = quote(chosen, safe="")
        for answer in (
            okta.get(f"/Users/{place}"),
            okta.patch(f"/Users/{place}", {"op": "replace", "path": "title", "value": "x"}),
            okta.delete(f"/Users/{place}"),
        ):
            assert answer.status_code in {404, 405}, (chosen, answer.text)
        assert api.get(f"~/users/{place}").status_code == 404
    assert okta.get(f"/Users/{boss['id']}").json["userName"] == "boss@x.test"
    assert before == {name: row_of(world, name, row["id"]) for name, row in before.items()}
    assert [user["id"] for user in okta.find("/Users", f'externalId eq "{boss["id"]}"')] == [made[len(CHOSEN)]]


def test_no_address_is_verified_because_a_client_says_so(world: World, acme: Tenant, okta: Connection) -> None:
    """A3: whatever is claimed of an address, no answer, event or entry says that it was verified."""
    claims = {"verified": True, "emailVerified": True, "email_verified": "true"}
    mail = {"value": "ana@unknown.test", "type": "work", "primary": True, **claims}
    ana = okta.create_user("ana@unknown.test", emails=[mail], **claims)
    path = f"/Users/{ana['id']}"
    okta.put(path, {"schemas": [USER], "userName": "ana@unknown.test", "emails": [mail], "title": "x", **claims})
    okta.patch(path, {"op": "add", "value": {"emails": [{**mail, "value": "two@unknown.test"}], **claims}})
    told = [okta.get(path).text, okta.get("/Users").text, world.person(acme, "ana@unknown.test"), world.trail(acme)]
    told += [world.rows(name) for name in ("users", "outbox", "user_emails", "addresses")]
    assert "verified" not in repr(told).casefold()


NAMES = ("okta", "entra", "generic", "google", "rivals", "acme", "scim", "me", "api", "operator", "admin", "null", "*")


def test_the_name_of_a_connection_carries_no_authority(
    world: World, acme: Tenant, okta: Connection, entra: Connection, api: Caller
) -> None:
    """A4: called like other connections, providers, tenants and words of the server, it opens its own tenant alone."""
    stranger = entra.create_user("eve@y.test")
    other = world.rows("connections")
    names = [*NAMES, *(row["id"] for row in other), stranger["id"]]
    ids = set()
    for name in [each for each in names if each != "okta"]:
        ids.add(api.done("POST", "~/connections", {"name": name, "idp": "generic"})["id"])
        token = api.done("POST", f"~/connections/{quote(name, safe='')}/tokens", {"days": 1})["token"]
        client = Connection(world.app.test_client(), "acme", token, name)
        assert client.get("/Users").json["totalResults"] == 0
        check_refusal(client.get(f"/Users/{stranger['id']}"), 404)
        assert Connection(client.http, "rivals", token, name).get("/Users").status_code == 404
    assert len(ids) == len(names) - 1
    assert not ids & {row["id"] for row in other}
    assert [each.name for each in tenancy.connections(world.units, tenancy.tenant(world.units, "rivals"))] == ["entra"]


def test_a_token_is_made_by_whoever_may(world: World, okta: Connection, api: Caller, operator: Caller) -> None:
    """A4: a connection's or a person's token, or one of the API without the permission, issues no other."""
    okta.create_user("ana@x.test")
    tokens = [okta.token, operator.done("POST", PERSONAL, {"days": 1})["token"]]
    scopes = [scope for scope in api.done("GET", "/permissions")["items"] if not scope["operators"]]
    few = [scope["code"] for scope in scopes if scope["code"] not in {"connections.write", "tokens.write"}]
    tokens.append(api.done("POST", "~/api-tokens", {"name": "few", "scopes": few, "days": 1})["token"])
    with unchanged(world):
        for token in tokens:
            caller = Caller(world.app.test_client(), token, "acme")
            for path, body in (
                ("~/connections/okta/tokens", {"days": 1}),
                ("~/api-tokens", {"name": "more", "scopes": ["people.read"], "days": 1}),
                ("/operator/tokens", {"name": "more", "scopes": ["people.read"], "days": 1}),
            ):
                assert caller.post(path, body).status_code in {401, 403}, path


@pytest.mark.parametrize("profile", ["tolerant", "rfc"])
def test_what_a_body_says_of_another_resource_changes_only_the_one_of_the_address(world: World, profile: str) -> None:
    """A6: `id`, `meta.location` and externalId of another are passed over (or refused, by profile), never followed."""
    client = world.connect(world.tenant("walled", profile))
    ana, ben = client.create_user("ana"), client.create_user("ben", externalId="e-ben")
    group, other = client.create_group("Sales"), client.create_group("Other", ben["id"])
    before = [row_of(world, "users", ben["id"]), row_of(world, "groups", other["id"]), client.member_ids(other["id"])]
    claimed = {"id": ben["id"], "meta": ben["meta"], "externalId": "e-ben"}
    answers = [
        client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ana", **claimed}),
        client.patch(f"/Users/{ana['id']}", {"op": "replace", "value": {**claimed, "title": "x"}}),
        client.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "id", "value": ben["id"]}),
        client.put(f"/Groups/{group['id']}", {"schemas": [GROUP], "displayName": "Sales", "id": other["id"]}),
        client.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "id", "value": other["id"]}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 204, 400}
    check_refusal(client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "ben"}), 409, "uniqueness")
    assert before == [row_of(world, "users", ben["id"]), row_of(world, "groups", other["id"]),
                      client.member_ids(other["id"])]  # fmt: skip
    assert client.get(f"/Users/{ana['id']}").json["id"] == ana["id"]


def test_an_id_is_never_used_again(
    world: World, acme: Tenant, okta: Connection, entra: Connection, cli: CommandLine
) -> None:
    """A8: who is deleted in one tenant cannot be had back under that id in another, nor in the same by a client."""
    gone = okta.create_user("ana@x.test", externalId="e1")["id"]
    okta.delete(f"/Users/{gone}")
    for client in (entra, okta):
        body = {"schemas": [USER], "userName": f"{client.slug}@x.test", "id": gone, "meta": {"location": gone}}
        made = client.post("/Users", body).json["id"]
        operation = {"method": "POST", "path": "/Users", "bulkId": gone, "data": {**body, "userName": client.slug}}
        results = client.post("/Bulk", {"schemas": [BULK], "Operations": [operation]}).json["Operations"]
        assert results[0]["status"] == "201"
        assert gone not in {made, results[0]["location"].rpartition("/")[2]}
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            body = {"schemas": [USER if method == "PUT" else PATCH_OP], "userName": "x", "Operations": []}
            check_refusal(client.send(method, f"/Users/{gone}", body), 404)
        put = {"method": "PUT", "path": f"/Users/{gone}", "data": {"schemas": [USER], "userName": "x"}}
        assert client.post("/Bulk", {"schemas": [BULK], "Operations": [put]}).json["Operations"][0]["status"] == "404"
    with unchanged(world):
        cli.failed(1, "user", "restore", "rivals", "ana@x.test", "--id", gone)
        cli.failed(1, "user", "restore", "rivals", gone)
    assert {row["tenant_id"] for row in world.rows("tombstones") if row["id"] == gone} == {acme.id}
    assert gone not in {row["id"] for row in world.rows("users")}


def test_every_credential_of_a_tenant_is_listed_and_can_be_ended(
    okta: Connection, api: Caller, operator: Caller, cli: CommandLine
) -> None:
    """A10: a tenant has no owner whose change could leave a credential behind unseen; the list has each, live."""
    okta.create_user("ana@x.test")
    tokens = {
        api.done("POST", "~/connections/okta/tokens", {"days": 1})["id"],
        operator.done("POST", PERSONAL, {"days": 1})["id"],
        api.done("POST", "~/api-tokens", {"name": "n", "scopes": ["people.read"], "days": 1})["id"],
    }
    before = {each["id"] for each in cli.json("token", "list", "acme") if each["state"] == "live"}
    assert before == tokens | {okta.token.split("_")[1], api.token.split("_")[1]}
    for token_id in before:
        cli.done("token", "revoke", token_id, "--yes")
    assert okta.get("/Users").status_code == api.get("~/users").status_code == 401
    assert {each["state"] for each in cli.json("token", "list", "acme")} == {"revoked"}


PAIRS: dict[str, tuple[str, str, str]] = {
    "letter case": ("ana@x.test", "ANA@X.TEST", "one"),
    "accented letter case": ("\xe9va", "\xc9va", "one"),
    "composed and decomposed": ("\xe9va", "e\u0301va", "one"),
    "full width": ("ana", "\uff41\uff4e\uff41", "one"),
    "sharp s": ("stra\xdfe", "strasse", "one"),
    "dotless i": ("\u0131vy", "ivy", "two"),
    "Cyrillic a": ("ana", "\u0430na", "two"),
    "long s": ("sam", "\u017fam", "refused"),
    "Kelvin sign": ("kim", "\u212aim", "one"),
    "ligature": ("fin", "\ufb01n", "refused"),
    "dotted capital I": ("ivy", "\u0130vy", "two"),
    "superior letters": ("big", "\u1d2e\u1d35\u1d33", "refused"),
    "zero width": ("ana", "a\u200bna", "refused"),
    "bidi": ("ana", "\u202eana", "refused"),
    "control": ("ana", "a\x07na", "refused"),
    "unassigned": ("ana", "ana\U000e0080", "refused"),
}
"""Two user names; whether they are one name, two names, or the second is none (RFC 8265 section 3.3)."""


@pytest.mark.parametrize(("first", "second", "verdict"), PAIRS.values(), ids=PAIRS.keys())
def test_names_are_compared_in_one_form_everywhere(
    world: World, acme: Tenant, okta: Connection, api: Caller, first: str, second: str, verdict: str
) -> None:
    """A11: uniqueness, filters and look-ups agree on who somebody is, and on both databases alike."""
    ana = okta.create_user(first)["id"]
    answer = okta.post("/Users", {"schemas": [USER], "userName": second})
    assert answer.status_code == {"one": 409, "two": 201, "refused": 400}[verdict], answer.text
    found = {user["id"] for user in okta.find("/Users", f'userName eq "{second}"')} if verdict != "refused" else set()
    assert found == {"one": {ana}, "two": {answer.json.get("id")}, "refused": set()}[verdict]
    called = api.get(f"~/users/{quote(second)}")
    assert called.status_code == (404 if verdict == "refused" else 200)
    if called.status_code == 200:
        assert {called.json["id"]} == found
    keys = [row["user_name_key"] for row in world.rows("users")]
    again = [okta.post("/Users", {"schemas": [USER], "userName": key}).status_code for key in keys]
    assert again == [409] * len(keys), "the form that is compared is its own form"


def named_like_roles() -> Iterator[str]:
    for code in ("member", "manager", "admin", "super_admin", "custom"):
        yield from (code, code.title(), code.replace("_", " ").title())


def test_a_group_named_like_a_role_or_anothers_group_is_neither(
    world: World, acme: Tenant, okta: Connection, entra: Connection, api: Caller
) -> None:
    """A12: groups bear no authority by their names; deleting one deletes nothing else."""
    api.done("POST", "~/roles", {"code": "custom", "name": "Custom", "permissions": ["people.read"]})
    boss = okta.create_user("boss", roles=[{"value": "admin"}])["id"]
    theirs = entra.create_group("Everyone", entra.create_user("eve")["id"])
    second = world.connect(acme, "second")
    mine = second.create_group("Everyone", boss)
    ana = second.create_user("ana")["id"]
    before = (api.items("~/roles"), world.rows("grants"), entra.get(f"/Groups/{theirs['id']}").json)
    made = [second.create_group(name, ana)["id"] for name in dict.fromkeys(map(str.casefold, named_like_roles()))]
    assert world.roles_of(acme, "ana") == []
    check_refusal(okta.post("/Groups", {"schemas": [GROUP], "displayName": "everyone"}), 409, "uniqueness")
    for group_id in (*made, mine["id"]):
        assert second.delete(f"/Groups/{group_id}").status_code == 204
    assert before == (api.items("~/roles"), world.rows("grants"), entra.get(f"/Groups/{theirs['id']}").json)
    assert world.roles_of(acme, "boss") == [("admin", "direct")]
