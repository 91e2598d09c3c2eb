"""A naive model of the seat ledger (design section 6): who has a seat, who waits, whose seat is held.

It knows no increments, locks or statements: after every change it looks at everybody again and shares the seats out
from the rules as they are written.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

PRODUCTS = ("webinar", "training", "meeting")
"""Bundles before what they include."""
INCLUDES: Mapping[str, frozenset[str]] = {
    "webinar": frozenset({"meeting"}),
    "training": frozenset({"meeting"}),
    "meeting": frozenset(),
}
NESTED = {"sales": "staff"}
"""`sales` is a member of `staff`."""
WINDOW = 600
HOLD = 24 * 3600

Place = tuple[int, int]
Holding = tuple[str, str]
"""A person's name and a product."""


@dataclass(frozen=True)
class Want:
    """A claim as the queue sees it: the smaller the place, the sooner; a policy of its own, if any."""

    place: Place
    policy: str | None = None


@dataclass
class ModelRule:
    """A rule for a group; its priority is its place in the list."""

    group: str
    products: tuple[str, ...]
    policy: str | None = None
    enabled: bool = True


@dataclass
class ModelSubscription:
    """What was bought of one product."""

    seats: int = 0
    policy: str = "wait"
    overage: int = 0

    def limit(self, policy: str) -> int:
        return self.seats + (self.overage if policy == "overage" else 0)


@dataclass
class Human:
    """A person. Claims by product and source have a claim time, those by transfer a rank as well."""

    active: bool = True
    blocked: bool = False
    named: tuple[str, ...] = ()
    """The products that the entitlements name."""
    claims: dict[Holding, int] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    """The rank of a claim by transfer, by product."""
    excluded: set[Holding] = field(default_factory=set)
    """What the person is kept out of: product and source, `*` for all that is derived."""
    groups: set[str] = field(default_factory=set)
    seats: dict[str, str] = field(default_factory=dict)
    """Product to `assigned`, `waiting` or `held`."""
    places: dict[str, Place] = field(default_factory=dict)
    """The place in the queue that each seat had last."""

    @property
    def may_hold(self) -> bool:
        return self.active and not self.blocked

    @property
    def within(self) -> set[str]:
        return self.groups | {NESTED[group] for group in self.groups if group in NESTED}

    def counts(self, code: str) -> bool:
        return self.seats.get(code) in {"assigned", "held"}

    def covered(self, code: str) -> bool:
        return any(code in INCLUDES[bundle] and self.counts(bundle) for bundle in PRODUCTS)

    def is_excluded(self, code: str, source: str) -> bool:
        return bool(self.excluded & {(code, source), (code, "*")})


