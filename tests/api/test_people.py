"""People by hand over the admin API: added, edited, suspended, deleted, brought back; adds that wait."""

import threading
from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import deduplicating, joining
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.worlds import ENTERPRISE, Connection, World, contents

ANA = {"email": "ana@x.test", "firstName": "Ana", "lastName": "Silva"}
FRANCE = {"preferredLanguage": "fr", "title": "Dr", "department": "Sales", "costCenter": "7", "employeeNumber": "42"}


@pytest.fixture
def seated(world: World, acme: Tenant) -> None:
    """Two seats of meeting."""
    world.buy(acme, "meeting", 2)


def test_a_person_is_added(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, okta: Connection, seated: None
) -> None:
    answer = api.post("~/users", {**ANA, "products": ["Meeting"], "role": "Manager", "preferredLanguage": "pt-BR"})
    assert answer.status_code == 201
    added = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/tenants/acme/users/{added['id']}"
    assert added == api.done("GET", f"~/users/{added['id']}") == cli.json("user", "show", "acme", "ana@x.test")
    assert (added["firstName"], added["preferredLanguage"]) == ("Ana", "pt-BR")
    assert [(seat["product"], seat["state"]) for seat in added["seats"]] == [("meeting", "assigned")]
    assert [role["role"] for role in added["roles"]] == ["manager"]
    assert okta.find("/Users", 'preferredLanguage eq "pt-BR"')[0]["id"] == added["id"]
    (created,) = [entry for entry in world.trail(acme) if entry.action == "user.created"]
    assert created.actor.startswith("api:")


def test_a_person_is_edited(api: Caller, cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "meeting")
    boss = okta.create_user("boss")["id"]
    ana = api.done("POST", "~/users", ANA)
    edited = api.done("PATCH", "~/users/ana@x.test", {**FRANCE, "lastName": "Costa", "manager": "BOSS"})
    assert {name: edited[name] for name in FRANCE} == FRANCE
    assert (edited["displayName"], edited["manager"]) == ("Ana Costa", boss)
    seen = okta.get(f"/Users/{ana['id']}").get_json()
    assert seen[ENTERPRISE]["manager"]["value"] == boss
    assert ENTERPRISE in seen["schemas"]
    assert seen == okta.find("/Users", 'department eq "Sales" and title eq "Dr"')[0]
    given = ("--department", "", "--cost-center", "", "--employee-number", "", "--manager", "", "--title", "")
    cleared = cli.json("user", "edit", "acme", "ana@x.test", *given)
    assert [cleared[name] for name in ("title", "department", "costCenter", "employeeNumber", "manager")] == [None] * 5
    seen = okta.get(f"/Users/{ana['id']}").get_json()
    assert ENTERPRISE not in seen
    assert ENTERPRISE not in seen["schemas"]
    version = seen["meta"]["version"]
    api.done("PATCH", f"~/users/{ana['id']}", {})
    api.done("PATCH", f"~/users/{ana['id']}", {"department": None, "displayName": "Ana Costa"})
    assert okta.get(f"/Users/{ana['id']}").get_json()["meta"]["version"] == version
    renamed = api.done("PATCH", f"~/users/{ana['id']}", {"userName": "ana", "email": "a@x.test", "firstName": None})
    assert (renamed["userName"], renamed["email"], renamed["firstName"]) == ("ana", "a@x.test", None)


def test_products_are_given_and_taken_with_an_edit(api: Caller, world: World, acme: Tenant, seated: None) -> None:
    api.done("POST", "~/users", ANA)
    edited = api.done("PATCH", "~/users/ana@x.test", {"addProducts": ["meeting"], "title": "Dr"})
    assert (edited["seats"][0]["state"], edited["title"]) == ("assigned", "Dr")
    problem = api.refused(
        422, "PATCH", "~/users/ana@x.test", {"addProducts": ["meeting"], "removeProducts": ["MEETING"]}
    )
    assert "given and taken" in problem["detail"]
    assert api.done("PATCH", "~/users/ana@x.test", {"removeProducts": ["meeting"]})["seats"] == []


