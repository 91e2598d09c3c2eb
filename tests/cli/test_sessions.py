"""Sessions from the command line: loaded from a file, all or none, and listed without anybody's recordings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import scheduling
from tests.cli.commands import CommandLine
from tests.http.refusals import unchanged
from tests.schedules import LONG_AGO, SOON, session
from tests.worlds import Connection, World

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows as a JSON array and answers the file's path."""

    def file(*rows: Any) -> str:
        path = tmp_path / "sessions.json"
        path.write_text(json.dumps(rows))
        return str(path)

    return file


@pytest.fixture
def people(okta: Connection) -> dict[str, str]:
    """Ana's and Ben's ids."""
    return {name: okta.create_user(f"{name}@x.test")["id"] for name in ("ana", "ben")}


def test_sessions_are_loaded_and_listed_by_start(cli: CommandLine, write: Write, people: dict[str, str]) -> None:
    later = session("w1", people["ben"], "webinar", starts="2101-02-03T10:00:00+02:00", coOrganisers=["ana@x.test"])
    first = session("m1", "ANA@x.test", ends="2100-01-31T10:00:00Z")
    assert cli.json("session", "load", "acme", write(later, first)) == {"sessions": 2, "changed": 2}
    assert cli.json("session", "list", "acme") == [
        {
            "id": "m1",
            "kind": "meeting",
            "organiser": "ana@x.test",
            "organiserId": people["ana"],
            "title": "About m1",
            "starts": "2100-01-31T09:00:00.000000Z",
            "ends": "2100-01-31T10:00:00.000000Z",
            "coOrganisers": [],
        },
        {
            "id": "w1",
            "kind": "webinar",
            "organiser": "ben@x.test",
            "organiserId": people["ben"],
            "title": "About w1",
            "starts": "2101-02-03T08:00:00.000000Z",
            "ends": None,
            "coOrganisers": ["ana@x.test"],
        },
    ]
    assert [found["id"] for found in cli.json("session", "list", "acme", "--user", "ben@x.test")] == ["w1"]
    assert "About w1" in cli.done("session", "list", "acme").out


def test_json_lines_are_read_as_well(cli: CommandLine, tmp_path: Path, people: dict[str, str]) -> None:
    file = tmp_path / "sessions.jsonl"
    file.write_text("\n".join(json.dumps(session(name, "ana@x.test")) for name in ("a", "b")) + "\n\n")
    assert "2 sessions are loaded, 2 of them new or changed" in cli.done("session", "load", "acme", str(file)).out
    assert len(cli.json("session", "list", "acme")) == 2


def test_a_known_id_replaces_that_session_and_what_is_the_same_changes_nothing(
    cli: CommandLine, world: World, write: Write, people: dict[str, str]
) -> None:
    cli.done("session", "load", "acme", write(session("m1", "ana@x.test"), session("m2", "ana@x.test")))
    written = len(world.rows("audit"))
    assert cli.json("session", "load", "acme", write(session("m1", "ben@x.test"), session("m2", "ana@x.test"))) == {
        "sessions": 2,
        "changed": 1,
    }
    assert [found["organiser"] for found in cli.json("session", "list", "acme")] == ["ben@x.test", "ana@x.test"]
    assert len(world.rows("audit")) == written + 1


def test_every_bad_row_is_named_with_its_reason_and_none_is_loaded(
    cli: CommandLine, world: World, write: Write, people: dict[str, str]
) -> None:
    good = session("good", "ana@x.test")
    bad = [
        ["no object"],
        session("stranger", "eve@x.test"),
        session("co", "ana@x.test", coOrganisers=["nobody"]),
        session("party", "ana@x.test", "party"),
        session("naive", "ana@x.test", starts="2100-01-31T09:00:00"),
        session("backwards", "ana@x.test", ends="2000-01-31T09:00:00Z"),
        session("", "ana@x.test"),
        session("more", "ana@x.test", room="12"),
        good,
        session("list", "ana@x.test", coOrganisers="ben@x.test"),
    ]
    with unchanged(world):
        complaint = cli.failed(1, "session", "load", "acme", write(good, *bad))
    for number, reason in (
        (2, "a session is a JSON object"),
        (3, "'eve@x.test' is no user name and no id"),
        (4, "'nobody' is no user name"),
        (5, "kind cannot be 'party', only one of meeting, webinar, training, recording"),
        (6, "starts must be a moment with its offset"),
        (7, "it ends before it starts"),
        (8, "id must be a text"),
        (9, "there is no member 'room'"),
        (10, "the id 'good' is that of row 1 already"),
        (11, "coOrganisers must be a list"),
    ):
        assert f"row {number}: {reason}" in complaint
    assert "row 1:" not in complaint


