"""A request costs a fixed number of SQL statements, however much it moves (design sections 4 and 8, rule 11)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from scim_server.services import tenancy
from scim_server.store.tables import metadata
from tests.tellings import listen
from tests.worlds import ENTERPRISE, USER, Connection, World


@dataclass
class Count:
    """How many statements were sent to the database, and which."""

    statements: list[str] = field(default_factory=list)

    def __int__(self) -> int:
        return len(self.statements)


@contextmanager
def counting(world: World) -> Iterator[Count]:
    """Counts round trips: a batch of rows is one."""
    count = Count()

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            count.statements.append(statement)

    engine = world.installation.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", note)


@dataclass
class Crowd:
    """A tenant of 200 users, each with a manager, and groups of 1 and of 200 of them."""

    world: World
    client: Connection
    ids: list[str]
    small: str
    large: str

    def cost(self, request: Callable[[], object]) -> Count:
        with counting(self.world) as count:
            answer = request()
        assert answer.status_code < 300, answer.text
        return count


@pytest.fixture(scope="module")
def crowd(house: World) -> Crowd:
    client = house.connect(house.tenant(f"statements-{uuid4().hex}"))
    ids: list[str] = []
    for number in range(200):
        manager = {"manager": {"value": ids[0]}} if ids else {"department": "x"}
        user = client.create_user(f"u{number}", emails=[{"value": f"u{number}@x.test"}], **{ENTERPRISE: manager})
        ids.append(user["id"])
    small = client.create_group("Small", ids[0])["id"]
    return Crowd(house, client, ids, small, client.create_group("Large", *ids)["id"])


AUTHENTICATION = 1


def check(count: Count, expected: int) -> None:
    assert int(count) == expected, "\n".join(count.statements)


def test_reading_a_user(crowd: Crowd) -> None:
    """Token, and the user with groups and the manager's name."""
    check(crowd.cost(lambda: crowd.client.get(f"/Users/{crowd.ids[1]}")), AUTHENTICATION + 1)
    check(crowd.cost(lambda: crowd.client.get(f"/Users/{crowd.ids[1]}?attributes=userName")), AUTHENTICATION + 1)


@pytest.mark.parametrize("count", [2, 100, 200])
def test_listing_users(crowd: Crowd, count: int) -> None:
    """Token, how many, and the page with groups and managers' names; filtered or not."""
    check(crowd.cost(lambda: crowd.client.get(f"/Users?count={count}")), AUTHENTICATION + 2)
    sought = f'/Users?count={count}&filter=userName sw "u"&attributes=userName'
    check(crowd.cost(lambda: crowd.client.get(sought)), AUTHENTICATION + 2)


@pytest.mark.parametrize("count", [2, 100, 199])
def test_walking_through_users(crowd: Crowd, count: int) -> None:
    """As many as a list by index, on the first page and on the next."""
    first = crowd.client.get(f"/Users?count={count}&cursor=").json
    check(crowd.cost(lambda: crowd.client.get(f"/Users?count={count}&cursor=")), AUTHENTICATION + 2)
    following = f"/Users?count={count}&cursor={first['nextCursor']}"
    check(crowd.cost(lambda: crowd.client.get(following)), AUTHENTICATION + 2)


@pytest.mark.parametrize("size", ["small", "large"])
def test_reading_a_group(crowd: Crowd, size: str) -> None:
    """Token, group, members."""
    check(crowd.cost(lambda: crowd.client.get(f"/Groups/{getattr(crowd, size)}")), AUTHENTICATION + 2)


def test_listing_groups(crowd: Crowd) -> None:
    check(crowd.cost(lambda: crowd.client.get("/Groups?count=1")), AUTHENTICATION + 3)
    check(crowd.cost(lambda: crowd.client.get("/Groups")), AUTHENTICATION + 3)


CREATE = 11
"""Guard, domains, whom they continue, user, e-mails, the address and its owner,
the key of a person, audit, outbox, log; on SQLite the numbers of events take a statement of their own."""


def test_creating_a_user(crowd: Crowd) -> None:
    """The same with one e-mail as with a hundred."""
    for emails in (1, 100):
        addresses = [{"value": f"n{emails}-{each}@x.test"} for each in range(emails)]
        body = {"schemas": [USER], "userName": f"n{emails}", "emails": addresses}
        check(
            crowd.cost(lambda body=body: crowd.client.post("/Users", body)),
            AUTHENTICATION + CREATE + crowd.world.installation.database.is_sqlite,
        )


ADD = 17
"""Nested groups or not, guard, group, members present, who is known, who was unknown, users locked, group, members,
rules, exclusions, grants, claims, seats, audit, outbox, log; the number of the event as above."""
REMOVE = ADD - 1
"""Nobody unknown is to be looked for."""


def _members(crowd: Crowd, op: str, number: int) -> Callable[[], object]:
    value = [{"value": user_id} for user_id in crowd.ids[1 : number + 1]]
    operation = {"op": op, "path": "members", "value": value}
    return lambda: crowd.client.patch(f"/Groups/{crowd.small}", operation)


@pytest.mark.parametrize("number", [1, 199])
def test_changing_members(crowd: Crowd, number: int) -> None:
    """The same for one as for 199."""
    numbers = crowd.world.installation.database.is_sqlite
    check(crowd.cost(_members(crowd, "add", number)), AUTHENTICATION + ADD + numbers)
    check(crowd.cost(_members(crowd, "remove", number)), AUTHENTICATION + REMOVE + numbers)


