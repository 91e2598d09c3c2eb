"""Many at once, and what fails half-way (docs/security.md, section F and C2): all of it or nothing, never too much."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.store import unit_of_work
from scim_server.store.grants import Grants
from scim_server.store.ledgers import Ledger
from scim_server.store.people import Users
from scim_server.store.provisioning_logs import ProvisioningLog
from scim_server.store.trails import Trail
from scim_server.store.unit_of_work import UnitOfWork
from tests.events import of_person
from tests.examples import ROUNDS
from tests.http.refusals import check_refusal
from tests.http.test_concurrency import at_once
from tests.worlds import GROUP, PATCH_OP, USER, Connection, World, contents

SEATS_BOUGHT = 6


# F1: no seat too many


@pytest.mark.parametrize("rounds", range(ROUNDS))
def test_no_seat_is_given_twice_and_none_is_refused_while_one_is_free(
    world: World, acme: Tenant, okta: Connection, rounds: int
) -> None:
    """F1: 16 clients join, leave and come back under `reject`: never more than bought, and exact at the end."""
    world.buy(acme, "meeting", SEATS_BOUGHT, "reject")
    wanted = {"entitlements": [{"value": "meeting"}]}
    people = [okta.create_user(f"u{number}@x.test")["id"] for number in range(16)]

    def client(number: int) -> Callable[[], Counter[int]]:
        own, chance, path = world.same_client(okta), random.Random(rounds * 16 + number), f"/Users/{people[number]}"

        def run() -> Counter[int]:
            answered: Counter[int] = Counter()
            for _ in range(6):
                if chance.random() < 0.5:
                    change = {"op": "replace", "value": wanted if chance.random() < 0.6 else {"entitlements": []}}
                else:
                    change = {"op": "replace", "path": "active", "value": chance.random() < 0.7}
                answered[own.patch(path, change).status_code] += 1
                assert world.seats(acme, "meeting")[0] <= SEATS_BOUGHT
            return answered

        return run

    answered = sum(at_once(*map(client, range(16))), Counter())
    assert answered.keys() <= {200, 403}
    world.check()
    assigned, _, free = world.seats(acme, "meeting")
    assert assigned + free == SEATS_BOUGHT
    for number in range(free):
        assert okta.create_user(f"late{number}@x.test", **wanted)["id"]
    check_refusal(okta.post("/Users", {"schemas": [USER], "userName": "over", **wanted}), 403, None, "seatLimit")


# F2: one of many equals


@pytest.mark.parametrize("many", [2, 32])
def test_of_equal_creates_one_succeeds_and_the_others_conflict(world: World, many: int) -> None:
    """F2: of 2 to 32 at once, by name of a person, name of a group, or external id where that is unique."""
    tenant = world.tenant()
    world.switch(tenant.slug, "external_id_unique", "on")
    okta = world.connect(tenant)
    bodies: dict[str, Callable[[int], dict[str, Any]]] = {
        "/Users": lambda _: {"schemas": [USER], "userName": "ana@x.test"},
        "/Groups": lambda _: {"schemas": [GROUP], "displayName": "Crew"},
        "/Users?": lambda number: {"schemas": [USER], "userName": f"u{number}", "externalId": "e1"},
    }
    for path, body in bodies.items():
        jobs = [partial(world.same_client(okta).post, path, body(number)) for number in range(many)]
        answers = at_once(*jobs)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: many - 1}, path
        for answer in answers:
            if answer.status_code == 409:
                check_refusal(answer, 409, "uniqueness")


# F3: an answer that was lost


class ProcessEnds(BaseException):
    """What no handler catches: the worker is gone."""


@contextmanager
def dying_after_commit(world: World) -> Iterator[None]:
    """The process ends between the commit of a write and its answer."""
    original = UnitOfWork.commit

    def commit(uow: UnitOfWork, *given: Any) -> None:
        original(uow, *given)
        raise ProcessEnds

    world.app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "commit", commit)
        yield


def okta_retries(client: Connection, name: str, external_id: str) -> list[str]:
    """What Okta does until it has its person: looks by name, links whom it finds, else creates."""
    found = client.find("/Users", f'userName eq "{name}"')
    if not found:
        return [client.create_user(name, externalId=external_id)["id"]]
    body = {"schemas": [USER], "userName": name, "externalId": external_id, "active": True}
    assert client.put(f"/Users/{found[0]['id']}", body).status_code == 200
    return [found[0]["id"]]


def entra_retries(client: Connection, name: str, external_id: str) -> list[str]:
    """What Entra does: looks by external id, creates, and on a conflict looks again."""
    found = client.find("/Users", f'externalId eq "{external_id}"')
    if found:
        return [found[0]["id"]]
    answer = client.post("/Users", {"schemas": [USER], "userName": name, "externalId": external_id})
    return [answer.json["id"]] if answer.status_code == 201 else []


@pytest.mark.parametrize("retries", [okta_retries, entra_retries])
def test_a_lost_answer_is_made_good_by_the_next_look(
    world: World, acme: Tenant, okta: Connection, retries: Callable[..., list[str]]
) -> None:
    """F3: what was committed is found at once by name and external id; trying again makes no second person."""
    world.buy(acme, "meeting", 1)
    body = {"schemas": [USER], "userName": "ana@x.test", "externalId": "e1", "entitlements": [{"value": "meeting"}]}
    with dying_after_commit(world), pytest.raises(ProcessEnds):
        okta.post("/Users", body)
    check_refusal(okta.post("/Users", body), 409, "uniqueness")
    by_name = okta.find("/Users", 'userName eq "ana@x.test"')
    assert by_name == okta.find("/Users", 'externalId eq "e1"')
    assert retries(okta, "ana@x.test", "e1") == [by_name[0]["id"]]
    assert okta.get("/Users").json["totalResults"] == 1
    world.check()


# F4: additions at once


def test_sixty_four_who_join_a_group_at_once_are_all_in_it(world: World, okta: Connection) -> None:
    """F4: each by a client of its own, none written over."""
    first = okta.create_user("first")["id"]
    people = [okta.create_user(f"u{number}")["id"] for number in range(64)]
    group = okta.create_group("Crew", first)["id"]

    def join(member: str) -> Callable[[], int]:
        own, change = world.same_client(okta), {"op": "add", "path": "members", "value": [{"value": member}]}
        return lambda: own.patch(f"/Groups/{group}", change).status_code

    assert Counter(at_once(*map(join, people))) == {204: 64}
    assert okta.member_ids(group) == {first, *people}


# F5: what was answered is what is there


def test_an_answer_is_what_is_stored_and_a_refusal_leaves_nothing(world: World, acme: Tenant, okta: Connection) -> None:
    """F5: the resource is read right after each success, and every row compared after each refusal."""
    world.buy(acme, "meeting", 1, "reject")
    ana, ben = okta.create_user("ana", entitlements=["meeting"]), okta.create_user("ben")
    user, group = f"/Users/{ana['id']}", f"/Groups/{okta.create_group('Crew', ana['id'])['id']}"
    patch = lambda *operations: {"schemas": [PATCH_OP], "Operations": list(operations)}  # noqa: E731
    add = {"op": "add", "path": "title", "value": "x"}
    steps: list[tuple[str, str, Any]] = [
        ("POST", "/Users", {"schemas": [USER], "userName": "eve", "emails": [{"value": "eve@x.test"}]}),
        ("PATCH", f"/Users/{ben['id']}", patch(add, {**add, "path": "entitlements", "value": [{"value": "meeting"}]})),
        ("POST", "/Users", {"schemas": [USER], "userName": "BEN"}),
        ("POST", "/Users", {"schemas": [USER], "userName": "cid", "entitlements": [{"value": "meeting"}]}),
        ("POST", "/Users", {"schemas": [USER]}),
        ("PUT", user, {"schemas": [USER], "userName": "ana", "title": "Dr", "entitlements": [{"value": "meeting"}]}),
        ("PUT", user, {"schemas": [USER], "userName": "ben"}),
        ("PATCH", user, patch(add, {"op": "replace", "path": "active", "value": False})),
        ("PATCH", user, patch(add, {"op": "add", "path": "nothing", "value": 1})),
        ("PATCH", user, patch(add, {"op": "replace", "path": "userName", "value": "ben"})),
        ("PATCH", user, patch({"op": "replace", "path": "active", "value": True})),
        ("POST", "/Groups", {"schemas": [GROUP], "displayName": "Team", "members": [{"value": ana["id"]}]}),
        ("POST", "/Groups", {"schemas": [GROUP], "displayName": "crew"}),
        ("PUT", group, {"schemas": [GROUP], "displayName": "Crew 2", "members": []}),
        ("PUT", group, {"schemas": [GROUP], "displayName": "Team"}),
        ("PATCH", group + "?attributes=displayName", patch({"op": "replace", "path": "displayName", "value": "C3"})),
        ("PATCH", group, patch({"op": "remove", "path": "members[x eq 1]"})),
    ]
    answered = Counter(check_step(world, okta, *step) for step in steps)
    assert answered == {True: 7, False: 10}


def check_step(world: World, okta: Connection, method: str, path: str, body: Any) -> bool:
    """Whether the request was carried out, which its answer and the store must agree on."""
    before = contents(world)
    answer = okta.send(method, path, body)
    if answer.status_code >= 400:
        assert contents(world) == before, answer.text
        return False
    where = answer.headers.get("Location", f"/v2{path}").partition("/v2")[2]
    read = okta.get(where)
    assert read.status_code == 200
    assert {**read.json, **(answer.json or {})} == read.json
    assert read.headers["ETag"] == answer.headers["ETag"]
    return True


# F6: a leaver who is half out


EFFECTS: dict[str, tuple[Any, str]] = {
    "the person": (Users, "save"),
    "seats": (Ledger, "drop_seats"),
    "grants": (Grants, "drop"),
    "the audit trail": (Trail, "add"),
    "events": (unit_of_work, "publish"),
    "the log entry": (ProvisioningLog, "add"),
    "the commit": (UnitOfWork, "write_out"),
}


def test_a_suspension_is_whole_or_is_said_not_to_be(world: World, acme: Tenant, okta: Connection) -> None:
    """F6: where any part of it fails, the answer is an error, nothing is changed, and the retry does all of it."""
    world.buy(acme, "meeting", 1)
    off = {"op": "replace", "path": "active", "value": False}

    def fail(*_: Any, **__: Any) -> None:
        raise Unavailable("out of order")

    for number, (effect, (owner, name)) in enumerate(EFFECTS.items()):
        leaver = okta.create_user(f"u{number}", entitlements=["meeting"], roles=[{"value": "admin"}])["id"]
        before = contents(world)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, fail)
            answer = okta.patch(f"/Users/{leaver}", off)
        check_refusal(answer, 503)
        assert answer.headers["Retry-After"].isdigit()
        assert contents(world) == before, effect
        assert okta.patch(f"/Users/{leaver}", off).status_code == 200
        assert (world.rows("seats"), world.rows("grants")) == ([], [])
        told = {row["event"] for row in of_person(world.rows("outbox"), leaver)}
        assert told >= {"user.suspended", "seat.released", "role.removed"}, effect
