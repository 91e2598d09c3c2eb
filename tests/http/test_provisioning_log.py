"""One entry per request of a client: what came, what was understood, what changed, what was answered."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.http.excerpts import LONGEST_BODY, LONGEST_PATH
from scim_server.http.provisioning_logs import MOST_CHANGES
from scim_server.services import log_buffers, provisioning_logs, tenancy
from scim_server.services.log_buffers import LogBuffer
from scim_server.services.log_entries import LogEntry, Sought
from scim_server.store.tables import metadata
from tests.worlds import USER, Connection, World

CANARY = "correct-horse-battery-staple"


def entries(world: World, client: Connection) -> list[LogEntry]:
    """The log of the client's tenant, reads included."""
    world.installation.log.flush()
    tenant = tenancy.tenant(world.units, client.slug)
    return [each.entry for each in provisioning_logs.requests(world.units, tenant, Sought(1000))]


def entry_of(world: World, answer: TestResponse) -> LogEntry:
    """The entry of one answered request."""
    world.installation.log.flush()
    return provisioning_logs.request_anywhere(world.units, answer.headers["X-Request-Id"]).entry


def everything(world: World) -> str:
    return str({table: world.rows(table) for table in metadata.tables})


@pytest.mark.covers("R-7644-7-05")
def test_a_write_leaves_what_came_what_changed_and_what_was_answered(house: World, client: Connection) -> None:
    body = '{ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana", "active": "True"}'
    answer = client.post("/Users?attributes=userName", body, X_Request_Id="okta-17")
    entry = entry_of(house, answer)
    ana = answer.json["id"]
    assert (entry.method, entry.path) == ("POST", f"/scim/{client.slug}/v2/Users?attributes=userName")
    assert (entry.body, entry.client_request_id) == (body, "okta-17")
    assert entry.habits == ("boolean-text",)
    assert [(each.object_type, each.object_id, each.action) for each in entry.changes] == [
        ("user", ana, "user.created")
    ]
    assert (entry.status, entry.scim_type, entry.detail) == (201, None, None)
    assert (entry.resource_type, entry.resource_id) == ("User", ana)
    assert 0 <= entry.milliseconds < 60_000
    assert abs(datetime.fromisoformat(entry.at) - datetime.now(UTC)) < timedelta(minutes=1)
    connection = next(row for row in house.rows("connections") if row["tenant_id"] == entry.tenant_id)
    assert entry.actor == f"connection:{connection['id']}"


def test_every_kind_of_write_says_what_the_client_was_told(house: World, client: Connection) -> None:
    user, group = client.create_user("ana")["id"], client.create_group("Sales")["id"]
    title = {"op": "replace", "path": "title", "value": "t"}
    name = {"op": "replace", "path": "displayName", "value": "S"}
    for send in (
        lambda: client.post("/Groups", {"displayName": "Staff"}),
        lambda: client.put(f"/Users/{user}", {"schemas": [USER], "userName": "ana2"}),
        lambda: client.patch(f"/Users/{user}", title),
        lambda: client.patch(f"/Users/{user}", title),
        lambda: client.patch(f"/Groups/{group}", name),
        lambda: client.patch(f"/Groups/{group}?attributes=displayName", name),
        lambda: client.delete(f"/Groups/{group}"),
        lambda: client.delete(f"/Users/{user}"),
    ):
        answer = send()
        assert answer.status_code < 300, answer.text
        assert entry_of(house, answer).status == answer.status_code


