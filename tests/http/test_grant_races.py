"""Many requests about roles at once: a super admin is always left, and nobody has a role that is gone (invariant 8)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from scim_server.domain.access import SUPER_ADMIN
from scim_server.domain.errors import Refusal
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising
from tests.http.test_concurrency import at_once
from tests.http.test_grants import ATTEMPTS, give, set_roles
from tests.worlds import CAUSE, World

CALLS = 64


def super_admins(world: World) -> set[str]:
    """Who has the role and may hold it."""
    active = {row["id"] for row in world.rows("users") if row["active"] and row["blocked_for"] is None}
    return active & {row["user_id"] for row in world.rows("grants") if row["role"] == SUPER_ADMIN}


@pytest.mark.parametrize("repetition", range(3))
def test_two_super_admins_ended_by_64_calls_at_once_leave_one(world: World, acme: Tenant, repetition: int) -> None:
    root = world.connect(acme, "root", max_role=SUPER_ADMIN)
    people = [root.create_user(name, roles=[{"value": SUPER_ADMIN}]) for name in ("ana", "ben")]

    def call(number: int) -> Callable[[], int]:
        own, person = world.same_client(root), people[(number + repetition) % 2]
        attempt = list(ATTEMPTS.values())[number % len(ATTEMPTS)]
        return lambda: attempt(own, person)

    answered = Counter(at_once(*map(call, range(CALLS))))
    assert len(super_admins(world)) == 1
    assert answered.keys() <= {200, 204, 403, 404}
    assert answered[403] > 0


def test_super_admins_who_leave_their_groups_at_once_leave_one(world: World, acme: Tenant) -> None:
    """By a rule each, by hand, and by their documents: no two ways may end the last two together."""
    root = world.connect(acme, "root", max_role=SUPER_ADMIN)
    ana, ben, cid, dee = (root.create_user(name) for name in ("ana", "ben", "cid", "dee"))
    groups = [root.create_group(f"Roots of {user['userName']}", user["id"]) for user in (ana, ben)]
    for group in groups:
        rule = replace(world.rule(acme, group["displayName"], "meeting"), products=frozenset())
        give(world, acme, rule, SUPER_ADMIN)
    authorising.grant_role(world.units, acme, CAUSE, "cid", SUPER_ADMIN)
    root.patch(f"/Users/{dee['id']}", {"op": "add", "path": "roles", "value": [{"value": SUPER_ADMIN}]})
    assert super_admins(world) == {ana["id"], ben["id"], cid["id"], dee["id"]}

    def leave(group_id: str) -> Callable[[], int]:
        own = world.same_client(root)
        return lambda: own.patch(f"/Groups/{group_id}", {"op": "remove", "path": "members"}).status_code

    def revoke() -> int:
        try:
            authorising.revoke_role(world.units, acme, CAUSE, "cid", SUPER_ADMIN)
        except Refusal:
            return 403
        return 200

    own = world.same_client(root)
    answered = at_once(
        *(leave(group["id"]) for group in groups),
        revoke,
        lambda: own.delete(f"/Users/{dee['id']}").status_code,
    )
    assert answered[:2] == [204, 204], "a request for a group never fails for the last super admin"
    assert len(super_admins(world)) == 1


def test_a_role_that_is_deleted_while_it_is_granted_leaves_no_grant(world: World, acme: Tenant) -> None:
    root = world.connect(acme, "root", max_role=SUPER_ADMIN)
    people = [root.create_user(f"user{number}") for number in range(8)]
    authorising.create_role(world.units, acme, CAUSE, "auditor", "Auditor", "", ["audit.read"])

    def name(number: int) -> Callable[[], int]:
        own = world.same_client(root)
        return lambda: set_roles(own, people[number], "auditor")

    def delete() -> int:
        return authorising.delete_role(world.units, acme, CAUSE, "auditor")

    answered = at_once(*map(name, range(4)), delete, *map(name, range(4, 8)))
    assert answered[:4] + answered[5:] == [200] * 8
    assert world.rows("grants") == []
    assert {row["user_id"] for row in world.rows("issues") if row["closed"] is None} == {user["id"] for user in people}
