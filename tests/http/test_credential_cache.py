"""Reads by what is remembered of a token: until this process changes anything of it, five seconds at most."""

from collections.abc import Callable

import pytest

from scim_server.services import connecting, tenancy, tokens
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World

READ = "/Users?attributes=userName"


@pytest.fixture
def remembering(build_world: Callable[..., World]) -> World:
    return build_world(credential_cache=5)


@pytest.fixture
def client(remembering: World) -> Connection:
    found = remembering.connect(remembering.tenant())
    assert found.get(READ).status_code == 200
    return found


def _revoke(world: World, client: Connection) -> None:
    acme = tenancy.tenant(world.units, client.slug)
    tokens.revoke_token(world.units, CAUSE, client.token.split("_")[1], acme)


def _elsewhere(client: Connection, build_world: Callable[..., World]) -> World:
    """Another process over the same store."""
    return build_world(credential_cache=5)


def test_a_read_asks_for_the_token_once(remembering: World, client: Connection) -> None:
    with counting(remembering) as count:
        client.get(READ)
    assert not [each for each in count.statements if "FROM tokens" in each]
    with counting(remembering) as count:
        client.create_user("ana")
    assert len([each for each in count.statements if "FROM tokens" in each]) == 1


def test_what_is_revoked_here_opens_nothing_from_then_on(remembering: World, client: Connection) -> None:
    _revoke(remembering, client)
    assert client.get(READ).status_code == 401


def test_what_is_revoked_elsewhere_reads_for_five_seconds_and_writes_nothing(
    remembering: World, client: Connection, build_world: Callable[..., World]
) -> None:
    _revoke(_elsewhere(client, build_world), client)
    assert client.post("/Users", {"userName": "ana"}).status_code == 401
    assert client.get(READ).status_code == 200
    remembering.advance(5)
    assert client.get(READ).status_code == 401


def test_what_a_connection_may_do_is_changed_at_once(remembering: World, client: Connection) -> None:
    acme = tenancy.tenant(remembering.units, client.slug)
    connecting.edit_connection(remembering.units, acme, CAUSE, client.name, networks=["192.0.2.0/24"])
    assert client.get(READ).status_code == 403
