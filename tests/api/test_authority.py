"""Nobody deals out more than they may do themselves, whatever the role follows from."""

from typing import Any

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.api.test_sessions import herself
from tests.worlds import Connection, World, contents

READS = ("people.read", "audit.read")


@pytest.fixture
def admins(world: World, acme: Tenant, api: Caller, okta: Connection) -> Caller:
    """Whoever is in Admins, or has the title Chief, is admin by a rule; Ana is by her document."""
    okta.create_group("Admins")
    api.done("POST", "~/rules", {"group": "Admins", "role": "admin"})
    api.done("POST", "~/rules", {"condition": 'title eq "Chief"', "role": "admin"})
    okta.create_user("ana@x.test", roles=[{"value": "admin"}])
    okta.create_user("bo@x.test")
    return api


STEPS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "by a group": ("groups.write", "PATCH", "~/groups/Admins/members", {"addUsers": ["bo@x.test"]}),
    "by a new group": ("groups.write", "POST", "~/groups", {"displayName": "Chiefs", "users": ["bo@x.test"]}),
    "by an attribute": ("people.write", "PATCH", "~/users/bo@x.test", {"title": "Chief"}),
}


@pytest.mark.parametrize("step", STEPS)
def test_no_rule_gives_more_than_whoever_puts_a_person_under_it_may(
    world: World, acme: Tenant, admins: Caller, step: str
) -> None:
    scope, method, path, body = STEPS[step]
    admins.done("POST", "~/rules", {"group": "Chiefs", "role": "admin"})
    narrow = caller(world, acme, *READS, scope)
    before = contents(world)
    problem = narrow.refused(403, method, path, body)
    assert "'admin'" in problem["detail"]
    assert contents(world) == before
    admins.done(method, path, body)
    assert [role for role, _ in world.roles_of(acme, "bo@x.test")] == ["admin"]


def test_who_was_above_returns_by_nobody_below(world: World, acme: Tenant, admins: Caller) -> None:
    narrow = caller(world, acme, *READS, "people.write")
    narrow.done("POST", "~/users/ana@x.test/suspend")
    narrow.refused(403, "PATCH", "~/users/ana@x.test", {"email": "eve@x.test"})
    narrow.refused(403, "POST", "~/users/ana@x.test/reactivate", {})
    admins.done("POST", "~/users/ana@x.test/reactivate", {})
    narrow.done("DELETE", "~/users/ana@x.test")
    narrow.refused(403, "POST", "~/deleted-users/ana@x.test/restore", {})
    assert admins.done("POST", "~/deleted-users/ana@x.test/restore", {})["userName"] == "ana@x.test"
    assert world.roles_of(acme, "ana@x.test") == [("admin", "direct")]


def test_nobody_gives_a_connection_power_over_who_is_above_them(world: World, acme: Tenant, admins: Caller) -> None:
    narrow, link = caller(world, acme, *READS, "connections.write"), {"connection": "okta"}
    assert "'admin'" in narrow.refused(403, "POST", "~/users/bo@x.test/link", link)["detail"]
    assert "'admin'" in narrow.refused(403, "POST", "~/groups/Admins/link", link)["detail"]
    admins.done("PATCH", "~/connections/okta", {"maxRole": "member"})
    narrow.refused(403, "POST", "~/users/ana@x.test/link", link)
    narrow.done("POST", "~/users/bo@x.test/link", link)
    assert narrow.done("POST", "~/groups/Admins/link", link)["connection"] == "okta"
    caller(world, acme, "people.write", "groups.write").refused(403, "POST", "~/groups/Admins/link", link)


@pytest.mark.parametrize(
    "terms",
    [
        {"networks": ["0.0.0.0/0"]},
        {"creatorOnly": False},
        {"acceptsBasic": True},
        {"acceptsRaw": True},
        {"maxRole": "member", "networks": []},
    ],
    ids=lambda terms: "-".join(terms),
)
def test_nobody_changes_who_comes_in_through_a_connection_that_gives_more_than_they_may(
    world: World, acme: Tenant, admins: Caller, terms: dict[str, Any]
) -> None:
    admins.done("PATCH", "~/connections/okta", {"networks": ["10.0.0.0/8"], "creatorOnly": True})
    narrow = caller(world, acme, *READS, "connections.write")
    before = contents(world)
    assert "'admin'" in narrow.refused(403, "PATCH", "~/connections/okta", terms)["detail"]
    assert contents(world) == before
    narrow.done("PATCH", "~/connections/okta", {"idp": "okta", "networks": ["10.0.0.0/8"]})
    admins.done("PATCH", "~/connections/okta", terms)
    assert admins.last is not None
    undo = {"requestId": admins.last.headers["X-Request-Id"]}
    narrow.refused(403, "POST", "~/undo", undo)
    admins.done("POST", "~/undo", undo)
    for rule in admins.items("~/rules"):
        admins.done("DELETE", f"~/rules/{rule['id']}")
    admins.done("PATCH", "~/connections/okta", {"maxRole": "member"})
    narrow.done("PATCH", "~/connections/okta", {**terms, "maxRole": "member"})


