"""Replicas answer lists and reports, and nobody ever misses in them what was done before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from scim_server.services import people, seats_seen, tokens
from scim_server.store import replicas
from tests.api import callers
from tests.cells.removals import move
from tests.cli.commands import CommandLine
from tests.databases import flushed
from tests.replicas.following import Following
from tests.worlds import CAUSE, Connection


def names(client: Connection) -> list[str]:
    """Whoever a list shows."""
    answer = client.get("/Users?attributes=userName")
    assert answer.status_code == 200, answer.text
    return sorted(each["userName"] for each in answer.json["Resources"])


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
        monkeypatch.setattr(replicas, "STEP", 0)
        assert names(okta) == []
    assert (replica.answered, replica.behind) == (2, 1)


def test_a_replica_that_is_not_there_costs_nobody_an_answer(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    okta = following.world.connect(following.world.tenant())
    okta.create_user("ana")
    following.catch_up()
    assert names(okta) == ["ana"]
    replica = following.replica()
    with following.standby.stopped():
        for _ in range(3):
            assert names(okta) == ["ana"]
        assert (replica.answered, replica.failed) == (1, 1), "left alone"
        assert [each.reachable for each in following.world.installation.cells.replica_states()] == [False]
    assert names(okta) == ["ana"]
    assert replica.answered == 1
    monkeypatch.setattr(replica, "_again", 0.0)
    following.catch_up()
    with following.asked() as asked:
        assert names(okta) == ["ana"]
    assert asked.by_replica
    assert [each.seconds for each in following.world.installation.cells.replica_states()] == [0]


def test_a_replica_lost_between_two_statements(following: Following) -> None:
    okta = following.world.connect(following.world.tenant())
    okta.create_group("Sales", okta.create_user("ana")["id"])
    following.catch_up()
    replica = following.replica()
    struck: list[bool] = []

    def strike(*_: object) -> None:
        if not struck:
            struck.append(True)
            following.standby.run(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = "
                "'postgres' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    event.listen(replica.database.engine, "after_cursor_execute", strike)
    (ana,) = okta.get("/Users").json["Resources"]
    assert struck
    assert [group["display"] for group in ana["groups"]] == ["Sales"]
    assert (replica.answered, replica.failed) == (1, 1)


def test_a_read_that_is_in_the_way_of_what_is_replayed_is_the_primarys(following: Following) -> None:
    acme = following.world.tenant()
    following.catch_up()
    slow_there = text("SELECT count(*), pg_sleep(CASE WHEN pg_is_in_recovery() THEN 20 ELSE 0 END) FROM users")
    replica = following.replica()
    with (
        following.standby.set("max_standby_streaming_delay", "10ms"),
        following.world.installation.database.browse(acme.id) as line,
        ThreadPoolExecutor(1) as another,
    ):
        reading = another.submit(line.execute, slow_there)
        following.standby.await_(
            "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid <> "
            "pg_backend_pid() AND query LIKE 'SELECT count%%')"
        )
        with psycopg.connect(following.urls[0]) as primary:
            primary.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        assert reading.result(10).first()[0] == 0
    assert (replica.answered, replica.failed) == (0, 1)
    assert people.page(following.world.units, acme, limit=5) == []
    assert replica.answered == 1, "asked again at once"


def test_a_read_whose_time_is_over_is_not_repeated(following: Following) -> None:
    acme = following.world.tenant()
    following.catch_up()
    with following.asked() as asked, following.world.installation.database.browse(acme.id) as line:
        line.deadline = monotonic() + 0.05
        with pytest.raises(DBAPIError, match="statement timeout"):
            line.execute(text("SELECT pg_sleep(20)"))
    assert len(asked.replica) == 1
    assert not any("pg_sleep" in each for each in asked.primary)
    assert following.replica().failed == 0


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


def test_one_that_became_a_primary_of_its_own_is_not_asked(following: Following) -> None:
    """A database that follows nobody has no position in the log."""
    okta = following.world.connect(following.world.tenant())
    okta.create_user("ana")
    lonely = replicas.replicas_of([following.urls[0]], 1, *_sealing(following))
    following.world.installation.database.replicas = lonely
    assert names(okta) == ["ana"]
    assert [(each.answered, each.behind) for each in lonely.all] == [(0, 1)]
    lonely.dispose()


def _sealing(following: Following) -> tuple:
    database = following.world.installation.database
    return database.vault, database.limits


@pytest.mark.parametrize(
    ("home", "others", "sentence"),
    [
        ("sqlite:///x.db", "postgresql://db/scim", "needs PostgreSQL"),
        ("postgresql://db/scim", "east=postgresql://db/other", "names the cell 'east'"),
        ("postgresql://db/scim", "sqlite:///x.db", "SCIM_REPLICA_URLS cannot be used"),
        ("postgresql://db/scim", "postgresql://db/scim", "that is a cell already"),
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
