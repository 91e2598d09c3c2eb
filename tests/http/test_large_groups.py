"""Groups of thousands: what a request costs does not grow with the group, and what is kept of one is never stale."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from scim_server.domain.errors import Unavailable
from scim_server.domain.particulars import Edit
from scim_server.domain.tenants import Tenant
from scim_server.http.responses import MOST_LONG_ANSWERS
from scim_server.resources.renderings import BATCH, LONGEST_PLAIN
from scim_server.services import editing
from tests import databases
from tests.http.test_statements import Count, counting
from tests.multitudes import fill, multiply_people
from tests.worlds import CAUSE, GROUP, Connection, World, build

SIZES = {"small": 10, "large": 5_000}
MANY = 2 * BATCH + 5_000
"""Members of a group that is read in three batches and whose text is deflated."""
MEMBERS = re.compile(r"\bmembers\b")


@pytest.fixture(scope="module", params=databases.KINDS)
def town(request: pytest.FixtureRequest) -> Iterator[World]:
    """An installation that takes long bodies."""
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    url = fresh()
    built = build(url, email_scope="tenant")
    yield built
    built.installation.database.dispose()
    databases.drop(url)


@dataclass(frozen=True)
class Place:
    """A tenant with a small and a large group of the same people, and somebody who is in neither."""

    world: World
    tenant: Tenant
    client: Connection
    ids: list[str]
    groups: dict[str, str]
    newcomer: str

    def cost(self, send: Callable[[], Any], status: int = 200) -> Count:
        with counting(self.world) as count:
            answer = send()
        assert answer.status_code == status, answer.text[:500]
        return count


@pytest.fixture(scope="module")
def place(town: World) -> Place:
    tenant = town.tenant("place")
    client = town.connect(tenant)
    ids = multiply_people(town, tenant, client.create_user("first@x.test")["id"], SIZES["large"])
    groups = {size: client.create_group(size)["id"] for size in SIZES}
    for size, group_id in groups.items():
        fill(town, tenant, group_id, ids[: SIZES[size]])
    return Place(town, tenant, client, ids, groups, client.create_user("new@x.test")["id"])


def _touching_members(count: Count) -> list[str]:
    return [statement for statement in count.statements if MEMBERS.search(statement)]


def _whole(name: str, ids: list[str]) -> dict[str, Any]:
    return {"schemas": [GROUP], "displayName": name, "members": [{"value": each} for each in ids]}


def test_a_request_takes_as_many_statements_for_5000_members_as_for_10(place: Place) -> None:
    assert _costs(place, "small") == _costs(place, "large")


def _costs(place: Place, size: str) -> list[int]:
    """How many statements each request about that group takes; it is left as it was."""
    client, address, ids = place.client, f"/Groups/{place.groups[size]}", place.ids[: SIZES[size]]

    def patch(op: str, chosen: list[str]) -> Count:
        change = {"op": op, "path": "members", "value": ids_of(chosen)}
        return place.cost(lambda: client.patch(address, change), 204)

    costs = [
        patch("add", [place.newcomer]),
        place.cost(lambda: client.get(address)),
        patch("remove", [place.newcomer]),
        place.cost(lambda: client.get(f"{address}?attributes=members.value")),
        place.cost(lambda: client.put(address, _whole(size, [*ids, place.newcomer]))),
        place.cost(lambda: client.put(address, _whole(size, ids))),
        place.cost(lambda: client.put(address, _whole(size, ids))),
        patch("replace", ids[1:]),
        patch("replace", ids),
    ]
    assert [each["value"] for each in client.get(address).json["members"]] == ids
    return [int(each) for each in costs]


def ids_of(ids: list[str]) -> list[dict[str, str]]:
    return [{"value": each} for each in ids]


def test_nothing_touches_the_members_of_a_group_that_is_asked_for_without(place: Place) -> None:
    group, name = f"/Groups/{place.groups['large']}", "excludedAttributes=members"
    for path in (
        f"{group}?{name}",
        f"{group}?attributes=displayName",
        f"/Groups?{name}",
        f'/Groups?{name}&filter=displayName eq "large"',
        f'/Groups?{name}&filter=externalId eq "x"&startIndex=1&count=100',
    ):
        for method in ("GET", "HEAD"):
            count = place.cost(lambda method=method, path=path: place.client.send(method, path))
            assert _touching_members(count) == [], path


def test_members_are_read_once_for_a_version(place: Place) -> None:
    address = f"/Groups/{place.groups['large']}"
    first = place.client.get(address)
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"If_None_Match": first.headers["ETag"]})):
        again: list[Any] = []
        with counting(place.world) as count:
            again.append(place.client.send(method, address, **headers))
        assert _touching_members(count) == []
        assert again[0].headers["ETag"] == first.headers["ETag"]
        assert again[0].data in {first.data, b""}
    assert place.client.get(address).data == first.data


def test_who_asks_at_the_same_time_has_them_read_once(place: Place) -> None:
    address = f"/Groups/{place.groups['large']}"
    place.client.patch(address, {"op": "replace", "path": "externalId", "value": "another version"})
    clients = [place.world.same_client(place.client) for _ in range(4)]
    begin = Barrier(len(clients), timeout=30)

    def ask(client: Connection) -> bytes:
        begin.wait()
        return client.get(address).data

    with counting(place.world) as count, ThreadPoolExecutor(len(clients)) as pool:
        assert len(set(pool.map(ask, clients))) == 1
    assert len(_touching_members(count)) == 1


def _displays(client: Connection, group_id: str) -> dict[str, str]:
    return {each["value"]: each.get("display") for each in client.get(f"/Groups/{group_id}").json["members"]}


def test_a_member_renamed_by_whatever_edge_is_shown_at_once(place: Place) -> None:
    client = place.client
    ana = client.create_user("ana@x.test", displayName="Ana")["id"]
    inner = client.create_group("Inner", ana)["id"]
    outer = client.create_group("Outer", inner, ana)["id"]
    version = client.get(f"/Groups/{outer}").headers["ETag"]
    assert _displays(client, outer) == {ana: "Ana", inner: "Inner"}
    client.patch(f"/Users/{ana}", {"op": "replace", "path": "displayName", "value": "Anna"})
    assert _displays(client, outer) == {ana: "Anna", inner: "Inner"}
    client.patch(f"/Groups/{inner}", {"op": "replace", "path": "displayName", "value": "Innermost"})
    assert _displays(client, outer) == {ana: "Anna", inner: "Innermost"}
    editing.edit_person(place.world.units, place.tenant, CAUSE, "ana@x.test", Edit(display_name="Annika"))
    assert _displays(client, inner) == {ana: "Annika"}
    assert _displays(client, outer) == {ana: "Annika", inner: "Innermost"}
    client.patch(f"/Users/{ana}", {"op": "remove", "path": "displayName"})
    assert _displays(client, outer) == {ana: None, inner: "Innermost"}
    assert client.get(f"/Groups/{outer}").headers["ETag"] == version, "computed values raise no version"


def test_a_refused_write_leaves_nothing_in_what_is_kept(place: Place) -> None:
    client = place.client
    group = client.create_group("Kept", place.ids[0])["id"]
    before = client.get(f"/Groups/{group}").json
    refused = client.put(f"/Groups/{group}", _whole("large", place.ids[:2]))
    assert refused.status_code == 409
    assert client.get(f"/Groups/{group}").json == before


def test_a_group_that_comes_back_is_shown_as_it_is_now(place: Place) -> None:
    """Deleted and made anew, also with a member renamed in between."""
    client = place.client
    bob = client.create_user("bob@x.test", displayName="Bob")["id"]
    for name in ("Bob", "Bobby"):
        client.patch(f"/Users/{bob}", {"op": "replace", "path": "displayName", "value": name})
        group = client.create_group("Coming and going", bob)["id"]
        assert _displays(client, group) == {bob: name}
        assert client.delete(f"/Groups/{group}").status_code == 204
        assert client.get(f"/Groups/{group}").status_code == 404


@pytest.fixture(scope="module")
def crowd(town: World) -> Place:
    """A tenant whose large group has more members than one batch; they are ids and nothing else."""
    tenant = town.tenant("crowd")
    client = town.connect(tenant)
    ids = [f"0190{number:04x}-0000-7000-8000-000000000000" for number in range(MANY)]
    group_id = client.create_group("Crowd")["id"]
    fill(town, tenant, group_id, ids)
    return Place(town, tenant, client, ids, {"large": group_id}, client.create_user("new@x.test")["id"])


def test_a_long_group_is_sent_in_portions_with_its_length_and_version(crowd: Place) -> None:
    address = f"/Groups/{crowd.groups['large']}"
    for _ in range(2):
        answer = crowd.client.get(address)
        assert int(answer.headers["Content-Length"]) == len(answer.data) > LONGEST_PLAIN
        assert answer.headers["ETag"] == answer.json["meta"]["version"] == 'W/"1"'
        assert [each["value"] for each in answer.json["members"]] == crowd.ids
    head = crowd.client.send("HEAD", address)
    assert head.data == b""
    assert {name: head.headers[name] for name in ("Content-Length", "ETag", "Content-Type")} == {
        name: answer.headers[name] for name in ("Content-Length", "ETag", "Content-Type")
    }
    values = crowd.client.get(f"{address}?attributes=members.value").json
    assert values["members"][-1] == {"value": crowd.ids[-1]}


def _at_batch(world: World, number: int, act: Callable[[], None]) -> Callable[[], None]:
    """Let something happen just before that batch of members is read for the first time; answers how to stop."""
    seen = 0

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal seen
        if "LEFT OUTER JOIN" in statement and MEMBERS.search(statement):
            seen += 1
            if seen == number:
                act()

    engine = world.installation.database.engine
    event.listen(engine, "before_cursor_execute", note)
    return lambda: event.remove(engine, "before_cursor_execute", note)


def test_a_group_that_changes_while_it_is_read_is_shown_as_it_was_at_one_moment(crowd: Place) -> None:
    group, last = f"/Groups/{crowd.groups['large']}", crowd.ids[-1]
    writer = crowd.world.same_client(crowd.client)
    touched = crowd.client.patch(group, {"op": "add", "path": "members", "value": ids_of([crowd.newcomer])})
    version = touched.headers["ETag"]

    def leave() -> None:
        leaving = {"op": "remove", "path": f'members[value eq "{last}"]'}
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(writer.patch, group, leaving).result(30).status_code == 204

    stop = _at_batch(crowd.world, 3, leave)
    try:
        during = crowd.client.get(group)
    finally:
        stop()
    assert during.headers["ETag"] == version
    assert len(during.json["members"]) == MANY + 1
    after = crowd.client.get(group)
    assert after.headers["ETag"] != version
    assert last not in {each["value"] for each in after.json["members"]}


def test_what_fails_half_way_is_answered_and_logged_as_an_error(crowd: Place) -> None:
    group = f"/Groups/{crowd.groups['large']}"
    crowd.client.patch(group, {"op": "replace", "path": "displayName", "value": "Failing"})

    def fail() -> None:
        raise Unavailable("the database went away")

    stop = _at_batch(crowd.world, 3, fail)
    try:
        answer = crowd.client.get(group)
    finally:
        stop()
    assert (answer.status_code, answer.json["status"]) == (503, "503")
    crowd.world.installation.log.flush()
    logged = [row for row in crowd.world.rows("provisioning_log") if row["path"].endswith(group)]
    assert [row["status"] for row in logged if row["method"] == "GET"].count(503) == 1
    assert len(crowd.client.get(group).json["members"]) >= MANY


def test_changes_of_one_group_at_once_lose_nothing_and_no_reader_sees_less_than_its_version(town: World) -> None:
    """Version and members are read by two statements: members may be newer than the tag, never older."""
    tenant = town.tenant("parallel")
    client = town.connect(tenant)
    ids = multiply_people(town, tenant, client.create_user("first@x.test")["id"], 24)
    stay, come = ids[:12], ids[12:]
    group = client.create_group("Everybody", *stay)["id"]

    def join(at: int) -> int:
        own = town.same_client(client)
        joined = own.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": ids_of([come[at]])})
        left = own.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{stay[at]}"]'})
        seen = own.get(f"/Groups/{group}").json
        shown = {each["value"] for each in seen["members"]}
        assert come[at] in shown
        assert stay[at] not in shown
        return joined.status_code + left.status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(join, range(12))) == {408}
    assert client.member_ids(group) == set(come)
    assert client.get(f"/Groups/{group}").headers["ETag"] == 'W/"25"'


def test_whoever_is_in_many_groups_leaves_them_in_as_many_statements_as_one(town: World) -> None:
    client = town.connect(town.tenant("leaving"))
    costs = []
    for number in (2, 40):
        leaver = client.create_user(f"leaver{number}@x.test")["id"]
        groups = [client.create_group(f"{number} {each}", leaver)["id"] for each in range(number)]
        for verb in ("suspend", "delete"):
            with counting(town) as count:
                if verb == "suspend":
                    client.patch(f"/Users/{leaver}", {"op": "replace", "path": "active", "value": False})
                else:
                    client.delete(f"/Users/{leaver}")
            costs.append((verb, int(count)))
        last = client.get(f"/Groups/{groups[-1]}").json
        assert "members" not in last
        assert last["meta"]["version"] == 'W/"2"'
    assert costs[:2] == costs[2:]


def test_a_filter_by_member_finds_groups_from_the_member(place: Place) -> None:
    one = place.ids[1]
    for text in (
        f'members.value eq "{one}"',
        f'members[value eq "{one}"]',
        f'members[value eq "{one}" and type eq "User"]',
    ):
        found = place.client.find("/Groups", text)
        assert {each["displayName"] for each in found} >= {"small", "large"}, text
        others = place.client.find("/Groups", f'not ({text}) and displayName sw "l"')
        assert [each["displayName"] for each in others] == []
    if place.world.installation.database.is_sqlite:
        plans = _plans(place, f'members.value eq "{one}"')
        assert any("SEARCH members USING COVERING INDEX" in each and "member_id=?" in each for each in plans), plans
        assert not [each for each in plans if each.startswith("SCAN groups")]


def _plans(place: Place, text: str) -> list[str]:
    """How SQLite runs the statements of a list of groups."""
    found: list[str] = []

    def plan(_: object, cursor: Any, statement: str, parameters: Any, *__: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            found.extend(row[3] for row in cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    engine = place.world.installation.database.engine
    event.listen(engine, "before_cursor_execute", plan)
    try:
        place.client.get(f"/Groups?excludedAttributes=members&filter={text}")
    finally:
        event.remove(engine, "before_cursor_execute", plan)
    return found


def test_a_body_beyond_the_limit_is_refused_with_what_to_do(crowd: Place) -> None:
    group = f"/Groups/{crowd.groups['large']}"
    limit = crowd.world.installation.settings.max_body_bytes
    body = json.dumps(_whole("Crowd", crowd.ids)).ljust(limit + 1)
    answer = crowd.client.put(group, body)
    assert answer.status_code == 413
    assert f"{limit} bytes" in answer.json["detail"]
    most = crowd.world.installation.settings.patch_max_members
    refused = crowd.client.patch(group, {"op": "add", "path": "members", "value": ids_of(crowd.ids[: most + 1])})
    assert refused.status_code == 413
    assert str(most) in refused.json["detail"]


def test_slow_readers_of_long_groups_leave_threads_to_others(crowd: Place) -> None:
    """Those beyond the first two are answered in one piece, until one of the two has read to the end."""

    def begun() -> TestResponse:
        return crowd.world.same_client(crowd.client).get(f"/Groups/{crowd.groups['large']}")

    slow, another = [begun() for _ in range(MOST_LONG_ANSWERS)], begun()
    (piece,) = another.iter_encoded()
    for each in slow:
        portions = list(each.iter_encoded())
        assert len(portions) > 2
        assert b"".join(portions) == piece
        each.close()
    following = begun()
    assert len(list(following.iter_encoded())) > 2
    following.close()
