"""A move that breaks off, whatever it had committed, and is run again: the tenant is served all the while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from scim_server.services import auditing, tenancy
from tests.cells.removals import lives_in, move
from tests.worlds import Connection, World, build

ELSEWHERE = {"home": "west", "west": "home"}
POINTS = ((2, ""), (15, ""), (1, "SET cell"), (2, "SET cell"), (3, "SET cell"))
"""After how many commits of transactions with such a statement: while rows are copied, at the switch, when the target
knows, when home knows."""


class Killed(BaseException):
    """Nothing catches it, and what is open is undone, as with a process that is killed."""


class Killer:
    """Kills whoever commits for the `last` time what has such a statement in it."""

    def __init__(self, last: int, statement: str) -> None:
        self.remaining, self.statement, self.armed = last, statement, False

    def look(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.armed = self.armed or self.statement in statement

    def strike(self, _connection: Any) -> None:
        self.remaining -= self.armed or not self.statement
        self.armed = False
        if self.remaining == 0:
            raise Killed


@contextmanager
def killed(world: World, last: int, statement: str) -> Iterator[None]:
    """The block must be killed there."""
    killer = Killer(last, statement)
    engines = [database.engine for database in world.installation.cells.databases.values()]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", killer.look)
        event.listen(engine, "commit", killer.strike)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", killer.look)
            event.remove(engine, "commit", killer.strike)


def test_a_move_that_is_killed_is_completed_by_the_next(world: World, home_url: str, west_url: str) -> None:
    acme = world.tenant("acme")
    okta = world.connect(acme)
    okta.create_group("Sales", okta.create_user("ana@acme.test")["id"])
    for number, (last, statement) in enumerate(POINTS):
        there = ELSEWHERE[tenancy.tenant(world.units, "acme").cell]
        with killed(world, last, statement):
            move(world, "acme", there)
        fresh = build(home_url, cell_urls=(("west", west_url),))
        assert_served(okta, f"{number}-stale")
        assert_served(Connection(fresh.app.test_client(), "acme", okta.token, "okta"), f"{number}-fresh")
        fresh.installation.cells.dispose()
        move(world, "acme", there)
        assert lives_in(world, acme) == dict.fromkeys(("home", "west"), there)
        people = {each["userName"] for each in okta.get("/Users").json["Resources"]}
        assert {f"{number}-stale@acme.test", f"{number}-fresh@acme.test"} <= people
        world.advance(61)
        world.do_chore("remove-moved-tenants")
    found = auditing.check(world.units, tenancy.tenant(world.units, "acme"), world.installation.sealer.key())
    assert found.fault is None


def assert_served(client: Connection, name: str) -> None:
    """Somebody begins, and is found."""
    person = client.create_user(f"{name}@acme.test")
    assert client.get(f"/Users/{person['id']}").status_code == 200
