"""The provisioning log in the console: found, followed, read in full, sent again."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scim_server.console.curls import curl_of
from scim_server.domain.tenants import Tenant
from scim_server.services.log_entries import LogEntry
from tests.console.visitors import Visitor
from tests.http.test_statements import counting
from tests.queues import work
from tests.worlds import Connection, World

SECRET = "correct horse battery staple"


def fill(world: World, okta: Connection) -> dict[str, str]:
    """A person and a group that were made, one request that was refused, and a read; answers ids."""
    ben = okta.create_user("ben@example.com", displayName="Ben Okoro", active="True")
    sales = okta.create_group("Sales", ben["id"])
    assert okta.post("/Users", {"userName": "ben@example.com"}).status_code == 409
    okta.get("/Users?count=1")
    world.installation.log.flush()
    return {"ben": ben["id"], "sales": sales["id"]}


def listed(visitor: Visitor, **query: str) -> list[str]:
    """The addresses of the requests that are listed."""
    page = visitor.get("/log", **query)
    assert page.status_code == 200, page.text
    return [part.partition('"')[0] for part in page.text.split('<th scope="row"><a href="')[1:]]


def test_the_newest_requests_come_first(world: World, okta: Connection, ana: Visitor) -> None:
    fill(world, okta)
    page = ana.see("/log")
    order = [page.index(each) for each in ("GET /Users?count=1", "409 uniqueness", "POST /Groups")]
    assert order == sorted(order)


FOUND: tuple[tuple[dict[str, str], int], ...] = (
    ({}, 5),
    ({"connection": "okta"}, 5),
    ({"connection": "entra"}, 0),
    ({"method": "GET"}, 1),
    ({"type": "Group"}, 1),
    ({"answer": "refused"}, 1),
    ({"answer": "409"}, 1),
    ({"answer": "2xx"}, 4),
    ({"answer": "5xx"}, 0),
    ({"about": "ben@example.com"}, 1),
    ({"about": "sales"}, 1),
    ({"about": "nobody"}, 0),
    ({"since": "2026-01-01T00:00"}, 5),
    ({"until": "2026-01-01T00:00"}, 0),
    ({"type": "User", "method": "POST", "answer": "2xx", "about": "ben@example.com", "connection": "okta"}, 1),
)


def test_requests_are_found_by_each_condition(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    world.connect(acme, "entra")
    fill(world, okta)
    assert [(query, len(listed(ana, **query))) for query, _ in FOUND] == list(FOUND)


def test_a_request_is_found_by_its_id_and_by_whom_it_changed(world: World, okta: Connection, ana: Visitor) -> None:
    ids = fill(world, okta)
    gone = okta.delete(f"/Users/{ids['ben']}")
    request_id = gone.headers["X-Request-Id"]
    (found,) = listed(ana, request=request_id)
    assert found.endswith(request_id)
    assert listed(ana, about="ben@example.com")[0] == found, "who is gone is still known"


def test_a_condition_that_is_none_is_said_to_be(ana: Visitor) -> None:
    wrong = ({"answer": "soon"}, {"since": "tomorrow"}, {"until": "0001-01-01"})
    assert [ana.get("/log", **query).status_code for query in wrong] == [400, 400, 400]


def test_the_list_goes_on_where_it_ended(world: World, okta: Connection, ana: Visitor) -> None:
    for _ in range(60):
        okta.get("/Users?count=0")
    world.installation.log.flush()
    first = listed(ana)
    assert len(first) == 50
    page = ana.get("/log")
    rest = page.text.partition('<tr class="more">')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "below=" in rest
    further = ana.get(rest)
    assert further.text.count('<th scope="row">') == 11
    assert 'id="tail"' not in further.text, "older requests are not live"


def test_a_page_costs_the_same_however_much_is_on_it(world: World, okta: Connection, ana: Visitor) -> None:
    def cost(path: str) -> int:
        with counting(world) as counted:
            ana.see(path)
        return len(counted.statements)

    paths = ("/log", "/log/tail", "/log?about=ana@example.com", "/audit", "/audit?about=ana@example.com")
    ana.see("/log")
    few = [cost(path) for path in paths]
    for number in range(30):
        okta.create_user(f"p{number}@example.com")
    assert [cost(path) for path in paths] == few


def test_the_live_rows_are_those_since_the_page_was_opened(world: World, okta: Connection, ana: Visitor) -> None:
    for _ in range(60):
        okta.get("/Users?count=0")
    world.installation.log.flush()
    page = ana.get("/log")
    tail = page.text.partition('id="tail"')[2].partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    okta.create_user("cleo@example.com")
    live = ana.browser.get(tail, headers={"HX-Request": "true"})
    before, now = (re.findall(r'id="request-([^"]+)"', each.text) for each in (page, live))
    assert len(before) == 50
    assert set(before) < set(now)
    assert len(now) < 60, "those of the same millisecond as the oldest one come along"
    assert live.text.index("POST /Users") < live.text.index("GET /Users")


def test_an_entry_in_full(world: World, okta: Connection, ana: Visitor) -> None:
    fill(world, okta)
    (address,) = listed(ana, method="POST", about="ben@example.com", answer="2xx", type="User")
    page = ana.see(address)
    assert 'boolean-text : "True" and "False" as text for a boolean attribute' in page
    assert "Person: created ben@example.com" in page
    assert "Display name: Ben Okoro" in page
    assert '"active": "True"' in page


def test_secrets_are_nowhere_in_an_entry(okta: Connection, ana: Visitor) -> None:
    okta.create_user("ben@example.com", password=SECRET)
    page = ana.get(listed(ana)[0])
    assert "ben@example.com" in page.text
    assert SECRET not in page.text


def test_who_may_not_read_the_trail_sees_what_changed_all_the_same(
    world: World, acme: Tenant, okta: Connection, operator: Visitor
) -> None:
    ids = fill(world, okta)
    address = listed(operator, type="Group")[0]
    assert "Group: created Sales" in operator.see(address)
    assert ids["sales"]


def test_what_a_client_writes_stays_text(world: World, okta: Connection, ana: Visitor) -> None:
    payload = "<script>alert(1)</script>"
    okta.create_user("ben@example.com", displayName=payload, title="{{ 7 * 7 }}")
    okta.get("/Users?filter=<img src=x>", X_Request_Id="<b>1</b>")
    world.installation.log.flush()
    for address in ("/log", *listed(ana)[:2]):
        page = ana.get(address)
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "<b>1" not in page.text


def test_the_list_is_exported_whole(world: World, okta: Connection, ana: Visitor) -> None:
    fill(world, okta)
    answer = ana.get("/log/export.csv", answer="refused")
    assert answer.content_type.startswith("text/csv")
    (row,) = csv.DictReader(answer.text.splitlines())
    assert (row["status"], row["scimType"], row["connection"]) == ("409", "uniqueness", "okta")
    assert len(list(csv.DictReader(ana.get("/log/export.csv").text.splitlines()))) == 5


HOSTILE = [
    ("/scim/acme/v2/Users", """{"a": "it's $HOME `id` \\\\ \\" ; rm -rf / #"}"""),
    ("/scim/acme/v2/Us'ers; touch pwned", None),
    ('/scim/acme/v2/Users?filter=userName eq "$(id)"&x={1,2}[3-4]\'', "@/etc/passwd"),
    ("/scim/acme/v2/\n--output pwned", '{"a":\n"b"}'),
]