OPENING: dict[str, tuple[str, dict[str, Any]]] = {
    "a token": ("~/connections/low/tokens", {}),
    "a token in place of others": ("~/connections/low/tokens/rotate", {}),
    "a client": ("~/oauth-clients", {"name": "idp", "connection": "low", "scopes": ["scim"]}),
    "an issuer": (
        "~/issuers",
        {"connection": "low", "name": "x", "issuer": "https://x.test", "audience": "a", "subject": "s"},
    ),
}


@pytest.mark.parametrize("way", OPENING)
def test_nobody_opens_a_connection_that_could_put_them_under_a_rule_above_them(
    world: World, acme: Tenant, admins: Caller, way: str
) -> None:
    """Whatever roles a connection may grant, it says who is in Admins."""
    path, body = OPENING[way]
    narrow = caller(world, acme, *READS, "connections.write")
    narrow.done("POST", "~/connections", {"name": "low", "idp": "generic", "maxRole": "member"})
    before = contents(world)
    assert "'admin'" in narrow.refused(403, "POST", path, body)["detail"]
    assert contents(world) == before
    for rule in admins.items("~/rules"):
        admins.done("DELETE", f"~/rules/{rule['id']}")
    narrow.done("POST", path, body)


def test_an_undo_gives_nobody_more_than_whoever_asks_may_do(
    world: World, acme: Tenant, admins: Caller, okta: Connection
) -> None:
    admins.done("PATCH", "~/users/ana@x.test", {"userName": "anna@x.test"})
    renamed = admins.last
    admins.done("POST", "~/roles", {"code": "clerk", "name": "Clerk", "permissions": ["tokens.write"]})
    admins.done("DELETE", "~/roles/clerk")
    deleted = admins.last
    admins.done("PATCH", "~/connections/okta", {"maxRole": "member"})
    lowered = admins.last
    narrow = caller(world, acme, *READS, "people.write", "roles.write", "connections.write")
    before = contents(world)
    for answer in (renamed, deleted, lowered):
        assert answer is not None
        undo = {"requestId": answer.headers["X-Request-Id"]}
        narrow.refused(403, "POST", "~/undo", undo)
        narrow.refused(403, "POST", "~/undo", {**undo, "dryRun": True})
    assert contents(world) == before


def test_sessions_are_undone_by_whoever_may_register_them(world: World, acme: Tenant, admins: Caller) -> None:
    session = {"kind": "meeting", "organiser": "bo@x.test", "title": "Weekly", "starts": "2030-01-01"}
    admins.done("PUT", "~/sessions/s1", session)
    assert admins.last is not None
    undo = {"requestId": admins.last.headers["X-Request-Id"]}
    problem = caller(world, acme, *READS, "people.write").refused(403, "POST", "~/undo", undo)
    assert "sessions.write" in problem["detail"]
    caller(world, acme, *READS, "sessions.write").done("POST", "~/undo", undo)
    assert admins.items("~/sessions") == []


def test_a_template_that_a_rule_names_is_not_undone(world: World, acme: Tenant, admins: Caller) -> None:
    world.buy(acme, "meeting", 1)
    admins.done("PUT", "~/templates/meeting/big", {"values": {"size": "9"}})
    assert admins.last is not None
    undo = {"requestId": admins.last.headers["X-Request-Id"]}
    admins.done("POST", "~/rules", {"group": "Admins", "products": ["meeting"], "templates": {"meeting": "big"}})
    before = contents(world)
    assert "in use" in admins.refused(409, "POST", "~/undo", undo)["detail"]
    assert contents(world) == before


@pytest.mark.parametrize("keep_recordings", [True, False])
def test_whoever_took_over_takes_their_access_with_them_when_it_is_undone(
    world: World, acme: Tenant, admins: Caller, keep_recordings: bool
) -> None:
    place = {"mode": "take_over", "from": "bo@x.test", "to": "eve@x.test", "firstName": "Eve", "lastName": "Ek"}
    admins.done("POST", "~/transfers", {**place, "keepRecordings": keep_recordings})
    assert admins.last is not None
    undo = {"requestId": admins.last.headers["X-Request-Id"]}
    eve = herself(world, acme, "eve@x.test")
    recording = {"kind": "recording", "organiser": "eve@x.test", "title": "Salaries", "starts": "2026-01-01"}
    admins.done("PUT", "~/sessions/r1", recording)
    assert [each["title"] for each in eve.items("/me/sessions")] == ["Salaries"]
    admins.done("POST", "~/undo", undo)
    eve.refused(401, "GET", "/me")
    assert herself(world, acme, "bo@x.test").items("/me/sessions") == []


def test_what_a_rule_would_do_is_told_to_who_may_see_people(world: World, acme: Tenant, admins: Caller) -> None:
    change = {"create": {"condition": 'userName sw "a"', "language": "fr"}}
    problem = caller(world, acme, "rules.write").refused(403, "POST", "~/rules/what-if", change)
    assert "people.read" in problem["detail"]
    caller(world, acme, "rules.write", "people.read").done("POST", "~/rules/what-if", change)
