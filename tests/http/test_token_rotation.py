"""Two live tokens per connection: the one in use and the one that its client changes over to, without a failure."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from sqlalchemy import event

from scim_server.domain.errors import Taken, Unavailable
from scim_server.domain.tenants import SCIM_READ, Tenant
from scim_server.services import rotating, tenancy, tokens
from scim_server.services.rotating import RotatedToken
from scim_server.services.token_entries import SoughtTokens, TokenEntry
from tests.worlds import CAUSE, Connection, World

DAY = timedelta(days=1)
YEAR = timedelta(days=365)


def issue(world: World, acme: Tenant) -> str:
    return tenancy.issue_token(world.units, acme, CAUSE, "okta", YEAR)[1]


def rotate(world: World, acme: Tenant, overlap: timedelta = timedelta(days=7)) -> RotatedToken:
    world.installation.log.flush()
    return rotating.rotate_token(world.units, acme, CAUSE, "okta", YEAR, overlap, "https://x.test")


def known(world: World, acme: Tenant) -> list[TokenEntry]:
    return tokens.tokens_of_connection(world.units, acme, "okta", SoughtTokens())


def opens(client: Connection, text: str) -> bool:
    status = replace(client, token=text).get("/Users").status_code
    assert status in {200, 401}
    return status == 200


def test_a_third_live_token_is_refused_and_it_is_said_what_to_do(world: World, acme: Tenant, okta: Connection) -> None:
    issue(world, acme)
    first, second = (token.id for token in known(world, acme))
    with pytest.raises(Taken) as refused:
        issue(world, acme)
    for word in (first, second, "token rotate acme okta", "token revoke"):
        assert word in refused.value.detail
    tokens.revoke_token(world.units, CAUSE, first)
    issue(world, acme)


def test_an_expired_token_takes_no_room(world: World, acme: Tenant, okta: Connection) -> None:
    tenancy.issue_token(world.units, acme, CAUSE, "okta", DAY)
    world.advance(86_401)
    issue(world, acme)


def test_two_who_issue_at_once_do_not_make_it_three(world: World, acme: Tenant, okta: Connection) -> None:
    def attempt(_: int) -> bool:
        try:
            issue(world, acme)
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_rotation_leaves_the_one_in_use_alive_for_the_overlap(world: World, acme: Tenant, okta: Connection) -> None:
    new = rotate(world, acme)
    (old, issued) = known(world, acme)
    assert (new.replaces, new.change_over_until, new.ended) == (old.id, old.expires, ())
    assert issued.id == new.id
    assert opens(okta, okta.token)
    assert opens(okta, new.text)
    world.advance(7 * 86_400 + 1)
    assert not opens(okta, okta.token)
    assert opens(okta, new.text)
    facts = [(entry.action, entry.object_id) for entry in world.trail(acme) if entry.object_type == "token"]
    assert facts[1:] == [("token.shortened", old.id), ("token.issued", new.id)]


def test_the_next_rotation_ends_the_older_one(world: World, acme: Tenant, okta: Connection) -> None:
    okta.get("/Users")
    second = rotate(world, acme)
    world.advance(120)
    assert opens(okta, second.text)
    third = rotate(world, acme)
    assert (third.replaces, len(third.ended)) == (second.id, 1)
    assert [opens(okta, text) for text in (okta.token, second.text, third.text)] == [False, True, True]


def test_a_client_that_never_changed_over_is_not_cut_off(world: World, acme: Tenant, okta: Connection) -> None:
    """Its token is the one in use however many were issued since; its last day stays what the first rotation said."""
    assert opens(okta, okta.token)
    first = rotate(world, acme, DAY)
    second = rotate(world, acme)
    assert (second.replaces, second.ended) == (first.replaces, (first.id,))
    assert second.change_over_until == first.change_over_until
    assert opens(okta, okta.token)


def test_the_new_one_has_the_scopes_of_the_one_in_use(world: World, acme: Tenant, okta: Connection) -> None:
    tokens.revoke_token(world.units, CAUSE, known(world, acme)[0].id)
    assert rotate(world, acme).scopes == ("scim:read", "scim:write")
    for token in known(world, acme)[1:]:
        tokens.revoke_token(world.units, CAUSE, token.id)
    tenancy.issue_token(world.units, acme, CAUSE, "okta", YEAR, [SCIM_READ])
    assert rotate(world, acme).scopes == (SCIM_READ,)


def test_no_request_fails_while_tokens_are_rotated(world: World, acme: Tenant, okta: Connection) -> None:
    """B7: three clients of a connection send without a pause; they are given each new token some time later."""
    held, sent, stop = {"token": okta.token}, [0] * 3, threading.Event()
    failed: list[int] = []

    def send(number: int, client: Connection) -> None:
        while not stop.is_set():
            status = replace(client, token=held["token"]).get("/Users").status_code
            sent[number] += 1
            if status != 200:
                failed.append(status)

    clients = [threading.Thread(target=send, args=(number, world.same_client(okta))) for number in range(3)]
    for client in clients:
        client.start()
    for _ in range(4):
        _until(sent, 5)
        new = rotate(world, acme)
        _until(sent, 5)
        held["token"] = new.text
        world.advance(61)
        _until(sent, 5)
    stop.set()
    for client in clients:
        client.join()
    assert failed == []
    assert min(sent) >= 60


def _until(sent: list[int], more: int) -> None:
    """Wait until each client has sent so many more requests."""
    wanted = [count + more for count in sent]
    while any(count < want for count, want in zip(sent, wanted, strict=True)):
        threading.Event().wait(0.005)


@pytest.fixture
def uses(world: World) -> Callable[[], int]:
    """How often uses of tokens were written so far."""

    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "last_used=" in statement.replace(" ", ""):
            written.append(statement)

    event.listen(world.installation.database.engine, "before_cursor_execute", note)
    return lambda: len(written)


def test_the_last_use_is_written_once_a_minute_beside_the_requests(
    world: World, acme: Tenant, okta: Connection, uses: Callable[[], int]
) -> None:
    assert known(world, acme)[0].last_used is None
    for _ in range(3):
        okta.get("/Users")
    assert uses() == 0
    world.installation.log.flush()
    first = known(world, acme)[0].last_used
    okta.get("/Users")
    world.installation.log.flush()
    assert (uses(), known(world, acme)[0].last_used) == (1, first)
    world.advance(61)
    okta.get("/Users")
    world.installation.log.flush()
    assert uses() == 2
    assert (known(world, acme)[0].last_used or "") > (first or "")


def test_what_opens_nothing_is_not_used(world: World, acme: Tenant, okta: Connection) -> None:
    tokens.revoke_token(world.units, CAUSE, known(world, acme)[0].id)
    okta.get("/Users")
    world.installation.log.flush()
    assert known(world, acme)[0].last_used is None


class _Away:
    """A store that cannot be reached."""

    def operator(self) -> NoReturn:
        raise Unavailable("away")


def test_a_use_that_the_store_cannot_take_now_is_written_later(world: World, acme: Tenant, okta: Connection) -> None:
    log = world.installation.log
    here, log._units = log._units, _Away()  # type: ignore[assignment]
    assert okta.get("/Users").status_code == 200
    log.flush()
    log._units = here
    assert known(world, acme)[0].last_used is None
    log.flush()
    assert known(world, acme)[0].last_used is not None
