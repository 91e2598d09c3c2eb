"""Changes that no SCIM client makes are told as SCIM has them: by the API, the command line, the console, imports."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.events import ScimChange
from scim_server.domain.tenants import Tenant
from scim_server.services import undoing
from scim_server.services.undoing import Undoable
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.console import visitors
from tests.tellings import events, listen, told
from tests.transfers import take_over
from tests.worlds import CAUSE, ENTERPRISE, PATCH_OP, Connection, World

ANA = {"email": "ana@x.test", "firstName": "Ana", "lastName": "Silva"}


@pytest.fixture
def heard(world: World, acme: Tenant, okta: Connection) -> Connection:
    """A client of acme, where somebody wants the data, to look with."""
    listen(world, acme.slug)
    return okta


@pytest.fixture
def typed(cli: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Commands that know where the server is reached."""
    monkeypatch.setenv("SCIM_PUBLIC_URL", world.installation.settings.public_url)
    return cli


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def last(world: World, client: Connection, resource_id: str) -> tuple[str, ScimChange]:
    return told(world, client, resource_id)[-1]


def test_a_person_is_added_edited_and_suspended_over_the_api(world: World, heard: Connection, api: Caller) -> None:
    ana = api.done("POST", "~/users", ANA)["id"]
    ((name, made),) = told(world, heard, ana)
    assert (name, made.method, made.data) == ("user.provisioned", "create", heard.get(f"/Users/{ana}").json)
    api.done("PATCH", f"~/users/{ana}", {"lastName": "Costa", "department": "Sales"})
    name, edited = last(world, heard, ana)
    assert (name, edited.method, edited.version) == (
        "user.changed",
        "patch",
        heard.get(f"/Users/{ana}").headers["ETag"],
    )
    assert edited.attributes == ("displayName", "name.familyName", f"{ENTERPRISE}:department")
    assert edited.data == patch(
        {"op": "replace", "path": "name.familyName", "value": "Costa"},
        {"op": "replace", "path": "displayName", "value": "Ana Costa"},
        {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Sales"},
    )
    known = told(world, heard, ana)
    api.done("PATCH", f"~/users/{ana}", {"department": "Sales"})
    assert api.post(f"~/users/{ana}/suspend").status_code < 300
    assert told(world, heard, ana) == known, "a block is no part of the resource"
    assert events(world, "acme")[-1].event == "user.suspended"


def test_a_person_is_deleted_and_restored_by_the_command_line(
    world: World, heard: Connection, typed: CommandLine
) -> None:
    ana = heard.create_user("ana@x.test", externalId="e-1")["id"]
    typed.done("user", "edit", "acme", "ana@x.test", "--title", "Dr")
    assert last(world, heard, ana)[1].data == patch({"op": "add", "path": "title", "value": "Dr"})
    typed.done("user", "delete", "acme", "ana@x.test", "--yes")
    name, gone = last(world, heard, ana)
    assert (name, gone.method, gone.external_id, gone.data) == ("user.deleted", "delete", "e-1", None)
    typed.done("user", "restore", "acme", "ana@x.test")
    name, back = last(world, heard, ana)
    got = heard.get(f"/Users/{ana}")
    assert (name, back.method, back.version, back.data) == ("user.restored", "create", got.headers["ETag"], got.json)


def test_a_person_is_edited_in_the_console(world: World, acme: Tenant, heard: Connection, api: Caller) -> None:
    boss = heard.create_user("boss@x.test", name={"givenName": "B", "familyName": "Oss"})["id"]
    ana = api.done("POST", "~/users", ANA)["id"]
    visitor = visitors.person(world, acme, "boss@x.test", "super_admin")
    visitor.done(f"/people/{ana}/edit", manager="boss@x.test", title="Head")
    change = last(world, heard, ana)[1]
    assert change.data == patch(
        {"op": "add", "path": "title", "value": "Head"},
        {"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": boss}},
    )
    assert change.attributes == ("title", f"{ENTERPRISE}:manager.value")


