"""Sessions from the command line: loaded from a file, all or none, and listed without anybody's recordings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.http.refusals import unchanged
from tests.schedules import session
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
    assert cli.json("session", "load", "acme", write(later, first)) == {
        "tenant": "acme", "sessions": 2, "changed": 2
    }  # fmt: skip
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
        "tenant": "acme", "sessions": 2, "changed": 1
    }  # fmt: skip
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
    assert "row 1: a recording stays a recording, and its organiser's" in complaint
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