def test_from_suspension_to_restoration(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, seated: None
) -> None:
    ana = api.done("POST", "~/users", {**ANA, "products": ["meeting"]})["id"]
    suspended = api.done("POST", f"~/users/{ana}/suspend")
    assert (suspended["status"], suspended["reason"], suspended["seats"]) == ("suspended", "by_admin", [])
    assert api.done("POST", f"~/users/{ana}/suspend") == suspended
    back = api.done("POST", f"~/users/{ana}/reactivate", {"quiet": True})
    assert (back["status"], back["seats"][0]["state"]) == ("active", "assigned")
    gone = api.done("DELETE", f"~/users/{ana}")
    assert (gone["id"], gone["status"], gone["continuedBy"]) == (ana, "deleted", None)
    assert world.seats(acme, "meeting") == (0, 0, 2)
    assert api.items("~/users") == []
    assert [gone] == api.items("~/deleted-users") == cli.json("user", "list", "acme", "--deleted")
    for name in ("ANA@x.test", ana):
        assert api.done("GET", f"~/deleted-users/{name}") == gone
    restored = api.done("POST", f"~/deleted-users/{ana}/restore")
    assert (restored["id"], restored["seats"][0]["state"]) == (ana, "assigned")
    assert api.items("~/deleted-users") == []
    assert "to restore" in api.refused(404, "POST", f"~/deleted-users/{ana}/restore")["detail"]


def test_deleted_people_come_newest_first_in_pages(api: Caller, world: World, acme: Tenant, okta: Connection) -> None:
    ids = [okta.create_user(f"user-{number}")["id"] for number in range(5)]
    for user_id in ids:
        world.advance(1)
        api.done("DELETE", f"~/users/{user_id}")
    assert [gone["id"] for gone in api.items("~/deleted-users?limit=2")] == ids[::-1]


def test_an_add_whose_address_is_in_use_elsewhere_waits(
    api: Caller, cli: CommandLine, world: World, acme: Tenant, seated: None
) -> None:
    other = world.connect(world.tenant("other"))
    eve = other.create_user("eve", emails=[{"value": "ana@x.test"}])["id"]
    answer = api.post("~/users", {**ANA, "products": ["meeting"], "preferredLanguage": "pt"}, Idempotency_Key="k-1")
    assert answer.status_code == 202
    pending = answer.get_json()
    assert (pending["status"], pending["email"], pending["preferredLanguage"]) == ("pending", "ana@x.test", "pt")
    again = api.post("~/users", {**ANA, "products": ["meeting"], "preferredLanguage": "pt"}, Idempotency_Key="k-1")
    assert (again.status_code, again.get_json()) == (202, pending)
    assert [pending] == api.items("~/pending-adds?limit=1") == cli.json("pending-add", "list", "acme")
    for name in (pending["id"], "ANA@x.test"):
        assert api.done("GET", f"~/pending-adds/{name}") == pending
    other.delete(f"/Users/{eve}")
    assert joining.retry_waiting_adds(world.units) == 1
    assert api.done("GET", "~/users/ana@x.test")["preferredLanguage"] == "pt"
    api.refused(404, "GET", f"~/pending-adds/{pending['id']}")


def test_an_add_that_waits_is_called_off(api: Caller, world: World, acme: Tenant) -> None:
    world.connect(world.tenant("other")).create_user("eve", emails=[{"value": "ana@x.test"}])
    pending = api.done("POST", "~/users", ANA)
    assert api.delete(f"~/pending-adds/{pending['id']}").status_code == 204
    assert api.items("~/pending-adds") == []
    api.refused(404, "DELETE", f"~/pending-adds/{pending['id']}")
    stranger = caller(world, world.tenant("third"))
    pending = api.done("POST", "~/users", ANA)
    stranger.refused(404, "DELETE", f"~/pending-adds/{pending['id']}")


