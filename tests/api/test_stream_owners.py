"""Whose streams are: nobody comes to one by its name, nor has one any more who is revoked or expired."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scim_server.domain.errors import Missing
from scim_server.domain.streams import Delivery, Status
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, client_secrets, hooking, person_tokens, registering, streaming, tokens
from scim_server.services.stream_changes import StreamWishes, change_stream
from scim_server.services.streaming import NewStream
from tests.api.callers import DAY, Caller, caller, operator
from tests.api.test_polls import NOW, POLL, fetch, happen
from tests.delivery.test_pushes import AUDIENCE, Reader, change
from tests.delivery.test_webhooks import work
from tests.http.test_statements import counting
from tests.programs import program
from tests.receivers import LOOPBACK, Receiver, reaching, receiving
from tests.worlds import CAUSE, Connection, World

NEW = {"name": "hr", "delivery": "poll"}


def receiver_of(api: Caller, made: dict[str, Any]) -> Caller:
    return Caller(api.http, made["token"], api.slug)


def issue(world: World, tenant: Tenant, api: Caller, name: str, *scopes: str) -> tuple[str, Caller]:
    """Somebody's token: its id, and them."""
    token, text = api_tokens.issue_token(world.units, tenant, CAUSE, name, scopes or ["events.receive"], DAY)
    return token.id, Caller(api.http, text, tenant.slug)


def test_the_token_that_is_made_with_a_stream_ends_with_it(api: Caller, world: World, acme: Tenant) -> None:
    old = receiver_of(api, api.done("POST", "~/streams", NEW))
    api.done("DELETE", "~/streams/hr")
    new = receiver_of(api, api.done("POST", "~/streams", NEW))
    old.refused(401, "POST", POLL, NOW)
    happen(world, acme, "ana")
    assert len(fetch(new)) == 1
    revoked = [each.object_id for each in world.trail(acme) if each.action == "token.revoked"]
    assert revoked == [old.token.split("_")[1]]


def test_nobody_comes_to_a_stream_by_what_a_token_is_called(api: Caller, world: World, acme: Tenant) -> None:
    made = api.done("POST", "~/streams", NEW)
    happen(world, acme, "ana")
    names = [each["name"] for each in api.items("~/api-tokens") if each["scopes"] == ["events.receive"]]
    issuer = caller(world, acme, "tokens.write", "events.receive")
    for name in ("hr", "stream hr", f"stream {made['id']}", *names):
        text = issuer.done("POST", "~/api-tokens", {"name": name, "scopes": ["events.receive"], "days": 1})["token"]
        Caller(api.http, text, api.slug).refused(403, "POST", POLL, NOW)


def test_an_admin_names_another_owner_and_the_first_token_ends(api: Caller, world: World, acme: Tenant) -> None:
    old = receiver_of(api, api.done("POST", "~/streams", NEW))
    token_id, new = issue(world, acme, api, "next")
    assert api.done("PATCH", "~/streams/hr", {"owner": f"api:{token_id}"})["status"] == "enabled"
    happen(world, acme, "ana")
    assert len(fetch(new)) == 1
    old.refused(401, "POST", POLL, NOW)
    api.done("DELETE", "~/streams/hr")
    new.refused(404, "POST", POLL, NOW)  # theirs is good for more than that stream


def test_a_stream_rests_whose_owner_is_revoked(api: Caller, world: World, acme: Tenant) -> None:
    api.done("POST", "~/streams", NEW)
    api.done("POST", "~/streams", {**NEW, "name": "others"})
    owner = api.done("GET", "~/streams/hr")["owner"]
    api.done("DELETE", f"~/tokens/{owner.removeprefix('api:')}")
    found = api.done("GET", "~/streams/hr")
    assert (found["status"], found["reason"]) == ("paused", "owner_revoked")
    assert api.done("GET", "~/streams/others")["status"] == "enabled"
    happen(world, acme, "ana")
    token_id, new = issue(world, acme, api, "next")
    api.done("PATCH", "~/streams/hr", {"owner": f"api:{token_id}", "status": "enabled"})
    assert len(fetch(new)) >= 1, "it has lost nothing"
    api.refused(404, "PATCH", "~/streams/hr", {"owner": owner})


