"""Whose streams are: nobody comes to one by its name, nor has one any more who is revoked."""

from typing import Any

import pytest

from scim_server.domain.errors import Missing
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, streaming, tokens
from tests.api.callers import DAY, Caller, caller
from tests.api.test_polls import NOW, POLL, fetch, happen
from tests.delivery.test_webhooks import work
from tests.receivers import LOOPBACK, receiving
from tests.worlds import CAUSE, World

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