def test_every_wrong_field_of_a_person_is_named(api: Caller, world: World, acme: Tenant) -> None:
    body = {"email": 5, "firstName": "", "products": [""], "role": 1, "quiet": "no", "colour": "red"}
    problem = api.refused(422, "POST", "~/users", body)
    assert {error["pointer"] for error in problem["errors"]} == {
        "/email", "/firstName", "/lastName", "/products/0", "/role", "/quiet", "/colour"
    }  # fmt: skip
    problem = api.refused(422, "PATCH", "~/users/x", {"email": None, "userName": None, "title": "x" * 513, "x": 1})
    assert {error["pointer"] for error in problem["errors"]} == {"/email", "/userName", "/title", "/x"}


def test_what_cannot_be_is_refused_and_leaves_nothing(
    api: Caller, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 0, "reject")
    okta.create_user("Ana@x.test")
    before = contents(world)
    bea = {**ANA, "email": "bea@x.test"}
    assert api.refused(409, "POST", "~/users", ANA)["type"].endswith("taken")
    assert api.refused(409, "POST", "~/users", {**bea, "products": ["meeting"]})["type"].endswith("seat-limit")
    for wrong, status in (({"email": "bea"}, 422), ({"firstName": "\x1b"}, 422), ({"preferredLanguage": "?"}, 422),
                          ({"products": ["zoom"]}, 404), ({"role": "boss"}, 404)):  # fmt: skip
        api.refused(status, "POST", "~/users", {**bea, **wrong})
    for wrong, status in (
        ({"manager": "nobody"}, 404),
        ({"department": " x"}, 422),
        ({"userName": "\u2167\u00a8"}, 422),
    ):
        api.refused(status, "PATCH", "~/users/ana@x.test", wrong)
    assert contents(world) == before


def test_nobody_gives_more_than_they_may_do(world: World, acme: Tenant, seated: None) -> None:
    writer = caller(world, acme, "people.read", "people.write")
    before = contents(world)
    assert "seats.write" in writer.refused(403, "POST", "~/users", {**ANA, "products": ["meeting"]})["detail"]
    assert "roles.grant" in writer.refused(403, "POST", "~/users", {**ANA, "role": "manager"})["detail"]
    assert "seats.write" in writer.refused(403, "PATCH", "~/users/x", {"removeProducts": ["meeting"]})["detail"]
    granter = caller(world, acme, "people.read", "people.write", "roles.grant")
    assert "beyond your own" in granter.refused(403, "POST", "~/users", {**ANA, "role": "super_admin"})["detail"]
    assert set(contents(world)["users"]) == set(before["users"])
    granter.done("POST", "~/users", {**ANA, "role": "member"})


def test_nobody_renames_who_is_above_them(world: World, acme: Tenant, api: Caller) -> None:
    """Whoever signs in under the new address would have the role."""
    boss = api.done("POST", "~/users", {**ANA, "role": "super_admin"})["id"]
    writer = caller(world, acme, "people.read", "people.write")
    before = contents(world)
    for wanted in ({"email": "me@x.test"}, {"userName": "me@x.test"}):
        assert "beyond your own" in writer.refused(403, "PATCH", f"~/users/{boss}", wanted)["detail"]
    assert contents(world) == before
    assert writer.done("PATCH", f"~/users/{boss}", {"title": "Dr"})["title"] == "Dr"
    assert api.done("PATCH", f"~/users/{boss}", {"email": "new@x.test"})["email"] == "new@x.test"


def test_a_role_above_ones_own_does_not_wait_either(world: World, acme: Tenant) -> None:
    world.connect(world.tenant("other")).create_user("eve", emails=[{"value": "ana@x.test"}])
    granter = caller(world, acme, "people.read", "people.write", "roles.grant")
    granter.refused(403, "POST", "~/users", {**ANA, "role": "admin"})
    assert world.rows("pending_adds") == []