def test_what_an_admins_program_set_up_for_others_outlives_its_token(api: Caller, world: World, acme: Tenant) -> None:
    token_id, program = issue(world, acme, api, "terraform", "connections.write", "people.read")
    program.done("POST", "~/streams", {"name": "app", "delivery": "push", "url": "https://app.example.com/in"})
    tokens.revoke_token(world.units, CAUSE, token_id, acme)
    assert api.done("GET", "~/streams/app")["status"] == "enabled"


def test_the_authorization_goes_nowhere_but_where_it_was_for(build_world: Any) -> None:
    world = build_world(egress_networks=LOOPBACK)
    api = caller(world, world.tenant("acme"))
    with receiving() as first, receiving() as second:
        new = {"name": "app", "delivery": "push", "url": first.url, "authorization": "Bearer theirs"}
        api.done("POST", "~/streams", new)
        assert api.done("PATCH", "~/streams/app", {"url": first.url, "form": "full"})["authorized"]
        assert not api.done("PATCH", "~/streams/app", {"url": second.url})["authorized"]
        api.done("POST", "~/streams/app/verification", {})
        work(world)
        assert [each.headers.get("authorization") for each in second.requests] == [None]
        moved = {"url": f"{first.url}/else", "authorization": "Bearer again"}
        assert api.done("PATCH", "~/streams/app", moved)["authorized"]
        api.done("POST", "~/streams/app/verification", {})
        work(world)
        assert first.requests[-1].headers["authorization"] == "Bearer again"


def test_who_comes_while_a_stream_is_removed_is_told_so(api: Caller, world: World, acme: Tenant) -> None:
    made = api.done("POST", "~/streams", NEW)
    streaming.remove_stream(world.units, acme, CAUSE, "hr")
    with world.units.write(acme, CAUSE) as uow, pytest.raises(Missing, match="removed meanwhile"):
        uow.cursors.lock(made["id"])


def state(world: World, tenant: Tenant, name: str) -> tuple[str, str | None]:
    found = streaming.stream(world.units, tenant, name)
    return found.status.value, found.reason


def test_streams_of_an_operators_token_rest_in_all_tenants_with_its_end(world: World, acme: Tenant) -> None:
    globex = world.tenant("globex")
    owner, other = operator(world), operator(world)
    actor = f"operator:{owner.token.split('_')[1]}"
    for slug in ("acme", "globex"):
        owner.done("POST", f"/tenants/{slug}/streams", {**NEW, "owner": actor})
        other.done("POST", f"/tenants/{slug}/streams", {**NEW, "name": "others"})
    other.done("DELETE", f"/operator/tokens/{actor.removeprefix('operator:')}")
    for tenant in (acme, globex):
        assert state(world, tenant, "hr") == ("paused", "owner_revoked")
        assert state(world, tenant, "others") == ("enabled", None)
        by = {each.actor for each in world.trail(tenant) if each.action == "stream.changed"}
        assert by == {f"operator:{other.token.split('_')[1]}"}
    enabled = {"status": "enabled"}
    assert "is revoked or has expired" in other.refused(422, "PATCH", "/tenants/acme/streams/hr", enabled)["detail"]


def test_what_an_operators_program_set_up_for_others_outlives_its_token(world: World, acme: Tenant) -> None:
    owner = operator(world, "connections.write", "people.read")
    owner.done("POST", "/tenants/acme/streams", {**NEW, "delivery": "push", "url": "https://app.example.com/in"})
    tokens.revoke_any_token(world.units, CAUSE, owner.token.split("_")[1])
    assert world.do_chore("pause-streams") == 0
    assert state(world, acme, "hr") == ("enabled", None)


