"""Many clients at once: no seat too many, nobody lost, nobody waiting beside a free seat (design section 6)."""

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any, TypeVar

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import reconciling, subscribing
from tests import worlds
from tests.crowds.verdicts import wrong_event_numbers
from tests.worlds import CAUSE, USER, Connection, World

CLIENTS = 16
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
T = TypeVar("T")


def at_once(*jobs: Callable[[], T]) -> list[T]:
    """The results of all jobs, begun at the same moment in a thread each."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        start.wait(30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def status(connection: Connection, user_name: str, **attributes: Any) -> int:
    """What a request to create that user is answered."""
    return connection.post("/Users", {"schemas": [USER], "userName": user_name, **attributes}).status_code


def joiners(count: int, prefix: str = "user") -> list[str]:
    return [f"{prefix}{number:02}@x.test" for number in range(count)]


def create_all(world: World, connection: Connection, names: Iterable[str], clients: int = CLIENTS) -> Counter[int]:
    """Create the people, each entitled to meeting, from that many clients; answers how often each status came."""
    waiting = list(names)

    def client() -> list[int]:
        own, answered = world.same_client(connection), []
        while waiting:
            try:
                name = waiting.pop()
            except IndexError:
                break
            answered.append(status(own, name, entitlements=[{"value": "meeting"}]))
        return answered

    return Counter(code for answered in at_once(*[client] * clients) for code in answered)


@pytest.mark.parametrize("repetition", range(5))
def test_fifty_joiners_at_once_get_exactly_the_ten_seats_there_are(
    world: World, acme: Tenant, okta: Connection, repetition: int
) -> None:
    """And the forty others get theirs, in order, when forty are bought."""
    world.buy(acme, "meeting", 10)
    assert create_all(world, okta, joiners(50)) == {201: 50}
    assert world.seats(acme, "meeting") == (10, 40, 0)
    assert reconciling.differences(world.units, acme) == []
    world.buy(acme, "meeting", 50)
    assert world.seats(acme, "meeting") == (50, 0, 0)


def test_buying_while_people_join_leaves_nobody_waiting_beside_a_free_seat(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)

    def buy() -> Counter[int]:
        for seats in range(2, 26):
            world.buy(acme, "meeting", seats)
        return Counter()

    at_once(lambda: create_all(world, okta, joiners(40), clients=8), buy)
    assert world.seats(acme, "meeting") == (25, 15, 0)


def test_a_policy_changed_while_people_queue_holds_for_everybody_in_the_queue(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Whoever waits for webinar when `downgrade` is in force has meeting meanwhile; afterwards nobody has."""
    world.buy(acme, "meeting", 100)
    world.buy(acme, "webinar", 0)

    def join(name: str) -> Callable[[], int]:
        own = world.same_client(okta)
        return lambda: status(own, name, entitlements=[{"value": "webinar"}])

    def change(policy: str) -> Callable[[], int]:
        return lambda: world.buy(acme, "webinar", 0, policy).waiting

    at_once(*map(join, joiners(8)), change("downgrade"))
    assert world.seats(acme, "meeting")[0] == 8
    at_once(*map(join, joiners(8, "later")), change("wait"))
    assert world.seats(acme, "meeting")[0] == 0
    assert world.seats(acme, "webinar") == (0, 16, 0)


def test_one_of_many_equal_joiners_is_created_and_the_others_conflict(world: World, okta: Connection) -> None:
    jobs = [world.same_client(okta) for _ in range(CLIENTS)]
    answered = at_once(
        *(lambda own=own, n=n: status(own, "Ana@x.test" if n % 2 else "ana@X.TEST") for n, own in enumerate(jobs))
    )
    assert Counter(answered) == {201: 1, 409: CLIENTS - 1}
    assert len(world.rows("users")) == 1


def test_one_of_many_equal_groups_is_created_and_bound_to_the_rule_once(
    world: World, acme: Tenant, okta: Connection
) -> None:
    world.rule(acme, "Sales", "meeting")
    jobs = [world.same_client(okta) for _ in range(8)]
    answered = at_once(*(lambda own=own: own.post("/Groups", {"displayName": "sales"}).status_code for own in jobs))
    assert Counter(answered) == {201: 1, 409: 7}
    assert [row["group_id"] for row in world.rows("rules")] == [row["id"] for row in world.rows("groups")]


def test_parallel_additions_to_one_group_lose_nobody(world: World, acme: Tenant, okta: Connection) -> None:
    """200 people in 16 PATCHes; the rule's seats go to as many as there are."""
    world.buy(acme, "meeting", 120)
    world.rule(acme, "Sales", "meeting")
    people = [okta.create_user(name)["id"] for name in joiners(200)]
    group = okta.create_group("Sales")["id"]
    shares = [people[number::CLIENTS] for number in range(CLIENTS)]

    def add(share: list[str]) -> Callable[[], int]:
        own = world.same_client(okta)
        members = [{"value": member} for member in share]
        return lambda: own.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": members}).status_code

    assert Counter(at_once(*map(add, shares))) == {204: CLIENTS}
    assert okta.member_ids(group) == set(people)
    assert world.seats(acme, "meeting") == (120, 80, 0)
    assert reconciling.differences(world.units, acme) == []
    assert okta.get(f"/Groups/{group}").json["meta"]["version"] == f'W/"{1 + CLIENTS}"'


