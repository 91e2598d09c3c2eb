"""Replicas answer lists and reports, and nobody ever misses in them what was done before."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scim_server.services import people, seats_seen, tokens
from scim_server.store import positions
from tests.api import callers
from tests.cells.removals import move
from tests.cli.commands import CommandLine
from tests.databases import flushed
from tests.replicas.following import Following, names
from tests.worlds import CAUSE

READS = ("SELECT", "WITH")


def test_lists_and_searches_are_answered_by_the_replica(following: Following) -> None:
    acme = following.world.tenant()
    okta = following.world.connect(acme)
    ana = okta.create_user("ana")["id"]
    okta.create_group("Sales", ana)
    following.catch_up()
    lists: list[Callable[[], object]] = [
        lambda: okta.get("/Users?count=1"),
        lambda: okta.get("/Users?cursor="),
        lambda: okta.get(f'/Groups?filter=members eq "{ana}"'),
        lambda: okta.get('/Users?filter=userName eq "ana" and not (emails[type eq "work"])'),
        lambda: okta.search(),
        lambda: people.page(following.world.units, acme, limit=5),
        lambda: seats_seen.seats(following.world.units, acme, limit=5),
    ]
    for number, list_ in enumerate(lists, start=1):
        with following.asked() as asked:
            list_()
        assert asked.by_replica, (number, asked)
        assert following.replica().answered == number
    assert okta.get("/Users").json["totalResults"] == 1
    with following.asked() as asked:
        assert okta.get(f"/Users/{ana}").status_code == 200
        assert okta.patch(f"/Users/{ana}", {"op": "replace", "path": "displayName", "value": "Ana"}).status_code == 200
        assert okta.get("/Roles").status_code == 200
    assert not asked.replica


def test_a_list_asks_the_primary_twice_and_the_replica_what_it_would_ask_the_primary(following: Following) -> None:
    """Token and position, however many resources come back; the rest is the same."""
    okta = following.world.connect(following.world.tenant())
    for number in range(6):
        okta.create_user(f"p{number}")
    following.catch_up()
    asked: dict[int, list[str]] = {}
    for count in (2, 6):
        with following.asked() as each:
            okta.get(f"/Users?count={count}")
        reading = [statement for statement in each.primary if statement.startswith(READS)]
        assert ["FROM tokens" in reading[0], "pg_current_wal_flush_lsn" in reading[1], len(reading)] == [True, True, 2]
        asked[count] = each.replica
    assert asked[2] == asked[6]
    with following.asked() as alone, following.followed_by():
        okta.get("/Users?count=6")
    assert [each for each in alone.primary if each.startswith(READS)][1:] == asked[6]


def test_what_was_done_is_in_the_next_list_wherever_it_is_answered(following: Following) -> None:
    okta, other = (following.world.connect(following.world.tenant(slug)) for slug in ("acme", "other"))
    ana, ben = (okta.create_user(name)["id"] for name in ("ana", "ben"))
    sales = okta.create_group("Sales", ana)["id"]
    other.create_user("xi")
    following.catch_up()
    replica = following.replica()
    with following.standby.paused():
        assert names(okta) == ["ana", "ben"]
        assert (replica.answered, replica.behind) == (1, 0)

        okta.create_user("cem")
        assert names(okta) == ["ana", "ben", "cem"]
        following.world.installation.sealer.flush()
        assert names(okta) == ["ana", "ben", "cem"], "sealed meanwhile"
        okta.delete(f"/Users/{ben}")
        assert names(okta) == ["ana", "cem"]
        okta.patch(f"/Groups/{sales}", {"op": "remove", "path": "members"})
        assert okta.find("/Groups", f'members eq "{ana}"') == []
        assert (replica.answered, replica.behind) == (1, 4)

        assert names(other) == ["xi"]
        assert replica.answered == 2, "nothing of this tenant is missing"
    following.catch_up()
    with following.asked() as asked:
        assert names(okta) == ["ana", "cem"]
    assert asked.by_replica
    assert replica.failed == 0


def test_a_tenant_with_much_to_seal_is_the_primarys(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    okta = following.world.connect(following.world.tenant())
    following.world.installation.sealer.flush()
    okta.create_user("ana")
    following.standby.catch_up(following.urls[0])
    replica = following.replica()
    assert names(okta) == ["ana"]
    assert (replica.answered, replica.behind) == (1, 0)
    monkeypatch.setattr(positions, "MOST", 1)
    assert names(okta) == ["ana"]
    assert (replica.answered, replica.behind) == (1, 1)


def test_what_no_entry_tells_of_is_a_minute_old_at_most(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    okta = following.world.connect(following.world.tenant())
    following.catch_up()
    replica = following.replica()
    assert names(okta) == []
    with following.standby.paused():
        okta.get("/Users?filter=nonsense")
        following.world.installation.log.flush()
        flushed(following.urls[0])
        assert names(okta) == []
        assert (replica.answered, replica.behind) == (2, 0)
        monkeypatch.setattr(positions, "STEP", 0)
        assert names(okta) == []
    assert (replica.answered, replica.behind) == (2, 1)


def test_a_credential_that_is_revoked_opens_nothing(following: Following) -> None:
    acme = following.world.tenant()
    okta = following.world.connect(acme)
    following.catch_up()
    assert okta.get("/Users").status_code == 200
    with following.standby.paused():
        (token,) = following.world.rows("tokens")
        tokens.revoke_connections_token(following.world.units, acme, CAUSE, "okta", token["id"])
        assert okta.get("/Users").status_code == 401


def test_reports_of_the_admin_api_come_from_the_replica(following: Following) -> None:
    acme = following.world.tenant()
    okta = following.world.connect(acme)
    okta.create_user("ana")
    operator = replace(callers.operator(following.world), slug=acme.slug)
    following.catch_up()
    for address in ("~/reports/user-status", "~/users", "~/groups", "~/audit/entries", "~/users/ana/explanation"):
        before = following.replica().answered
        assert operator.get(address).status_code == 200, operator.last
        assert following.replica().answered == before + 1, address
    exported = operator.get("~/reports/user-status", Accept="text/csv")
    assert "ana" in exported.text
    (shown,) = operator.items("/replicas")
    assert (shown["cell"], shown["reachable"], shown["failed"]) == ("home", True, 0)
    assert shown["answered"] == following.replica().answered


def test_a_replica_holds_the_wall_and_takes_no_write(following: Following) -> None:
    acme, other = following.world.tenant("acme"), following.world.tenant("other")
    following.world.connect(acme).create_user("ana")
    following.catch_up()
    with following.world.installation.database.browse(other.id) as line:
        assert line.execute(text("SELECT user_name_key FROM users")).all() == []
    with following.world.installation.database.browse(acme.id) as line:
        assert line.execute(text("SELECT user_name_key FROM users")).scalars().all() == ["ana"]
    assert following.replica().answered == 2
    with following.replica().database.read(acme.id) as line, pytest.raises(DBAPIError, match="read-only"):
        line.execute(text("DELETE FROM users WHERE tenant_id = :tenant"), {"tenant": acme.id})


def test_a_tenant_that_moves_is_listed_where_it_arrived(build: Callable[..., Following], primaries: tuple) -> None:
    following = build(cell_urls=(("west", primaries[1]),))
    okta = following.world.connect(following.world.tenant())
    okta.create_user("ana")
    following.catch_up()
    assert names(okta) == ["ana"]
    with following.standby.paused():
        move(following.world, "acme", "west")
        assert names(okta) == ["ana"]
    assert (following.replica("west").answered, following.replica("west").behind) == (0, 1)
    following.catch_up()
    assert names(okta) == ["ana"]
    assert following.replica("west").answered == 1


@pytest.mark.parametrize(
    ("home", "others", "sentence"),
    [
        ("sqlite:///x.db", "postgresql://db/scim", "needs PostgreSQL"),
        ("postgresql://db/scim", "east=postgresql://db/other", "names the cell 'east'"),
        ("postgresql://db/scim", "sqlite:///x.db", "SCIM_REPLICA_URLS cannot be used"),
        ("postgresql://db/scim", "postgresql://db/scim", "that is a cell already"),
        ("postgresql://db/scim", "postgresql://other/scim?pooler=transaction", "shares connections"),
    ],
)
def test_replicas_that_cannot_be_are_refused_at_the_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: str, others: str, sentence: str
) -> None:
    monkeypatch.setenv("SCIM_DATABASE_URL", home)
    monkeypatch.setenv("SCIM_REPLICA_URLS", others)
    assert sentence in CommandLine(capsys).failed(1, "replica", "list")


def test_the_command_line_lists_them(
    following: Following, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = following.urls[0]
    cli = CommandLine(capsys)
    monkeypatch.setenv("SCIM_DATABASE_URL", home)
    assert cli.json("replica", "list") == []
    assert "SCIM_REPLICA_URLS names none" in cli.done("replica", "list").out
    monkeypatch.setenv("SCIM_REPLICA_URLS", f"{following.standby.url(home)};postgresql://u:secret@127.0.0.1:1/scim")
    listed = cli.json("replica", "list")
    assert [(each["cell"], each["reachable"]) for each in listed] == [("home", True), ("home", False)]
    assert "secret" not in str(listed)
