"""Many requests about roles at once: a super admin is always left, and nobody has a role that is gone (invariant 8)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scim_server.domain.access import SUPER_ADMIN
from scim_server.domain.errors import Invalid, LastSuperAdmin, Missing
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising, ruling
from tests.crowds.verdicts import super_admins
from tests.examples import ROUNDS
from tests.http.test_concurrency import at_once
from tests.http.test_grants import ATTEMPTS, give, set_roles
from tests.worlds import CAUSE, GROUP, Connection, World

CALLS = 64
PERSONAL = ("suspend", "suspend-in-words", "put-suspended", "delete", "bulk")
"""What ends any role; the other attempts end what the document gives."""
Way = Callable[[Connection, dict[str, Any]], int]


def ways(world: World, acme: Tenant, root: Connection, source: str, user: dict[str, Any]) -> list[Way]:
    """Make the person super admin by that source; answers all that ends it."""
    personal = [ATTEMPTS[name] for name in PERSONAL]
    if source == "document":
        assert set_roles(root, user, SUPER_ADMIN) == 200
        return list(ATTEMPTS.values())
    if source == "hand":
        authorising.grant_role(world.units, acme, CAUSE, user["userName"], SUPER_ADMIN)
        return [*personal, lambda *_: revoke(world, acme, user["userName"])]
    group = root.create_group(f"Roots of {user['userName']}", user["id"])
    rule = replace(world.rule(acme, group["displayName"], "meeting"), products=frozenset())
    give(world, acme, rule, SUPER_ADMIN)
    path = f"/Groups/{group['id']}"
    leaving = {"op": "remove", "path": f'members[value eq "{user["id"]}"]'}
    return [
        *personal,
        lambda own, _: own.patch(path, leaving).status_code,
        lambda own, _: own.put(path, {"schemas": [GROUP], "displayName": group["displayName"]}).status_code,
        lambda own, _: own.delete(path).status_code,
        lambda *_: take_from_rule(world, acme, rule.id),
    ]


def revoke(world: World, acme: Tenant, user_name: str) -> int:
    """What SCIM would answer, had it this request."""
    try:
        authorising.revoke_role(world.units, acme, CAUSE, user_name, SUPER_ADMIN)
    except (Missing, Invalid):
        return 404
    except LastSuperAdmin:
        return 403
    return 200


def take_from_rule(world: World, acme: Tenant, rule_id: str) -> int:
    ruling.edit_rule(world.units, acme, CAUSE, rule_id, {"enabled": False})
    return 200


@pytest.mark.parametrize("repetition", range(2 * ROUNDS))
@pytest.mark.parametrize(
    "sources", [("document", "document"), ("rule", "rule"), ("hand", "hand"), ("rule", "document")]
)
def test_two_super_admins_ended_by_64_calls_at_once_leave_one(
    world: World, acme: Tenant, sources: tuple[str, str], repetition: int
) -> None:
    """Demoted, suspended, deleted, taken out of the group of a rule, whose rule stops, revoked, alone and in bulks."""
    root = world.connect(acme, "root", max_role=SUPER_ADMIN)
    people = [root.create_user(name) for name in ("ana", "ben")]
    possible = [ways(world, acme, root, source, user) for source, user in zip(sources, people, strict=True)]
    assert super_admins(world) == {user["id"] for user in people}

    def call(number: int) -> Callable[[], int]:
        own, which = world.same_client(root), (number + repetition) % 2
        attempt = possible[which][number // 2 % len(possible[which])]
        return lambda: attempt(own, people[which])

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

    own = world.same_client(root)
    answered = at_once(
        *(leave(group["id"]) for group in groups),
        lambda: revoke(world, acme, "cid"),
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
