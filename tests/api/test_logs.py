"""/log: what clients sent, and what came of it."""

import pytest

from scim_server.domain.tenants import Tenant
from tests import traffic
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.http.test_statements import counting
from tests.worlds import Connection, World


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Some traffic of two connections; request ids by what was asked."""
    return traffic.requests(world, acme, okta, password="s3cret-word")


def names(api: Caller, busy: dict[str, str], query: str) -> list[str]:
    """What was asked by the requests that the log lists, newest first."""
    asked = {request_id: name for name, request_id in busy.items()}
    return [asked[request["id"]] for request in api.items(f"~/log?limit=2&{query}")]


def test_the_newest_come_first_in_pages_as_the_command_line_prints_them(
    cli: CommandLine, api: Caller, busy: dict[str, str]
) -> None:
    listed = api.items("~/log?limit=2")
    assert listed[::-1] == cli.json("log", "tail", "acme")
    assert names(api, busy, "") == ["found", "missing", "taken", "group", "create"]
    shown = api.done("GET", f"~/log/{busy['create']}")
    assert shown == listed[-1] == cli.json("log", "show", busy["create"])
    assert (shown["tenant"], shown["connection"], shown["status"]) == ("acme", "okta", 201)
    assert shown["habits"] == ["missing-schemas", "boolean-text"]
    assert {"type": "user", "id": busy["ana"], "action": "user.created"} in shown["changes"]


def test_bodies_are_shown_without_secrets(api: Caller, busy: dict[str, str]) -> None:
    answer = api.get(f"~/log/{busy['create']}")
    assert "ana@x.test" in answer.json["body"]
    assert "s3cret-word" not in answer.text


def test_requests_can_be_chosen(cli: CommandLine, api: Caller, busy: dict[str, str]) -> None:
    assert names(api, busy, "status=4xx") == ["missing", "taken"]
    assert names(api, busy, "status=409") == ["taken"]
    assert names(api, busy, "connection=entra") == ["taken", "group"]
    assert names(api, busy, f"resource={busy['ana']}") == ["create"]
    for user in ("ana@x.test", "ANA@x.test"):
        assert names(api, busy, f"user={user}") == ["found", "taken", "create"]
    assert names(api, busy, "path=/groups") == ["group"]
    assert names(api, busy, "path=%25") == names(api, busy, "path=_") == []
    assert names(api, busy, "since=2999-01-01") == names(api, busy, "until=2020-01-01") == []
    assert len(names(api, busy, "since=2020-01-01&until=2999-01-01")) == 5
    assert names(api, busy, "connection=okta&status=2xx&user=ana@x.test") == ["found", "create"]
    printed = cli.json("log", "tail", "acme", "--path", "/groups", "--since", "2020-01-01", "--until", "2999-01-01")
    assert printed == api.items("~/log?path=/groups")
    assert "no connection 'nobody'" in api.refused(404, "GET", "~/log?connection=nobody")["detail"]
    assert api.refused(422, "GET", "~/log?status=6xx")["errors"][0]["parameter"] == "status"


def test_a_tenants_token_sees_only_its_own_requests(
    world: World, api: Caller, operator: Caller, busy: dict[str, str]
) -> None:
    other = caller(world, world.tenant("other"))
    assert other.items("~/log") == []
    assert "There is no log entry" in other.refused(404, "GET", f"~/log/{busy['create']}")["detail"]
    other.refused(404, "GET", f"/tenants/acme/log/{busy['create']}")
    assert operator.done("GET", f"/tenants/acme/log/{busy['create']}")["id"] == busy["create"]
    operator.refused(404, "GET", f"/tenants/other/log/{busy['create']}")


def test_a_page_costs_the_same_however_long_it_is(world: World, okta: Connection, api: Caller) -> None:
    def page() -> int:
        with counting(world) as count:
            api.done("GET", "~/log?limit=1000&user=u1@x.test")
        return int(count)

    okta.create_user("u1@x.test")
    few = page()
    for number in range(2, 9):
        okta.create_user(f"u{number}@x.test")
    assert page() == few
