"""Streams of the operator's tokens where tenants live in several cells: they rest with their owner in each."""

from dataclasses import replace

import pytest

from scim_server.domain.streams import STATUS_CHANGED, Delivery
from scim_server.services import api_tokens, redelivering, streaming, tenancy, tokens
from scim_server.services.receivers import stream_called
from scim_server.services.streaming import NewStream
from tests.api.callers import DAY
from tests.cells.removals import move
from tests.delivery.test_pushes import change
from tests.delivery.test_webhooks import work
from tests.worlds import CAUSE, World


@pytest.mark.parametrize("reason", ["owner_revoked", "owner_expired"])
def test_streams_rest_with_their_owner_in_every_cell(world: World, reason: str) -> None:
    token, _ = api_tokens.issue_operators_token(world.units, "app", ["events.receive"], DAY)
    owner, new = replace(CAUSE, actor=f"operator:{token.id}"), NewStream("hr", Delivery.PUSH, "https://a.test/in")
    for slug in ("acme", "other"):
        streaming.create_stream(world.units, world.installation.web, world.tenant(slug), owner, new)
    move(world, "acme", "west")
    if reason == "owner_revoked":
        tokens.revoke_operators_token(world.units, CAUSE, token.id)
    else:
        world.advance(86_401)
        assert world.do_chore("pause-streams") == 2
    for slug in ("acme", "other"):
        found = streaming.stream(world.units, tenancy.tenant(world.units, slug), "hr")
        assert (found.status, found.reason) == ("paused", reason)


def test_nothing_is_pushed_from_another_cell_after_the_end_of_an_operators_token(world: World) -> None:
    token, _ = api_tokens.issue_operators_token(world.units, "app", ["events.receive"], DAY)
    owner, new = replace(CAUSE, actor=f"operator:{token.id}"), NewStream("hr", Delivery.PUSH, "https://a.test/in")
    streaming.create_stream(world.units, world.installation.web, world.tenant("acme"), owner, new)
    move(world, "acme", "west")
    acme = tenancy.tenant(world.units, "acme")
    world.advance(86_401)
    change(world, acme, "ana")
    work(world)
    found = streaming.stream(world.units, acme, "hr")
    assert (found.status, found.reason) == ("paused", "owner_expired")
    sent = redelivering.deliveries(world.units, acme, "hr", 10, called=stream_called)
    assert {each.event for each in sent} == {STATUS_CHANGED}