def test_what_is_no_json_is_refused(cli: CommandLine, tmp_path: Path, people: dict[str, str]) -> None:
    file = tmp_path / "sessions.json"
    file.write_text("[{]")
    assert "is no JSON array" in cli.failed(1, "session", "load", "acme", str(file))
    file.write_text('{"id": "a"}\nb')
    assert "Line 2 is no JSON object" in cli.failed(1, "session", "load", "acme", str(file))


def test_recordings_are_neither_listed_nor_counted_nor_in_the_audit_trail(
    cli: CommandLine, world: World, write: Write, people: dict[str, str]
) -> None:
    cli.done("session", "load", "acme", write(session("r1", "ana@x.test", "recording", title="Salaries")))
    assert world.rows("sessions")[0]["organiser"] == people["ana"]
    assert cli.json("session", "list", "acme") == cli.json("session", "list", "acme", "--user", "ana@x.test") == []
    assert "There are no sessions" in cli.done("session", "list", "acme").out
    assert "Salaries" not in repr(world.rows("audit"))


def test_a_recording_is_seen_by_who_organised_it_and_nobody_else(
    cli: CommandLine, world: World, acme: Tenant, write: Write, people: dict[str, str]
) -> None:
    cli.done("session", "load", "acme", write(session("r1", "ana@x.test", "recording", coOrganisers=["ben@x.test"])))
    with world.units.read(acme) as uow:
        assert [each.id for each in uow.sessions.visible(people["ana"])] == ["r1"]
        for viewer in (people["ben"], None):
            assert uow.sessions.visible(viewer) == []
            assert uow.sessions.visible(viewer, people["ana"]) == []
            assert uow.sessions.visible_among(viewer, ["r1"]) == []


@pytest.mark.parametrize("kind", ["recording", "meeting"])
def test_a_file_cannot_give_a_recording_to_somebody_else(
    cli: CommandLine, world: World, write: Write, people: dict[str, str], kind: str
) -> None:
    cli.done("session", "load", "acme", write(session("r1", "ana@x.test", "recording")))
    with unchanged(world):
        complaint = cli.failed(1, "session", "load", "acme", write(session("r1", "ben@x.test", kind)))
    assert "row 1: the id is in use" in complaint
    again = write(session("r1", "ana@x.test", "recording", title="Renamed"))
    assert cli.json("session", "load", "acme", again)["changed"] == 1


def test_sessions_stay_within_their_tenant(
    cli: CommandLine, world: World, write: Write, people: dict[str, str]
) -> None:
    world.connect(world.tenant("other")).create_user("eve@other.test")
    cli.done("session", "load", "acme", write(session("m1", "ana@x.test")))
    assert "row 1: 'ana@x.test' is no user name" in cli.failed(
        1, "session", "load", "other", write(session("m1", "ana@x.test"))
    )
    cli.done("session", "load", "other", write(session("m1", "eve@other.test")))
    assert [found["organiser"] for found in cli.json("session", "list", "acme")] == ["ana@x.test"]
    assert "has no user 'eve@other.test'" in cli.failed(1, "session", "list", "acme", "--user", "eve@other.test")


def put(cli: CommandLine, session_id: str, organiser: str, kind: str = "meeting", **members: str) -> Any:
    """`session put` with what a session must have."""
    wanted = {"kind": kind, "organiser": organiser, "title": f"About {session_id}", "starts": SOON} | members
    options = [part for name, value in wanted.items() for part in (f"--{name.replace('_', '-')}", value)]
    return cli("session", "put", "acme", session_id, *options, "--json")


def test_one_session_is_registered_replaced_and_cancelled(
    cli: CommandLine, world: World, people: dict[str, str]
) -> None:
    first = put(cli, "m1", "ANA@x.test", co_organiser="ben@x.test").json
    assert (first["organiser"], first["organiserId"], first["coOrganisers"]) == (
        "ana@x.test", people["ana"], ["ben@x.test"]
    )  # fmt: skip
    again = put(cli, "m1", people["ben"], "webinar", title="Moved", starts=LONG_AGO).json
    assert cli.json("session", "list", "acme") == [again]
    assert (again["kind"], again["organiser"], again["coOrganisers"]) == ("webinar", "ben@x.test", [])
    assert "'Moved' is cancelled" in cli.done("session", "cancel", "acme", "m1").out
    assert cli.json("session", "list", "acme") == []
    assert "has no session 'm1'" in cli.failed(1, "session", "cancel", "acme", "m1")
    assert [each.action for each in world.trail()][-3:] == ["session.loaded", "session.loaded", "session.cancelled"]


