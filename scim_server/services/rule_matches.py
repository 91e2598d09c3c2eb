"""Which rules some people meet, and what those rules give them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from scim_server.domain.instants import Instant
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Claim, Place
from scim_server.services.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class RuleMatches:
    """The rules of the tenant by id, and who of the people asked about meets which: user id and rule id."""

    rules: Mapping[str, Rule]
    pairs: Collection[tuple[str, str]]

    @classmethod
    def of(cls, uow: UnitOfWork, user_ids: Collection[str]) -> "RuleMatches":
        """Read with a fixed number of statements; none for the people where there is no rule."""
        return cls.among(uow, uow.rules.all(), user_ids)

    @classmethod
    def among(cls, uow: UnitOfWork, known: Iterable[Rule], user_ids: Collection[str]) -> "RuleMatches":
        """The same where all rules are known."""
        rules = {rule.id: rule for rule in known}
        conditions = {rule.id: rule.condition for rule in rules.values() if rule.condition is not None}
        by_group = uow.rules.matches(user_ids) if len(conditions) < len(rules) else []
        return cls(rules, [*by_group, *uow.conditions.meeting(conditions, user_ids)])

    def enabled(self) -> Iterator[tuple[str, Rule]]:
        """Who meets which rule that is enabled. One made while a read without a lock went on is passed over."""
        for user_id, rule_id in self.pairs:
            rule = self.rules.get(rule_id)
            if rule is not None and rule.enabled:
                yield user_id, rule

    def claims(self, now: Instant) -> list[Claim]:
        """What the enabled rules give, claimed at `now`."""
        return [
            Claim(user_id, product, rule.source, Place(rule.priority, now))
            for user_id, rule in self.enabled()
            for product in sorted(rule.products)
        ]
