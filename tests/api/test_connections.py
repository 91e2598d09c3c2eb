"""/connections: made, changed and given tokens, by nobody beyond what they may do themselves."""

import pytest

from scim_server.domain.access import ROLES
from scim_server.domain.tenants import Tenant
from scim_server.services import stocktaking
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World, contents

NEW = {"name": "azure", "idp": "entra"}


def client(world: World, token: str) -> Connection:
    return Connection(world.app.test_client(), "acme", token, "azure")


def test_a_connection_is_made_and_its_token_opens_scim_until_it_is_ended(world: World, api: Caller) -> None:
    made = api.post("~/connections", NEW)
    assert made.status_code == 201
    assert (made.json["managesEntitlements"], made.json["maxRole"]) == ("auto", "admin")
    assert api.done("GET", made.headers["Location"].removeprefix("/api/v1")) == made.json
    issued = api.done("POST", "~/connections/azure/tokens", {"days": 3})
    assert (issued["kind"], issued["connection"], issued["state"]) == ("connection", "azure", "live")
    assert issued["baseAddress"] == "https://seats.example.com/scim/acme/v2"
    azure = client(world, issued["token"])
    assert azure.get("/Users").status_code == 200
    listed = api.items(f"~/connections/{made.json['id']}/tokens")
    assert listed == [{name: issued[name] for name in issued if name not in {"token", "baseAddress"}}]
    api.done("DELETE", f"~/connections/azure/tokens/{issued['id']}")
    assert azure.get("/Users").status_code == 401
    assert "revoked already" in api.refused(409, "DELETE", f"~/connections/azure/tokens/{issued['id']}")["detail"]


def test_a_connection_is_changed_by_name_or_id(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    (before,) = api.items("~/connections")
    changed = api.done("PATCH", "~/connections/okta", {"name": "okta-2", "managesEntitlements": "yes"})
    assert changed == {**before, "name": "okta-2", "managesEntitlements": "yes"}
    assert api.done("PATCH", f"~/connections/{before['id']}", {"idp": "okta"}) == {**changed, "idp": "okta"}
    assert okta.get("/Users").status_code == 200
    assert [entry.action for entry in world.trail(acme) if entry.object_id == before["id"]][-2:] == [
        "connection.changed"
    ] * 2
    kept = contents(world)
    api.done("PATCH", "~/connections/okta-2", {"idp": "okta"})
    assert contents(world) == kept
    assert stocktaking.compare(world.units, acme) == []


def test_what_a_connection_writes_meanwhile_stays_in_the_trail(
    world: World, acme: Tenant, api: Caller, okta: Connection
) -> None:
    api.done("PATCH", "~/connections/okta", {"maxRole": "member"})
    okta.create_user("ana", roles=[{"value": "member"}])
    api.done("PATCH", "~/connections/okta", {"maxRole": "manager"})
    last = next(entry for entry in reversed(world.trail(acme)) if entry.action == "connection.changed")
    assert (last.before, last.after) == ({"maxRole": "member"}, {"maxRole": "manager"})
    assert stocktaking.compare(world.units, acme) == []


def test_what_was_held_back_is_granted_once_the_connection_may(cli: CommandLine, world: World, acme: Tenant) -> None:
    low, other = world.connect(acme, "low", max_role="member"), world.connect(acme, "other", max_role="member")
    low.create_user("ana", roles=[{"value": "manager"}])
    other.create_user("ben", roles=[{"value": "manager"}])
    assert world.roles_of(acme, "ana") == []
    cli.done("connection", "edit", "acme", "low", "--max-role", "manager")
    assert world.roles_of(acme, "ana") == [("manager", "direct")]
    assert world.roles_of(acme, "ben") == []
    cli.done("connection", "edit", "acme", "low", "--max-role", "member")
    assert world.roles_of(acme, "ana") == [("manager", "direct")]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "~/connections", {**NEW, "name": "okta"}, 409, "'okta' already"),
        ("POST", "~/connections", {**NEW, "name": "a/b"}, 422, "must not contain"),
        ("POST", "~/connections", {"name": "x", "idp": "fax", "maxRole": "king", "colour": 1}, 422, "3 fields"),
        ("PATCH", "~/connections/okta", {"name": "spare"}, 409, "'spare' already"),
        ("PATCH", "~/connections/okta", {"name": " "}, 422, "must not be empty"),
        ("PATCH", "~/connections/nobody", {"name": "x"}, 404, "no connection 'nobody'"),
        ("GET", "~/connections/nobody", None, 404, "no connection 'nobody'"),
        ("GET", "~/connections/nobody/removal", None, 404, "no connection 'nobody'"),
        ("POST", "~/connections/nobody/removal", {}, 404, "no connection 'nobody'"),
        ("POST", "~/connections/okta/removal", {"to": "okta"}, 422, "name another one"),
        ("POST", "~/connections/okta/removal", {"to": "spare", "release": True}, 422, "not both"),
        ("POST", "~/connections/nobody/tokens", {}, 404, "no connection 'nobody'"),
        ("POST", "~/connections/okta/tokens", {"days": 0}, 422, "wrong"),
        ("DELETE", "~/connections/okta/tokens/nothing", None, 404, "no token 'nothing'"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    world: World, acme: Tenant, api: Caller, method: str, path: str, body: object, status: int, words: str
) -> None:
    world.connect(acme)
    world.connect(acme, "spare")
    before = contents(world)
    assert words in api.refused(status, method, path, body)["detail"]
    assert contents(world) == before


