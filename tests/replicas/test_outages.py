"""Replicas that are down, in the way or not what they were: the primary answers, and nobody is the wiser."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from scim_server.services import explaining, people
from scim_server.store import replicas
from tests.replicas.following import Following, names

NOWHERE = "postgresql://scim:secret@127.0.0.1:1/scim"


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
    acme = following.world.tenant()
    okta = following.world.connect(acme)
    okta.create_group("Sales", okta.create_user("ana")["id"])
    following.world.sell("meeting")
    following.world.buy(acme, "meeting", 1)
    following.world.rule(acme, "Sales", "meeting")
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
    account = explaining.explain(following.world.units, acme, "ana")
    assert struck
    assert [each.product for each in account.products] == ["meeting"]
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


def test_one_that_became_a_primary_of_its_own_is_not_asked(following: Following) -> None:
    """A database that follows nobody has no position in the log."""
    okta = following.world.connect(following.world.tenant())
    okta.create_user("ana")
    with following.followed_by(following.urls[0]) as lonely:
        assert names(okta) == ["ana"]
    assert [(each.answered, each.behind) for each in lonely] == [(0, 1)]


def test_one_of_two_that_is_down_leaves_all_to_the_other(following: Following) -> None:
    okta = following.world.connect(following.world.tenant())
    okta.create_user("ana")
    following.catch_up()
    with following.followed_by(NOWHERE, following.standby.url(following.urls[0])) as both:
        assert [names(okta) for _ in range(5)] == [["ana"]] * 5
    assert [(each.answered, each.failed) for each in both] == [(0, 1), (4, 0)]


def test_locks_that_are_replayed_hold_nobody_up(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "LOCKED", 10)
    acme = following.world.tenant()
    following.catch_up()
    with psycopg.connect(following.urls[0]) as primary:
        primary.execute("LOCK TABLE addresses IN ACCESS EXCLUSIVE MODE")
        following.standby.catch_up(following.urls[0])
        with following.replica().database.read(acme.id) as line, pytest.raises(DBAPIError, match="lock timeout"):
            line.execute(text("SELECT count(*) FROM addresses"))
