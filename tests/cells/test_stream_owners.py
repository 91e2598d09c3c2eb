"""Streams of the operator's tokens where tenants live in several cells: they rest with their owner in each."""

from dataclasses import replace

import pytest

from scim_server.domain.streams import Delivery
from scim_server.services import api_tokens, streaming, tenancy, tokens
from scim_server.services.streaming import NewStream
from tests.api.callers import DAY
from tests.cells.removals import move
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