def test_a_connection_is_removed_once_it_is_said_whose_its_people_are(
    world: World, acme: Tenant, api: Caller, okta: Connection
) -> None:
    okta.create_user("ana")
    world.connect(acme, "spare")
    before = contents(world)
    foreseen = api.done("GET", "~/connections/okta/removal")
    assert (foreseen["people"], foreseen["groups"], foreseen["tokens"], foreseen["to"]) == (1, 0, 1, None)
    refused = api.refused(409, "POST", "~/connections/okta/removal", {})
    assert refused["type"].endswith(":still-manages")
    assert "people (1)" in refused["detail"]
    assert contents(world) == before
    done = api.done("POST", "~/connections/okta/removal", {"to": "spare"})
    assert {**done, "removed": ""} == {**foreseen, "removed": "", "to": "spare"}
    assert [each["name"] for each in api.items("~/connections")] == ["spare"]
    assert okta.get("/Users").status_code == 401
    api.refused(404, "GET", "~/connections/okta")
    assert api.done("POST", "~/connections/spare/removal", {"release": True})["people"] == 1
    assert stocktaking.compare(world.units, acme) == []


def test_nobody_deals_out_more_than_they_may(world: World, acme: Tenant) -> None:
    world.connect(acme, "high", max_role="super_admin")
    world.connect(acme, "low", max_role="member")
    manages = caller(world, acme, "connections.write", *ROLES["manager"].permissions)
    before = contents(world)
    for method, path, body in (
        ("POST", "~/connections", NEW),
        ("PATCH", "~/connections/low", {"maxRole": "admin"}),
        ("POST", "~/connections/high/tokens", {}),
    ):
        assert "beyond your own" in manages.refused(403, method, path, body)["detail"]
    assert contents(world) == before
    manages.done("POST", "~/connections", {**NEW, "maxRole": "manager"})
    manages.done("PATCH", "~/connections/high", {"idp": "okta"})
    manages.done("PATCH", "~/connections/high", {"maxRole": "member"})
    manages.done("POST", "~/connections/high/tokens")


def test_a_token_of_another_kind_is_not_the_connections_to_end(world: World, acme: Tenant, api: Caller) -> None:
    world.connect(acme)
    world.connect(acme, "spare")
    (spare,) = api.items("~/connections/spare/tokens")
    (own,) = api.items("~/api-tokens")
    for token in (spare, own):
        api.refused(404, "DELETE", f"~/connections/okta/tokens/{token['id']}")
    api.done("DELETE", f"~/connections/spare/tokens/{spare['id']}")


def test_a_connection_from_the_command_line(cli: CommandLine, world: World, acme: Tenant) -> None:
    world.connect(acme)
    assert "'acme/azure' is changed" in cli.done("connection", "edit", "acme", "okta", "--name", "azure").out
    assert "azure" in cli.done("connection", "show", "acme", "azure").out
    assert "at least one option" in cli.failed(2, "connection", "edit", "acme", "azure")
    assert "no connection 'okta'" in cli.failed(1, "connection", "show", "acme", "okta")


def test_the_doctor_looks_into_a_connection_and_leaves_nothing(
    world: World, acme: Tenant, api: Caller, okta: Connection
) -> None:
    world.installation.log.flush()
    before = contents(world)
    told = api.done("POST", "~/connections/okta/diagnosis")
    assert (told["connection"], told["verdict"]) == ("okta", "warning")
    assert {each["code"] for each in told["findings"]} == {"never_sent", "way_in", "none_refused", "played_well"}
    assert all(step["why"] is None for step in told["steps"])
    after = contents(world)
    assert {table for table in before if before[table] != after[table]} <= {"api_tokens"}, "the caller's own was used"
    reader = caller(world, acme, "logs.read")
    assert reader.refused(403, "POST", "~/connections/okta/diagnosis")
