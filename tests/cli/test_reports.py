"""Reports from the command line: what each says, how it is narrowed, and how it is written."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.instants import instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services import reporting, seeing
from scim_server.services.report_pages import page
from scim_server.services.reports import Narrowing
from tests.cli.commands import CommandLine
from tests.http.refusals import unchanged
from tests.http.test_statements import counting
from tests.schedules import LONG_AGO, load, session
from tests.worlds import Connection, World

DAY = 86_400
ROOT = Path(__file__).parents[2]


def today() -> str:
    return instant(datetime.now(UTC))[:10]


def run(cli: CommandLine, name: str, *options: str) -> Any:
    """The rows of a report on acme."""
    return cli.json("report", "run", "acme", name, *options)


@pytest.fixture
def long_ago(world: World) -> World:
    """The world as it was 40 days ago."""
    world.advance(-40 * DAY)
    return world


def leave(world: World, client: Connection, user_name: str) -> None:
    """Somebody comes and goes, and the application is to acknowledge it."""
    world.decide(client.slug, receipts="yes")
    answer = client.delete(f"/Users/{client.create_user(user_name)['id']}")
    assert answer.status_code == 204


def test_every_report_is_listed_with_what_narrows_it(cli: CommandLine, world: World) -> None:
    listed = {each["name"]: each for each in cli.json("report", "list")}
    assert list(listed) == [
        "upcoming-sessions", "user-status", "seat-use", "idle-seats", "idle-products", "waiting-list", "sync-issues",
        "leaver-receipts",
    ]  # fmt: skip
    assert listed["idle-seats"]["options"] == ["product", "days"]
    assert "Waiting list" in cli.done("report", "list").out


def test_a_report_has_just_the_columns_that_it_declares(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.advance(-40 * DAY)
    world.buy(acme, "meeting", 1)
    for name in ("ana", "ben"):
        okta.create_user(f"{name}@x.test", entitlements=["meeting"])
    load(world, acme, session("m1", "ana@x.test"))
    leave(world, okta, "cid@x.test")
    for report in cli.json("report", "list"):
        rows = run(cli, report["name"])
        assert rows, report["name"]
        assert {tuple(row) for row in rows} == {tuple(column["name"] for column in report["columns"])}


def test_upcoming_sessions_are_those_of_an_organiser_or_a_group_and_never_recordings(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    ids = {name: okta.create_user(f"{name}@x.test")["id"] for name in ("ana", "ben", "eve")}
    inner = okta.create_group("Inner", ids["ben"])["id"]
    okta.create_group("Outer", ids["ana"], inner)
    load(
        world,
        acme,
        session("t1", "ben@x.test", "training", starts="2100-02-01T09:00:00Z"),
        session("w1", "ana@x.test", "webinar", coOrganisers=["ben@x.test"]),
        session("m1", "eve@x.test", starts="2100-03-01T23:00:00Z"),
        session("old", "ana@x.test", starts=LONG_AGO),
        session("r1", "ana@x.test", "recording", title="Salaries"),
    )
    rows = run(cli, "upcoming-sessions")
    assert [row["sessionId"] for row in rows] == ["w1", "t1", "m1"]
    assert (rows[0]["organiser"], rows[0]["coOrganisers"]) == ("ana@x.test", ["ben@x.test"])
    assert "Salaries" not in cli.done("report", "run", "acme", "upcoming-sessions", "--from", "1990-01-01").out
    for options, found in (
        (["--user", "ANA@x.test"], ["w1"]),
        (["--group", "outer"], ["w1", "t1"]),
        (["--group", inner], ["t1"]),
        (["--from", "2000-01-01", "--user", ids["ana"]], ["old", "w1"]),
        (["--to", "2100-02-01"], ["w1", "t1"]),
        (["--from", "2100-02-02", "--to", "2100-03-01"], ["m1"]),
    ):
        assert [row["sessionId"] for row in run(cli, "upcoming-sessions", *options)] == found, options


def test_a_session_of_somebody_gone_keeps_the_id(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana@x.test")["id"]
    load(world, acme, session("m1", "ana@x.test"))
    okta.delete(f"/Users/{ana}")
    (row,) = run(cli, "upcoming-sessions")
    assert (row["organiser"], row["organiserId"]) == (None, ana)


def test_user_status_says_what_everybody_holds(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    world.decide("acme", inactive_after="30")
    ana = okta.create_user("ana@x.test", entitlements=["webinar"], roles=[{"value": "manager"}], displayName="Ana")
    okta.create_user("ben@x.test", entitlements=["webinar"])
    okta.create_user("eve@x.test", active=False)
    okta.create_group("Team", ana["id"])
    cli.done("user", "seen", "acme", "ana@x.test")
    rows = run(cli, "user-status")
    first = rows[0]
    assert {name: first[name] for name in ("userName", "displayName", "status", "reason", "products", "waiting")} == {
        "userName": "ana@x.test", "displayName": "Ana", "status": "active", "reason": None, "products": ["webinar"],
        "waiting": [],
    }  # fmt: skip
    assert (first["roles"], first["groups"], first["userId"]) == (["manager"], ["Team"], ana["id"])
    assert first["lastSeen"] > "2020"
    assert [(row["userName"], row["status"], row["reason"], row["waiting"]) for row in rows[1:]] == [
        ("ben@x.test", "waiting", "no_seat", ["webinar"]), ("eve@x.test", "suspended", "by_idp", [])
    ]  # fmt: skip
    assert [row["userName"] for row in run(cli, "user-status", "--status", "waiting")] == ["ben@x.test"]
    assert [row["userName"] for row in run(cli, "user-status", "--group", "team")] == ["ana@x.test"]


def test_seat_use_is_noted_by_the_chore_and_today_is_as_it_is_now(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.advance(-2 * DAY)
    world.buy(acme, "meeting", 3)
    ids = [okta.create_user(f"u{number}@x.test", entitlements=["meeting"])["id"] for number in range(3)]
    assert world.do_chore("seat-use") == 1
    for user_id in ids[1:]:
        okta.delete(f"/Users/{user_id}")
    world.buy(acme, "meeting", 2)
    assert world.do_chore("seat-use") == 1
    world.advance(2 * DAY)
    okta.create_user("new@x.test", entitlements=["meeting"])
    first, last = run(cli, "seat-use")
    assert first["day"] < last["day"] == today()
    counted = ("bought", "assigned", "held", "waiting", "free", "peak")
    assert [first[name] for name in counted] == [2, 1, 0, 0, 1, 3]
    assert [last[name] for name in counted] == [2, 2, 0, 0, 0, 2]
    assert run(cli, "seat-use", "--product", "MEETING", "--to", first["day"]) == [first]
    assert run(cli, "seat-use", "--from", last["day"]) == [last]


def test_seat_use_is_noted_for_all_tenants_at_once(cli: CommandLine, world: World, acme: Tenant) -> None:
    for number in range(3):
        tenant = world.tenant(f"t{number}")
        world.buy(tenant, "meeting", number)
        world.buy(tenant, "training", number)
    with counting(world) as cost:
        assert reporting.note_seat_uses(world.units) == 6
    assert int(cost) == 1, cost.statements
    assert {(row["tenant_id"], row["product"]) for row in world.rows("seat_uses")} == {
        (row["tenant_id"], row["product"]) for row in world.rows("subscriptions")
    }
    assert run(cli, "seat-use") == []


def test_seat_use_is_noted_when_terms_change(cli: CommandLine, world: World, acme: Tenant) -> None:
    world.advance(-DAY)
    world.buy(acme, "meeting", 3)
    world.buy(acme, "meeting", 5)
    world.advance(DAY)
    assert [row["bought"] for row in run(cli, "seat-use")] == [5, 5]


def test_today_remembers_the_peak_that_was_noted(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    user = okta.create_user("ana@x.test", entitlements=["meeting"])
    world.do_chore("seat-use")
    okta.delete(f"/Users/{user['id']}")
    assert [(row["assigned"], row["peak"]) for row in run(cli, "seat-use")] == [(0, 1)]


def test_seats_are_idle_once_nobody_was_seen_for_so_long(
    cli: CommandLine, long_ago: World, acme: Tenant, okta: Connection
) -> None:
    long_ago.buy(acme, "meeting", 9)
    for name in ("never", "then", "lately"):
        okta.create_user(f"{name}@x.test", entitlements=["meeting"])
    past = instant(long_ago.units.clock())
    long_ago.advance(40 * DAY)
    okta.create_user("new@x.test", entitlements=["meeting"])
    seeing.report_seen(
        long_ago.units, acme, [("then@x.test", later(past, timedelta(days=2))), ("lately@x.test", "2999")]
    )
    rows = run(cli, "idle-seats")
    assert [(row["userName"], row["lastSeen"]) for row in rows] == [
        ("never@x.test", None), ("then@x.test", later(past, timedelta(days=2)))
    ]  # fmt: skip
    assert {row["since"][:10] for row in rows} == {past[:10]}
    assert run(cli, "idle-products") == [
        {"product": "meeting", "idle": 2, "assigned": 4, "bought": 9, "waiting": 0}
    ]  # fmt: skip
    assert run(cli, "idle-seats", "--days", "60") == []
    assert run(cli, "idle-products", "--days", "60", "--product", "meeting")[0]["idle"] == 0


def test_the_waiting_list_is_in_the_order_in_which_seats_are_given(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    world.buy(acme, "training", 0)
    group = okta.create_group("Team")["id"]
    rule = world.rule(acme, "Team", "meeting")
    okta.create_user("first@x.test", entitlements=["meeting"])
    ruled = okta.create_user("ruled@x.test")["id"]
    okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": ruled}]})
    okta.create_user("late@x.test", entitlements=["meeting", "training"])
    rows = run(cli, "waiting-list")
    assert [(row["product"], row["place"], row["userName"], row["source"]) for row in rows] == [
        ("meeting", 1, "late@x.test", "direct"),
        ("meeting", 2, "ruled@x.test", f"rule:{rule.id}"),
        ("training", 1, "late@x.test", "direct"),
    ]
    assert rows[0]["reason"] == "1 of 1 seats are assigned."
    assert run(cli, "waiting-list", "--product", "training")[0]["reason"] == "No seat is bought."


def test_sync_issues_are_by_code_with_people_and_cures(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ana@x.test", entitlements=["nothing"], roles=[{"value": "king"}])
    okta.create_user("ben@x.test", entitlements=["meeting"])
    rows = run(cli, "sync-issues")
    assert [(row["code"], row["userName"], row["product"], row["subject"]) for row in rows] == [
        ("NO_SEAT", "ben@x.test", "meeting", None),
        ("UNKNOWN_ENTITLEMENT", "ana@x.test", None, "nothing"),
        ("UNKNOWN_ROLE", "ana@x.test", None, "king"),
    ]
    assert "Buy seats" in rows[0]["cure"]


def test_a_report_is_a_table_a_csv_or_json(
    cli: CommandLine, world: World, acme: Tenant, okta: Connection, tmp_path: Path
) -> None:
    okta.create_user("ana@x.test", displayName="=cmd|' /C calc'!A0", entitlements=["webinar", "meeting"])
    table = cli.done("report", "run", "acme", "user-status").out
    assert "userName" in table
    assert "ana@x.test" in table
    text = cli.done("report", "run", "acme", "user-status", "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["userName"], row["displayName"], row["reason"]) == ("ana@x.test", "'=cmd|' /C calc'!A0", "no_seat")
    assert row["waiting"] == "meeting; webinar"
    assert cli.done("report", "run", "acme", "user-status", "--format", "json").json == run(cli, "user-status")
    file = tmp_path / "status.csv"
    said = cli.done("report", "run", "acme", "user-status", "--format", "csv", "--output", str(file)).out
    assert "1 row of the report user-status are in" in said
    assert file.read_bytes().decode() == text
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def test_an_empty_report_is_said_to_be_empty(cli: CommandLine, world: World, acme: Tenant) -> None:
    assert "The report waiting-list has no rows." in cli.done("report", "run", "acme", "waiting-list").out
    assert run(cli, "waiting-list") == []
    assert cli.done("report", "run", "acme", "waiting-list", "--format", "csv").out.startswith("product,place,")


REFUSED = [
    (("nonsense",), "There is no report 'nonsense'. Reports: upcoming-sessions,"),
    (("user-status", "--days", "3"), "days: the report user-status cannot be narrowed by it. It takes status,"),
    (("user-status", "--status", "happy"), "status: 'happy' is no status. Choose one of suspended,"),
    (("idle-seats", "--days", "0", "--status", "x"), "days: '0' is no number of days from 1 to 3650; status: the"),
    (("seat-use", "--from", "someday"), "from: 'someday' is no moment: write 2026-11-30"),
    (("seat-use", "--from", "2026-02-01", "--to", "2026-01-01"), "to: it is before from."),
    (("seat-use", "--product", "soap"), "There is no product 'soap'"),
    (("user-status", "--group", "Nobody"), "has no group 'Nobody'"),
    (("upcoming-sessions", "--user", "nobody"), "has no user 'nobody'"),
]


def test_what_a_report_cannot_be_narrowed_by_is_said(cli: CommandLine, world: World, acme: Tenant) -> None:
    with unchanged(world):
        for arguments, words in REFUSED:
            assert words in cli.failed(1, "report", "run", "acme", *arguments)


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> World:
    """A world in which every report on acme has several rows."""
    world.advance(-40 * DAY)
    world.buy(acme, "meeting", 2)
    world.buy(acme, "webinar", 1)
    world.do_chore("seat-use")
    for number in range(6):
        okta.create_user(f"u{number}@x.test", entitlements=["meeting", "webinar", "soap"])
        load(world, acme, session(f"m{number}", f"u{number}@x.test"))
        leave(world, okta, f"l{number}@x.test")
    world.advance(40 * DAY)
    return world


def test_a_page_costs_the_same_however_many_rows_it_has(busy: World, acme: Tenant) -> None:
    for report in reporting.REPORTS.values():
        costs = set()
        for most in (3, 5, 100):
            with counting(busy) as cost:
                reporting.page(busy.units, acme, report, Narrowing(), None, most)
            costs.add(int(cost))
        assert len(costs) == 1, (report.name, costs)


def test_pages_put_together_are_the_whole_report(busy: World, acme: Tenant) -> None:
    for report in reporting.REPORTS.values():
        whole = list(reporting.rows(busy.units, acme, report, Narrowing()))
        assert whole, report.name
        for most in (1, 2):
            part = reporting.page(busy.units, acme, report, Narrowing(), None, most)
            together = list(part.rows)
            while part.next is not None:
                part = reporting.page(busy.units, acme, report, Narrowing(), part.next, most)
                together += part.rows
            assert together == whole, report.name


def test_the_page_of_the_documents_is_up_to_date(bare_cli: CommandLine) -> None:
    assert (ROOT / "docs" / "reports.md").read_text() == page() + "\n"
    assert bare_cli.done("report", "page").out == page() + "\n"
