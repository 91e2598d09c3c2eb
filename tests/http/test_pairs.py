"""Two requests at the same moment for the last of something: one gets it, or one stays (invariants 1 and 8)."""

from functools import partial

from scim_server.domain.access import SUPER_ADMIN
from scim_server.domain.tenants import Tenant
from tests.crowds.verdicts import super_admins
from tests.http.test_concurrency import at_once, status
from tests.http.test_grants import set_roles
from tests.worlds import Connection, World


def test_of_two_who_want_the_last_seat_one_waits(world: World, acme: Tenant, okta: Connection) -> None:
    """The first entitlement of a connection is noted at the connection, where the two would meet too early."""
    world.buy(acme, "meeting", 1)
    okta.create_user("first", entitlements=["training"])
    wanted = [{"value": "meeting"}]
    jobs = [partial(status, world.same_client(okta), name, entitlements=wanted) for name in ("ana", "bob")]
    assert at_once(*jobs) == [201, 201]
    assert world.seats(acme, "meeting") == (1, 1, 0)
    world.check()


def test_of_two_super_admins_who_are_demoted_one_stays(world: World, acme: Tenant) -> None:
    root = world.connect(acme, "root", max_role=SUPER_ADMIN)
    people = [root.create_user(name, roles=[{"value": SUPER_ADMIN}]) for name in ("ana", "bob")]
    answered = at_once(*(partial(set_roles, world.same_client(root), user) for user in people))
    assert sorted(answered) == [200, 403]
    assert len(super_admins(world)) == 1