@dataclass
class Model:
    """Everybody, what was bought, the rules and what is kept for invited people."""

    guard_seats: int
    """How many seats of a product may go at once; no share of them comes on top."""
    people: dict[str, Human] = field(default_factory=dict)
    subscriptions: dict[str, ModelSubscription] = field(
        default_factory=lambda: {code: ModelSubscription() for code in PRODUCTS}
    )
    rules: dict[str, ModelRule] = field(default_factory=dict)
    """By a key of the model's own, in order of priority."""
    reserved: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Address to the products that are kept for it."""
    releases: list[tuple[int, str, int]] = field(default_factory=list)
    """What guarded changes have released: when (seconds), of which product, how many."""
    clock: int = 0
    """Seconds that have gone by."""

    def assigned(self, code: str) -> int:
        """Seats of the product that count, those kept for invited people included."""
        kept = sum(products.count(code) for products in self.reserved.values())
        return kept + sum(human.counts(code) for human in self.people.values())

    def entitle(self, name: str, products: Collection[str], now: int) -> None:
        """The person's entitlements name `products` from now on."""
        human = self.people[name]
        human.named = tuple(products)
        human.excluded -= {(code, "direct") for code in PRODUCTS if code not in products}
        self._follow_entitlements(human, now)

    def _follow_entitlements(self, human: Human, now: int) -> None:
        for code in PRODUCTS:
            if code in human.named and not human.is_excluded(code, "direct"):
                human.claims.setdefault((code, "direct"), now)
            else:
                human.claims.pop((code, "direct"), None)

    def allow(self, name: str, now: int, *, active: bool | None = None, blocked: bool | None = None) -> None:
        """Suspend or reactivate; whoever comes back claims everything anew."""
        human = self.people[name]
        before = human.may_hold
        human.active = human.active if active is None else active
        human.blocked = human.blocked if blocked is None else blocked
        if human.may_hold and not before:
            human.claims = dict.fromkeys(human.claims, now)

    def exclude(self, name: str, code: str) -> None:
        """An admin keeps the person out of all that is derived."""
        human = self.people[name]
        human.excluded.add((code, "*"))
        human.claims.pop((code, "direct"), None)

    def include(self, name: str, code: str, now: int) -> None:
        """An admin lifts what keeps the person out."""
        human = self.people[name]
        human.excluded = {each for each in human.excluded if each[0] != code}
        self._follow_entitlements(human, now)

    def hand_over(self, giver: str, receiver: str, products: Collection[str], now: int) -> frozenset[Holding]:
        """Move claims from the giver to the receiver; answers the receiver's part in what is released."""
        self.follow_rules(now)
        gives, gets = self.people[giver], self.people[receiver]
        heirs = set()
        for code in products:
            want = self.want(gives, code)
            rank, since = gives.places[code] if code in gives.seats else want.place if want else (0, now)
            for claimed, source in [key for key in gives.claims if key[0] == code]:
                if source == "direct" or source.startswith("rule:"):
                    gives.excluded.add((claimed, source))
                del gives.claims[(claimed, source)]
            gets.claims[(code, "transfer")] = since
            gets.ranks[code] = rank
            if gives.counts(code):
                heirs.add((receiver, code))
        return frozenset(heirs)

    def follow_rules(self, now: int) -> None:
        """Claims by rule are what the memberships of this moment say; one that stays keeps its time."""
        for human in self.people.values():
            met = {key for key, rule in self.rules.items() if rule.group in human.within}
            gone = {each for each in human.excluded if each[1].startswith("rule:") and each[1][5:] not in met}
            human.excluded -= gone
            due = {
                (code, f"rule:{key}")
                for key in met
                if self.rules[key].enabled
                for code in self.rules[key].products
                if not human.is_excluded(code, f"rule:{key}")
            }
            for claim in [each for each in human.claims if each[1].startswith("rule:") and each not in due]:
                del human.claims[claim]
            for claim in due:
                human.claims.setdefault(claim, now)

    def want(self, human: Human, code: str) -> Want | None:
        """The best of the person's claims on the product."""
        order = list(self.rules)
        wants = []
        for (claimed, source), since in human.claims.items():
            if claimed == code and source.startswith("rule:"):
                rule = self.rules[source[5:]]
                wants.append(Want((order.index(source[5:]) + 1, since), rule.policy))
            elif claimed == code:
                wants.append(Want((human.ranks.get(code, 0) if source == "transfer" else 0, since)))
        return min(wants, key=lambda want: want.place, default=None)

    def settle(
        self,
        ids: Mapping[Holding, str],
        *,
        guarded: bool = False,
        heirs: Collection[Holding] = (),
        ended: Collection[Holding] = (),
    ) -> None:
        """Everybody's seats; `ids` are the ids of seats, which break ties."""
        had = {name: {code for code in PRODUCTS if human.counts(code)} for name, human in self.people.items()}
        offered: dict[str, Place] = {}
        for code in PRODUCTS:
            for name, human in self.people.items():
                if want := self._wanted(name, human, code, offered):
                    human.places[code] = want.place
            leaving = list(self._release(code, offered, guarded=guarded, ended=ended))
            self._guard(code, sorted(leaving, key=lambda name: ids.get((name, code), "")))
            line = [
                (self._turn(name, human, code, had[name], heirs), want.place, ids.get((name, code), ""), name)
                for name, human in self.people.items()
                if (want := self._wanted(name, human, code, offered)) and not human.counts(code)
            ]
            self._share_out(code, [name for *_, name in sorted(line)], offered, heirs)

    def _wanted(self, name: str, human: Human, code: str, offered: Mapping[str, Place]) -> Want | None:
        if not human.may_hold or human.covered(code):
            return None
        fallback = Want(offered[name]) if code == "meeting" and name in offered else None
        return self.want(human, code) or fallback

    def _release(
        self, code: str, offered: Mapping[str, Place], *, guarded: bool, ended: Collection[Holding]
    ) -> Iterator[str]:
        """Take seats from those who should have none; answers those whom a guarded change would take one from."""
        for name, human in self.people.items():
            state, wanted = human.seats.get(code), self._wanted(name, human, code, offered)
            keeps = human.may_hold and not human.covered(code)
            if human.counts(code) and (name, code) in ended:
                del human.seats[code]
            elif state == "held" and wanted:
                human.seats[code] = "assigned"
            elif state == "held" and keeps:
                continue
            elif state == "assigned" and not wanted and keeps and guarded:
                yield name
            elif state and not wanted:
                del human.seats[code]

    def _guard(self, code: str, leaving: list[str]) -> None:
        if not leaving:
            return
        gone = sum(count for at, product, count in self.releases if product == code and at > self.clock - WINDOW)
        free_to_go = max(0, self.guard_seats - gone)
        for number, name in enumerate(leaving):
            if number < free_to_go:
                del self.people[name].seats[code]
            else:
                self.people[name].seats[code] = "held"
        self.releases.append((self.clock, code, min(free_to_go, len(leaving))))

    def _turn(self, name: str, human: Human, code: str, had: Collection[str], heirs: Collection[Holding]) -> int:
        if (name, code) in heirs:
            return 0
        lost_cover = code not in human.seats and any(code in INCLUDES[bundle] for bundle in had)
        return 1 if lost_cover else 2

    def _share_out(self, code: str, line: list[str], offered: dict[str, Place], heirs: Collection[Holding]) -> None:
        subscription = self.subscriptions[code]
        counting = self.assigned(code)
        for name in line:
            human = self.people[name]
            want = self._wanted(name, human, code, offered)
            assert want is not None
            policy = want.policy or subscription.policy
            if counting < subscription.limit("overage" if (name, code) in heirs else policy):
                human.seats[code] = "assigned"
                counting += 1
                continue
            human.seats[code] = "waiting"
            if policy == "downgrade" and INCLUDES[code]:
                offered[name] = min(want.place, offered.get(name, want.place))
