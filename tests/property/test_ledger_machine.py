"""Random interleavings of everything that changes the ledger, against the naive model, after every step.

Invariants 1 to 10 of design section 6: who has, waits for or holds which seat (2, 3, 4, 6), counters and what is
derived (1, 9), addresses (5), what is refused (7, 8, 10), and that repairing a ledger in order changes nothing.
In the end the audit trail says what there was at random moments, the whole store is rebuilt from it, and changes
chosen at random are undone and redone.
"""

from collections.abc import Callable, Collection, Iterator
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scim_server.domain.errors import LastSuperAdmin, Refusal, SeatsInUse
from scim_server.domain.instants import Instant
from scim_server.services import reconciling, stocktaking
from scim_server.services.replaying import State, differences, replay
from tests import databases
from tests.examples import EXAMPLES
from tests.property.models import HOLD, PRODUCTS, WINDOW, Human, Model, ModelRule, ModelSubscription
from tests.property.realities import Reality
from tests.property.undoings import undo_and_redo
from tests.rebuilds import check_rebuilt
from tests.worlds import CAUSE, World, build, contents

NAMES = ("ana", "bob", "cid", "dee", "eve", "fay")
GROUPS = ("sales", "staff")
MOST = {"meeting": 3, "webinar": 2, "training": 1}
"""Never enough seats for everybody."""
POLICIES = ("wait", "downgrade", "overage")
SOME = st.lists(st.sampled_from(PRODUCTS), unique=True, max_size=2)
STEPS = 40
MOMENTS = STEPS if EXAMPLES > 100 else 10
"""After how many steps of a run, more or less, it is noted what there is."""
UNDONE = STEPS if EXAMPLES > 100 else 6
"""How many changes of a run, chosen at random, are undone and redone at its end."""

_numbers = count(1)


@pytest.fixture(scope="module", params=databases.KINDS)
def house(request: pytest.FixtureRequest) -> Iterator[World]:
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    built = build(fresh())
    built.sell("meeting", "webinar:meeting", "training:meeting")
    yield built
    built.installation.database.dispose()