def test_a_stream_rests_whose_owner_has_expired(api: Caller, world: World, acme: Tenant) -> None:
    token_id, _ = issue(world, acme, api, "app")
    above = operator(world)
    actor = f"operator:{above.token.split('_')[1]}"
    api.done("POST", "~/streams", {**NEW, "owner": f"api:{token_id}"})
    above.done("POST", "/tenants/acme/streams", {**NEW, "name": "above", "owner": actor})
    api.done("POST", "~/streams", {**NEW, "name": "lives"})
    world.advance(DAY.days * 86400 - 60)
    assert world.do_chore("pause-streams") == 0
    world.advance(120)
    assert world.do_chore("pause-streams") == 2
    assert world.do_chore("pause-streams") == 0
    assert state(world, acme, "hr") == state(world, acme, "above") == ("paused", "owner_expired")
    assert state(world, acme, "lives") == ("enabled", None)
    admin = caller(world, acme)
    enabled = {"status": "enabled"}
    assert "is revoked or has expired" in admin.refused(422, "PATCH", "~/streams/hr", enabled)["detail"]
    assert "is revoked or has expired" in admin.refused(422, "PATCH", "~/streams/above", enabled)["detail"]
    admin.refused(404, "POST", "~/streams", {**NEW, "name": "new", "owner": f"api:{token_id}"})
    successor, new = issue(world, acme, admin, "app")
    happen(world, acme, "ana")
    admin.done("PATCH", "~/streams/hr", {"owner": f"api:{successor}", **enabled})
    assert len(fetch(new)) >= 1, "it has lost nothing"


def test_a_client_has_expired_with_its_last_secret_and_the_token_it_had_by_that(
    world: World, acme: Tenant, okta: Connection
) -> None:
    client = program(world, okta, scopes=["scim", "events.receive", "people.read"])
    api = caller(world, acme)
    owner = {"owner": f"client:{client.client_id}"}
    api.done("POST", "~/streams", {**NEW, **owner})
    (first,) = client_secrets.secrets(world.units, acme, client.client_id)
    late = client_secrets.issue_secret(world.units, acme, CAUSE, client.client_id, DAY)
    client_secrets.revoke_secret(world.units, acme, CAUSE, client.client_id, first.secret.id)
    world.advance(DAY.days * 86400 + 3500)
    assert world.do_chore("pause-streams") == 0, "a token that it got at the end is good for an hour"
    world.advance(200)
    assert world.do_chore("pause-streams") == 1
    assert state(world, acme, "hr") == ("paused", "owner_expired")
    assert late.state == "live"
    client_secrets.issue_secret(world.units, acme, CAUSE, client.client_id)
    caller(world, acme).done("PATCH", "~/streams/hr", {"status": "enabled"})
    assert world.do_chore("pause-streams") == 0


def test_a_client_that_has_no_secret_yet_has_not_expired(world: World, acme: Tenant, api: Caller) -> None:
    made = registering.register_client(world.units, acme, CAUSE, "new", scopes=["events.receive"])
    api.done("POST", "~/streams", {**NEW, "owner": f"client:{made.client.id}"})
    assert world.do_chore("pause-streams") == 0


def test_a_stream_that_was_made_as_its_owner_was_revoked_rests_soon(api: Caller, world: World, acme: Tenant) -> None:
    """The request had been let in before."""
    token_id, _ = issue(world, acme, api, "app", "events.receive", "people.read")
    tokens.revoke_token(world.units, CAUSE, token_id, acme)
    late = replace(CAUSE, actor=f"api:{token_id}")
    new = NewStream("hr", Delivery.PUSH, "https://app.example.com/in")
    streaming.create_stream(world.units, world.installation.web, acme, late, new)
    assert world.do_chore("pause-streams") == 1
    assert state(world, acme, "hr") == ("paused", "owner_revoked")


def test_what_a_person_set_up_in_the_console_outlives_their_token(world: World, acme: Tenant, okta: Connection) -> None:
    """It opens no stream."""
    ana = okta.create_user("ana")
    new = NewStream("hr", Delivery.PUSH, "https://app.example.com/in")
    streaming.create_stream(world.units, world.installation.web, acme, replace(CAUSE, actor=f"person:{ana['id']}"), new)
    token, _ = person_tokens.issue_token(world.units, acme, CAUSE, "ana", DAY)
    tokens.revoke_token(world.units, CAUSE, token.id, acme)
    assert world.do_chore("pause-streams") == 0
    assert state(world, acme, "hr") == ("enabled", None)


