"""Invitations by link: who owns an address elsewhere moves by consent, at once and wholly (design section 6)."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import insert
from werkzeug.test import TestResponse

from scim_server.domain.errors import AddressTaken, Invalid, Missing, Refusal, Taken
from scim_server.domain.invitations import Offer
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, inviting, provisioning
from scim_server.services.credentials import BASE62, Prefix, new_text, with_checksum
from scim_server.services.inviting import Sent
from scim_server.store.tables import sessions
from scim_server.store.walls import OPERATOR
from tests.pages import fields, submit
from tests.worlds import CAUSE, USER, Connection, World, contents

ADDRESS = "ana@x.test"
DAY = 24 * 3600


@pytest.fixture
def globex(world: World) -> Tenant:
    """The tenant that invites."""
    return world.tenant("globex")


@pytest.fixture
def entra(world: World, globex: Tenant) -> Connection:
    """A connection of globex."""
    return world.connect(globex, "entra")


@pytest.fixture
def ana(okta: Connection) -> dict[str, Any]:
    """Who owns the address, in acme."""
    return okta.create_user(ADDRESS, displayName="Ana Lima", name={"givenName": "Ana", "familyName": "Lima"})


def send(world: World, tenant: Tenant, *products: str, address: str = ADDRESS, days: int | None = None) -> Sent:
    return inviting.send(
        world.units,
        tenant,
        CAUSE,
        address,
        Offer(products),
        days,
        public_url="https://seats.example.com",
        by_mail=False,
    )


def path(sent: Sent) -> str:
    return sent.link.removeprefix("https://seats.example.com")


def look(world: World, sent: Sent, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.app.test_client().get(path(sent), headers=named)


def opened(world: World, sent: Sent) -> Callable[[str], TestResponse]:
    """The page as a browser has it open, to give answers on."""
    client = world.app.test_client()
    form = fields(client.get(path(sent)).text)
    return lambda given: client.post(path(sent), data={**form, "answer": given})


def answer(world: World, sent: Sent, given: str) -> TestResponse:
    return opened(world, sent)(given)


def owner(world: World, address: str = ADDRESS) -> tuple[str, str] | None:
    """The tenant and the user who own the address."""
    found = [(row["tenant_id"], row["user_id"]) for row in world.rows("addresses") if row["address_key"] == address]
    return found[0] if found else None


def audited(world: World, tenant: Tenant, action: str) -> list[dict[str, Any]]:
    return [row for row in world.rows("audit") if (row["tenant_id"], row["action"]) == (tenant.id, action)]


def open_issues(world: World, tenant: Tenant) -> list[tuple[str, str | None]]:
    rows = [row for row in world.rows("issues") if row["tenant_id"] == tenant.id and row["closed"] is None]
    return [(row["code"], row["user_id"]) for row in rows]


def add_session(world: World, tenant: Tenant, session_id: str, organiser: str, kind: str = "meeting") -> None:
    row = {
        "tenant_id": tenant.id,
        "id": session_id,
        "kind": kind,
        "organiser": organiser,
        "title": "Weekly",
        "starts": "2027-01-01T09:00:00.000000Z",
        "co_organisers": ["somebody"],
    }
    with world.installation.database.write(OPERATOR) as connection:
        connection.execute(insert(sessions), row)
        connection.commit()


def test_the_page_says_who_invites_and_to_what_and_changes_nothing(
    world: World, globex: Tenant, ana: dict[str, Any]
) -> None:
    sent = send(world, globex, "webinar", "meeting")
    before = contents(world)
    shown = look(world, sent)
    assert (shown.status_code, shown.content_type) == (200, "text/html; charset=utf-8")
    assert "Globex invites you" in shown.text
    assert ADDRESS in shown.text
    assert "<li>Webinar</li>" in shown.text
    assert "Meeting" not in shown.text  # webinar includes it
    assert "acme" not in shown.text.lower()
    assert sent.invitation.expires[:10] in shown.text
    assert contents(world) == before


def test_the_page_runs_nothing_and_is_kept_and_told_nowhere(world: World, globex: Tenant, ana: dict[str, Any]) -> None:
    shown = look(world, send(world, globex))
    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in shown.text
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["Cache-Control"] == "no-store"
    assert "noindex" in shown.headers["X-Robots-Tag"]


def test_names_are_shown_as_text(world: World, okta: Connection, ana: dict[str, Any]) -> None:
    tenant = replace(world.tenant("evil"), name="<script>alert(1)</script>")
    with world.units.write(tenant, CAUSE) as uow:
        uow.save_tenant(tenant)
        uow.commit()
    shown = look(world, send(world, tenant))
    assert "<script>" not in shown.text
    assert "&lt;script&gt;" in shown.text


def test_the_page_speaks_french_to_who_prefers_it(world: World, globex: Tenant, ana: dict[str, Any]) -> None:
    shown = look(world, send(world, globex), Accept_Language="de, fr-CA;q=0.9, en;q=0.5")
    assert "Globex vous invite" in shown.text
    assert shown.headers["Content-Language"] == "fr"
    assert "Globex invites you" in look(world, send(world, globex), Accept_Language="de").text


def test_who_accepts_begins_anew_and_is_suspended_where_they_were(
    world: World, acme: Tenant, globex: Tenant, okta: Connection
) -> None:
    world.buy(acme, "webinar", 1)
    world.buy(globex, "webinar", 1)
    ana = okta.create_user(ADDRESS, name={"givenName": "Ana", "familyName": "Lima"}, entitlements=["webinar"])
    bob = okta.create_user("bob@x.test", entitlements=["webinar"])
    done = answer(world, send(world, globex, "webinar"), "accept")
    assert done.status_code == 200
    assert "Welcome to Globex" in done.text
    left, come = world.person(acme, ADDRESS), world.person(globex, ADDRESS)
    assert come.user.id not in {ana["id"], bob["id"]}
    assert (left.user.active, left.status, left.reason, left.seats) == (True, "suspended", "moved_away", [])
    assert world.held_by(acme, "bob@x.test") == {"webinar": "assigned"}
    assert (come.status, come.user.address, come.user.display_name) == ("active", ADDRESS, "Ana Lima")
    assert come.user.origin.startswith("invitation:")
    assert world.held_by(globex, ADDRESS) == {"webinar": "assigned"}
    assert world.seats(globex, "webinar") == (1, 0, 0)
    assert owner(world) == (globex.id, come.user.id)
    assert world.rows("reservations") == []


def test_both_tenants_have_their_own_side_in_the_audit_trail_and_no_other(
    world: World, acme: Tenant, globex: Tenant, ana: dict[str, Any]
) -> None:
    answer(world, send(world, globex), "accept")
    (left,) = audited(world, acme, "user.suspended")
    (come,) = audited(world, globex, "user.created")
    (accepted,) = audited(world, globex, "invitation.accepted")
    assert (left["object_id"], left["actor"]) == (ana["id"], "invited")
    assert left["request_id"] == come["request_id"] == accepted["request_id"]
    assert globex.id not in str(left)
    assert ana["id"] not in str(come) + str(accepted)


def test_names_of_the_invitation_come_before_those_the_person_had(
    world: World, globex: Tenant, ana: dict[str, Any]
) -> None:
    sent = inviting.send(
        world.units, globex, CAUSE, ADDRESS, Offer(last="Costa"), None, public_url="https://s.test", by_mail=False
    )
    submit(world.app.test_client(), sent.link.removeprefix("https://s.test"), answer="accept")
    assert world.person(globex, ADDRESS).user.display_name == "Ana Costa"


def test_sessions_and_recordings_come_along_without_their_co_organisers(
    world: World, acme: Tenant, globex: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    """And where the new tenant has a session of the same id, the one that comes gets another."""
    bob = okta.create_user("bob@x.test")
    add_session(world, acme, "s1", ana["id"])
    add_session(world, acme, "s2", ana["id"], "recording")
    add_session(world, acme, "s3", bob["id"])
    add_session(world, globex, "s1", "another")
    answer(world, send(world, globex), "accept")
    newcomer = world.person(globex, ADDRESS).user.id
    rows = world.rows("sessions")
    moved = [row for row in rows if row["organiser"] == newcomer]
    assert [row["kind"] for row in sorted(moved, key=lambda row: row["kind"])] == ["meeting", "recording"]
    assert {row["tenant_id"] for row in moved} == {globex.id}
    assert "somebody" not in str(moved)
    assert [row["id"] for row in rows if row["tenant_id"] == acme.id] == ["s3"]
    assert len({row["id"] for row in rows if row["tenant_id"] == globex.id}) == 3
    (away,), (into,) = audited(world, acme, "session.moved_away"), audited(world, globex, "session.moved_in")
    assert away["object_id"] != into["object_id"]
    assert into["object_id"] in {row["id"] for row in moved if row["kind"] == "meeting"}


def test_the_refusal_that_led_to_the_invitation_is_settled_by_acceptance_alone(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    assert entra.post("/Users", {"schemas": [USER], "userName": ADDRESS}).status_code == 409
    assert open_issues(world, globex) == [("EMAIL_IN_USE", None)]
    answer(world, send(world, globex), "decline")
    assert open_issues(world, globex) == [("EMAIL_IN_USE", None)]
    answer(world, send(world, globex), "accept")
    assert open_issues(world, globex) == []
    assert [user["userName"] for user in entra.find("/Users", f'userName eq "{ADDRESS}"')] == [ADDRESS]


def test_a_reservation_counts_as_assigned_and_goes_to_the_next_when_declined(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    world.buy(globex, "meeting", 1)
    sent = send(world, globex, "meeting")
    assert sent.reserved == ["meeting"]
    entra.create_user("bob@y.test", entitlements=["meeting"])
    assert world.seats(globex, "meeting") == (1, 1, 0)
    done = answer(world, sent, "decline")
    assert (done.status_code, "You declined" in done.text) == (200, True)
    assert world.seats(globex, "meeting") == (1, 0, 0)
    assert world.held_by(globex, "bob@y.test") == {"meeting": "assigned"}
    assert owner(world) is not None
    assert owner(world)[1] == ana["id"]  # type: ignore[index]


def test_a_reserved_seat_is_there_at_a_full_pool(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    """Nobody who waits overtakes it, and nobody waits for longer because of it."""
    world.buy(globex, "meeting", 2)
    sent = send(world, globex, "meeting")
    for name in ("bob@y.test", "cid@y.test"):
        entra.create_user(name, entitlements=["meeting"])
    answer(world, sent, "accept")
    assert world.held_by(globex, ADDRESS) == {"meeting": "assigned"}
    assert world.seats(globex, "meeting") == (2, 1, 0)


def test_what_could_not_be_reserved_is_waited_for(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    world.buy(globex, "meeting", 1)
    entra.create_user("bob@y.test", entitlements=["meeting"])
    sent = send(world, globex, "meeting")
    assert (sent.reserved, sent.unreserved) == ([], ["meeting"])
    assert answer(world, sent, "accept").status_code == 200
    assert world.held_by(globex, ADDRESS) == {"meeting": "waiting"}
    world.buy(globex, "meeting", 2)
    assert world.held_by(globex, ADDRESS) == {"meeting": "assigned"}


@pytest.mark.parametrize("given", ["accept", "decline"])
def test_a_link_is_good_until_its_time_is_up(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any], given: str
) -> None:
    world.buy(globex, "meeting", 1)
    sent = send(world, globex, "meeting", days=2)
    entra.create_user("bob@y.test", entitlements=["meeting"])
    world.advance(2 * DAY - 60)
    give = opened(world, sent)
    world.advance(120)
    before = contents(world)
    for answered in (look(world, sent), give(given)):
        assert answered.status_code == 410
        assert "has expired" in answered.text
        assert "Ask Globex to invite you again." in answered.text
    assert contents(world) == before
    assert world.do_chore("invitations") == 1
    assert world.held_by(globex, "bob@y.test") == {"meeting": "assigned"}
    assert world.do_chore("invitations") == 0
    assert look(world, sent).status_code == 410


@pytest.mark.parametrize(("first", "said"), [("accept", "was accepted"), ("decline", "was declined")])
@pytest.mark.parametrize("again", ["accept", "decline"])
def test_a_link_is_good_for_one_answer(
    world: World, globex: Tenant, ana: dict[str, Any], first: str, again: str, said: str
) -> None:
    sent = send(world, globex)
    give = opened(world, sent)
    assert give(first).status_code == 200
    before = contents(world)
    for answered in (give(again), look(world, sent)):
        assert (answered.status_code, said in answered.text) == (410, True)
    assert contents(world) == before


def test_a_link_that_nobody_sent_leads_nowhere(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    """Another last character, another secret under a good checksum, another tenant, a connection's token, garbage."""
    text = path(send(world, globex)).rpartition("/")[2]
    body = text[:-6]
    last, other = (BASE62[(BASE62.index(each[-1]) + 1) % 62] for each in (text, body))
    client = world.app.test_client()
    form = fields(client.get(f"/invitations/{text}").text)
    before = contents(world)
    forged = (
        text[:-1] + last,
        with_checksum(body[:-1] + other),
        new_text(Prefix.INVITATION, globex.id)[1],
        entra.token,
        "x",
        text + ".",
        "%00",
    )
    for token in forged:
        for answered in (
            client.get(f"/invitations/{token}"),
            client.post(f"/invitations/{token}", data={**form, "answer": "accept"}),
        ):
            assert (answered.status_code, "leads nowhere" in answered.text) == (404, True)
    assert contents(world) == before


