"""Whoever shows a credential is looked up behind the wall of the tenant that it names (store/walls.py)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from scim_server.domain.invitations import Offer
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, inviting, person_tokens
from scim_server.services.credentials import Prefix, new_tenant_id, new_text
from tests.api.callers import caller
from tests.oauth import application
from tests.programs import key_holder, program
from tests.worlds import CAUSE, Connection, World

DAY = timedelta(days=1)


@contextmanager
def reaching(world: World) -> Iterator[set[str]]:
    """Collects whom statements reach; keys that access tokens are signed with are no tenant's."""
    reached: set[str] = set()

    def note(connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        if "signing_keys" not in statement:
            reached.add(connection.reach)

    engine = world.installation.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield reached
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def ways_in(world: World, acme: Tenant, okta: Connection) -> dict[str, Callable[[], Any]]:
    """A request with every kind of credential that names its tenant."""
    okta.create_user("ana")
    _, person = person_tokens.issue_token(world.units, acme, CAUSE, "ana", DAY)
    _, admin = api_tokens.issue_token(world.units, acme, CAUSE, "admin", tuple(api_tokens.OF_TENANT), DAY)
    secretive, keyed, app = program(world, okta), key_holder(world, okta), application(world, acme, "okta")
    access = secretive.scim(secretive.token())
    consented = app.redeem(app.code(admin)).json
    other = world.connect(world.tenant("other"))
    other.create_user("ira@other.test")
    link = inviting.send(
        world.units, acme, CAUSE, "ira@other.test", Offer(), None, public_url="https://x.test", by_mail=False
    ).link
    me = {"Authorization": f"Bearer {person}"}
    return {
        "a connection's token": lambda: okta.get("/Users"),
        "a person's token": lambda: okta.http.get("/scim/acme/v2/Me", headers=me),
        "a person's token, at the admin API": lambda: okta.http.get("/api/v1/me", headers=me),
        "a program's token": lambda: caller(world, acme).get("~/users"),
        "an access token": lambda: access.get("/Users"),
        "a client's secret": secretive.obtain,
        "a client's key": keyed.obtain,
        "a refresh token": lambda: app.refresh(consented["refresh_token"]),
        "a refresh token that is asked about": lambda: secretive.ask("introspect", token=consented["refresh_token"]),
        "a client that asks for consent": app.open,
        "an admin's consent": lambda: app.decide(admin),
        "an invitation": lambda: okta.http.get(link.removeprefix("https://x.test")),
    }


def test_no_door_looks_beyond_the_tenant_of_the_credential(
    world: World, acme: Tenant, ways_in: dict[str, Callable[[], Any]]
) -> None:
    for name, enter in ways_in.items():
        with reaching(world) as reached:
            answer = enter()
        assert answer.status_code < 400, f"{name}: {answer.text}"
        assert reached == {acme.id}, name


def test_a_credential_of_nobody_is_sought_with_nobody(world: World, okta: Connection) -> None:
    nobody = new_tenant_id()
    for prefix in (Prefix.CONNECTION, Prefix.PERSON, Prefix.API, Prefix.OPERATOR):
        text = new_text(prefix, nobody)[1]
        for address in ("/scim/acme/v2/Users", "/api/v1/tenants"):
            with reaching(world) as reached:
                assert okta.http.get(address, headers={"Authorization": f"Bearer {text}"}).status_code == 401
            assert reached <= {nobody}, (prefix, address)