@pytest.mark.parametrize(("path", "body"), HOSTILE)
def test_a_command_line_says_what_was_logged_and_nothing_else(path: str, body: str | None, tmp_path: Path) -> None:
    entry = LogEntry("1", "t", "2026-11-27T00:00:00Z", "connection:1", "POST", path, 200, 1, body=body)
    shim = tmp_path / "curl"
    shim.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    shim.chmod(0o700)
    command = curl_of("https://seats.example.com", entry)
    ran = subprocess.run(
        ["/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}{os.pathsep}/usr/bin:/bin", "SCIM_TOKEN": "s3cret", "HOME": "/root"},
    )
    arguments = json.loads(ran.stdout)
    assert arguments[:3] == ["--globoff", "--request", "POST"]
    assert arguments[3].startswith("https://seats.example.com/scim/acme/v2/")
    assert arguments[4:6] == ["--header", "Authorization: Bearer s3cret"]
    assert arguments[6:] == (
        [] if body is None else ["--header", "Content-Type: application/scim+json", "--data-raw", body]
    )
    assert [each.name for each in tmp_path.iterdir()] == ["curl"]


def test_a_request_that_waits_says_so_and_then_what_came_of_it(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    world.decide(acme.slug, async_requests="request")
    txn = okta.post("/Users", {"userName": "ana@example.com"}, Prefer="respond-async").headers["Set-Txn"]
    assert len(listed(ana, answer="202")) == 1
    assert "It waits behind what the same client sent before" in ana.see(f"/log/{txn}")
    work(world)
    assert listed(ana, answer="202") == []
    page = ana.see(f"/log/{txn}")
    assert "What came of it later" in page
    assert "The client did not wait: it was carried out" in page