def test_reads_are_kept_with_the_next_flush(house: World, client: Connection) -> None:
    ana = client.create_user("ana")["id"]
    answers = [
        client.get(f"/Users/{ana}"),
        client.get('/Users?filter=userName eq "ana"'),
        client.get("/Schemas"),
        client.get(f"/Users/{ana}", If_None_Match='W/"1"'),
        client.send("HEAD", "/Users"),
        client.send("OPTIONS", "/Users"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 304, 200, 204]
    assert len([row for row in house.rows("provisioning_log") if row["path"].startswith(f"/scim/{client.slug}/")]) == 1
    kept = entries(house, client)
    assert [entry.id for entry in kept[1:]] == [answer.headers["X-Request-Id"] for answer in answers]
    assert [entry.status for entry in kept[1:]] == [answer.status_code for answer in answers]
    assert [entry.method for entry in kept[1:]] == ["GET", "GET", "GET", "GET", "HEAD", "OPTIONS"]
    assert [(entry.resource_type, entry.resource_id) for entry in kept[1:4]] == [
        ("User", ana), ("User", None), (None, None)
    ]  # fmt: skip
    assert kept[2].path.endswith('/Users?filter=userName eq "ana"')


def test_what_waits_is_written_in_few_transactions(world: World, okta: Connection) -> None:
    """However many reads there were in a second."""
    okta.create_user("ana")
    (entry,) = entries(world, okta)
    reads = [replace(entry, id=entry.id[:-4] + f"{number:04x}", method="GET") for number in range(1_200)]
    commits: list[object] = []
    event.listen(world.installation.database.engine, "commit", commits.append)
    for read in reads:
        world.installation.log.keep_soon(read)
    assert commits == []
    world.installation.log.flush()
    assert len(commits) == 3
    assert len({row["id"] for row in world.rows("provisioning_log")} & {read.id for read in reads}) == len(reads)


STRUCK = """
import os, signal, sys
from tests.worlds import Connection, build

world = build(sys.argv[1])
client = Connection(world.app.test_client(), "acme", sys.argv[2], "okta")
client.get("/Users?count=1")
world.installation.log.flush()
client.create_user("ana")
client.get("/Users?count=2")
client.get("/Users/none")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_crash_loses_the_reads_of_the_last_second_and_nothing_else(
    world: World, okta: Connection, database_url: str
) -> None:
    """Whoever was answered a write, or refused, finds it in the log."""
    process = subprocess.run([sys.executable, "-c", STRUCK, database_url, okta.token], check=False)
    assert process.returncode == -signal.SIGKILL
    found = [(entry.method, entry.path.rpartition("/")[2], entry.status) for entry in entries(world, okta)]
    assert found == [("GET", "Users?count=1", 200), ("POST", "Users", 201), ("GET", "none", 404)]
    assert len(world.rows("users")) == 1


REFUSED: dict[str, tuple[int, Callable[[Connection, str], TestResponse]]] = {
    "syntax": (400, lambda client, ana: client.post("/Users", "{")),
    "value": (400, lambda client, ana: client.post("/Users", {"displayName": "x"})),
    "filter": (400, lambda client, ana: client.get("/Users?filter=nothing eq 1")),
    "forbidden": (403, lambda client, ana: client.get("/Schemas?filter=id pr")),
    "missing": (404, lambda client, ana: client.get("/Users/none")),
    "nowhere": (404, lambda client, ana: client.delete("/Nothing/1")),
    "elsewhere": (404, lambda client, ana: replace(client, slug="other").get("/Users")),
    "method": (405, lambda client, ana: client.delete("/Users")),
    "taken": (409, lambda client, ana: client.post("/Users", {"userName": "ANA"})),
    "stale": (412, lambda client, ana: client.put(f"/Users/{ana}", {"userName": "ana"}, If_Match='W/"9"')),
    "large": (413, lambda client, ana: client.post("/Users", "x" * 200_000)),
    "type": (415, lambda client, ana: client.post("/Users", "x", Content_Type="text/plain")),
    "no person": (404, lambda client, ana: client.get("/Me")),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refused_request_leaves_why(house: World, client: Connection, kind: str) -> None:
    """With the answer's id, status, keyword and detail, at once, and no change."""
    status, send = REFUSED[kind]
    answer = send(client, client.create_user("ana")["id"])
    assert answer.status_code == status
    (entry,) = [row for row in house.rows("provisioning_log") if row["id"] == answer.headers["X-Request-Id"]]
    assert (entry["status"], entry["scim_type"]) == (status, answer.json.get("scimType"))
    assert entry["detail"] == answer.json["detail"]
    assert entry["changes"] in ([], "[]")
    assert entry["tenant_id"] == tenancy.tenant(house.units, client.slug).id


def test_without_a_tenant_there_is_a_line_in_the_process_log_and_no_entry(
    build_world: Callable[..., World], capsys: pytest.CaptureFixture[str]
) -> None:
    world = build_world(log_level="info")
    client = replace(world.connect(world.tenant()), token=CANARY)
    answer = client.post(f"/Users?x={CANARY}", {"userName": "ana"})
    world.installation.log.flush()
    assert answer.status_code == 401
    assert world.rows("provisioning_log") == []
    (line,) = capsys.readouterr().err.splitlines()
    logged = json.loads(line)
    assert (logged["status"], logged["request_id"]) == (401, answer.headers["X-Request-Id"])
    assert CANARY not in line


def test_what_was_passed_over_is_noted(house: World, client: Connection) -> None:
    answer = client.post("/Groups", {"displayName": "Sales", "members": [{"value": "x"}, {"value": "y"}]})
    assert entry_of(house, answer).notes == ("skipped unknown members: 2",)


def test_what_is_too_long_is_cut_and_that_is_noted(house: World, client: Connection) -> None:
    members = [{"value": f"nobody-{number}"} for number in range(2_000)]
    entry = entry_of(house, client.post("/Groups", {"displayName": "Sales", "members": members}))
    assert len(entry.body or "") == LONGEST_BODY
    assert any(note.startswith("body cut: ") for note in entry.notes)
    entry = entry_of(house, client.get(f'/Users?filter=userName eq "{"a" * 3000}"'))
    assert len(entry.path) == LONGEST_PATH
    assert any(note.startswith("path cut: ") for note in entry.notes)


def test_of_many_changes_some_are_kept_and_the_rest_counted(house: World, client: Connection) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    house.buy(tenant, "meeting", 500)
    house.rule(tenant, "Sales", "meeting")
    people = [client.create_user(f"u{number}")["id"] for number in range(MOST_CHANGES + 1)]
    answer = client.post("/Groups", {"displayName": "Sales", "members": [{"value": each} for each in people]})
    entry = entry_of(house, answer)
    assert len(entry.changes) == MOST_CHANGES
    assert "changes left out: 204, which the audit trail has" in entry.notes


@pytest.mark.parametrize("given", ["x" * 129, "ünï", "", "a\tb", "   "])
def test_a_clients_own_id_is_kept_only_if_it_is_short_and_plain(house: World, client: Connection, given: str) -> None:
    answer = client.get("/Users", X_Request_Id=given.encode().decode("latin-1"))
    assert entry_of(house, answer).client_request_id is None
    assert answer.headers["X-Request-Id"] != given


def test_request_ids_sort_by_time(client: Connection) -> None:
    ids = [client.get("/Users").headers["X-Request-Id"] for _ in range(5)]
    assert ids == sorted(ids)
    assert {UUID(each).version for each in ids} == {7}


def test_text_no_database_takes_is_kept_in_another_form(house: World, client: Connection) -> None:
    answer = client.get("/Users/a%00b%FF?filter=%00%FF")
    assert answer.status_code == 404
    assert entry_of(house, answer).status == 404


def test_tenants_do_not_see_each_other(house: World, connect_as: Callable[[str], Connection]) -> None:
    one, other = connect_as("tolerant"), connect_as("rfc")
    answers = [one.post("/Users", {"userName": "ana"}), replace(one, slug=other.slug).get("/Users")]
    other.create_user("ben", schemas=[USER])
    assert [entry.id for entry in entries(house, one)] == [answer.headers["X-Request-Id"] for answer in answers]
    assert len(entries(house, other)) == 1


def test_a_write_that_does_not_commit_has_no_entry_as_if_it_had(world: World, okta: Connection) -> None:
    """The entry rides in the transaction: both are there, or neither."""
    engine = world.installation.database.engine
    struck: list[str] = []

    def crash(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not struck and statement.startswith("INSERT INTO provisioning_log"):
            struck.append(statement)
            raise ZeroDivisionError

    event.listen(engine, "after_cursor_execute", crash)
    try:
        answer = okta.post("/Users", {"userName": "ana"})
    finally:
        event.remove(engine, "after_cursor_execute", crash)
    assert answer.status_code == 500
    assert struck
    (entry,) = entries(world, okta)
    assert (entry.status, entry.changes, entry.id) == (500, (), answer.headers["X-Request-Id"])
    assert world.rows("users") == []


def test_a_write_that_loses_a_race_has_one_entry(world: World, okta: Connection) -> None:
    others = [world.same_client(okta) for _ in range(4)]
    group = okta.create_group("Sales")["id"]
    user = okta.create_user("ana")["id"]
    member = {"op": "add", "path": "members", "value": [{"value": user}]}
    threads = [threading.Thread(target=other.patch, args=(f"/Groups/{group}", member)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [entry for entry in entries(world, okta) if entry.method == "PATCH"]
    assert [entry.status for entry in kept] == [204] * 4
    assert sorted(len(entry.changes) for entry in kept) == [0, 0, 0, 1]


@pytest.fixture
def unloggable(world: World, okta: Connection) -> Connection:
    """A client of a server whose log table is gone."""
    okta.create_user("ana")
    with world.installation.database.exclusive() as connection:
        connection.exec_driver_sql("ALTER TABLE provisioning_log RENAME TO elsewhere")
        connection.commit()
    return okta


def test_a_log_that_cannot_be_written_changes_no_answer(world: World, unloggable: Connection) -> None:
    try:
        assert unloggable.get("/Users").json["totalResults"] == 1
        assert unloggable.get("/Users/none").status_code == 404
        assert unloggable.post("/Users", {"userName": "ANA"}).status_code == 409
        world.installation.log.flush()
    finally:
        with world.installation.database.exclusive() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO provisioning_log")
            connection.commit()
    assert unloggable.get("/Users").status_code == 200
    assert {201, 200} <= {entry.status for entry in entries(world, unloggable)}


class _Away:
    """A store that cannot be reached."""

    def together(self, _tenant_ids: Any) -> Any:
        raise Unavailable("away")


def test_what_the_store_cannot_take_now_is_kept_for_later(world: World, okta: Connection) -> None:
    okta.create_user("ana")
    (entry,) = entries(world, okta)
    buffer = LogBuffer(_Away(), timedelta(days=1))  # type: ignore[arg-type]
    later = [replace(entry, id=entry.id[:-1] + digit) for digit in "0123" if not entry.id.endswith(digit)][:3]
    buffer.keep_now(later[0])
    buffer.keep_soon(later[1])
    buffer.flush()
    buffer._units = world.units
    buffer.flush()
    assert {each.id for each in later[:2]} <= {each.id for each in entries(world, okta)}


def test_what_does_not_fit_is_dropped_and_counted(
    build_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = build_world(log_level="warning")
    client = world.connect(world.tenant())
    monkeypatch.setattr(log_buffers, "CAPACITY", 2)
    for _ in range(5):
        client.get("/Users")
    assert len(entries(world, client)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert (json.loads(line)["event"], json.loads(line)["count"]) == ("log entries dropped", 3)
    client.get("/Users")
    assert len(entries(world, client)) == 3
    assert capsys.readouterr().err == ""


def test_what_waits_is_written_at_the_end_of_the_thread(world: World, okta: Connection) -> None:
    """The thread begins with the first entry."""
    buffer = LogBuffer(world.units, timedelta(days=30))
    okta.create_user("ana")
    (entry,) = entries(world, okta)
    buffer.start(every=60)
    assert _threads() == []
    buffer.keep_soon(replace(entry, id=entry.id[:-2] + "zz"))
    (thread,) = _threads()
    assert thread.daemon
    buffer.stop()
    assert _threads() == []
    assert len(entries(world, okta)) == 2


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "provisioning-log"]


def test_old_entries_are_removed_in_batches(world: World, acme: Tenant, okta: Connection) -> None:
    for _ in range(5):
        okta.get("/Users/none")
    in_a_month = replace(world.units, clock=lambda: datetime.now(UTC) + timedelta(days=31, seconds=5))
    tomorrow = replace(world.units, clock=lambda: datetime.now(UTC) + timedelta(days=1))
    month = timedelta(days=30)
    provisioning_logs.prune(tomorrow, month)
    assert len(entries(world, okta)) == 5
    with in_a_month.operator() as operator:
        newest = entries(world, okta)[-1].id
        assert operator.remove_log_entries(newest, 3) == 3
        assert operator.remove_log_entries(newest, 3) == 1
        operator.commit()
    assert [entry.id for entry in entries(world, okta)] == [newest]
    LogBuffer(in_a_month, month).prune()
    assert entries(world, okta) == []


def test_two_who_clean_up_do_not_disturb_each_other(world: World, okta: Connection) -> None:
    for _ in range(8):
        okta.get("/Users/none")
    in_a_month = replace(world.units, clock=lambda: datetime.now(UTC) + timedelta(days=32))
    month = timedelta(days=30)
    threads = [threading.Thread(target=provisioning_logs.prune, args=(in_a_month, month)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entries(world, okta) == []


def _secrets(client: Connection, ana: str) -> list[TestResponse]:
    """A password in every place of a request."""
    path = f"/Users/{ana}"
    bulk = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "eve", "password": CANARY}}
        ],
    }
    return [
        client.post("/Users", {"schemas": [USER], "userName": "bob", "password": CANARY}),
        client.post("/Users", {"schemas": [USER], "userName": "ANA", "passWord": {"value": [CANARY]}}),
        client.post("/Users", f'{{"userName": "x", "password": "{CANARY}"'),
        client.post("/Users", f'{{"{CANARY}": 1, "{CANARY}": 2, "password": ""}}'),
        client.post("/Users", f"password={CANARY}", Content_Type="application/x-www-form-urlencoded"),
        client.put(path, {"schemas": [USER], "userName": "ana", f"{USER}:password": CANARY}),
        client.patch(path, {"op": "replace", "path": "password", "value": CANARY}),
        client.patch(path, {"op": "replace", "value": {"Password": CANARY, "nickName": "A"}}),
        client.patch(path, {"op": "add", "path": f'password[value eq "{CANARY}"]', "value": CANARY}),
        client.patch(path, {"op": "add", "path": f'emails[password eq "{CANARY}"].value', "value": "x"}),
        client.post("/Bulk", bulk),
        client.post("/Users/.search", {"filter": f'password eq "{CANARY}"'}),
        client.get(f'/Users?filter=password eq "{CANARY}"'),
        client.get(f"/Users?filter=password {CANARY}"),
        client.get(f"/Users?filter=password eq {CANARY}"),
        client.get(f"/Users?password={CANARY}&access_token={client.token}"),
        client.get(f"/Users/{client.token}", X_Request_Id=client.token),
        client.put(f"/Users/{ana}", {"schemas": [USER], "userName": "ana"}, If_Match=client.token),
        client.get("/Users", Cookie=f"session={CANARY}", X_Api_Key=CANARY),
    ]


@pytest.mark.covers("R-7644-7-05", "R-7643-2.2-06")
def test_no_secret_is_in_the_database_or_in_the_process_log(
    build_world: Callable[..., World], capfd: pytest.CaptureFixture[str]
) -> None:
    world = build_world(log_level="debug")
    client = world.connect(world.tenant())
    ana = client.create_user("ana")["id"]
    answers = _secrets(client, ana)
    assert len(entries(world, client)) == len(answers) + 1
    told = "".join(answer.text for answer in answers if answer.status_code < 300)
    for text in (everything(world), "".join(capfd.readouterr()), told):
        assert CANARY not in text
        assert client.token not in text


def test_a_secret_inside_json_text_is_not_in_the_log(world: World, okta: Connection) -> None:
    """What a client puts into a plain attribute is data, and kept as such; the log does without it."""
    ana = okta.create_user("ana")["id"]
    role = {"value": json.dumps({"password": CANARY})}
    assert okta.patch(f"/Users/{ana}", {"op": "add", "path": "roles", "value": [role]}).status_code == 200
    assert CANARY not in str(world.rows("provisioning_log"))