def tokens_end(world: World, tenant: Tenant) -> str:
    return f"api:{api_tokens.issue_token(world.units, tenant, CAUSE, 'app', ['events.receive'], DAY)[0].id}"


def clients_end(world: World, tenant: Tenant) -> str:
    """A client whose access tokens end with the day; it had another secret."""
    scopes = ["events.receive", "people.read"]
    made = registering.register_client(world.units, tenant, CAUSE, "app", scopes=scopes, token_seconds=3600).client
    for life in (timedelta(hours=1), DAY - timedelta(hours=1)):
        client_secrets.issue_secret(world.units, tenant, CAUSE, made.id, life)
    return f"client:{made.id}"


def operators_end(world: World, _tenant: Tenant) -> str:
    return f"operator:{api_tokens.issue_operators_token(world.units, 'app', ['events.receive'], DAY)[0].id}"


@pytest.mark.parametrize("owner_of", [tokens_end, clients_end, operators_end])
def test_nothing_is_pushed_from_the_moment_on_at_which_the_owner_has_expired(
    build_world: Callable[..., World], owner_of: Callable[[World, Tenant], str]
) -> None:
    world = reaching(build_world)
    acme = world.tenant("acme")
    owner = owner_of(world, acme)
    with receiving(lambda _: 202) as receiver:
        new = NewStream("hr", Delivery.PUSH, receiver.url, audience=(AUDIENCE,), owner=owner)
        made_by = replace(CAUSE, actor=owner)
        streaming.create_stream(world.units, world.installation.web, acme, made_by, new)
        world.advance(DAY.days * 86400 - 60)
        change(world, acme, "ana")
        work(world)
        world.advance(60)
        change(world, acme, "ben")
        work(world)
        assert state(world, acme, "hr") == ("paused", "owner_expired")
        assert told(world, acme, receiver) == {"/Users/ana", "paused"}
        receiver.taken.clear()
        change(world, acme, "cid")
        assert work(world) == 0
        enabled = StreamWishes(owner=tokens_end(world, acme), status=Status.ENABLED)
        change_stream(world.units, world.installation.web, acme, CAUSE, "hr", enabled)
        work(world)
    assert told(world, acme, receiver) == {"/Users/ben", "/Users/cid", "enabled"}, "it has lost nothing"
    assert world.do_chore("pause-streams") == 0


def told(world: World, tenant: Tenant, receiver: Receiver) -> set[str]:
    """About whom it was told, and which status the stream has."""
    said = Reader(world, tenant).taken(receiver)
    return {next(iter(each["events"].values())).get("status") or each["sub_id"]["uri"] for each in said}


def test_whose_a_stream_is_is_asked_with_what_it_is_and_that_of_a_webhook_as_well(
    build_world: Callable[..., World],
) -> None:
    world = reaching(build_world)
    acme, web = world.tenant("acme"), world.installation.web
    with receiving() as receiver:
        hooking.create_webhook(world.units, web, acme, CAUSE, "app", receiver.url)
        change(world, acme, "ana")
        with counting(world) as of_webhook:
            assert work(world) == 1
        hooking.remove_webhook(world.units, acme, CAUSE, "app")
        new = NewStream("hr", Delivery.PUSH, receiver.url, audience=(AUDIENCE,), owner=clients_end(world, acme))
        streaming.create_stream(world.units, web, acme, CAUSE, new)
        change(world, acme, "ana")
        with counting(world) as of_stream:
            assert work(world) == 1
    for count in (of_webhook, of_stream):
        asked = [each for each in count.statements if "api_tokens" in each or "client" in each]
        assert asked == [each for each in asked if "FROM webhooks" in each]
        assert len(asked) == len(
            [each for each in count.statements if each.startswith("UPDATE webhook_cursors SET lease")]
        )