class LedgerMachine(RuleBasedStateMachine):
    """Model and reality side by side. `world` and `fresh`, which makes empty databases, are set by the test."""

    world: World
    fresh: databases.Fresh

    @initialize(
        people=st.lists(st.tuples(SOME, st.sets(st.sampled_from(GROUPS))), min_size=3, max_size=len(NAMES)),
        given=st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=2, unique=True),
        guard=st.integers(0, 1),
        seed=st.integers(0, 2**32),
    )
    def begin(self, people: list[tuple[list[str], set[str]]], given: list[str], guard: int, seed: int) -> None:
        """Somebody is there already, and a rule: an empty house has nothing to go wrong in."""
        self.random = Random(seed)
        self.moments: dict[Instant, State] = {}
        self.open(guard)
        self.create_rule("sales", given, None)
        for name, (products, groups) in zip(NAMES, people, strict=False):
            self.create(name, products, active=True)
            for group in sorted(groups):
                self.reality.change_members(group, "add", name)
                self.model.people[name].groups.add(group)
                self.step()
                self.settled(guarded=True)

    def open(self, guard: int) -> None:
        number = next(_numbers)
        self.world.tenant(f"here{number}")
        tenant = self.world.decide(f"here{number}", guard_seats=str(guard), guard_percent="0", invitation_days="90")
        outside = self.world.connect(self.world.tenant(f"there{number}"))
        self.reality = Reality(self.world, tenant, self.world.connect(tenant), outside)
        self.model = Model(guard_seats=guard)
        self.number = number
        self.now = 0
        self.ids: dict[tuple[str, str], str] = {}
        self.deleted: dict[str, Human] = {}
        self.links: dict[str, str] = {}
        self.supers: set[str] = set()
        self.outsiders = count(1)
        for code, seats in (("meeting", 2), ("webinar", 1)):
            self.world.buy(tenant, code, seats)
            self.model.subscriptions[code] = ModelSubscription(seats)

    def settled(self, **how: Any) -> None:
        """Follow the change through in the model, and compare."""
        self.model.follow_rules(self.now)
        found, ids = self.reality.seats()
        self.model.settle({**ids, **self.ids}, **how)
        self.ids = ids
        assert found == {name: human.seats for name, human in self.model.people.items()}

    def step(self) -> int:
        self.now += 1
        return self.now

    def draw_person(self, data: st.DataObject, fits: Callable[[Human], bool] = lambda _: True) -> str | None:
        names = sorted(name for name, human in self.model.people.items() if fits(human))
        return data.draw(st.sampled_from(names), label="person") if names else None

    def lose_role(self, name: str) -> bool:
        """Whether the person may lose what makes them super admin; only the last one may not."""
        if self.supers == {name}:
            return False
        self.supers.discard(name)
        return True

    @precondition(lambda self: set(NAMES) - self.model.people.keys())
    @rule(data=st.data(), products=SOME, active=st.booleans())
    def join(self, data: st.DataObject, products: list[str], active: bool) -> None:
        self.create(data.draw(st.sampled_from(sorted(set(NAMES) - self.model.people.keys()))), products, active=active)

    def create(self, name: str, products: list[str], *, active: bool) -> None:
        self.reality.create(name, products, active=active)
        self.model.people[name] = Human(active)
        self.model.entitle(name, products, self.step())
        self.settled()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), products=SOME)
    def entitle(self, data: st.DataObject, products: list[str]) -> None:
        if name := self.draw_person(data):
            assert self.reality.patch_user(name, "entitlements", [{"value": code} for code in products]) == 200
            self.model.entitle(name, products, self.step())
            self.settled()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data())
    def suspend(self, data: st.DataObject) -> None:
        if name := self.draw_person(data, lambda human: human.active):
            human = self.model.people[name]
            allowed = not human.may_hold or self.lose_role(name)
            assert self.reality.patch_user(name, "active", False) == (200 if allowed else 403)
            if allowed:
                self.model.allow(name, self.step(), active=False)
                self.settled()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data())
    def reactivate(self, data: st.DataObject) -> None:
        if name := self.draw_person(data, lambda human: not human.active):
            assert self.reality.patch_user(name, "active", "True") == 200
            self.model.allow(name, self.step(), active=True)
            self.settled()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data())
    def block_or_lift(self, data: st.DataObject) -> None:
        if name := self.draw_person(data, lambda human: human.active):
            blocked = self.model.people[name].blocked
            if not blocked and not self.lose_role(name):
                with pytest.raises(LastSuperAdmin):
                    self.reality.suspend(name)
                return
            (self.reality.reactivate if blocked else self.reality.suspend)(name)
            self.model.allow(name, self.step(), blocked=not blocked)
            self.settled()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        if name := self.draw_person(data):
            allowed = self.lose_role(name)
            assert self.reality.delete(name) == (204 if allowed else 403)
            if allowed:
                self.deleted[name] = self.model.people.pop(name)
                self.step()
                self.settled()

    @precondition(lambda self: self.deleted.keys() - self.model.people.keys())
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.deleted.keys() - self.model.people.keys())))
        self.reality.restore(name)
        self.model.people[name] = self.returned(self.deleted.pop(name), self.step())
        self.settled()

    def returned(self, earlier: Human, now: int) -> Human:
        """Somebody as they come back: to what their document names and what an admin decided, in no group."""
        human = Human(earlier.active, earlier.blocked, earlier.named)
        human.excluded = {each for each in earlier.excluded if each[1] == "*"}
        human.claims = {key: now for key in earlier.claims if key[1] != "direct" and not key[1].startswith("rule:")} | {
            (code, "direct"): now for code in earlier.named if not human.is_excluded(code, "direct")
        }
        return human

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), group=st.sampled_from(GROUPS))
    def join_or_leave(self, data: st.DataObject, group: str) -> None:
        if name := self.draw_person(data):
            inside = group in self.model.people[name].groups
            self.reality.change_members(group, "remove" if inside else "add", name)
            self.model.people[name].groups ^= {group}
            self.step()
            self.settled(guarded=True)

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), group=st.sampled_from(GROUPS))
    def exchange(self, data: st.DataObject, group: str) -> None:
        """One request that takes some people out of a group and others in."""
        names = set(data.draw(st.lists(st.sampled_from(sorted(self.model.people)), unique=True, max_size=3)))
        self.reality.change_members(group, "replace", *sorted(names))
        for name, human in self.model.people.items():
            human.groups = human.groups - {group} | ({group} if name in names else set())
        self.step()
        self.settled(guarded=True)

    @rule(code=st.sampled_from(PRODUCTS), policy=st.sampled_from(POLICIES), overage=st.integers(0, 1), data=st.data())
    def buy(self, code: str, policy: str, overage: int, data: st.DataObject) -> None:
        seats = data.draw(st.integers(0, MOST[code]))
        before = self.model.subscriptions[code]
        assigned = self.model.assigned(code)
        if assigned > seats + overage or (seats < before.seats and seats < assigned):
            stored = contents(self.world)
            with pytest.raises(SeatsInUse):
                self.reality.buy(code, seats, policy, overage)
            assert contents(self.world) == stored
            return
        self.reality.buy(code, seats, policy, overage)
        self.model.subscriptions[code] = ModelSubscription(seats, policy, overage)
        self.step()
        self.settled()

    @precondition(lambda self: len(self.model.rules) < 4)
    @rule(
        group=st.sampled_from(GROUPS),
        products=st.lists(st.sampled_from(PRODUCTS), unique=True, min_size=1, max_size=2),
        policy=st.sampled_from((None, None, *POLICIES)),
    )
    def make_rule(self, group: str, products: list[str], policy: str | None) -> None:
        self.create_rule(group, products, policy)

    def create_rule(self, group: str, products: list[str], policy: str | None) -> None:
        key = self.reality.create_rule(group, products, policy)
        self.model.rules[key] = ModelRule(group, tuple(products), policy)
        self.step()
        self.settled()

    @precondition(lambda self: self.model.rules)
    @rule(data=st.data(), what=st.sampled_from(("enabled", "products", "policy", "group")))
    def edit_rule(self, data: st.DataObject, what: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.rules)))
        known = self.model.rules[key]
        if what == "enabled":
            known.enabled = not known.enabled
            self.reality.edit_rule(key, enabled=known.enabled)
        elif what == "products":
            known.products = tuple(data.draw(st.lists(st.sampled_from(PRODUCTS), unique=True, min_size=1, max_size=2)))
            self.reality.edit_rule(key, products=known.products)
        elif what == "policy":
            known.policy = data.draw(st.sampled_from((None, *POLICIES)))
            self.reality.edit_rule(key, policy=known.policy)
        else:
            known.group = data.draw(st.sampled_from(GROUPS))
            self.reality.edit_rule(key, group=known.group)
        self.step()
        self.settled(guarded=True)

    @precondition(lambda self: self.model.rules)
    @rule(data=st.data())
    def delete_rule(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.rules)))
        self.reality.delete_rule(key)
        del self.model.rules[key]
        for human in self.model.people.values():
            human.claims = {each: since for each, since in human.claims.items() if each[1] != f"rule:{key}"}
        self.step()
        self.settled(guarded=True)

    @precondition(lambda self: len(self.model.rules) > 1)
    @rule(data=st.data())
    def reorder_rules(self, data: st.DataObject) -> None:
        order = data.draw(st.permutations(sorted(self.model.rules)))
        self.reality.reorder_rules(order)
        self.model.rules = {key: self.model.rules[key] for key in order}
        self.step()
        self.settled(guarded=True)

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), code=st.sampled_from(PRODUCTS))
    def give(self, data: st.DataObject, code: str) -> None:
        if name := self.draw_person(data):
            self.reality.give(name, code)
            now = self.step()
            self.model.include(name, code, now)
            self.model.people[name].claims.setdefault((code, "direct:admin"), now)
            self.settled()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), code=st.sampled_from(PRODUCTS))
    def take(self, data: st.DataObject, code: str) -> None:
        if name := self.draw_person(data):
            self.reality.take(name, code)
            human = self.model.people[name]
            sources = {source for claimed, source in human.claims if claimed == code}
            human.claims = {
                key: since
                for key, since in human.claims.items()
                if key[0] != code or key[1] == "direct" or key[1].startswith("rule:")
            }
            if any(source == "direct" or source.startswith("rule:") for source in sources):
                self.model.exclude(name, code)
            self.step()
            self.settled()

    @precondition(lambda self: self.model.people)
    @rule(data=st.data(), code=st.sampled_from(PRODUCTS))
    def transfer(self, data: st.DataObject, code: str) -> None:
        giver = self.draw_person(data, lambda human: code in human.seats)
        receiver = self.draw_person(data)
        if giver is None or receiver is None:
            return
        try:
            moved = self.reality.transfer(giver, receiver, code)
        except Refusal:
            self.settled()
            return
        held = {(giver, each) for each in moved}
        heirs = self.model.hand_over(giver, receiver, moved, self.step())
        self.settled(heirs=heirs, ended=held)

    @precondition(lambda self: self.any_held())
    @rule()
    def approve_held(self) -> None:
        self.reality.approve()
        self.end_held()

    @precondition(lambda self: self.any_held())
    @rule()
    def keep_held(self) -> None:
        self.reality.keep()
        now = self.step()
        for human in self.model.people.values():
            for code in [code for code, state in human.seats.items() if state == "held"]:
                human.claims.setdefault((code, "direct:admin"), now)
        self.settled()

    @precondition(lambda self: self.any_held() or self.model.releases)
    @rule(seconds=st.sampled_from((WINDOW + 1, HOLD + 1)))
    def let_time_pass(self, seconds: int) -> None:
        self.world.advance(seconds)
        self.model.clock += seconds
        self.reality.release_due()
        if seconds > HOLD:
            self.end_held()
        else:
            self.settled()

    def any_held(self) -> bool:
        return any("held" in human.seats.values() for human in self.model.people.values())

    def end_held(self) -> None:
        held = {(n, c) for n, human in self.model.people.items() for c, state in human.seats.items() if state == "held"}
        self.step()
        self.settled(ended=held)

    @precondition(lambda self: len(self.links) < 2)
    @rule(code=st.sampled_from(PRODUCTS))
    def invite(self, code: str) -> None:
        address = f"out{next(self.outsiders)}-{self.number}@x.test"
        self.reality.other.create_user(address)
        sent = self.reality.invite(address, code)
        subscription = self.model.subscriptions[code]
        free = self.model.assigned(code) < subscription.limit(subscription.policy)
        assert sent.reserved == ([code] if free else [])
        self.model.reserved[address] = tuple(sent.reserved)
        self.links[address] = f"{code} {sent.link}"
        self.step()
        self.settled()

    @precondition(lambda self: self.links)
    @rule(data=st.data(), accepted=st.booleans())
    def answer(self, data: st.DataObject, accepted: bool) -> None:
        address = data.draw(st.sampled_from(sorted(self.links)))
        code, link = self.links.pop(address).split()
        kept = self.model.reserved.pop(address)
        now = self.step()
        if not accepted:
            self.reality.decline(link)
            self.settled()
            return
        self.reality.accept(link)
        self.model.people[address] = Human(claims={(code, "direct:admin"): now})
        self.settled(heirs={(address, each) for each in kept})

    @precondition(lambda self: self.model.people)
    @rule(data=st.data())
    def grant_or_revoke(self, data: st.DataObject) -> None:
        """Make somebody super admin, or take that from somebody who is; never from the last."""
        if name := self.draw_person(data, lambda human: human.may_hold):
            if name not in self.supers:
                self.reality.grant_super_admin(name)
                self.supers.add(name)
            elif self.lose_role(name):
                self.reality.revoke_super_admin(name)
            else:
                with pytest.raises(LastSuperAdmin):
                    self.reality.revoke_super_admin(name)

    @precondition(lambda self: self.now % 8 == 0)
    @rule()
    def repair(self) -> None:
        assert reconciling.repair(self.world.units, self.reality.tenant, CAUSE) == []

    @invariant()
    def everything_is_in_order(self) -> None:
        tenant = self.reality.tenant
        assert reconciling.differences(self.world.units, tenant) == []
        assert self.reality.super_admins() == self.supers
        for row in self.subscriptions():
            assert row["assigned"] == self.model.assigned(row["product"]) <= row["seats"] + row["overage"]

    @invariant()
    def what_there_is_is_noted_now_and_then(self) -> None:
        if self.random.random() < MOMENTS / STEPS:
            with self.world.units.read(self.reality.tenant) as uow:
                self.moments[uow.now] = stocktaking.stock(uow)

    def subscriptions(self) -> Collection[dict[str, Any]]:
        return [row for row in self.world.rows("subscriptions") if row["tenant_id"] == self.reality.tenant.id]

    def teardown(self) -> None:
        """The trail says all that is stored. Nothing held is left to the examples that follow."""
        if hasattr(self, "reality"):
            self.reality.approve()
            with self.world.units.read(self.reality.tenant) as uow:
                entries = list(uow.trail.in_order())
            for moment, noted in self.moments.items():
                assert differences(replay(entries, moment), noted) == []
            assert stocktaking.compare(self.world.units, self.reality.tenant) == []
            check_rebuilt(self.world, self.reality.tenant, self.fresh())
            for entry in self.random.sample(entries, min(UNDONE, len(entries))):
                undo_and_redo(self.world, self.reality.tenant, entry, self.random)
            assert stocktaking.compare(self.world.units, self.reality.tenant) == []


def test_every_interleaving_ends_as_the_model_says(house: World, sqlite_databases: databases.Fresh) -> None:
    machine = type("Machine", (LedgerMachine,), {"world": house, "fresh": staticmethod(sqlite_databases)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(2, EXAMPLES // 10),
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
