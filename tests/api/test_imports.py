"""/tenants/{tenant}/imports and /export/people: the same files and the same items as on the command line."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from scim_server.cli import run
from scim_server.domain.access import ROLES
from scim_server.domain.imports import State
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.services import importing
from scim_server.services.import_runs import LEASE
from tests.api.callers import Caller, caller
from tests.worlds import CAUSE, Connection, World, contents

CSV = {"Content_Type": "text/csv"}
FILE = "email,first_name,products\nana@x.test,Ana,meeting\nbo@x.test,Bo,nothing\n"


@pytest.fixture
def seated(world: World, acme: Tenant) -> None:
    """Five seats of meeting."""
    world.buy(acme, "meeting", 5)


def test_a_file_is_read_checked_and_carried_out_in_the_background(
    world: World, acme: Tenant, api: Caller, seated: None
) -> None:
    answer = api.post("~/imports?mode=best_effort&name=new.csv", FILE, **CSV)
    assert answer.status_code == 201
    job = answer.get_json()
    assert (job["fileName"], job["mode"], job["state"], job["rows"]) == ("new.csv", "best_effort", "ready", 2)
    assert answer.headers["Location"] == f"/api/v1/tenants/acme/imports/{job['id']}"
    checked = api.done("POST", f"~/imports/{job['id']}/check")
    assert (checked["counts"]["create"], checked["counts"]["conflict"]) == (1, 1)
    assert checked["seats"] == [{"product": "meeting", "needed": 1, "free": 5, "short": 0}]
    assert api.send("POST", f"~/imports/{job['id']}/run").status_code == 202
    assert api.items("~/users") == []
    world.advance(1)
    assert world.do_chore("imports") == 2
    assert api.done("GET", f"~/imports/{job['id']}")["state"] == "done"
    assert [user["userName"] for user in api.items("~/users")] == ["ana@x.test"]
    assert world.held_by(acme, "ana@x.test") == {"meeting": "assigned"}
    rows = api.items(f"~/imports/{job['id']}/rows?limit=1")
    assert [(row["line"], row["verdict"]) for row in rows] == [(2, "create"), (3, "conflict")]
    assert len(api.items(f"~/imports/{job['id']}/rows?verdict=conflict")) == 1
    errors = api.get(f"~/imports/{job['id']}/errors")
    assert errors.mimetype == "text/csv"
    assert errors.text.splitlines()[1].startswith("bo@x.test,Bo,nothing,")
    assert api.get("~/export/people").text.splitlines()[1] == "ana@x.test,Ana,,meeting,,,"


def test_the_command_line_prints_the_same_items(
    world: World,
    api: Caller,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api.done("POST", "~/imports", FILE, **CSV)
    monkeypatch.setenv("SCIM_DATABASE_URL", database_url)
    assert run(["import", "list", "acme", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed == api.items("~/imports")
    assert run(["import", "show", "acme", listed[0]["id"], "--rows", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == api.items(f"~/imports/{listed[0]['id']}/rows")


@pytest.mark.parametrize(
    ("content", "status", "complaint"),
    [
        ("name\nAna\n", 422, "unknown column 'name'"),
        (b"email\nJos\xe9\n", 422, "Line 2 is not in UTF-8"),
        ("email\n" + "a@x.test\n" * 200_000, 413, "larger"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    build_world: Callable[..., World], content: str | bytes, status: int, complaint: str
) -> None:
    world = build_world(import_max_bytes=1_000_000)
    api = caller(world, world.tenant("acme"))
    before = contents(world)
    assert complaint in api.refused(status, "POST", "~/imports", content, **CSV)["detail"]
    assert contents(world) == before


def test_a_token_grants_no_role_beyond_its_own(world: World, acme: Tenant) -> None:
    file = "email,role\nana@x.test,manager\nbo@x.test,admin\ncy@x.test,super_admin\n"
    for scopes, verdicts in (
        (["people.read", "people.write"], ["conflict", "conflict", "conflict"]),
        (["people.read", "people.write", "roles.grant"], ["conflict", "conflict", "conflict"]),
        ([*sorted(ROLES["manager"].permissions), "roles.grant"], ["create", "conflict", "conflict"]),
        ([*sorted(ROLES["admin"].permissions)], ["create", "create", "conflict"]),
    ):
        api = caller(world, acme, *scopes)
        job = api.done("POST", "~/imports", file, **CSV)
        api.done("POST", f"~/imports/{job['id']}/check")
        rows = api.items(f"~/imports/{job['id']}/rows")
        assert [row["verdict"] for row in rows] == verdicts
    assert "highest role that may be granted" in rows[2]["reason"]


def test_a_column_takes_the_scope_of_what_it_gives(world: World, acme: Tenant, seated: None) -> None:
    narrow = caller(world, acme, "people.read", "people.write")
    before = contents(world)
    for column, scope in (("products", "seats.write"), ("groups", "groups.write")):
        problem = narrow.refused(403, "POST", "~/imports", f"email,{column}\nana@x.test,x\n", **CSV)
        assert scope in problem["detail"]
        assert column in problem["detail"]
    assert contents(world) == before
    assert narrow.done("POST", "~/imports", "email,first_name\nana@x.test,Ana\n", **CSV)["rows"] == 1


def test_nobody_is_put_into_a_group_whose_rule_gives_more_than_the_token_permits(
    world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_group("Outer", okta.create_group("Inner")["id"])
    caller(world, acme).done("POST", "~/rules", {"group": "Outer", "role": "admin"})
    okta.create_user("bo@x.test")
    narrow = caller(world, acme, "people.read", "people.write", "groups.write")
    content = "email,groups\nana@x.test,Inner\nbo@x.test,Inner\n"
    job = narrow.done("POST", "~/imports?mode=best_effort", content, **CSV)
    narrow.done("POST", f"~/imports/{job['id']}/run")
    world.advance(1)
    world.do_chore("imports")
    rows = narrow.items(f"~/imports/{job['id']}/rows")
    assert [row["verdict"] for row in rows] == ["conflict", "conflict"]
    assert "the role 'admin'" in rows[0]["reason"]
    assert caller(world, acme).items("~/grants") == []


def test_whoever_comes_late_to_an_import_changes_nothing_of_it(
    world: World, acme: Tenant, api: Caller, seated: None
) -> None:
    job = api.done("POST", "~/imports", "email,products\nana@x.test,meeting\n", **CSV)
    api.done("POST", f"~/imports/{job['id']}/run")
    running = importing.one(world.units, acme, job["id"])
    world.advance(1)
    world.do_chore("imports")
    before = api.items(f"~/imports/{job['id']}/rows"), api.done("GET", f"~/imports/{job['id']}")
    assert before[0][0]["verdict"] == "create"
    importing.advance(world.units, acme, CAUSE, running)
    assert (api.items(f"~/imports/{job['id']}/rows"), api.done("GET", f"~/imports/{job['id']}")) == before


def test_what_is_over_cannot_be_changed(api: Caller) -> None:
    job = api.done("POST", "~/imports", FILE, **CSV)
    assert api.done("POST", f"~/imports/{job['id']}/cancel")["state"] == "cancelled"
    for verb in ("check", "run", "cancel"):
        assert "cancelled" in api.refused(422, "POST", f"~/imports/{job['id']}/{verb}")["detail"]
    assert api.refused(404, "GET", "~/imports/nothing")["detail"].startswith("Tenant 'acme' has no import")


def test_nothing_is_left_of_a_file_whose_reader_ended_on_the_way(world: World, acme: Tenant, api: Caller) -> None:
    job = api.done("POST", "~/imports", FILE, **CSV)
    with world.units.write(acme, CAUSE) as uow:
        read = importing.one(world.units, acme, job["id"])
        uow.imports.save(replace(read, state=State.READING, lease=later(uow.now, LEASE)))
        uow.commit()
    world.do_chore("imports")
    assert len(api.items("~/imports")) == 1, "somebody may still read it"
    world.advance(LEASE.seconds)
    world.do_chore("imports")
    assert api.items("~/imports") == world.rows("import_rows") == []


def test_imports_are_forgotten_after_a_month(world: World, api: Caller) -> None:
    api.done("POST", "~/imports", FILE, **CSV)
    assert world.do_chore("forget-imports") == 0
    world.advance(31 * 24 * 3600)
    assert world.do_chore("forget-imports") == 1
    assert world.rows("import_rows") == []
