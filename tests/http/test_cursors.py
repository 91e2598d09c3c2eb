"""RFC 9865: walks by cursor over HTTP, on both databases."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from scim_server.app import create_app
from scim_server.protocol.cursors import Cursor, Position, Sealer
from scim_server.store.identifiers import new_id
from scim_server.store.tables import groups
from scim_server.store.walls import OPERATOR
from tests.http.conftest import Connect
from tests.http.refusals import check_refusal
from tests.worlds import ENTERPRISE, SEARCH, Connection, World, altered, contents

UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
PEOPLE: list[dict[str, Any]] = [
    {"title": "b", "emails": [{"value": "z@x.test"}, {"value": "a@x.test", "primary": True}]},
    {"title": "A", "emails": [{"value": "c@x.test"}], "active": False},
    {},
    {"title": "é", "roles": [{"value": "member", "type": "x"}]},
    {"title": "b", ENTERPRISE: {"department": "R&D"}},
    {"title": "😀", "name": {"familyName": "Ek"}, "active": False},
    {},
    {"title": "a" * 2000, ENTERPRISE: {"department": "Sales"}},
    {"title": "b", "emails": [{"value": "B@x.test"}]},
    {"name": {"familyName": "Äng"}},
    {"title": "\ue000"},
]


@pytest.fixture(scope="module")
def crowd(house: World) -> Connection:
    """Eleven people with gaps in what they can be sorted by, and three groups between them."""
    client = house.connect(house.tenant(f"walkers-{uuid4().hex}"))
    for number, attributes in enumerate(PEOPLE):
        client.create_user(f"u{number:02}", **attributes)
        if number % 4 == 3 or number == 9:
            client.create_group(f"g{number}")
    return client


def pages(client: Connection, query: str, endpoint: str = "/Users") -> Iterator[dict[str, Any]]:
    """The pages of a walk, forward."""
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get(f"{endpoint}?{query}&cursor={cursor}")
        assert answer.status_code == 200, answer.text
        yield answer.json
        cursor = answer.json.get("nextCursor")


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["Resources"]]


@pytest.mark.covers(
    *("R-9865-2-01", "R-9865-2-02", "R-9865-2-03", "R-9865-2-05", "R-9865-2-08", "R-9865-2-09", "R-9865-2-10")
)
@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [1] * 11), (4, [4, 4, 3]), (5, [5, 5, 1]), (11, [11]), (12, [11]), (100_000, [11])]
)
def test_a_walk_sees_everyone_once(crowd: Connection, count: int, sizes: list[int]) -> None:
    """Each page but the last leads to another, no page is empty, totals are exact, nothing counts from a start."""
    everyone = ids(crowd.get("/Users").json)
    walked = list(pages(crowd, f"count={count}"))
    assert [len(page["Resources"]) for page in walked] == sizes
    assert [page["itemsPerPage"] for page in walked] == sizes
    assert {page["totalResults"] for page in walked} == {11}
    assert all("startIndex" not in page for page in walked)
    assert ["nextCursor" in page for page in walked] == [True] * (len(sizes) - 1) + [False]
    assert ["previousCursor" in page for page in walked] == [False] + [True] * (len(sizes) - 1)
    assert all(UNRESERVED.fullmatch(page["nextCursor"]) for page in walked[:-1])
    assert [each for page in walked for each in ids(page)] == everyone


@pytest.mark.covers("R-9865-2-01", "R-9865-2-06", "R-9865-2.3-01", "C-106", "R-9865-2-11")
def test_which_parameter_pages(crowd: Connection) -> None:
    first = crowd.get("/Users?cursor&count=2").json
    assert ids(first) == ids(crowd.get("/Users?count=2&CURSOR=").json)
    assert len(first["Resources"]) == 2
    assert "nextCursor" in first
    assert "cursor" not in str(crowd.get("/Users?count=2").json).lower()
    for query in ("cursor=&startIndex=1", f"cursor={first['nextCursor']}&startIndex=3"):
        check_refusal(crowd.get(f"/Users?{query}"), 400, "invalidValue", "cursor", "startIndex")
    assert len(crowd.get("/Users?cursor=").json["Resources"]) == 11


@pytest.mark.covers("R-9865-2-06")
@pytest.mark.parametrize("count", ["0", "-1"])
def test_a_count_of_0_answers_totals_alone(crowd: Connection, count: str) -> None:
    page = crowd.get(f"/Users?cursor=&count={count}").json
    assert (page["totalResults"], page["itemsPerPage"], page["Resources"]) == (11, 0, [])
    assert page.keys() == {"schemas", "totalResults", "itemsPerPage", "Resources"}


SORTS = [
    *("userName", "title", "active", "emails", "emails.type", "roles", "name.familyName", "displayName", "id"),
    *("externalId", "meta.lastModified", "meta.resourceType", f"{ENTERPRISE}:department", "manager.displayName"),
]


@pytest.mark.covers("R-9865-2.2-01", "R-9865-2-04", "R-7644-3.4.2.3-03", "C-94")
@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("name", SORTS)
@pytest.mark.parametrize("endpoint", ["/Users", "/"])
def test_a_sorted_walk_is_the_list_in_both_directions(crowd: Connection, endpoint: str, name: str, order: str) -> None:
    """Missing values, ties, several values, and types that lack the attribute included."""
    query = f"sortBy={name}&sortOrder={order}"
    listed = ids(crowd.get(f"{endpoint}?{query}").json)
    walked = list(pages(crowd, f"{query}&count=3", endpoint))
    assert [each for page in walked for each in ids(page)] == listed
    back, page = [], walked[-1]
    while "previousCursor" in page:
        page = crowd.get(f"{endpoint}?{query}&count=3&cursor={page['previousCursor']}").json
        back.append(ids(page))
        assert "nextCursor" in page
    assert back == [ids(page) for page in walked[-2::-1]]
    again = crowd.get(f"{endpoint}?{query}&count=3&cursor={page['nextCursor']}").json
    assert ids(again) == ids(walked[1])


@pytest.mark.covers("R-9865-3-01", "R-9865-3-02", "R-7644-3.4.3-01")
@pytest.mark.parametrize(("endpoint", "total"), [("", 14), ("/Users", 11), ("/Groups", 3)])
def test_a_walk_by_messages(crowd: Connection, endpoint: str, total: int) -> None:
    """At the root over every type; what a page is called by does not matter."""
    query = {"count": 2, "filter": "id pr", "excludedAttributes": ["members"]}
    seen, page = [], crowd.search(endpoint, cursor="", **query).json
    while True:
        seen += ids(page)
        if "nextCursor" not in page:
            break
        page = crowd.search(endpoint, cursor=page["nextCursor"], **query).json
        assert page["totalResults"] == total
    assert seen == ids(crowd.get(endpoint or "/").json)
    assert len(seen) == total


def first_cursor(client: Connection, query: str = "count=2", endpoint: str = "/Users") -> str:
    cursor: str = client.get(f"{endpoint}?{query}&cursor=").json["nextCursor"]
    return cursor


NOT_A_CURSOR = "The cursor is not one of this list"


@pytest.mark.covers("R-9865-2.1-01", "R-9865-5-02", "R-9865-5-04")
def test_what_was_altered_or_made_up_is_refused_alike(crowd: Connection) -> None:
    cursor = first_cursor(crowd)
    forged = [
        cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :] for place in range(0, 40, 3)
    ]
    forged += ["x", "MTA", "10", "-1", cursor[:-1], cursor + "A", cursor + "=", cursor * 2, "é", "%00", "A" * 5000]
    forged += [Sealer(["x" * 32]).seal(Cursor(Position(None, "x"), 2, "9"), ("",))]
    details = set()
    for text in forged:
        answer = crowd.get(f"/Users?count=2&cursor={quote(text, safe='%')}")
        check_refusal(answer, 400, "invalidCursor", NOT_A_CURSOR)
        details.add(answer.json["detail"])
    assert len(details) == 1


OTHER_QUERIES = {
    "another filter": ("/Users", "count=2&filter=userName+pr"),
    "another sort": ("/Users", "count=2&sortBy=userName"),
    "another order": ("/Users", "count=2&sortOrder=descending"),
    "other attributes": ("/Users", "count=2&attributes=userName"),
    "others excluded": ("/Users", "count=2&excludedAttributes=name"),
    "another type": ("/Groups", "count=2"),
    "every type": ("/", "count=2"),
}


@pytest.mark.covers("R-9865-2-07", "R-9865-2.1-01")
@pytest.mark.parametrize(("endpoint", "query"), OTHER_QUERIES.values(), ids=OTHER_QUERIES.keys())
def test_a_cursor_is_good_for_its_own_query_alone(crowd: Connection, endpoint: str, query: str) -> None:
    mine, other = first_cursor(crowd), first_cursor(crowd, query, endpoint)
    check_refusal(crowd.get(f"{endpoint}?{query}&cursor={mine}"), 400, "invalidCursor", NOT_A_CURSOR)
    check_refusal(crowd.get(f"/Users?count=2&cursor={other}"), 400, "invalidCursor", NOT_A_CURSOR)


@pytest.mark.covers("R-9865-5-02", "R-9865-2.1-01")
def test_a_cursor_is_good_for_its_own_client_alone(house: World, connect_as: Connect) -> None:
    """Neither for another tenant nor for another connection of the tenant; for any token of the connection."""
    tenant = house.tenant(f"sharers-{uuid4().hex}")
    one, two, stranger = house.connect(tenant, "one"), house.connect(tenant, "two"), connect_as("tolerant")
    for client in (one, stranger):
        for number in range(3):
            client.create_user(f"s{number}")
    cursor = first_cursor(one)
    for client in (two, stranger):
        check_refusal(client.get(f"/Users?count=2&cursor={cursor}"), 400, "invalidCursor", NOT_A_CURSOR)
    assert one.get(f"/Users?count=2&cursor={cursor}").json["itemsPerPage"] == 1


@pytest.mark.covers("R-9865-5-01", "R-9865-5-03")
def test_every_page_asks_who_calls(crowd: Connection) -> None:
    cursor = first_cursor(crowd)
    nobody = Connection(crowd.http, crowd.slug, altered(crowd.token), "")
    check_refusal(nobody.get(f"/Users?count=2&cursor={cursor}"), 401)


@pytest.mark.covers("R-9865-2.1-03", "R-9865-2.1-04", "C-107", "C-108")
def test_the_count_of_a_walk_stays(crowd: Connection) -> None:
    """One above the maximum is the maximum, on every page; one left out is the walk's own."""
    cursor = first_cursor(crowd, "count=3")
    for count in ("2", "4", "0", "100000"):
        check_refusal(crowd.get(f"/Users?count={count}&cursor={cursor}"), 400, "invalidCount", "3")
    for count in ("x", "1.5", "9" * 30):
        for text in ("", cursor):
            check_refusal(crowd.get(f"/Users?count={count}&cursor={text}"), 400, "invalidCount")
    assert ids(crowd.get(f"/Users?cursor={cursor}").json) == ids(crowd.get(f"/Users?count=3&cursor={cursor}").json)
    check_refusal(crowd.search("/Users", cursor=cursor, count=4), 400, "invalidCount")
    assert crowd.get("/Users?cursor=&count=100000").json["itemsPerPage"] == 11


