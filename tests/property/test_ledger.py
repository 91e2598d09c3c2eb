"""The ledger against a naive model: after every request, who has a seat and who waits (design section 6).

The model knows no increments, locks or statements: it looks at everybody again after every request and shares the
seats out from the rules as they are written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scim_server.domain.tenants import Tenant
from scim_server.services import people, reconciling
from tests import databases
from tests.examples import EXAMPLES
from tests.worlds import Connection, World, build

PEOPLE = ("ana", "bob", "cid", "dee", "eve")
GROUPS = ("sales", "staff")
"""`sales` is nested in `staff`."""
PRODUCTS = ("webinar", "training", "meeting")
"""Bundles before what they include."""
INCLUDES = {"webinar": {"meeting"}, "training": {"meeting"}, "meeting": set()}

MOST = {"meeting": 2, "webinar": 1, "training": 1}
"""Never enough seats for everybody."""
CHOICES = ("", "meeting", "webinar", "meeting,webinar", "training,meeting")
STATES = ("active", "active", "active", "inactive")
FREQUENCY = {"create": 3, "entitle": 3, "suspend": 2, "reactivate": 3, "exchange": 3}
"""How often a kind of request comes where another comes once."""
STEPS = 60

Place = tuple[int, int]
Step = tuple[str, ...]


@dataclass
class Human:
    """A person of the model: since when they have which claim, by product and source."""

    active: bool
    claims: dict[tuple[str, str], int] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    seats: dict[str, bool] = field(default_factory=dict)
    """Product to whether the seat counts; else it waits."""


@dataclass
class Model:
    """Everybody, what was bought and which rules there are (group, product); a rule's rank is its number."""

    people: dict[str, Human] = field(default_factory=dict)
    bought: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PRODUCTS, 0))
    policies: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PRODUCTS, "wait"))
    rules: list[tuple[str, str]] = field(default_factory=list)

    def take(self, step: Step, now: int) -> None:
        """What the request says, before anything follows from it."""
        match step:
            case "create", name, entitlements, active:
                self.people[name] = Human(active == "active")
                self.entitle(name, entitlements, now)
            case "entitle", name, entitlements:
                self.entitle(name, entitlements, now)
            case "suspend" | "reactivate", name:
                self.activate(name, step[0] == "reactivate", now)
            case "delete", name:
                del self.people[name]
            case "join" | "leave", moved, name:
                self.people[name].groups ^= {moved}
            case "exchange", exchanged, names:
                for name, human in self.people.items():
                    human.groups = human.groups - {exchanged} | ({exchanged} if name in names.split(",") else set())
            case _:
                self.agree(step)

    def agree(self, step: Step) -> None:
        """What the operator does."""
        match step:
            case "buy", code, seats:
                self.bought[code] = int(seats)
            case "rule", bound, code:
                self.rules.append((bound, code))
            case "policy", code, policy:
                self.policies[code] = policy

    def activate(self, name: str, active: bool, now: int) -> None:
        human = self.people[name]
        human.active = active
        if active:
            human.claims = dict.fromkeys(human.claims, now)

    def entitle(self, name: str, entitlements: str, now: int) -> None:
        claims = self.people[name].claims
        wanted = {(code, "direct") for code in entitlements.split(",") if code}
        for key in [key for key in claims if key[1] == "direct" and key not in wanted]:
            del claims[key]
        for key in wanted:
            claims.setdefault(key, now)

    def follow_rules(self, now: int) -> None:
        """Claims by rule are what the memberships of this moment say; one that stays keeps its time."""
        for human in self.people.values():
            within = human.groups | ({"staff"} if "sales" in human.groups else set())
            due = {(code, str(rank)) for rank, (bound, code) in enumerate(self.rules, 1) if bound in within}
            for key in [key for key in human.claims if key[1] != "direct" and key not in due]:
                del human.claims[key]
            for key in due:
                human.claims.setdefault(key, now)

    def share_out(self, ids: dict[tuple[str, str], str]) -> None:
        """Everybody's seats; `ids` breaks ties as the last rule of the queue says."""
        had = {name: {code for code, counts in human.seats.items() if counts} for name, human in self.people.items()}
        offered: dict[str, Place] = {}
        for code in PRODUCTS:
            queue: list[tuple[bool, Place, str, str]] = []
            for name, human in self.people.items():
                place = self.place(human, code) or (offered.get(name) if code == "meeting" else None)
                covered = any(code in INCLUDES[bundle] and human.seats.get(bundle) for bundle in INCLUDES)
                if place is None or covered or not human.active:
                    human.seats.pop(code, None)
                elif not human.seats.get(code):
                    lost_cover = code not in human.seats and any(code in INCLUDES[bundle] for bundle in had[name])
                    queue.append((not lost_cover, place, ids.get((name, code), ""), name))
            free = self.bought[code] - sum(human.seats.get(code, False) for human in self.people.values())
            for number, (_, place, _, name) in enumerate(sorted(queue)):
                self.people[name].seats[code] = number < free
                if number >= free and self.policies[code] == "downgrade":
                    offered[name] = min(place, offered.get(name, place))

    def place(self, human: Human, code: str) -> Place | None:
        places = [
            (0 if source == "direct" else int(source), since)
            for (claimed, source), since in human.claims.items()
            if claimed == code
        ]
        return min(places, default=None)

    def possible(self) -> dict[str, list[Step]]:
        """The requests that make sense now, by kind."""
        here = sorted(self.people)
        steps: list[Step] = [
            *(
                ("create", name, codes, state)
                for name in set(PEOPLE) - set(here)
                for codes in CHOICES
                for state in STATES
            ),
            *(("entitle", name, codes) for name in here for codes in CHOICES),
            *(("suspend" if self.people[name].active else "reactivate", name) for name in here),
            *(("delete", name) for name in here),
            *(
                ("leave" if each in self.people[name].groups else "join", each, name)
                for name in here
                for each in GROUPS
            ),
            *(
                ("buy", code, str(seats))
                for code, most in MOST.items()
                for seats in range(self.assigned(code), most + 1)
            ),
            *(("rule", each, code) for each in GROUPS for code in PRODUCTS if len(self.rules) < 4),
            *(("exchange", each, ",".join(names)) for each in GROUPS for names in combinations(here, 2)),
            *(("policy", code, policy) for code in ("webinar", "training") for policy in ("wait", "downgrade")),
        ]
        found: dict[str, list[Step]] = {}
        for step in sorted(steps):
            found.setdefault(step[0], []).append(step)
        return found

    def assigned(self, code: str) -> int:
        return sum(human.seats.get(code, False) for human in self.people.values())


