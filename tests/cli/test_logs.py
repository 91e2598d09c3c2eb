"""`scim-server log`: what clients sent and what came of it, on the command line."""

import json
import re
import signal
import subprocess
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from scim_server.domain.tenants import Tenant
from tests import traffic
from tests.cli.commands import PATIENCE, CommandLine, free_port, started
from tests.cli.test_serving import serving
from tests.worlds import Connection, World


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Some traffic of two connections; request ids by what was asked."""
    return traffic.requests(world, acme, okta)


def ids(cli: CommandLine, *options: str) -> list[str]:
    return [entry["id"] for entry in cli.json("log", "tail", "acme", *options)]


def test_the_newest_requests_come_last_one_line_each(cli: CommandLine, busy: dict[str, str]) -> None:
    lines = cli.done("log", "tail", "acme").out.splitlines()
    assert [line.rpartition("  ")[2] for line in lines] == [
        busy[name] for name in ("create", "group", "taken", "missing", "found")
    ]
    when, connection, method, path, status, milliseconds, habits, _ = re.split(" {2,}", lines[0])
    assert when.endswith("Z")
    assert (connection, method, path, status, habits) == (
        "okta",
        "POST",
        "/Users",
        "201",
        "[missing-schemas, boolean-text]",
    )
    assert milliseconds.endswith(" ms")
    assert "entra  POST    /Groups  201" in lines[1]
    assert "skipped unknown members: 1" in lines[1]
    assert "409" in lines[2]
    assert "ANA@x.test" in lines[2]
    assert lines[4].count('/Users?filter=userName eq "ana@x.test"') == 1


def test_lines_can_be_chosen(cli: CommandLine, busy: dict[str, str]) -> None:
    assert ids(cli, "--lines", "2") == [busy["missing"], busy["found"]]
    assert ids(cli, "--status", "4xx") == [busy["taken"], busy["missing"]]
    assert ids(cli, "--status", "409") == [busy["taken"]]
    assert ids(cli, "--connection", "entra") == [busy["group"], busy["taken"]]
    assert ids(cli, "--resource", busy["ana"]) == [busy["create"]]
    assert ids(cli, "--user", "ana@x.test") == [busy["create"], busy["taken"], busy["found"]]
    assert ids(cli, "--user", "nobody@x.test") == []
    assert ids(cli, "--user", "ana_x%test") == []
    assert ids(cli, "--connection", "okta", "--status", "2xx", "--user", "ANA@x.test") == [
        busy["create"],
        busy["found"],
    ]


def test_who_got_a_freed_seat_finds_the_request_that_freed_it(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    ben = okta.create_user("ben", entitlements=["meeting"])["id"]
    freed = okta.delete(f"/Users/{ana}").headers["X-Request-Id"]
    assert ids(cli, "--resource", ben)[-1] == freed
    assert ids(cli, "--user", "ben")[-1] == freed
    assert ids(cli, "--resource", ana)[-1] == freed


def test_an_entry_is_shown_whole(cli: CommandLine, busy: dict[str, str]) -> None:
    shown = cli.json("log", "show", busy["create"])
    assert shown.pop("id") == busy["create"]
    assert abs(datetime.fromisoformat(shown.pop("at")) - datetime.now(UTC)) < timedelta(minutes=5)
    assert isinstance(shown.pop("milliseconds"), int)
    assert shown == {
        "tenant": "acme",
        "connection": "okta",
        "clientRequestId": "mine",
        "method": "POST",
        "path": "/scim/acme/v2/Users",
        "body": '{"userName": "ana@x.test", "active": "True"}',
        "habits": ["missing-schemas", "boolean-text"],
        "notes": [],
        "changes": [{"type": "user", "id": busy["ana"], "action": "user.created"}],
        "status": 201,
        "scimType": None,
        "detail": None,
        "resourceType": "User",
        "resourceId": busy["ana"],
    }
    text = cli.done("log", "show", busy["taken"]).out
    assert "uniqueness" in text
    assert "ANA@x.test" in text
    assert f"user.created {busy['ana']}" in cli.done("log", "show", busy["create"]).out


def test_what_clients_send_cannot_reach_the_terminal(cli: CommandLine, okta: Connection) -> None:
    refused = okta.get("/Users/%1B%5B31m%0A").headers["X-Request-Id"]
    for out in (cli.done("log", "tail", "acme").out, cli.done("log", "show", refused).out):
        assert "\x1b" not in out
        assert "31m" in out
    assert len(cli.done("log", "tail", "acme").out.splitlines()) == 1


def test_tenants_are_walled(cli: CommandLine, world: World, busy: dict[str, str]) -> None:
    world.tenant("rivals")
    assert cli.json("log", "tail", "rivals") == []
    assert cli.json("log", "tail", "rivals", "--resource", busy["ana"]) == []
    assert cli.done("log", "tail", "rivals").out == "The log of 'rivals' has no such request.\n"
    assert cli.json("log", "show", busy["create"])["tenant"] == "acme"


def test_what_is_not_there_is_refused(acme_cli: CommandLine) -> None:
    assert "no tenant" in acme_cli.failed(1, "log", "tail", "nobody")
    assert "no connection 'nobody'" in acme_cli.failed(1, "log", "tail", "acme", "--connection", "nobody")
    assert "X-Request-Id" in acme_cli.failed(1, "log", "show", "01a2184d-c408-7781-b076-2e16b42f5d72")


@pytest.mark.parametrize(
    "options",
    [("--status", "6xx"), ("--status", "4x"), ("--lines", "0"), ("--user", "a", "--resource", "b")],
)
def test_impossible_choices_are_usage_errors(acme_cli: CommandLine, options: tuple[str, ...]) -> None:
    acme_cli.failed(2, "log", "tail", "acme", *options)


def test_following_shows_what_comes_and_a_server_that_stops_loses_nothing(acme_cli: CommandLine) -> None:
    """A read is written by the server's own thread, or by its end."""
    token = acme_cli.json("token", "issue", "acme/okta")["token"]
    with started("log", "tail", "acme", "--follow", "--json", stdout=subprocess.PIPE) as follower:
        with serving(free_port(), workers=2) as (server, http):
            answer = _find(http, token, "first")
            assert follower.stdout is not None
            assert json.loads(follower.stdout.readline())["id"] == answer.headers["X-Request-Id"]
            last = [_find(http, token, f"last-{number}").headers["X-Request-Id"] for number in range(4)]
            server.send_signal(signal.SIGTERM)
            assert server.wait(PATIENCE) == 0
        assert ids(acme_cli)[1:] == last
        follower.send_signal(signal.SIGINT)
        assert follower.wait(PATIENCE) == 0


def _find(http: httpx.Client, token: str, name: str) -> httpx.Response:
    answer = http.get(f'/scim/acme/v2/Users?filter=userName eq "{name}"', headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return answer