def test_a_group_is_changed_over_the_api(world: World, heard: Connection, api: Caller) -> None:
    ana = heard.create_user("ana")["id"]
    team = api.done("POST", "~/groups", {"displayName": "Team", "users": [ana]})["id"]
    name, made = last(world, heard, team)
    assert (name, made.method, made.data) == ("group.created", "create", heard.get(f"/Groups/{team}").json)
    api.done("PATCH", f"~/groups/{team}/members", {"removeUsers": [ana]})
    leaves = {"op": "remove", "path": f'members[value eq "{ana}"]'}
    assert last(world, heard, team)[1].data == patch(leaves)
    api.done("PATCH", f"~/groups/{team}", {"displayName": "Crew"})
    assert last(world, heard, team)[1].data == patch({"op": "replace", "path": "displayName", "value": "Crew"})
    answer = api.delete(f"~/groups/{team}", X_Request_Id="r")
    name, gone = last(world, heard, team)
    assert (answer.status_code, name, gone.method) == (204, "group.deleted", "delete")


def test_a_group_that_was_deleted_and_is_back_is_told_as_new(world: World, acme: Tenant, heard: Connection) -> None:
    team = heard.create_group("Team", heard.create_user("ana")["id"])["id"]
    request_id = heard.delete(f"/Groups/{team}").headers["X-Request-Id"]
    undoing.undo(world.units, acme, CAUSE, Undoable(request_id=request_id))
    name, back = last(world, heard, team)
    got = heard.get(f"/Groups/{team}")
    assert (name, back.method, back.version, back.data) == ("group.restored", "create", got.headers["ETag"], got.json)


def test_an_import_tells_of_everybody(world: World, heard: Connection, typed: CommandLine, tmp_path: Path) -> None:
    ana = heard.create_user("ana@x.test", emails=[{"value": "ana@x.test"}])["id"]
    team = heard.create_group("Sales")["id"]
    file = tmp_path / "people.csv"
    file.write_text("email,first_name,last_name,groups\nana@x.test,Ana,Silva,Sales\nben@x.test,Ben,Okoro,Sales\n")
    typed.done("import", "run", "acme", str(file))
    ben = heard.find("/Users", 'userName eq "ben@x.test"')[0]["id"]
    made = last(world, heard, ben)[1]
    got = heard.get(f"/Users/{ben}").json
    del got["groups"]
    assert (made.method, made.data) == ("create", got)
    joined = last(world, heard, team)[1]
    assert joined.data is not None
    assert {each["value"] for each in joined.data["Operations"][0]["value"]} == {ana, ben}


def test_whoever_takes_over_is_told_as_put(world: World, acme: Tenant, heard: Connection) -> None:
    ana = heard.create_user("ana", externalId="e-1", nickName="Anni", emails=[{"value": "ana@x.test"}])["id"]
    take_over(world, acme, "ana", "eva@x.test")
    name, change = last(world, heard, ana)
    got = heard.get(f"/Users/{ana}")
    assert (name, change.method, change.version) == ("user.taken_over", "put", got.headers["ETag"])
    assert change.data == {key: value for key, value in got.json.items() if key not in {"id", "meta"}}
    assert change.identifiers == {
        "userName": "ana", "newUserName": "eva@x.test", "email": "ana@x.test", "newEmail": "eva@x.test"
    }  # fmt: skip
    assert sum(each.scim is not None for each in events(world, "acme") if each.subject.id == ana) == 2


def test_a_credential_that_remembers_nobody_listens_is_told_of_all_the_same(
    build_world: Callable[..., World],
) -> None:
    world = build_world(credential_cache=60)
    client = world.connect(world.tenant())
    assert client.get("/Users").status_code == 200
    listen(build_world(credential_cache=60), "acme")
    ana = client.create_user("ana")["id"]
    ((_, change),) = told(world, client, ana)
    assert change.data == client.get(f"/Users/{ana}").json