@pytest.mark.covers("R-9865-2.1-02", "R-9865-4-01")
def test_a_cursor_ends_with_its_time(build_world: Callable[..., World]) -> None:
    """As advertised; each page has cursors with a time of their own."""
    world = build_world(cursor_timeout=60)
    client = world.connect(world.tenant())
    for number in range(5):
        client.create_user(f"u{number}")
    assert client.get("/ServiceProviderConfig").json["pagination"]["cursorTimeout"] == 60
    first = first_cursor(client, "count=1")
    world.advance(59)
    second = client.get(f"/Users?count=1&cursor={first}").json["nextCursor"]
    world.advance(2)
    check_refusal(client.get(f"/Users?count=1&cursor={first}"), 400, "expiredCursor", "empty cursor")
    assert client.get(f"/Users?count=1&cursor={second}").status_code == 200
    assert client.get("/Users?count=1&cursor=").status_code == 200


OLD, NEW = "old " * 10, "new " * 10


@pytest.mark.covers("R-9865-5-04")
def test_a_secret_is_replaced_during_walks(build_world: Callable[..., World]) -> None:
    world = build_world(secret_key=(OLD,))
    client = world.connect(world.tenant())
    for number in range(3):
        client.create_user(f"u{number}")
    cursor = first_cursor(client, "count=1")

    def under(cursor: str, *keys: str) -> TestResponse:
        there = Connection(build_world(secret_key=keys).app.test_client(), client.slug, client.token, client.name)
        return there.get(f"/Users?count=1&cursor={cursor}")

    following = under(cursor, NEW, OLD).json["nextCursor"]
    assert under(following, NEW).json["itemsPerPage"] == 1, "the first key seals"
    check_refusal(under(following, OLD), 400, "invalidCursor")
    check_refusal(under(cursor, NEW), 400, "invalidCursor")