@dataclass
class Reality:
    """The server, asked the same over HTTP."""

    world: World
    tenant: Tenant
    client: Connection
    bought: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PRODUCTS, 0))
    users: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.groups["sales"] = self.client.create_group("sales")["id"]
        self.groups["staff"] = self.client.create_group("staff", self.groups["sales"])["id"]

    def take(self, step: Step) -> None:
        match step:
            case "create", name, entitlements, active:
                values = [{"value": code} for code in entitlements.split(",") if code]
                created = self.client.create_user(name, entitlements=values, active=active == "active")
                self.users[name] = created["id"]
            case "entitle", name, entitlements:
                values = [{"value": code} for code in entitlements.split(",") if code]
                self.patch_user(name, "entitlements", values)
            case "suspend" | "reactivate", name:
                self.patch_user(name, "active", step[0] == "reactivate")
            case "delete", name:
                assert self.client.delete(f"/Users/{self.users.pop(name)}").status_code == 204
            case "join", joined, name:
                change = {"op": "add", "path": "members", "value": [{"value": self.users[name]}]}
                assert self.client.patch(f"/Groups/{self.groups[joined]}", change).status_code == 204
            case "leave", left, name:
                change = {"op": "remove", "path": f'members[value eq "{self.users[name]}"]'}
                assert self.client.patch(f"/Groups/{self.groups[left]}", change).status_code == 204
            case "exchange", exchanged, names:
                self.exchange_members(exchanged, names.split(","))
            case _:
                self.agree(step)

    def agree(self, step: Step) -> None:
        match step:
            case "buy", code, seats:
                self.bought[code] = int(seats)
                self.world.buy(self.tenant, code, int(seats))
            case "rule", bound, code:
                self.world.rule(self.tenant, bound, code)
            case "policy", code, policy:
                self.world.buy(self.tenant, code, self.bought[code], policy)

    def exchange_members(self, exchanged: str, names: list[str]) -> None:
        """One request that takes some people out of a group and others in; groups in it stay."""
        members = [{"value": self.users[name]} for name in names]
        if exchanged == "staff":
            members.append({"value": self.groups["sales"]})
        change = {"op": "replace", "path": "members", "value": members}
        assert self.client.patch(f"/Groups/{self.groups[exchanged]}", change).status_code == 204

    def patch_user(self, name: str, path: str, value: object) -> None:
        answer = self.client.patch(f"/Users/{self.users[name]}", {"op": "replace", "path": path, "value": value})
        assert answer.status_code == 200, answer.text

    def seats(self) -> tuple[dict[str, dict[str, bool]], dict[tuple[str, str], str]]:
        """Everybody's seats, product to whether it counts; and the id of each seat."""
        portraits = people.people(self.world.units, self.tenant)
        found = {each.user.user_name: {seat.product: seat.counts for seat in each.seats} for each in portraits}
        ids = {(each.user.user_name, seat.product): seat.id for each in portraits for seat in each.seats}
        return found, ids


@pytest.fixture(scope="module")
def house(sqlite_databases: databases.Fresh) -> Iterator[World]:
    built = build(sqlite_databases(), email_scope="tenant")
    built.sell("meeting", "webinar:meeting", "training:meeting")
    yield built
    built.installation.database.dispose()


_numbers = count(1)


@settings(max_examples=EXAMPLES // 5, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_after_every_request_everybody_has_the_seats_the_model_gives_them(house: World, seed: int) -> None:
    random = Random(seed)
    tenant = house.tenant(f"tenant{next(_numbers)}")
    reality, model, script = Reality(house, tenant, house.connect(tenant)), Model(), []
    for now in range(STEPS):
        possible = model.possible()
        (kind,) = random.choices(list(possible), [FREQUENCY.get(each, 1) for each in possible])
        step = random.choice(possible[kind])
        script.append(step)
        reality.take(step)
        seats, ids = reality.seats()
        model.take(step, now)
        model.follow_rules(now)
        model.share_out(ids)
        assert {name: human.seats for name, human in model.people.items()} == seats, script
    assert reconciling.differences(house.units, tenant) == []