def test_the_last_super_admin_stays(api: Caller, world: World, acme: Tenant) -> None:
    ana = api.done("POST", "~/users", {**ANA, "role": "super_admin"})["id"]
    before = contents(world)
    for method, path in (("POST", f"~/users/{ana}/suspend"), ("DELETE", f"~/users/{ana}")):
        assert api.refused(409, method, path)["type"].endswith("last-super-admin")
    assert contents(world) == before


def test_people_of_another_tenant_are_not_there(world: World, api: Caller) -> None:
    other = world.connect(world.tenant("other"))
    eve, gone = other.create_user("eve")["id"], other.create_user("zoe")["id"]
    other.delete(f"/Users/{gone}")
    before = contents(world)
    for method, path in (
        ("PATCH", "~/users/{}"), ("DELETE", "~/users/{}"), ("POST", "~/users/{}/suspend"),
        ("POST", "~/users/{}/reactivate"), ("GET", "~/deleted-users/{}"), ("POST", "~/deleted-users/{}/restore"),
        ("GET", "~/pending-adds/{}"), ("DELETE", "~/pending-adds/{}"),
    ):  # fmt: skip
        theirs = gone if "deleted" in path else eve
        body = {} if method == "PATCH" else None
        there, nowhere = (api.refused(404, method, path.format(each), body) for each in (theirs, "nobody"))
        assert there["detail"].replace(theirs, "nobody") == nowhere["detail"]
    assert contents(world) == before


def test_sent_twice_with_one_key_a_person_takes_one_seat(api: Caller, world: World, acme: Tenant, seated: None) -> None:
    wanted = {**ANA, "products": ["meeting"]}
    first = api.post("~/users", wanted, Idempotency_Key="k-1")
    again = api.post("~/users", wanted, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
    assert (again.headers["Location"], again.headers["Idempotency-Replayed"]) == (first.headers["Location"], "true")
    assert world.seats(acme, "meeting") == (1, 0, 1)
    ben = {**wanted, "email": "ben@x.test"}
    assert api.refused(422, "POST", "~/users", ben, Idempotency_Key="k-1")["type"].endswith("key-reused")
    assert world.seats(acme, "meeting") == (1, 0, 1)


def test_at_the_same_time_with_one_key_a_person_takes_one_seat(
    api: Caller, world: World, acme: Tenant, seated: None
) -> None:
    wanted = {**ANA, "products": ["meeting"]}
    start, statuses = threading.Barrier(2), []

    def send() -> None:
        mine = Caller(world.app.test_client(), api.token, "acme")
        start.wait()
        statuses.append(mine.post("~/users", wanted, Idempotency_Key="k-1").status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) in ([201, 201], [201, 409])
    assert world.seats(acme, "meeting") == (1, 0, 1)
    assert api.post("~/users", wanted, Idempotency_Key="k-1").headers["Idempotency-Replayed"] == "true"


def test_an_answer_that_is_lost_is_not_carried_out_again(
    api: Caller, world: World, acme: Tenant, seated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the commit and the answer: what it had taken up is not known to have been answered."""
    wanted: dict[str, Any] = {**ANA, "products": ["meeting"]}
    world.app.config["PROPAGATE_EXCEPTIONS"] = True

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deduplicating, "keep", die)
        with pytest.raises(KeyboardInterrupt):
            api.post("~/users", wanted, Idempotency_Key="k-1")
    assert world.seats(acme, "meeting") == (1, 0, 1)
    assert api.refused(409, "POST", "~/users", wanted, Idempotency_Key="k-1")["type"].endswith("in-progress")
    world.advance(int(deduplicating.PATIENCE.total_seconds()) + 1)
    problem = api.refused(409, "POST", "~/users", wanted, Idempotency_Key="k-1")
    assert problem["type"].endswith("answer-lost")
    (created,) = [entry for entry in world.trail(acme) if entry.action == "user.created"]
    assert created.request_id in problem["detail"]
    assert world.seats(acme, "meeting") == (1, 0, 1)