def test_an_invitation_opens_nothing_else(world: World, globex: Tenant, ana: dict[str, Any]) -> None:
    token = path(send(world, globex)).rpartition("/")[2]
    client = world.app.test_client()
    answered = client.get("/scim/globex/v2/Users", headers={"Authorization": f"Bearer {token}"})
    assert answered.status_code == 401


def test_sent_again_the_old_link_is_dead_and_the_reservation_stays(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    world.buy(globex, "meeting", 1)
    first = send(world, globex, "meeting")
    entra.create_user("bob@y.test", entitlements=["meeting"])
    second = send(world, globex, address="ANA@x.test")
    assert (second.invitation.id, second.reserved) == (first.invitation.id, ["meeting"])
    assert look(world, first).status_code == 404
    assert world.seats(globex, "meeting") == (1, 1, 0)
    assert answer(world, second, "accept").status_code == 200
    assert world.held_by(globex, ADDRESS) == {"meeting": "assigned"}


def test_only_an_answer_by_post_is_one(world: World, globex: Tenant, ana: dict[str, Any]) -> None:
    sent = send(world, globex)
    client = world.app.test_client()
    form = fields(client.get(path(sent)).text)
    before = contents(world)
    assert client.get(f"{path(sent)}?answer=accept").status_code == 200
    assert client.head(path(sent)).status_code == 200
    for data in ({}, {"answer": "maybe"}):
        answered = client.post(path(sent), data={**form, **data})
        assert (answered.status_code, "Accept and move" in answered.text) == (400, True)
    assert client.post(path(sent), data={"answer": "x" * 5000}).status_code == 413
    assert client.put(path(sent)).status_code == 405
    assert contents(world) == before


def test_whose_address_is_free_by_now_simply_begins(
    world: World, globex: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    world.buy(globex, "meeting", 1)
    sent = send(world, globex, "meeting")
    okta.delete(f"/Users/{ana['id']}")
    assert answer(world, sent, "accept").status_code == 200
    assert world.held_by(globex, ADDRESS) == {"meeting": "assigned"}
    assert owner(world) == (globex.id, world.person(globex, ADDRESS).user.id)


def test_an_address_that_a_user_here_has_by_now_is_a_refusal(
    world: World, globex: Tenant, okta: Connection, entra: Connection, ana: dict[str, Any]
) -> None:
    sent = send(world, globex)
    okta.delete(f"/Users/{ana['id']}")
    entra.create_user("ana", emails=[{"value": ADDRESS}])
    before = contents(world)
    refused = answer(world, sent, "accept")
    assert (refused.status_code, "in use already" in refused.text) == (409, True)
    assert contents(world) == before


def test_a_user_name_that_is_taken_here_leaves_both_tenants_as_they_were(
    world: World, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    entra.create_user(ADDRESS, emails=[{"value": "other@y.test"}])
    sent = send(world, globex)
    before = contents(world)
    assert answer(world, sent, "accept").status_code == 409
    assert contents(world) == before


def test_another_user_with_the_address_there_neither_inherits_it_nor_loses_the_issue(
    world: World, acme: Tenant, globex: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    bob = okta.create_user("bob", emails=[{"value": ADDRESS}])
    answer(world, send(world, globex), "accept")
    assert open_issues(world, acme) == [("EMAIL_IN_USE", bob["id"])]
    assert owner(world) == (globex.id, world.person(globex, ADDRESS).user.id)


def test_who_moved_away_neither_comes_back_nor_claims_an_address_by_scim(
    world: World, acme: Tenant, globex: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    world.buy(acme, "meeting", 1)
    answer(world, send(world, globex), "accept")
    for value in (False, True):
        okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": value})
    okta.patch(f"/Users/{ana['id']}", {"op": "add", "path": "entitlements", "value": [{"value": "meeting"}]})
    okta.patch(f"/Users/{ana['id']}", {"op": "add", "path": "emails", "value": [{"value": "new@x.test"}]})
    left = world.person(acme, ADDRESS)
    assert (left.status, left.reason, left.seats) == ("suspended", "moved_away", [])
    assert owner(world, "new@x.test") is None
    okta.delete(f"/Users/{ana['id']}")
    assert owner(world) == (globex.id, world.person(globex, ADDRESS).user.id)


def test_who_moved_away_inherits_no_address(
    world: World, acme: Tenant, globex: Tenant, okta: Connection, entra: Connection, ana: dict[str, Any]
) -> None:
    answer(world, send(world, globex), "accept")
    entra.delete(f"/Users/{world.person(globex, ADDRESS).user.id}")
    bob = okta.create_user("bob", emails=[{"value": ADDRESS}])
    assert owner(world) == (acme.id, bob["id"])
    okta.delete(f"/Users/{bob['id']}")
    assert owner(world) is None


def test_reservations_are_in_the_audit_trail_from_beginning_to_end(
    world: World, globex: Tenant, ana: dict[str, Any]
) -> None:
    for product in ("meeting", "training"):
        world.buy(globex, product, 1)
    send(world, globex, "meeting")
    sent = send(world, globex, "meeting", "training")  # training includes meeting, which is offered no more
    assert sent.reserved == ["training"]
    assert world.seats(globex, "meeting") == (0, 0, 1)
    answer(world, sent, "accept")
    made, ended = (
        [row["object_id"] for row in audited(world, globex, f"reservation.{action}")] for action in ("made", "ended")
    )
    assert (len(made), sorted(made)) == (2, sorted(ended))


def test_the_role_that_was_offered_is_given(world: World, globex: Tenant, ana: dict[str, Any]) -> None:
    sent = inviting.send(
        world.units, globex, CAUSE, ADDRESS, Offer(role="Manager"), None, public_url="https://s.test", by_mail=False
    )
    submit(world.app.test_client(), sent.link.removeprefix("https://s.test"), answer="accept")
    newcomer = world.person(globex, ADDRESS).user.id
    assert [(row["user_id"], row["role"]) for row in world.rows("grants")] == [(newcomer, "manager")]


def test_the_address_rule_holds_for_who_is_brought_back(
    world: World, acme: Tenant, globex: Tenant, entra: Connection, ana: dict[str, Any]
) -> None:
    answer(world, send(world, globex), "accept")

    def bring_back() -> None:
        with world.units.write(acme, CAUSE) as uow:
            person = uow.users.get(ana["id"])
            assert person is not None
            provisioning.change_user(uow, person, replace(person, blocked_for=None))
            uow.commit()

    with pytest.raises(AddressTaken):
        bring_back()
    entra.delete(f"/Users/{world.person(globex, ADDRESS).user.id}")
    bring_back()
    assert owner(world) == (acme.id, ana["id"])


def test_a_person_can_go_and_come_back(world: World, acme: Tenant, globex: Tenant, ana: dict[str, Any]) -> None:
    """Back in the first tenant a name of theirs is in the way: the person who moved away still has it."""
    answer(world, send(world, globex), "accept")
    third = world.tenant("third")
    assert answer(world, send(world, third), "accept").status_code == 200
    assert owner(world) == (third.id, world.person(third, ADDRESS).user.id)
    assert answer(world, send(world, acme), "accept").status_code == 409


@pytest.mark.parametrize(
    ("address", "products", "kind", "said"),
    [
        ("nobody@x.test", (), Missing, "scim-server user add"),
        ("Eve@y.test", (), Taken, "'eve@y.test' of this tenant"),
        (ADDRESS, ("yoga",), Missing, "no product 'yoga'"),
        ("ana", (), Invalid, "no address"),
        ("ana@x.test, eve@y.test", (), Invalid, "no address"),
        ("ana@x.test\r\nBcc: eve@y.test", (), Invalid, "no address"),
    ],
)
def test_who_cannot_be_invited(
    world: World,
    globex: Tenant,
    entra: Connection,
    ana: dict[str, Any],
    address: str,
    products: tuple[str, ...],
    kind: type[Refusal],
    said: str,
) -> None:
    entra.create_user("eve@y.test")
    before = contents(world)
    with pytest.raises(kind, match=said):
        send(world, globex, *products, address=address)
    assert contents(world) == before


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "Ana\nLima"])
def test_names_that_nobody_has(world: World, globex: Tenant, ana: dict[str, Any], name: str) -> None:
    for offer in (Offer(first=name), Offer(last=name)):
        with pytest.raises(Invalid, match="1 to 200 letters"):
            inviting.send(world.units, globex, CAUSE, ADDRESS, offer, None, public_url="https://s.test", by_mail=False)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_life_that_no_invitation_has(world: World, globex: Tenant, ana: dict[str, Any], days: int) -> None:
    with pytest.raises(Invalid, match="1 to 90 days"):
        send(world, globex, days=days)


def test_where_each_tenant_has_its_own_addresses_nobody_needs_to_be_invited(
    build_world: Callable[..., World],
) -> None:
    world = build_world(email_scope="tenant")
    world.connect(world.tenant("one")).create_user(ADDRESS)
    with pytest.raises(Missing, match="user add"):
        send(world, world.tenant("two"))


def at_once(*jobs: Callable[[], int]) -> Counter[int]:
    start = Barrier(len(jobs))

    def run(job: Callable[[], int]) -> int:
        start.wait(30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return Counter(pool.map(run, jobs))


def test_of_many_answers_at_once_one_counts(world: World, acme: Tenant, globex: Tenant, ana: dict[str, Any]) -> None:
    world.buy(globex, "meeting", 1)
    sent = send(world, globex, "meeting")
    pages = [opened(world, sent) for _ in range(8)]
    answers = at_once(
        *[lambda page=page: page("accept").status_code for page in pages[:6]],
        *[lambda page=page: page("decline").status_code for page in pages[6:]],
    )
    assert answers == {200: 1, 410: 7}
    assert world.rows("reservations") == []


def test_people_who_swap_tenants_at_once_do_not_meet_in_the_doorway(
    world: World, acme: Tenant, globex: Tenant, okta: Connection, entra: Connection
) -> None:
    for tenant in (acme, globex):
        world.buy(tenant, "meeting", 20)
    leavers = [okta.create_user(f"a{number}@x.test", entitlements=["meeting"]) for number in range(4)]
    comers = [entra.create_user(f"g{number}@y.test", entitlements=["meeting"]) for number in range(4)]
    invited = [send(world, globex, "meeting", address=user["userName"]) for user in leavers]
    invited += [send(world, acme, "meeting", address=user["userName"]) for user in comers]
    assert at_once(*(lambda sent=sent: answer(world, sent, "accept").status_code for sent in invited)) == {200: 8}
    for tenant in (acme, globex):
        assert world.seats(tenant, "meeting") == (4, 0, 16)


def test_the_last_super_admin_stays_and_both_sides_hear_of_it(
    world: World, acme: Tenant, globex: Tenant, ana: dict[str, Any]
) -> None:
    """Invariant 3: the refusal opens an issue where the person is, and the page says what would help."""
    authorising.grant_role(world.units, acme, CAUSE, ADDRESS, "super_admin")
    sent = send(world, globex)
    refused = answer(world, sent, "accept")
    assert (refused.status_code, "Make somebody else super admin there" in refused.text) == (403, True)
    assert world.standing(acme, ADDRESS) == ("active", None)
    assert [each.code for each in world.person(acme, ADDRESS).issues] == ["LAST_SUPER_ADMIN"]
    assert owner(world) == (acme.id, ana["id"])
    world.connect(acme, "second", max_role="super_admin").create_user("ben", roles=[{"value": "super_admin"}])
    assert answer(world, sent, "accept").status_code == 200
    assert [each for each in world.rows("issues") if each["closed"] is None] == []
    world.check()
