"""What a stream is told of what clients do over SCIM, and of whom: from the request to the token that is verified."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from scim_server.domain.events import Subject
from scim_server.domain.particulars import Edit, Employment
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, feeds, leaving, redelivering, streaming, tenancy
from scim_server.services.rebuilding import rebuild
from scim_server.services.receivers import stream_called
from scim_server.services.relaying import relay
from scim_server.services.security_event_types import CAEP, RISC, SCIM
from scim_server.services.stream_changes import StreamWishes, change_stream
from scim_server.services.streaming import NewStream
from tests import databases
from tests.api.callers import Caller, caller
from tests.delivery.test_pushes import AUDIENCE, Reader, kinds
from tests.delivery.test_webhooks import BEYOND_A_PAUSE, work
from tests.rebuilds import replayed
from tests.receivers import LOOPBACK, Receiver, reaching, receiving
from tests.transfers import take_over
from tests.worlds import CAUSE, ENTERPRISE, Connection, World, build

EVERYTHING = (EVERY_SCIM_EVENT, f"{RISC}/*", f"{CAEP}/*")
SALES = f'{ENTERPRISE}:department eq "Sales"'


@dataclass
class Listener:
    """An application that has a stream of a tenant, and reads what comes by the keys that are published."""

    world: World
    tenant: Tenant
    receiver: Receiver
    stream_id: str = ""
    status: int = 202
    _read: int = 0

    def told(self) -> list[dict[str, Any]]:
        """What has come since it was last asked."""
        work(self.world)
        reader = Reader(self.world, self.tenant)
        found = [reader.read(each.body) for each in self.receiver.taken[self._read :]]
        self._read = len(self.receiver.taken)
        return found

    def events(self) -> list[tuple[str, str]]:
        """Of each the event, shortened, and the resource."""
        return [(kinds(each).removeprefix(f"{SCIM}:"), each["sub_id"].get("uri", "")) for each in self.told()]


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    return reaching(build_world)


@pytest.fixture
def listen(world: World, acme: Tenant) -> Iterator[Callable[..., Listener]]:
    """Makes the one stream, as a test wants it."""
    with receiving() as receiver:
        listener = Listener(world, acme, receiver)
        receiver.behave = lambda _: listener.status

        def begin(**wanted: Any) -> Listener:
            new = NewStream("app", Delivery.PUSH, receiver.url, audience=(AUDIENCE,), **wanted)
            listener.stream_id = streaming.create_stream(world.units, world.installation.web, acme, CAUSE, new).id
            return listener

        yield begin


def move(okta: Connection, user: dict[str, Any], department: str) -> None:
    """Have a person work in another department."""
    answer = okta.patch(
        f"/Users/{user['id']}", {"op": "replace", "path": f"{ENTERPRISE}:department", "value": department}
    )
    assert answer.status_code == 200, answer.text


def activate(okta: Connection, user: dict[str, Any], active: bool) -> None:
    okta.patch(f"/Users/{user['id']}", {"op": "replace", "path": "active", "value": active})


def ask(app: Listener, user: dict[str, Any], change: Callable[..., None]) -> None:
    """Have the receiver leave a person out, or take them in."""
    stream = streaming.stream(app.world.units, app.tenant, app.stream_id)
    with app.world.units.write(app.tenant, CAUSE) as uow:
        change(uow, stream, Subject.person(user["id"]))
        uow.commit()


def hire(okta: Connection, name: str, department: str) -> dict[str, Any]:
    return okta.create_user(name, **{ENTERPRISE: {"department": department}})


@pytest.mark.covers("R-9967-2.4-05", "R-9967-2.4-07", "R-CAEP-3-01", "R-RISC-2-01", "R-9967-2.2-01", "R-7642-3.5-01")
def test_what_a_client_does_is_told(listen: Callable[..., Listener], okta: Connection) -> None:
    app = listen(requested=EVERYTHING)
    ana = okta.create_user("ana@example.com", externalId="00u1")
    uri = f"/Users/{ana['id']}"
    assert app.events() == [("prov:create:notice", uri)]
    activate(okta, ana, False)
    activate(okta, ana, False)
    told = app.told()
    assert [kinds(each) for each in told] == [
        f"{SCIM}:prov:patch:notice",
        f"{SCIM}:prov:deactivate",
        f"{RISC}/account-disabled",
        f"{CAEP}/session-revoked",
    ]
    assert len({each["txn"] for each in told}) == 1
    version = okta.get(uri).headers["ETag"]
    assert told[0]["events"] == {f"{SCIM}:prov:patch:notice": {"version": version, "attributes": ["active"]}}
    assert told[0]["sub_id"] == {"format": "scim", "uri": uri, "id": ana["id"], "externalId": "00u1"}
    assert told[-1]["sub_id"] == {"format": "email", "email": "ana@example.com"}
    activate(okta, ana, True)
    assert [kind for kind, _ in app.events()] == ["prov:patch:notice", "prov:activate", f"{RISC}/account-enabled"]
    okta.patch(uri, {"op": "replace", "path": "userName", "value": "anna@example.com"})
    told = app.told()
    assert [kinds(each) for each in told] == [f"{SCIM}:prov:patch:notice", f"{RISC}/identifier-changed"]
    assert told[1]["events"][f"{RISC}/identifier-changed"] == {"new-value": "anna@example.com"}
    okta.delete(uri)
    assert [kind for kind, _ in app.events()] == ["prov:delete", f"{RISC}/account-purged", f"{CAEP}/session-revoked"]


def test_an_admins_suspension_is_told(listen: Callable[..., Listener], okta: Connection, acme: Tenant) -> None:
    app = listen(requested=EVERYTHING)
    ana = okta.create_user("ana")
    app.told()
    editing.suspend_person(app.world.units, acme, CAUSE, "ana")
    told = app.told()
    assert [kinds(each) for each in told] == [
        f"{SCIM}:prov:deactivate",
        f"{RISC}/account-disabled",
        f"{CAEP}/session-revoked",
    ]
    issuer = {"format": "iss_sub", "iss": told[0]["iss"], "sub": ana["id"]}
    assert [each["sub_id"] for each in told[1:]] == [issuer, issuer]


def test_who_takes_somebodys_place_ends_the_sessions_of_that_one(
    listen: Callable[..., Listener], okta: Connection, world: World, acme: Tenant
) -> None:
    """The account has another address, and whoever had it before is out."""
    ana = okta.create_user("ana", emails=[{"value": "ana@x.test", "primary": True}])
    app = listen(requested=EVERYTHING)
    take_over(world, acme, "ana", "eva@x.test")
    told = {kinds(each): each for each in app.told()}
    assert told[f"{RISC}/identifier-changed"]["sub_id"] == {"format": "email", "email": "ana@x.test"}
    assert told[f"{RISC}/identifier-changed"]["events"][f"{RISC}/identifier-changed"] == {"new-value": "eva@x.test"}
    assert told[f"{SCIM}:prov:put:notice"]["sub_id"]["id"] == ana["id"]
    revoked = told[f"{CAEP}/session-revoked"]
    assert revoked["sub_id"] == {"format": "iss_sub", "iss": revoked["iss"], "sub": ana["id"]}
    assert revoked["events"][f"{CAEP}/session-revoked"]["initiating_entity"] == "admin"
    assert len(told) == 3
    assert {each["txn"] for each in told.values()} == {revoked["txn"]}


@pytest.mark.covers("R-9967-2.3-01", "C-138")
def test_a_stream_with_a_filter_is_about_those_who_meet_it(listen: Callable[..., Listener], okta: Connection) -> None:
    """Those who met it before the stream began as well; groups, which name others, are not told of."""
    ben, eva = hire(okta, "ben", "Sales"), hire(okta, "eva", "Support")
    app = listen(filter=SALES)
    ana, bens, evas = hire(okta, "ana", "Sales"), f"/Users/{ben['id']}", f"/Users/{eva['id']}"
    okta.create_group("everybody", ben["id"], eva["id"])
    assert app.events() == [("prov:create:notice", f"/Users/{ana['id']}")]
    move(okta, eva, "Sales")
    assert app.events() == [("feed:add", evas)]
    activate(okta, eva, False)
    assert app.events() == [("prov:patch:notice", evas), ("prov:deactivate", evas)]
    move(okta, ben, "Support")
    told = app.told()
    assert [kinds(each) for each in told] == [f"{SCIM}:prov:patch:notice", f"{SCIM}:feed:remove"]
    assert len({each["txn"] for each in told}) == 1
    activate(okta, ben, False)
    assert app.events() == []
    move(okta, ben, "Sales")
    assert app.events() == [("feed:add", bens)]
    hire(okta, "joe", "Support")
    assert app.events() == []


@pytest.mark.covers("R-9967-2.4-04")
def test_who_leaves_by_being_deleted_is_not_removed_as_well(listen: Callable[..., Listener], okta: Connection) -> None:
    ben = hire(okta, "ben", "Sales")
    app = listen(filter=SALES)
    okta.delete(f"/Users/{ben['id']}")
    assert app.events() == [("prov:delete", f"/Users/{ben['id']}")]


@pytest.mark.covers("R-9967-2.4-04")
def test_who_is_deleted_before_anything_was_told_is_deleted_all_the_same(
    listen: Callable[..., Listener], okta: Connection
) -> None:
    """Nobody leaves the feed with a change that comes before."""
    ben = hire(okta, "ben", "Sales")
    app = listen(filter=SALES, requested=EVERYTHING)
    activate(okta, ben, False)
    okta.delete(f"/Users/{ben['id']}")
    assert [kind for kind, _ in app.events()] == [
        "prov:patch:notice",
        "prov:deactivate",
        f"{RISC}/account-disabled",
        f"{CAEP}/session-revoked",
        "prov:delete",
        f"{RISC}/account-purged",
        f"{CAEP}/session-revoked",
    ]


@pytest.mark.covers("C-138")
def test_who_leaves_is_removed_behind_all_that_is_told(listen: Callable[..., Listener], okta: Connection) -> None:
    ben = hire(okta, "ben", "Sales")
    app = listen(filter=SALES)
    okta.patch(f"/Users/{ben['id']}", {"op": "replace", "path": "title", "value": "Head"})
    move(okta, ben, "Support")
    told = app.told()
    assert [kinds(each).removeprefix(f"{SCIM}:") for each in told] == [
        "prov:patch:notice",
        "prov:patch:notice",
        "feed:remove",
    ]
    assert told[0]["txn"] != told[1]["txn"] == told[2]["txn"]


def test_what_was_fetched_stays_as_it_was_where_the_person_is_deleted(
    okta: Connection, world: World, acme: Tenant
) -> None:
    """Be it not acknowledged, and the deletion committed without a position yet."""
    ben = hire(okta, "ben", "Sales")
    api = caller(world, acme)
    made = api.done("POST", "~/streams", {"name": "hr", "delivery": "poll", "filter": SALES, "audience": [AUDIENCE]})
    hr, reader = Caller(api.http, made["token"], api.slug), Reader(world, acme)

    def fetch() -> list[str]:
        sets = hr.done("POST", "~/streams/hr/poll", {"returnImmediately": True})["sets"]
        return [kinds(reader.read(each)).removeprefix(f"{SCIM}:") for each in sets.values()]

    okta.patch(f"/Users/{ben['id']}", {"op": "replace", "path": "title", "value": "Head"})
    relay(world.units)
    assert fetch() == ["prov:patch:notice"]
    okta.delete(f"/Users/{ben['id']}")
    assert fetch() == ["prov:patch:notice"]
    relay(world.units)
    assert fetch() == ["prov:patch:notice", "prov:delete"]
    assert fetch() == ["prov:patch:notice", "prov:delete"]


def test_who_is_new_and_changed_before_anything_was_told_is_told_as_new(
    listen: Callable[..., Listener], okta: Connection, world: World, acme: Tenant
) -> None:
    """As is who comes back after they were deleted."""
    app = listen(filter=SALES)
    ben = hire(okta, "ben", "Sales")
    okta.patch(f"/Users/{ben['id']}", {"op": "replace", "path": "title", "value": "Head"})
    assert [kind for kind, _ in app.events()] == ["prov:create:notice", "prov:patch:notice"]
    okta.delete(f"/Users/{ben['id']}")
    leaving.restore_person(world.units, acme, CAUSE, "ben")
    activate(okta, ben, False)
    told = [kind for kind, _ in app.events()]
    assert told == ["prov:delete", "prov:create:notice", "prov:patch:notice", "prov:deactivate"]


def test_what_was_decided_is_told_again_where_the_receiver_failed(
    listen: Callable[..., Listener], okta: Connection
) -> None:
    """Even where the person is back in the meantime."""
    ben = hire(okta, "ben", "Sales")
    app, uri = listen(filter=SALES), f"/Users/{ben['id']}"
    move(okta, ben, "Support")
    app.status = 503
    assert app.events() == []
    move(okta, ben, "Sales")
    app.status = 202
    app.world.advance(BEYOND_A_PAUSE)
    assert app.events() == [("prov:patch:notice", uri), ("feed:remove", uri), ("feed:add", uri)]
    last = redelivering.deliveries(app.world.units, app.tenant, "app", 10, None, called=stream_called)
    jtis = {each["jti"] for each in Reader(app.world, app.tenant).taken(app.receiver)}
    assert len(jtis) == 3
    assert last


def test_a_seat_moves_nobody_into_a_feed(
    listen: Callable[..., Listener], okta: Connection, world: World, acme: Tenant
) -> None:
    """Nor does anything else that is not told, whatever came first."""
    world.sell("meeting")
    world.buy(acme, "meeting", 5)
    ben = hire(okta, "ben", "Support")
    app = listen(filter=SALES)
    okta.patch(
        f"/Users/{ben['id']}",
        {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Sales"},
        {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]},
    )
    assert app.events() == [("feed:add", f"/Users/{ben['id']}")]


@pytest.mark.covers("R-SSF-8-04")
def test_whom_the_receiver_leaves_out_is_not_told_of(
    listen: Callable[..., Listener], okta: Connection, world: World
) -> None:
    app = listen()
    ana = okta.create_user("ana")
    app.told()
    for change, expected in ((feeds.leave_out, 0), (feeds.leave_out, 0), (feeds.take_in, 1), (feeds.take_in, 1)):
        ask(app, ana, change)
        for _ in range(2):
            title = f"{len(world.rows('outbox'))}"
            okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "title", "value": title})
        assert len(app.events()) == 2 * expected


@pytest.mark.covers("R-SSF-8-04")
def test_whom_the_receiver_leaves_out_stays_out_whatever_the_filter(
    listen: Callable[..., Listener], okta: Connection, world: World, acme: Tenant
) -> None:
    """Also who was not in the feed when it asked, and where the filter is another."""
    ben, eva = hire(okta, "ben", "Sales"), hire(okta, "eva", "Support")
    app = listen(filter=SALES)
    for each in (ben, eva):
        ask(app, each, feeds.leave_out)
    move(okta, eva, "Sales")
    assert app.events() == []
    web = world.installation.web
    change_stream(world.units, web, acme, CAUSE, "app", StreamWishes(filter=f'{SALES} or title eq "Head"'))
    for each in (ben, eva):
        activate(okta, each, False)
    assert app.events() == []
    ask(app, eva, feeds.take_in)
    activate(okta, eva, True)
    assert {uri for _, uri in app.events()} == {f"/Users/{eva['id']}"}


@pytest.mark.covers("R-SSF-8-04")
def test_who_is_taken_in_again_is_told_of_as_soon_as_they_meet_the_filter(
    listen: Callable[..., Listener], okta: Connection
) -> None:
    ben = hire(okta, "ben", "Sales")
    app = listen(filter=SALES)
    ask(app, ben, feeds.leave_out)
    move(okta, ben, "Support")
    assert app.events() == []
    ask(app, ben, feeds.take_in)
    okta.patch(f"/Users/{ben['id']}", {"op": "replace", "path": "title", "value": "Head"})
    assert app.events() == []
    move(okta, ben, "Sales")
    assert app.events() == [("feed:add", f"/Users/{ben['id']}")]


def test_who_is_left_out_and_taken_in_at_once_is_as_before(listen: Callable[..., Listener], okta: Connection) -> None:
    app = listen()
    ana = okta.create_user("ana")
    assert len(app.events()) == 1
    for _ in range(2):
        ask(app, ana, feeds.leave_out)
        ask(app, ana, feeds.take_in)
    assert app.world.rows("stream_subjects") == []
    okta.delete(f"/Users/{ana['id']}")
    assert app.events() == [("prov:delete", f"/Users/{ana['id']}")]


@pytest.mark.covers("R-9967-2.4-09")
def test_changes_of_a_resource_are_told_in_their_order(
    listen: Callable[..., Listener], okta: Connection, world: World
) -> None:
    """Even to a receiver that fails at every tenth token."""
    app = listen()
    app.receiver.behave = lambda _: 503 if len(app.receiver.requests) % 10 == 0 else 202
    ana = okta.create_user("ana")
    for number in range(60):
        okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "title", "value": f"{number}"})
    told: list[str] = []
    while len(told) < 61:
        told += [payload["version"] for each in app.told() for payload in each["events"].values()]
        world.advance(BEYOND_A_PAUSE)
    assert told == [f'W/"{number}"' for number in range(1, 62)]


@pytest.mark.covers("R-9967-5-03", "R-9967-2.2-01")
def test_a_group_that_changes_much_is_told_of_once(listen: Callable[..., Listener], okta: Connection) -> None:
    app = listen()
    people = [okta.create_user(f"u{number}")["id"] for number in range(20)]
    group = okta.create_group("all")
    assert len(app.told()) == 21
    for each in people:
        okta.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": each}]})
    (told,) = app.told()
    version = okta.get(f"/Groups/{group['id']}").headers["ETag"]
    assert told["events"] == {f"{SCIM}:prov:patch:notice": {"version": version, "attributes": ["members"]}}


@pytest.mark.covers("R-9967-2.4-01", "R-9967-2.4-02", "R-9967-2.4-03", "R-9967-2.4-06")
def test_a_stream_of_full_form_has_the_values(listen: Callable[..., Listener], okta: Connection) -> None:
    app = listen(form=Form.FULL)
    ana = okta.create_user("ana", displayName="Ana", password="never told")
    (created,) = app.told()
    data = created["events"][f"{SCIM}:prov:create:full"]["data"]
    assert (data["id"], data["userName"], data["displayName"]) == (ana["id"], "ana", "Ana")
    assert "never told" not in repr(created)
    okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "displayName", "value": "Anna"})
    (changed,) = app.told()
    operations = changed["events"][f"{SCIM}:prov:patch:full"]["data"]["Operations"]
    assert [each["value"] for each in operations] in (["Anna"], [{"displayName": "Anna"}])


def test_whose_last_event_is_forgotten_is_forgotten_by_streams(
    listen: Callable[..., Listener], okta: Connection, world: World
) -> None:
    """Once they cannot be restored any more: until then whom the receiver left out stays so."""
    world.decide("acme", retention_days="60")
    ben, eva, ana = (hire(okta, name, "Sales") for name in ("ben", "eva", "ana"))
    app = listen(filter=SALES)
    for each in (ben, eva):
        ask(app, each, feeds.leave_out)
        okta.delete(f"/Users/{each['id']}")
    assert app.events() == []

    def known() -> set[str]:
        for chore in ("forget-events", "forget-deleted"):
            world.do_chore(chore)
        return {row["subject"].removeprefix("user:") for row in world.rows("stream_subjects")}

    assert known() == {ben["id"], eva["id"], ana["id"]}
    world.advance(31 * 86_400)
    assert known() == {ben["id"], eva["id"], ana["id"]}
    leaving.restore_person(world.units, tenancy.tenant(world.units, "acme"), CAUSE, "ben")
    assert app.events() == []
    world.advance(30 * 86_400)
    assert known() == {ben["id"], ana["id"]}


def test_a_stream_of_a_rebuilt_store_goes_on_without_its_header(
    listen: Callable[..., Listener], okta: Connection, world: World, acme: Tenant, sqlite_databases: databases.Fresh
) -> None:
    """Who is in its feed is in it there; the header is lost, and nothing says that there is one."""
    hire(okta, "ben", "Sales")
    app = listen(filter=SALES, authorization="Bearer theirs")
    assert streaming.stream(world.units, acme, "app").authorized
    rebuilt = build(sqlite_databases(), egress_networks=LOOPBACK)
    try:
        rebuilt.installation = replace(rebuilt.installation, web=world.installation.web)
        there = replace(app, world=rebuilt, tenant=rebuild(rebuilt.units, replayed(world, acme)))
        assert not streaming.stream(rebuilt.units, there.tenant, "app").authorized
        away = Edit(employment=Employment(department="Support"))
        editing.edit_person(rebuilt.units, tenancy.tenant(rebuilt.units, "acme"), CAUSE, "ben", away)
        assert [kind for kind, _ in there.events()] == ["prov:patch:notice", "feed:remove"]
    finally:
        rebuilt.installation.database.dispose()


@pytest.fixture
def choose(world: World, acme: Tenant) -> Callable[..., None]:
    """Leaves somebody out of the stream, or takes them in, as its receiver does."""

    def choose(asked: Callable[..., None], app: Listener, user: dict[str, Any]) -> None:
        stream = streaming.stream(world.units, acme, app.stream_id)
        with world.units.write(acme, CAUSE) as uow:
            asked(uow, stream, Subject.person(user["id"]))
            uow.commit()

    return choose


@pytest.mark.covers("R-SSF-8-04")
def test_who_is_left_out_outside_the_feed_does_not_enter_it(
    listen: Callable[..., Listener], okta: Connection, choose: Callable[..., None]
) -> None:
    eva = hire(okta, "eva", "Support")
    app = listen(filter=SALES)
    choose(feeds.leave_out, app, eva)
    move(okta, eva, "Sales")
    activate(okta, eva, False)
    assert app.events() == []


@pytest.mark.covers("R-SSF-8-04")
@pytest.mark.parametrize("between", [True, False])
def test_who_is_taken_in_outside_the_feed_enters_it_later(
    listen: Callable[..., Listener], okta: Connection, choose: Callable[..., None], between: bool
) -> None:
    """Whether something has become of them meanwhile or not."""
    ben = hire(okta, "ben", "Sales" if between else "Support")
    app = listen(filter=SALES)
    choose(feeds.leave_out, app, ben)
    if between:
        move(okta, ben, "Support")
    assert app.events() == []
    choose(feeds.take_in, app, ben)
    activate(okta, ben, False)
    assert app.events() == []
    move(okta, ben, "Sales")
    assert app.events() == [("feed:add", f"/Users/{ben['id']}")]


@pytest.mark.covers("R-SSF-8-04")
def test_another_filter_brings_nobody_back_who_is_left_out(
    listen: Callable[..., Listener],
    okta: Connection,
    world: World,
    acme: Tenant,
    choose: Callable[..., None],
) -> None:
    """Nor keeps somebody out who was taken in again."""
    ben, eva = hire(okta, "ben", "Sales"), hire(okta, "eva", "Sales")
    app = listen(filter=SALES)
    for user in (ben, eva):
        choose(feeds.leave_out, app, user)
        activate(okta, user, False)
    assert app.events() == []
    choose(feeds.take_in, app, eva)
    wider = StreamWishes(filter=f'{SALES} or title eq "x"')
    change_stream(world.units, world.installation.web, acme, CAUSE, "app", wider)
    for user in (ben, eva):
        activate(okta, user, True)
    assert {uri for _, uri in app.events()} == {f"/Users/{eva['id']}"}
    choose(feeds.take_in, app, ben)
    activate(okta, ben, False)
    assert {uri for _, uri in app.events()} == {f"/Users/{ben['id']}"}


def test_another_filter_makes_another_feed(
    listen: Callable[..., Listener], okta: Connection, world: World, acme: Tenant
) -> None:
    ana, ben = hire(okta, "ana", "Sales"), hire(okta, "ben", "Support")
    app = listen(filter=SALES)
    web, supporters = world.installation.web, SALES.replace("Sales", "Support")
    change_stream(world.units, web, acme, CAUSE, "app", StreamWishes(filter=supporters))
    activate(okta, ana, False)
    activate(okta, ben, False)
    assert {uri for _, uri in app.events()} == {f"/Users/{ben['id']}"}
    change_stream(world.units, web, acme, CAUSE, "app", StreamWishes(filter=""))
    activate(okta, ana, True)
    assert {uri for _, uri in app.events()} == {f"/Users/{ana['id']}"}
    streaming.remove_stream(world.units, acme, CAUSE, "app")
    assert world.rows("stream_subjects") == []


def refilter(app: Listener, condition: str) -> None:
    """Have the stream be about others; an empty condition is everybody."""
    web = app.world.installation.web
    change_stream(app.world.units, web, app.tenant, CAUSE, "app", StreamWishes(filter=condition))


SUPPORT = f'{ENTERPRISE}:department eq "Support"'


@pytest.mark.covers("R-9967-2.4-04")
@pytest.mark.parametrize("first", [SALES, None])
@pytest.mark.parametrize("placed", [True, False])
def test_another_filter_forgets_no_deletion_that_is_yet_to_be_told(
    listen: Callable[..., Listener], okta: Connection, first: str | None, placed: bool
) -> None:
    """Of whoever was in the feed, and of nobody else."""
    ben, eva, ana, lea = (hire(okta, name, "Sales") for name in ("ben", "eva", "ana", "lea"))
    joe = hire(okta, "joe", "Elsewhere")
    app = listen(filter=first)
    ask(app, lea, feeds.leave_out)
    okta.delete(f"/Users/{eva['id']}")
    assert app.events() == [("prov:delete", f"/Users/{eva['id']}")]
    okta.patch(f"/Users/{ben['id']}", {"op": "replace", "path": "title", "value": "Head"})
    for each in (ben, lea, *([joe] if first else [])):
        okta.delete(f"/Users/{each['id']}")
    if placed:
        relay(app.world.units)
    refilter(app, SUPPORT)
    uri = f"/Users/{ben['id']}"
    assert app.events() == [("prov:patch:notice", uri), ("prov:delete", uri)]
    activate(okta, ana, False)
    for name in ("ben", "eva"):
        leaving.restore_person(app.world.units, app.tenant, CAUSE, name)
    assert app.events() == []
    move(okta, ben, "Support")
    assert app.events() == [("feed:add", uri)]


def test_another_filter_forgets_no_deletion_that_was_refused(listen: Callable[..., Listener], okta: Connection) -> None:
    ben = hire(okta, "ben", "Sales")
    app = listen()
    app.status = 422
    okta.delete(f"/Users/{ben['id']}")
    assert app.events() == []
    refilter(app, SUPPORT)
    app.status = 202
    app.world.advance(BEYOND_A_PAUSE)
    assert app.events() == [("prov:delete", f"/Users/{ben['id']}")]


def test_who_leaves_is_removed_with_the_change_that_they_leave_by(okta: Connection, world: World, acme: Tenant) -> None:
    """Also where somebody fetches before that has a position, and be it followed by what is not told."""
    world.sell("meeting")
    world.buy(acme, "meeting", 5)
    ben = okta.create_user("ben", entitlements=["meeting"], **{ENTERPRISE: {"department": "Sales"}})
    api = caller(world, acme)
    made = api.done("POST", "~/streams", {"name": "hr", "delivery": "poll", "filter": SALES, "audience": [AUDIENCE]})
    hr, reader = Caller(api.http, made["token"], api.slug), Reader(world, acme)

    def fetch() -> list[tuple[str, str]]:
        sets = hr.done("POST", "~/streams/hr/poll", {"returnImmediately": True})["sets"]
        found = [reader.read(each) for each in sets.values()]
        return [(kinds(each).removeprefix(f"{SCIM}:"), each["txn"]) for each in found]

    okta.patch(f"/Users/{ben['id']}", {"op": "replace", "path": "title", "value": "Head"})
    relay(world.units)
    away = {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Support"}
    answer = okta.patch(f"/Users/{ben['id']}", away, {"op": "replace", "path": "entitlements", "value": []})
    left = answer.headers["X-Request-Id"]
    ((kind, title),) = fetch()
    assert kind == "prov:patch:notice"
    assert title != left
    relay(world.units)
    expected = [("prov:patch:notice", title), ("prov:patch:notice", left), ("feed:remove", left)]
    assert fetch() == fetch() == expected