def test_the_same_member_added_by_many_at_once_is_one_member(world: World, okta: Connection) -> None:
    ana, group = okta.create_user("ana")["id"], okta.create_group("Sales")["id"]
    member = {"op": "add", "path": "members", "value": [{"value": ana}]}
    jobs = [partial(world.same_client(okta).patch, f"/Groups/{group}", member) for _ in range(8)]
    assert {answer.status_code for answer in at_once(*jobs)} == {204}
    assert okta.member_ids(group) == {ana}
    assert okta.get(f"/Groups/{group}").json["meta"]["version"] == 'W/"2"'


def test_an_address_given_up_and_asked_for_at_once_ends_with_one_owner(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Owners leave and move away while others of the tenant join with the same address."""
    mail = [{"value": "shared@x.test", "primary": True}]
    other = [{"op": "replace", "path": 'emails[type eq "work"].value', "value": "own@x.test"}]
    for turn in range(6):
        first = okta.create_user(f"first{turn}", emails=mail)["id"]
        second = okta.create_user(f"second{turn}", emails=[{**mail[0], "type": "work"}])["id"]
        at_once(
            partial(world.same_client(okta).delete, f"/Users/{first}"),
            partial(world.same_client(okta).patch, f"/Users/{second}", *other),
            partial(
                world.same_client(okta).post, "/Users", {"schemas": [USER], "userName": f"third{turn}", "emails": mail}
            ),
        )
        assert reconciling.differences(world.units, acme) == []
        for user in okta.find("/Users", "userName pr"):
            assert okta.delete(f"/Users/{user['id']}").status_code == 204
    assert world.rows("addresses") == []


def test_one_tenant_of_many_gets_an_address_and_the_issue_of_the_others_closes_with_it(world: World) -> None:
    """An issue about an address is open only as long as somebody else owns it, even if that ends at this moment."""
    tenants = [world.tenant(f"tenant{number}") for number in range(6)]
    clients = [world.connect(tenant) for tenant in tenants]

    def come_and_go(own: Connection) -> Callable[[], int]:
        def run() -> int:
            for turn in range(5):
                answer = own.post("/Users", {"schemas": [USER], "userName": f"u{turn}", "emails": [{"value": "a@b.c"}]})
                assert answer.status_code in {201, 409}
                if answer.status_code == 201:
                    assert own.delete(f"/Users/{answer.json['id']}").status_code == 204
            return 0

        return run

    at_once(*map(come_and_go, clients))
    assert world.rows("addresses") == []
    assert [row for row in world.rows("issues") if row["closed"] is None] == []


def test_a_rule_made_while_its_group_comes_grows_and_goes_misses_nobody(
    world: World, acme: Tenant, okta: Connection
) -> None:
    """Rule, group of that name, a group nested in it, its members and its end, all at the same time."""
    world.buy(acme, "meeting", 1000)
    for turn in range(6):
        people = [okta.create_user(f"u{turn}-{number}")["id"] for number in range(6)]
        inner = okta.create_group(f"inner{turn}", people[0])["id"]
        outer = okta.create_group(f"outer{turn}")["id"] if turn % 2 else None

        def add(group: str, *ids: str) -> Callable[[], object]:
            own = world.same_client(okta)
            members = [{"value": member} for member in ids]
            return lambda: own.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": members})

        def make(name: str, *ids: str) -> Callable[[], object]:
            own = world.same_client(okta)
            return lambda: own.create_group(name, *ids)

        def remove(path: str) -> Callable[[], object]:
            own = world.same_client(okta)
            return lambda: own.delete(path)

        changes = [
            lambda turn=turn: world.rule(acme, f"outer{turn}", "meeting"),
            add(inner, people[1], people[2]),
            remove(f"/Users/{people[0]}"),
            add(outer, inner) if outer else make(f"outer{turn}", inner, people[3]),
        ]
        if turn % 3 == 2 and outer:
            changes.append(remove(f"/Groups/{outer}"))
        at_once(*changes)
        assert reconciling.differences(world.units, acme) == []
        known = {row["id"] for row in world.rows("groups")}
        assert {row["group_id"] for row in world.rows("rules")} - {None} <= known


class Crowd:
    """One client of many that does whatever comes to its mind, with a tenth of the people each."""

    def __init__(self, world: World, connection: Connection, number: int, groups: list[str]) -> None:
        self.own = world.same_client(connection)
        self.random = random.Random(number)
        self.number = number
        self.groups = groups
        self.people: list[str] = []
        self.answers: Counter[int] = Counter()

    def run(self, steps: int) -> Counter[int]:
        for step in range(steps):
            self.answers[self.act(step)] += 1
        return self.answers

    def act(self, step: int) -> int:
        choice = self.random.random()
        if choice < 0.3 or not self.people:
            return self.join(step)
        user = self.random.choice(self.people)
        if choice < 0.4:
            self.people.remove(user)
            return self.own.delete(f"/Users/{user}").status_code
        if choice < 0.6:
            active = {"op": "replace", "path": "active", "value": self.random.random() < 0.5}
            return self.own.patch(f"/Users/{user}", active).status_code
        if choice < 0.75:
            wanted = [{"value": code} for code in self.some_products()]
            return self.own.patch(
                f"/Users/{user}", {"op": "replace", "path": "entitlements", "value": wanted}
            ).status_code
        return self.change_group(user)

    def join(self, step: int) -> int:
        entitlements = [{"value": code} for code in self.some_products()]
        body = {"schemas": [USER], "userName": f"u{self.number}-{step}", "entitlements": entitlements}
        answer = self.own.post("/Users", body)
        if answer.status_code == 201:
            self.people.append(answer.json["id"])
        return answer.status_code

    def change_group(self, user: str) -> int:
        group = f"/Groups/{self.random.choice(self.groups)}"
        if self.random.random() < 0.6:
            members = [{"value": each} for each in {user, self.random.choice(self.people)}]
            return self.own.patch(group, {"op": "add", "path": "members", "value": members}).status_code
        return self.own.patch(group, {"op": "remove", "path": f'members[value eq "{user}"]'}).status_code

    def some_products(self) -> list[str]:
        return self.random.sample(["meeting", "webinar", "training"], self.random.choice([0, 1, 1, 2]))


def test_a_crowd_of_changes_leaves_the_ledger_in_order(world: World, acme: Tenant, okta: Connection) -> None:
    """16 clients, 400 steps: joins, leaves, suspensions, returns, entitlements and groups, bundles included."""
    for product, seats in (("meeting", 12), ("webinar", 4), ("training", 3)):
        world.buy(acme, product, seats, "downgrade" if product == "training" else "wait")
    world.rule(acme, "Sales", "meeting")
    world.rule(acme, "Marketing", "webinar")
    groups = [okta.create_group(name)["id"] for name in ("Sales", "Marketing")]
    okta.patch(f"/Groups/{groups[1]}", {"op": "add", "path": "members", "value": [{"value": groups[0]}]})
    crowd = [Crowd(world, okta, number, groups) for number in range(CLIENTS)]
    answers = sum(at_once(*(lambda each=each: each.run(25) for each in crowd)), Counter())
    assert sum(answers.values()) == CLIENTS * 25
    assert answers.keys() <= {200, 201, 204}
    assert reconciling.differences(world.units, acme) == []
    for row in world.rows("subscriptions"):
        assert 0 <= row["assigned"] <= row["seats"]
    assert list(wrong_event_numbers(world)) == []


def join_from_another_process(database_url: str, connection: tuple[str, str, str], names: list[str]) -> None:
    """The body of a process of its own: create those people over the same database."""
    world = worlds.build(database_url)
    slug, token, name = connection
    client = Connection(world.app.test_client(), slug, token, name)
    assert create_all(world, client, names, clients=4) == {201: len(names)}
    world.installation.database.dispose()


def test_two_processes_over_one_database_share_out_the_seats(
    world: World, acme: Tenant, okta: Connection, database_url: str
) -> None:
    world.buy(acme, "meeting", 10)
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(
            target=join_from_another_process,
            args=(database_url, (okta.slug, okta.token, okta.name), joiners(20, prefix)),
        )
        for prefix in ("left", "right")
    ]
    for process in processes:
        process.start()
    for seats in range(11, 16):
        subscribing.set_subscription(world.units, acme, CAUSE, "meeting", seats, None, None)
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    assert world.seats(acme, "meeting") == (15, 25, 0)


def test_circles_of_groups_in_bulks_at_once_are_all_made(okta: Connection, world: World) -> None:
    """None of them waits for another that waits for it, so none is given up."""

    def circle(number: int) -> list[str]:
        names = [f"g{number}-{at}" for at in range(3)]
        operations = [
            {
                "method": "POST",
                "path": "/Groups",
                "bulkId": name,
                "data": {"displayName": name, "members": [{"value": f"bulkId:{names[at - 1]}", "type": "Group"}]},
            }
            for at, name in enumerate(names)
        ]
        answer = world.same_client(okta).post("/Bulk", {"schemas": [BULK], "Operations": operations})
        return [each["status"] for each in answer.json["Operations"]]

    outcomes = at_once(*(partial(circle, number) for number in range(CLIENTS)))
    assert outcomes == [["201"] * 3] * CLIENTS