def test_processes_and_restarts_share_the_secret_of_the_database(build_world: Callable[..., World]) -> None:
    """Without SCIM_SECRET_KEY."""
    world = build_world()
    client = world.connect(world.tenant())
    for number in range(3):
        client.create_user(f"u{number}")
    cursor = first_cursor(client, "count=1")
    other = Connection(
        create_app(world.installation, in_background=False).test_client(), client.slug, client.token, client.name
    )
    assert other.get(f"/Users?count=1&cursor={cursor}").json["itemsPerPage"] == 1
    (kept,) = world.rows("installation_secrets")
    assert len(kept["secret"]) >= 43


@pytest.mark.covers("R-9865-5-05")
def test_a_walk_leaves_nothing_behind(house: World, crowd: Connection) -> None:
    first_cursor(crowd)
    before = contents(house)
    for _ in pages(crowd, "count=2"):
        pass
    assert contents(house) == before


def copies(world: World, group_id: str, number: int) -> set[str]:
    """The group, and as many like it as make up `number`, put into its table at once."""
    with world.installation.database.write(OPERATOR) as connection:
        like = dict(connection.execute(select(groups).where(groups.c.id == group_id)).mappings().one())
        names = [f"g{each:04}" for each in range(1, number)]
        made = [
            {**like, "id": new_id(), "document": {**like["document"], "displayName": name}}
            | dict.fromkeys(("display_name_key", "unique_name_key"), name)
            for name in names
        ]
        connection.execute(insert(groups), made)
        connection.commit()
    return {group_id, *(each["id"] for each in made)}