def test_members_who_get_seats(crowd: Crowd) -> None:
    """The same for 20 seats given and released as for 199."""
    tenant = tenancy.tenant(crowd.world.units, crowd.client.slug)
    crowd.world.buy(tenant, "meeting", 500)
    crowd.world.rule(tenant, "Small", "meeting")
    crowd.world.decide(tenant.slug, guard_percent="100")
    costs = []
    for number in (20, 199):
        given = crowd.cost(_members(crowd, "add", number))
        assert crowd.world.seats(tenant, "meeting")[0] == number + 1
        released = crowd.cost(_members(crowd, "remove", number))
        assert crowd.world.seats(tenant, "meeting")[0] == 1
        costs.append((int(given), int(released)))
    assert costs[0] == costs[1]
    assert sum(costs[0]) < 80


@pytest.fixture
def both(house: World) -> tuple[Crowd, Crowd]:
    """Two tenants of 20 users and a group; somebody wants to know the changes of the second, with their data."""
    quiet, told = (house.connect(house.tenant(f"{word}-{uuid4().hex}")) for word in ("quiet", "told"))
    listen(house, told.slug)
    crowds = []
    for client in (quiet, told):
        ids = [client.create_user(f"t{number}")["id"] for number in range(20)]
        crowds.append(Crowd(house, client, ids, client.create_group("Small", ids[0])["id"], ""))
    return crowds[0], crowds[1]


def _more(both: tuple[Crowd, Crowd], request: Callable[[Crowd], Callable[[], object]]) -> int:
    """How many more statements it takes where it is told."""
    quiet, told = (int(crowd.cost(request(crowd))) for crowd in both)
    return told - quiet


def test_telling_what_changed_costs_nothing_more(both: tuple[Crowd, Crowd]) -> None:
    assert _more(both, lambda crowd: _members(crowd, "add", 19)) == 0
    assert _more(both, lambda crowd: _members(crowd, "remove", 19)) == 0
    title = {"op": "add", "path": "title", "value": "x"}
    assert _more(both, lambda crowd: lambda: crowd.client.patch(f"/Users/{crowd.ids[5]}", title)) == 0
    body = {"schemas": [USER], "userName": "t5"}
    assert _more(both, lambda crowd: lambda: crowd.client.put(f"/Users/{crowd.ids[5]}", body)) == 0
    assert _more(both, lambda crowd: lambda: crowd.client.delete(f"/Users/{crowd.ids[5]}")) == 0
    assert _more(both, lambda crowd: lambda: crowd.client.post("/Users", {**body, "userName": "new"})) == 0


def test_telling_who_is_new_asks_for_the_names_of_managers_and_members(both: tuple[Crowd, Crowd]) -> None:
    def managed(crowd: Crowd) -> Callable[[], object]:
        manager = {ENTERPRISE: {"manager": {"value": crowd.ids[0]}}}
        return lambda: crowd.client.post("/Users", {"schemas": [USER, ENTERPRISE], "userName": "new", **manager})

    def group_of(number: int) -> Callable[[Crowd], Callable[[], object]]:
        def request(crowd: Crowd) -> Callable[[], object]:
            members = [{"value": user_id} for user_id in crowd.ids[:number]]
            return lambda: crowd.client.post("/Groups", {"displayName": f"G{number}", "members": members})

        return request

    assert _more(both, managed) == 1
    assert _more(both, group_of(2)) == 1
    assert _more(both, group_of(20)) == 1


def test_no_request_reads_a_whole_table(crowd: Crowd) -> None:
    """SQLite says how it would run each statement: by an index, and past its first column, the tenant.

    The catalogue of products is short and read as a whole.
    """
    if not crowd.world.installation.database.is_sqlite:
        pytest.skip("PostgreSQL plans by the size of its tables, which is small here")
    planned: list[str] = []
    sorts: list[str] = []

    def plan(connection: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            planned.extend(f"{row[3]} for {statement}" for row in rows)
            sorted_rows = [row[3] for row in rows if row[3].startswith("USE TEMP B-TREE FOR ORDER BY")]
            of_a_page = "page.sort_key" in statement  # whose few rows are put in order again
            sorts.extend(f"{each} for {statement}" for each in sorted_rows[of_a_page:])

    engine = crowd.world.installation.database.engine
    event.listen(engine, "before_cursor_execute", plan)
    try:
        user, group = f"/Users/{crowd.ids[1]}", f"/Groups/{crowd.small}"
        crowd.client.get(user)
        crowd.client.get(group)
        crowd.client.get(f'/Groups?filter=id eq "{crowd.small}" and members eq "{crowd.ids[1]}"')
        for name in ('userName eq "u1"', 'externalId eq "x"', 'emails eq "u1@x.test"', f'groups eq "{crowd.small}"'):
            crowd.client.get(f"/Users?filter={name}")
        for sort in ("", "sortBy=userName&", "sortBy=meta.lastModified&sortOrder=descending&"):
            page = crowd.client.get(f"/Users?{sort}count=2&cursor=").json
            crowd.client.get(f"/Users?{sort}count=2&cursor={page['nextCursor']}")
        _members(crowd, "add", 2)()
        _members(crowd, "remove", 2)()
        crowd.client.patch(user, {"op": "replace", "value": {"active": False}})
        crowd.client.delete(user)
    finally:
        event.remove(engine, "before_cursor_execute", plan)
    tables = "|".join(metadata.tables.keys() - {"products", "product_includes"})
    assert planned
    of_lists = [line for line in sorts if "sort_key" in line]
    assert [line for line in of_lists if "external_id = ?" not in line] == [], "few have one externalId"
    assert [line for line in planned if re.match(rf"(SCAN|BLOOM FILTER ON) ({tables})\b", line)] == []
    tables = "members|groups|user_emails|addresses|claims|seats"
    walks = re.compile(rf"SEARCH ({tables}) USING (?!.*ix_members_nested).*\(tenant_id=\?\) for")
    assert [line for line in planned if walks.match(line)] == []