def test_whoever_organised_a_session_to_come_is_told_that_it_is_cancelled(
    cli: CommandLine, world: World, people: dict[str, str]
) -> None:
    put(cli, "m1", "ana@x.test")
    put(cli, "past", "ana@x.test", starts=LONG_AGO)
    for name in ("m1", "past"):
        cli.done("session", "cancel", "acme", name)
    told = [row for row in world.rows("outbox") if row["event"] == "session.cancelled"]
    assert [row["subject"] for row in told] == [f"user:{people['ana']}"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"organiser": "eve@x.test"}, "'eve@x.test' is no user name"),
        ({"starts": "tomorrow"}, "starts must be a moment"),
        ({"ends": LONG_AGO}, "ends before it starts"),
    ],
)
def test_what_can_be_no_session_is_refused(
    cli: CommandLine, world: World, people: dict[str, str], members: dict[str, str], words: str
) -> None:
    with unchanged(world):
        refused = put(cli, "m1", **({"organiser": "ana@x.test"} | members))
    assert (refused.code, refused.out) == (1, "")
    assert words in refused.err


def test_recordings_leave_no_trace_but_for_their_organiser(
    cli: CommandLine, world: World, acme: Tenant, people: dict[str, str]
) -> None:
    """Whatever is done with one, no entry, no event and no log tells an admin that it is there."""
    tables = ("audit", "outbox", "provisioning_log", "issues", "mails")
    before = {table: world.rows(table) for table in tables}
    put(cli, "r1", "ana@x.test", "recording", title="Salaries")
    put(cli, "r1", "ana@x.test", "recording", title="Salaries, again")
    assert {table: world.rows(table) for table in tables} == before
    assert scheduling.programme(world.units, acme).sessions == []
    own = scheduling.own_programme(world.units, acme, people["ana"])
    assert [each.title for each in own.sessions] == ["Salaries, again"]
    assert scheduling.own_programme(world.units, acme, people["ben"]).sessions == []
    cli.done("session", "cancel", "acme", "r1", "--recording-of", "ana@x.test")
    assert world.rows("sessions") == []
    assert {table: world.rows(table) for table in tables} == before


def test_nobody_finds_out_about_a_recording_by_trying(
    cli: CommandLine, world: World, write: Write, people: dict[str, str]
) -> None:
    """What is answered about the id of a recording is what is answered about one that nothing has."""
    put(cli, "r1", "ana@x.test", "recording", title="Salaries")
    with unchanged(world):
        asked = {name: cli.failed(1, "session", "cancel", "acme", name) for name in ("r1", "r2")}
        assert asked["r1"].replace("r1", "r2") == asked["r2"]
        told = [
            cli.done("session", "cancel", "acme", name, "--recording-of", "ben@x.test", "--json").out
            for name in ("r1", "r2")
        ]
        assert told[0].replace("r1", "r2") == told[1]
        for kind, organiser in (("meeting", "ana@x.test"), ("recording", "ben@x.test")):
            refused = put(cli, "r1", organiser, kind)
            assert refused.code == 1
            assert "recording" not in refused.err
            assert "ana" not in refused.err
    guessed = [session(name, "ana@x.test", "recording", title="Salaries") for name in ("r1", "r2")]
    answers = [cli.json("session", "load", "acme", write(row)) for row in guessed]
    assert answers[0] == answers[1]


def test_a_meeting_becomes_no_recording(cli: CommandLine, world: World, people: dict[str, str]) -> None:
    """Its entries in the trail would tell what became of it."""
    put(cli, "m1", "ana@x.test")
    with unchanged(world):
        assert "the id is in use" in put(cli, "m1", "ana@x.test", "recording").err


def test_undoing_a_cancellation_takes_nobodys_recording(cli: CommandLine, world: World, people: dict[str, str]) -> None:
    put(cli, "m1", "ana@x.test", title="Review")
    cli.done("session", "cancel", "acme", "m1")
    cancelled = world.trail()[-1]
    put(cli, "m1", "ana@x.test", "recording", title="Salaries")
    with unchanged(world):
        refused = cli.failed(1, "undo", "acme", "--entry", cancelled.id, "--yes")
    assert "The id of the session 'Review' is in use" in refused
    cli.done("session", "cancel", "acme", "m1", "--recording-of", "ana@x.test")
    cli.done("undo", "acme", "--entry", cancelled.id, "--yes")
    assert [each["title"] for each in cli.json("session", "list", "acme")] == ["Review"]
