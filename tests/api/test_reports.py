"""Reports over the admin API: the same rows as the command line's, in pages and as files."""

import csv
import io

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services.reporting import REPORTS
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.http.test_statements import counting
from tests.schedules import load, session
from tests.worlds import Connection, World

DAY = 86_400


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> World:
    """A world in which every report on acme has several rows."""
    world.advance(-40 * DAY)
    world.buy(acme, "meeting", 2)
    world.buy(acme, "webinar", 1)
    world.do_chore("seat-use")
    for number in range(4):
        okta.create_user(f"u{number}@x.test", entitlements=["meeting", "webinar", "soap"], displayName="=1+1")
    load(world, acme, *(session(f"m{number}", "u0@x.test") for number in range(4)))
    world.decide("acme", receipts="yes")
    for number in range(3):
        okta.delete(f"/Users/{okta.create_user(f'l{number}@x.test')['id']}")
    world.advance(40 * DAY)
    return world


def test_the_api_and_the_command_line_say_the_same(busy: World, api: Caller, cli: CommandLine) -> None:
    listed = api.items("~/reports?limit=2")
    assert listed == sorted(cli.json("report", "list"), key=lambda report: report["name"])
    for name in REPORTS:
        rows = api.items(f"~/reports/{name}?limit=2")
        assert rows, name
        assert rows == cli.json("report", "run", "acme", name)
        text = api.get(f"~/reports/{name}?format=csv").text
        assert text == api.get(f"~/reports/{name}", Accept="text/csv").text
        assert text == cli.done("report", "run", "acme", name, "--format", "csv").out
        assert len(list(csv.DictReader(io.StringIO(text)))) == len(rows)


def test_a_file_runs_no_formula(busy: World, api: Caller) -> None:
    answer = api.get("~/reports/user-status?format=csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="acme-user-status.csv"'
    assert {row["displayName"] for row in csv.DictReader(io.StringIO(answer.text))} == {"'=1+1"}


def test_reports_are_narrowed_as_they_say(busy: World, api: Caller) -> None:
    assert {row["product"] for row in api.items("~/reports/waiting-list?product=WEBINAR")} == {"webinar"}
    assert api.items("~/reports/idle-seats?days=100") == []
    assert api.items("~/reports/user-status?status=inactive") == []
    assert len(api.items("~/reports/seat-use?from=2020-01-01&to=2100-01-01")) >= 2


def test_everything_that_a_report_cannot_be_narrowed_by_is_named(busy: World, api: Caller) -> None:
    problem = api.refused(422, "GET", "~/reports/seat-use?from=someday&to=&days=3&limit=0&format=pdf&after=x")
    assert [error["parameter"] for error in problem["errors"]] == ["after", "limit", "from", "to", "format", "days"]
    api.refused(422, "GET", "~/reports/user-status?status=happy")
    api.refused(404, "GET", "~/reports/user-status?group=Nobody")
    api.refused(404, "GET", "~/reports/idle-seats?product=soap")
    api.refused(404, "GET", "~/reports/upcoming-sessions?user=nobody&format=csv")
    assert (
        "to: it is before from" in api.refused(422, "GET", "~/reports/seat-use?from=2026-02-01&to=2026-01-01")["detail"]
    )


def test_a_cursor_of_another_report_is_none(busy: World, api: Caller) -> None:
    after = api.done("GET", "~/reports/waiting-list?limit=1")["next"]
    api.refused(422, "GET", f"~/reports/user-status?after={after}")
    forged = "WyJtZWV0aW5nIiwxODQ0Njc0NDA3MzcwOTU1MTYxNSwiIiwiIiwwXQ"
    """`["meeting",18446744073709551615,"","",0]`: a number that no database takes."""
    api.refused(422, "GET", f"~/reports/waiting-list?after={forged}")


def test_a_page_costs_the_same_however_long_it_is(busy: World, api: Caller) -> None:
    for name in REPORTS:
        costs = set()
        for limit in (3, 1000):
            with counting(busy) as cost:
                api.get(f"~/reports/{name}?limit={limit}")
            costs.add(int(cost))
        assert len(costs) == 1, (name, costs)
