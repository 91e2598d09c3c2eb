"""What a list of people would take of the seats there are, each in turn; nothing here is given to anybody."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from scim_server.domain.imports import Supply
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Policy, Subscription


@dataclass
class SeatForecast:
    """Free seats as they would be, and what was needed and short so far, by product."""

    catalogue: Catalogue
    subscriptions: Mapping[str, Subscription]
    free: Counter[str] = field(default_factory=Counter)
    needed: Counter[str] = field(default_factory=Counter)
    short: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, catalogue: Catalogue, subscriptions: Iterable[Subscription]) -> "SeatForecast":
        """From the seats that are free now."""
        by_product = {each.product: each for each in subscriptions}
        free = Counter({product: each.room(each.policy) for product, each in by_product.items()})
        return cls(catalogue, by_product, free)

    def refusing(self, wanted: Collection[str], held: Collection[str]) -> str | None:
        """The first of the products that could not be had and whose subscription refuses people then."""
        waits = self._shared_out(wanted, held, self.free.copy())[1]
        return next((code for code in waits if self._policy(code) is Policy.REJECT), None)

    def take(self, wanted: Collection[str], held: Collection[str]) -> list[str]:
        """Let somebody who holds seats of `held` have the others of `wanted` too; answers those to be waited for."""
        taken, waits = self._shared_out(wanted, held, self.free)
        self.needed.update([*taken, *waits])
        self.short.update(waits)
        return waits

    def supplies(self) -> tuple[Supply, ...]:
        """Of each product that was needed, how many seats were, and how many were free before."""
        at_first = {code: each.room(each.policy) for code, each in self.subscriptions.items()}
        return tuple(
            Supply(product, self.needed[product], at_first.get(product, 0), self.short[product])
            for product in sorted(self.needed)
        )

    def _shared_out(
        self, wanted: Collection[str], held: Collection[str], free: Counter[str]
    ) -> tuple[list[str], list[str]]:
        """What somebody gets of `free`, and what not: bundles first, as they cover what they include."""
        has, taken, waits = set(held), [], []
        for code in self.catalogue.bundles_first(set(wanted) - has):
            if not has.isdisjoint(self.catalogue.covered_by(code)):
                continue
            if free[code] <= 0:
                waits.append(code)
                continue
            free[code] -= 1
            taken.append(code)
            free.update(has & self.catalogue.covers(code))
            has = (has - self.catalogue.covers(code)) | {code}
        return taken, waits

    def _policy(self, product: str) -> Policy:
        subscription = self.subscriptions.get(product)
        return Policy.WAIT if subscription is None else subscription.policy