@pytest.mark.covers("R-9865-2-12", "C-110")
def test_a_walk_is_exact_while_groups_come_and_go(house: World, client: Connection) -> None:
    """Every one that is there from first page to last is seen once; those that come or go, at most once."""
    chance = random.Random(7)
    alive = copies(house, client.create_group("g0000")["id"], 2000)
    survivors, seen, number = set(alive), [], 2000
    for page in pages(client, "sortBy=displayName&sortOrder=descending&count=200&attributes=id", "/Groups"):
        seen += ids(page)
        for gone in chance.sample(sorted(alive), 50):
            assert client.delete(f"/Groups/{gone}").status_code == 204
            alive.discard(gone)
            survivors.discard(gone)
        for _ in range(50):
            alive.add(client.create_group(f"g{chance.randrange(2000):04}-{number}")["id"])
            number += 1
    assert len(seen) == len(set(seen))
    assert survivors <= set(seen)


def test_a_page_whose_end_is_gone_is_followed_and_preceded_all_the_same(client: Connection) -> None:
    """A cursor names a place, not a resource; and no cursor leads to an empty page."""
    users = [client.create_user(f"u{number}")["id"] for number in range(6)]
    first = client.get("/Users?count=2&cursor=").json
    client.delete(f"/Users/{users[1]}")
    client.delete(f"/Users/{users[2]}")
    second = client.get(f"/Users?count=2&cursor={first['nextCursor']}").json
    assert ids(second) == users[3:5]
    back = client.get(f"/Users?count=2&cursor={second['previousCursor']}").json
    assert ids(back) == users[:1]
    assert "previousCursor" not in back
    client.delete(f"/Users/{users[0]}")
    assert "previousCursor" not in client.get(f"/Users?count=2&cursor={first['nextCursor']}").json
    for user_id in users[3:]:
        client.delete(f"/Users/{user_id}")
    assert client.get(f"/Users?count=2&cursor={first['nextCursor']}").json["Resources"] == []


