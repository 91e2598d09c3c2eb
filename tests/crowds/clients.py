"""One client of the crowd: does whatever comes to its mind with whomever it meets, over SCIM or by hand.

All clients share the same few people, so that they get into each other's way.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from scim_server.domain import errors
from scim_server.domain.access import SUPER_ADMIN
from scim_server.domain.invitations import Offer
from scim_server.domain.particulars import Edit
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Mode
from scim_server.services import editing, inviting, leaving, removing, ruling, subscribing, tenancy, transferring
from scim_server.services.transferring import Wish
from tests.crowds.towns import OVERAGE, PEOPLE, PRODUCTS, SEATS, SLUG, Town, enter
from tests.pages import submit
from tests.worlds import CAUSE, USER, World

LINKS = "https://seats.example.com"
Answer = tuple[str, int]
"""What was done, and the status of the answer; by hand, the one that SCIM gives to the same."""
STATUSES: dict[type[errors.Refusal], int] = {
    errors.Missing: 404,
    errors.Gone: 410,
    errors.Invalid: 400,
    errors.Taken: 409,
    errors.SeatsInUse: 409,
    errors.SeatLimit: 403,
    errors.LastSuperAdmin: 403,
}
WEIGHTS = {
    "leave": 9,
    "activate": 12,
    "entitle": 10,
    "replace": 7,
    "join_group": 12,
    "leave_group": 10,
    "exchange_members": 2,
    "transfer": 14,
    "suspend": 2,
    "reactivate": 7,
    "buy": 5,
    "give": 3,
    "take": 3,
    "decide_removals": 2,
    "switch_rule": 1,
    "nest": 1,
    "invite": 2,
    "change_roles": 5,
}
"""How often a client does what."""
EXPECTED = {
    "join": {201, 403, 409},
    "restore": {200, 403, 404, 409},
    "leave": {204, 403, 404},
    "activate": {200, 403, 404},
    "entitle": {200, 403, 404},
    "replace": {200, 403, 404},
    "join_group": {204},
    "leave_group": {204},
    "exchange_members": {204, 400},
    "transfer": {200, 400, 404},
    "suspend": {200, 403, 404},
    "reactivate": {200, 400, 403, 404},
    "buy": {200, 409},
    "give": {200, 403, 404},
    "take": {200, 404},
    "decide_removals": {200},
    "switch_rule": {200},
    "nest": {204},
    "invite": {200},
    "change_roles": {200, 403, 404},
}
"""What each may be answered: done, gone meanwhile (404), there already or seats in use (409), no seat or the last super
admin (403), nothing to move, somebody suspended, or nobody left to put into a group (400)."""


class Client:
    """One of many in this process; `number` is its own among all."""

    def __init__(self, world: World, town: Town, number: int) -> None:
        self.world, self.town, self.number = world, town, number
        self.own, self.outside = enter(world, town)
        self.random = random.Random(number)
        self.tenant: Tenant = tenancy.tenant(world.units, SLUG)
        self.outsiders = 0

    def run(self, steps: int) -> Counter[Answer]:
        """So many operations; how often each was answered how."""
        return Counter(self.act() for _ in range(steps))

    def act(self) -> Answer:
        """One operation, with somebody who may be gone when it is carried out."""
        name = self.random.choice(PEOPLE)
        found = self.own.find("/Users", f'userName eq "{name}"')
        if not found:
            return self.come(name)
        (what,) = self.random.choices([*WEIGHTS], [*WEIGHTS.values()])
        return what, getattr(self, what)(name, found[0]["id"])

    def come(self, name: str) -> Answer:
        """Somebody who is not there joins, or is brought back by hand."""
        if self.random.random() < 0.2:
            return "restore", self.by_hand(lambda: leaving.restore_person(self.world.units, self.tenant, CAUSE, name))
        body = {"schemas": [USER], "userName": name, "entitlements": self.some_products()}
        return "join", self.own.post("/Users", body).status_code

    def leave(self, _: str, user_id: str) -> int:
        return self.own.delete(f"/Users/{user_id}").status_code

    def activate(self, _: str, user_id: str) -> int:
        return self.change(user_id, "active", self.random.random() < 0.75)

    def entitle(self, _: str, user_id: str) -> int:
        return self.change(user_id, "entitlements", self.some_products())

    def change_roles(self, _: str, user_id: str) -> int:
        return self.change(user_id, "roles", self.random.choice([[], [{"value": SUPER_ADMIN}]]))

    def replace(self, name: str, user_id: str) -> int:
        body = {"schemas": [USER], "userName": name, "entitlements": self.some_products()}
        return self.own.put(f"/Users/{user_id}", body).status_code

    def join_group(self, _: str, user_id: str) -> int:
        return self.change_members({"op": "add", "path": "members", "value": [{"value": user_id}]})

    def leave_group(self, _: str, user_id: str) -> int:
        return self.change_members({"op": "remove", "path": f'members[value eq "{user_id}"]'})

    def exchange_members(self, _: str, user_id: str) -> int:
        return self.change_members({"op": "replace", "path": "members", "value": [{"value": user_id}]})

    def nest(self, *_: str) -> int:
        """Sales becomes part of staff, or is taken out."""
        inner, outer = self.town.groups["sales"], self.town.groups["staff"]
        add = {"op": "add", "path": "members", "value": [{"value": inner, "type": "Group"}]}
        remove = {"op": "remove", "path": f'members[value eq "{inner}"]'}
        return self.own.patch(f"/Groups/{outer}", self.random.choice([add, remove])).status_code

    def transfer(self, name: str, _: str) -> int:
        wish = Wish(Mode.SEAT, name, self.random.choice([each for each in PEOPLE if each != name]))
        return self.by_hand(lambda: transferring.run(self.world.units, self.tenant, CAUSE, wish))

    def suspend(self, name: str, _: str) -> int:
        return self.by_hand(lambda: editing.suspend_person(self.world.units, self.tenant, CAUSE, name))

    def reactivate(self, name: str, _: str) -> int:
        return self.by_hand(lambda: editing.reactivate_person(self.world.units, self.tenant, CAUSE, name))

    def buy(self, *_: str) -> int:
        product = self.random.choice(PRODUCTS)
        seats = SEATS[product] + self.random.randint(-2, 4)
        overage = OVERAGE if product == "training" else 0
        return self.by_hand(
            lambda: subscribing.set_subscription(self.world.units, self.tenant, CAUSE, product, seats, None, overage)
        )

    def give(self, name: str, _: str) -> int:
        return self.edit(name, added=[self.random.choice(PRODUCTS)])

    def take(self, name: str, _: str) -> int:
        return self.edit(name, removed=[self.random.choice(PRODUCTS)])

    def decide_removals(self, *_: str) -> int:
        """Let what is held go, or keep it."""
        decide = self.random.choice([removing.approve, removing.restore])
        return self.by_hand(lambda: decide(self.world.units, self.tenant, CAUSE))

    def switch_rule(self, *_: str) -> int:
        rule, enabled = self.random.choice(self.town.rules), self.random.random() < 0.7
        return self.by_hand(lambda: ruling.edit_rule(self.world.units, self.tenant, CAUSE, rule, {"enabled": enabled}))

    def invite(self, *_: str) -> int:
        """Somebody outside is invited, and accepts or declines at once."""
        self.outsiders += 1
        address = f"out{self.number}-{self.outsiders}@outside.test"
        self.outside.create_user(address)
        offer = Offer((self.random.choice(PRODUCTS),))
        sent = inviting.send(
            self.world.units, self.tenant, CAUSE, address, offer, None, public_url=LINKS, by_mail=False
        )
        answer = self.random.choice(["accept", "decline"])
        return submit(self.own.http, sent.link.removeprefix(LINKS), answer=answer).status_code

    def edit(self, name: str, **products: list[str]) -> int:
        return self.by_hand(lambda: editing.edit_person(self.world.units, self.tenant, CAUSE, name, Edit(), **products))

    def change(self, user_id: str, path: str, value: Any) -> int:
        return self.own.patch(f"/Users/{user_id}", {"op": "replace", "path": path, "value": value}).status_code

    def change_members(self, operation: dict[str, Any]) -> int:
        group = self.random.choice([*self.town.groups.values()])
        return self.own.patch(f"/Groups/{group}", operation).status_code

    def some_products(self) -> list[dict[str, str]]:
        return [{"value": code} for code in self.random.sample(PRODUCTS, self.random.choice([0, 1, 1, 2, 2]))]

    def by_hand(self, use_case: Callable[[], object]) -> int:
        """Run a use case; the status that its outcome has in SCIM."""
        try:
            use_case()
        except errors.Refusal as refusal:
            return STATUSES[type(refusal)]
        return 200
