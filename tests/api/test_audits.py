"""/audit: who changed what, and the proof that nobody changed it since."""

import json

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services.audit_chains import verify
from tests import traffic
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.http.test_reconciling import damage
from tests.http.test_statements import counting
from tests.worlds import Connection, World


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Some changes; ids by what they are of."""
    return traffic.changes(world, acme, okta)


def actions(api: Caller, query: str = "") -> list[str]:
    return [entry["action"] for entry in api.items(f"~/audit/entries?limit=3{query}")]


def test_the_newest_come_first_in_pages_as_the_command_line_prints_them(
    cli: CommandLine, api: Caller, busy: dict[str, str]
) -> None:
    listed = api.items("~/audit/entries?limit=2")
    assert listed == cli.json("audit", "list", "acme")
    assert [entry["action"] for entry in listed[:2]] == ["group.created", "user.changed"]
    assert [entry["id"] for entry in listed] == sorted((entry["id"] for entry in listed), reverse=True)
    shown = api.done("GET", f"~/audit/entries/{listed[1]['id']}")
    assert shown == listed[1] == cli.json("audit", "show", "acme", listed[1]["id"])
    assert (shown["before"]["displayName"], shown["after"]["displayName"]) == ("Ana", "Anna")
    assert "Anna" in cli.done("audit", "show", "acme", listed[1]["id"]).out


def test_entries_can_be_chosen(
    cli: CommandLine, world: World, api: Caller, okta: Connection, busy: dict[str, str]
) -> None:
    about_ana = actions(api, f"&object={busy['ana']}")
    assert {"seat.assigned", "user.changed", "user.created"} <= set(about_ana) < set(actions(api))
    for user in ("ANA@x.test", busy["ana"]):
        assert actions(api, f"&user={user}") == about_ana
    assert actions(api, f"&object={busy['group']}") == ["group.created"]
    assert actions(api, f"&request={busy['request']}") == ["user.changed"]
    assert actions(api, "&action=user.changed") == ["user.changed"]
    assert cli.json("audit", "list", "acme", "--action", "user.changed") == api.items(
        "~/audit/entries?action=user.changed"
    )
    assert actions(api, "&user=nobody@x.test") == actions(api, "&action=user.flown") == []
    assert actions(api, "&since=2999-01-01") == actions(api, "&until=2020-01-01") == []
    assert len(actions(api, "&since=2020-01-01&until=2999-01-01T00:00:00Z")) == len(actions(api))
    assert cli.json("audit", "list", "acme", "--until", "2020-01-01") == []
    okta.delete(f"/Users/{busy['ana']}")
    assert "user.deleted" in actions(api, "&user=ana@x.test")
    assert "has no entry 'x'" in api.refused(404, "GET", "~/audit/entries/x")["detail"]
    problem = api.refused(422, "GET", "~/audit/entries?since=yesterday&until=&colour=red")
    assert [error["parameter"] for error in problem["errors"]] == ["since", "until", "colour"]


def test_what_the_api_changes_is_recorded_under_its_token(api: Caller) -> None:
    issued = api.done("POST", "~/api-tokens", {"name": "reader", "scopes": ["people.read"]})
    request_id = api.last.headers["X-Request-Id"] if api.last else None
    (entry,) = api.items(f"~/audit/entries?object={issued['id']}")
    assert entry["actor"].startswith("api:")
    assert entry["cause"] == "POST /api/v1/tenants/{tenant}/api-tokens"
    assert entry["requestId"] == request_id


def test_the_trail_is_verified(cli: CommandLine, world: World, api: Caller, busy: dict[str, str]) -> None:
    found = api.done("POST", "~/audit/verify")
    assert (found["whole"], found["fault"], found["unsealed"]) == (True, None, found["entries"])
    again = api.done("POST", "~/audit/verify")
    assert again == {**found, "unsealed": 0} == cli.json("audit", "verify", "acme")
    damage(world, "UPDATE audit SET action = 'user.flown' WHERE sequence = 5")
    broken = api.done("POST", "~/audit/verify")
    assert (broken["whole"], broken["fault"]) == (False, "Entry 5 is not what was sealed there.")
    assert cli("audit", "verify", "acme", "--json").json == broken


def test_an_export_is_verified_by_whoever_has_the_public_key(
    cli: CommandLine, api: Caller, busy: dict[str, str]
) -> None:
    key = api.done("GET", "~/audit/key")
    assert key == cli.json("audit", "key")
    answer = api.get("~/audit/export")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-acme.jsonl"'
    lines = answer.data.splitlines(keepends=True)
    assert verify(lines, key["publicKey"]).entries == len(api.items("~/audit/entries"))
    assert json.loads(lines[0])["slug"] == "acme"
    assert b"ana@x.test" not in answer.data
    assert cli.done("audit", "export", "acme").out.splitlines()[1:] == answer.text.splitlines()[1:]


def test_entries_of_another_tenant_are_not_there(world: World, api: Caller, busy: dict[str, str]) -> None:
    other = caller(world, world.tenant("other"))
    entry = api.items("~/audit/entries")[0]
    other.refused(404, "GET", f"~/audit/entries/{entry['id']}")
    assert other.items(f"~/audit/entries?object={busy['ana']}") == []
    assert other.items("~/audit/entries?user=ana@x.test") == []
    assert b"ana" not in other.get("~/audit/export").data


def test_a_page_costs_the_same_however_long_it_is(
    world: World, api: Caller, okta: Connection, busy: dict[str, str]
) -> None:
    def page() -> int:
        with counting(world) as count:
            api.done("GET", "~/audit/entries?limit=1000")
        return int(count)

    few = page()
    for number in range(10):
        okta.create_user(f"u{number}@x.test")
    assert page() == few