@pytest.mark.covers("R-9865-2.3-01", "R-9865-2.3-02", "R-9865-4-01")
@pytest.mark.parametrize(
    ("position", "index", "default"),
    [(None, True, "index"), ("cursor", True, "cursor"), ("cursor_only", False, "cursor")],
)
def test_the_service_says_how_it_pages(
    house: World, connect_as: Connect, position: str | None, index: bool, default: str
) -> None:
    client = connect_as("tolerant")
    if position:
        house.switch(client.slug, "paging", position)
    for number in range(3):
        client.create_user(f"u{number}")
    said = client.get("/ServiceProviderConfig").json["pagination"]
    assert said == {
        "cursor": True,
        "index": index,
        "defaultPaginationMethod": default,
        "defaultPageSize": 100,
        "maxPageSize": 200,
        "cursorTimeout": 3600,
    }
    plain = client.get("/Users?count=2").json
    assert ("startIndex" in plain, "nextCursor" in plain) == (default == "index", default == "cursor")
    assert "nextCursor" in client.get("/Users?count=2&cursor=").json


@pytest.mark.covers("R-9865-2.3-03")
def test_a_tenant_may_be_paged_by_cursor_alone(house: World, client: Connection) -> None:
    """A start of 1, which some clients always send, begins a walk; any other is refused."""
    house.switch(client.slug, "paging", "cursor_only")
    for number in range(3):
        client.create_user(f"u{number}")
    first = client.get("/Users?startIndex=1&count=2").json
    assert "startIndex" not in first
    assert client.get(f"/Users?count=2&cursor={first['nextCursor']}").json["itemsPerPage"] == 1
    check_refusal(client.get("/Users?startIndex=11"), 400, "invalidValue", "cursor")
    check_refusal(client.post("/Users/.search", {"schemas": [SEARCH], "startIndex": 11}), 400, "invalidValue")


@pytest.mark.covers("R-9865-2.3-01")
def test_a_start_still_chooses_index_where_cursors_are_the_default(house: World, client: Connection) -> None:
    house.switch(client.slug, "paging", "cursor")
    client.create_user("ana")
    answer = client.get("/Users?startIndex=1").json
    assert answer["startIndex"] == 1
    assert "nextCursor" not in answer


@pytest.mark.covers("R-9865-2-13", "C-109")
def test_who_is_renamed_during_a_walk_is_met_at_one_place_once(client: Connection) -> None:
    """Moved ahead they are met there, moved back they are missed; the others are met whatever happens."""
    users = {name: client.create_user(name)["id"] for name in ("a", "b", "c", "d", "e", "f")}
    walk = pages(client, "sortBy=userName&count=2")
    seen = ids(next(walk))
    for name, renamed in (("a", "z"), ("f", "0"), ("c", "cc")):
        client.patch(f"/Users/{users[name]}", {"op": "replace", "path": "userName", "value": renamed})
    seen += [each for page in walk for each in ids(page)]
    names = {identifier: name for name, identifier in users.items()}
    assert [names[each] for each in seen] == ["a", "b", "c", "d", "e", "a"]


@pytest.mark.covers("R-9865-2-02", "R-9865-2-04", "R-7644-3.4.3-01")
def test_what_is_worked_out_is_walked_and_searched_as_well(crowd: Connection) -> None:
    """The roles, which lie in no table."""
    listed = ids(crowd.get("/Roles?sortBy=display&sortOrder=descending").json)
    walked = list(pages(crowd, "sortBy=display&sortOrder=descending&count=1", "/Roles"))
    assert [each for page in walked for each in ids(page)] == listed
    assert len(walked) == len(listed) > 1
    back = walked[1]["previousCursor"]
    page = crowd.search("/Roles", sortBy="display", sortOrder="descending", count=1, cursor=back).json
    assert ids(page) == listed[:1]
    assert "previousCursor" not in page
    check_refusal(crowd.get(f"/Users?sortBy=display&cursor={back}"), 400, "invalidValue")
    check_refusal(crowd.get(f"/Entitlements?sortBy=display&cursor={back}"), 400, "invalidCursor")
    assert set(listed).isdisjoint(ids(crowd.get("/").json))
