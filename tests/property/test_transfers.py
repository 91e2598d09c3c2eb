"""Transfers between people of random holdings do what their plan says, and take nothing from anybody else."""

from collections.abc import Iterator
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scim_server.domain.errors import Refusal
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Mode, Plan
from scim_server.services import people, reconciling, transferring
from scim_server.services.transferring import Wish
from tests import databases
from tests.examples import EXAMPLES
from tests.worlds import CAUSE, World, build

PEOPLE = ("ana", "bob", "cid", "dee", "eve")
INCLUDES = {"webinar": {"meeting"}, "training": {"meeting"}, "meeting": set(), "room": set()}
POLICIES = ("wait", "wait", "downgrade", "overage")
TRANSFERS = 12

Seats = dict[str, dict[str, str]]
"""Everybody's seats: user name, product, state."""


@pytest.fixture(scope="module")
def house(sqlite_databases: databases.Fresh) -> Iterator[World]:
    built = build(sqlite_databases(), email_scope="tenant")
    built.sell("meeting", "webinar:meeting", "training:meeting", "room")
    yield built
    built.installation.database.dispose()


_numbers = count(1)


def populate(house: World, random: Random) -> Tenant:
    """A tenant where there are too few seats, with claims by entitlements and by rules."""
    tenant = house.tenant(f"tenant{next(_numbers)}")
    client = house.connect(tenant)
    for product in INCLUDES:
        policy = random.choice(POLICIES)
        house.buy(tenant, product, random.randint(0, 3), policy, 1 if policy == "overage" else None)
    for group in ("Sales", "Staff"):
        house.rule(tenant, group, *random.sample(list(INCLUDES), 2))
    ids = [
        client.create_user(name, entitlements=random.sample(list(INCLUDES), random.randint(0, 3)))["id"]
        for name in PEOPLE
    ]
    for group in ("Sales", "Staff"):
        client.create_group(group, *random.sample(ids, 2))
    return tenant


def seats(house: World, tenant: Tenant) -> Seats:
    return {
        each.user.user_name: {seat.product: seat.state.value for seat in each.seats}
        for each in people.people(house.units, tenant)
    }


def has(held: dict[str, str], product: str) -> bool:
    """Whether somebody with those seats can use the product."""
    return any(state != "waiting" and (code == product or product in INCLUDES[code]) for code, state in held.items())


def check_outcome(plan: Plan, before: Seats, after: Seats) -> None:
    giver, receiver = plan.giver.user_name, plan.receiver.user_name
    gone = {move.product for move in plan.products}
    for move in plan.products:
        if move.state == "waiting":
            assert move.product in after[receiver] or has(after[receiver], move.product)
        else:
            assert has(after[receiver], move.product)
    waited_for = [code for code, state in before[giver].items() if state == "waiting" and code not in gone]
    assert after[giver].keys() & gone <= set().union(*(INCLUDES[code] for code in waited_for))
    for name in before.keys() - {giver}:
        assert all(has(after[name], code) for code, state in before[name].items() if state != "waiting")
    for code in before[giver].keys() - gone:
        given_up = f"The place that {giver} has for '{code}' is given up" in " ".join(plan.notes)
        assert before[giver][code] == "waiting" or has(after[giver], code) is not given_up
    for code in after[giver].keys() - before[giver].keys():
        assert f"and gets a seat of '{code}' of their own where one is free." in " ".join(plan.notes)
    for code in before[receiver].keys() - after[receiver].keys():
        assert f"The place that {receiver} has for '{code}' is given up" in " ".join(plan.notes)


@settings(max_examples=EXAMPLES // 5, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_a_transfer_does_what_its_plan_says(house: World, seed: int) -> None:
    random = Random(seed)
    tenant = populate(house, random)
    for _ in range(TRANSFERS):
        giver, receiver = random.sample(PEOPLE, 2)
        wish = Wish(Mode.SEAT, giver, receiver, random.choice(([], random.sample(list(INCLUDES), 2))))
        before = seats(house, tenant)
        try:
            previewed = transferring.preview(house.units, tenant, wish)
        except Refusal:
            assert (
                not before[giver]
                or wish.products
                or before[giver].keys() <= before[receiver].keys()
                or any(has(before[receiver], code) for code in before[giver])
            )
            continue
        assert transferring.run(house.units, tenant, CAUSE, wish) == previewed
        check_outcome(previewed, before, seats(house, tenant))
        assert reconciling.differences(house.units, tenant) == []
