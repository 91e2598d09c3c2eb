"""Changes of a tenant's rules inside the caller's transaction: made for good by `ruling`, tried out by `forecasting`.

Each takes the tenant's guard exclusively, writes the rules, and brings everybody who met one of the changed rules,
or meets one now, up to date: with a handful of statements, however many people and rules that are. Each raises
Forbidden where a role is given or taken that is above whoever asks.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from scim_server.domain.access import check_within
from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.events import Change
from scim_server.domain.facts import of_rule
from scim_server.domain.rules import Rule
from scim_server.services import entitling
from scim_server.services.issues import ORPHAN_RULE
from scim_server.services.ports import UnitOfWork
from scim_server.services.rule_parts import RuleParts, with_parts


def add(uow: UnitOfWork, parts: RuleParts) -> Rule:
    """A new rule, at the lowest priority unless one is given. Raises Invalid, Missing."""
    before = _begin(uow)
    last = max((rule.priority for rule in before), default=0)
    blank = Rule(
        id=uow.new_id(),
        priority=last + 1,
        group_id=None,
        group_name="",
        products=frozenset(),
        enabled=True,
        created=uow.now,
    )
    rule = with_parts(uow, blank, parts)
    uow.rules.add(rule)
    if "priority" in parts:
        _place(uow, [*before, rule], rule.id, parts["priority"])
    return _settle(uow, before)[rule.id]


def change(uow: UnitOfWork, rule_id: str, parts: RuleParts) -> Rule:
    """Set parts of a rule. Raises Invalid, Missing."""
    before = _begin(uow)
    rule = find(before, rule_id)
    changed = with_parts(uow, rule, parts)
    if changed != rule:
        uow.rules.save(changed)
    if _audience(changed) != _audience(rule):
        uow.issues.close(ORPHAN_RULE, subjects=[rule.id])
    if "priority" in parts:
        _place(uow, before, rule.id, parts["priority"])
    return _settle(uow, before)[rule.id]


def reorder(uow: UnitOfWork, rule_ids: Sequence[str]) -> list[Rule]:
    """Give those rules the first places in that order; the others follow as before. Raises Invalid, Missing."""
    before = _begin(uow)
    if not rule_ids or len(set(rule_ids)) < len(rule_ids):
        raise Invalid("An order names at least one rule, and each once.")
    first = [find(before, rule_id).id for rule_id in rule_ids]
    _number(uow, before, [*first, *(rule.id for rule in before if rule.id not in first)])
    return list(_settle(uow, before).values())


def remove(uow: UnitOfWork, rule_id: str) -> Rule:
    """Take a rule out. Raises Missing."""
    before = _begin(uow)
    rule = find(before, rule_id)
    uow.rules.remove(rule.id)
    uow.issues.close(ORPHAN_RULE, subjects=[rule.id])
    _settle(uow, before)
    return rule


def bring(uow: UnitOfWork, wanted: Mapping[str, Rule | None]) -> bool:
    """Bring rules to what they were, None where they were not there, each at its place among the others.

    Answers whether any was otherwise. Raises Missing where what a rule gives is not there any more.
    """
    before = _begin(uow)
    present = {rule.id: rule for rule in before}
    back = {rule_id: rule for rule_id, rule in wanted.items() if rule is not None}
    for rule_id in wanted.keys() - back.keys():
        uow.rules.remove(rule_id)
        uow.issues.close(ORPHAN_RULE, subjects=[rule_id])
    free = max((rule.priority for rule in before), default=0)
    for rule_id, rule in back.items():
        _check_given(uow, rule)
        if rule_id not in present:
            free += 1
            uow.rules.add(replace(rule, priority=free))
        else:
            uow.rules.save(replace(rule, priority=present[rule_id].priority))
    _put_back(uow, back)
    return {rule.id: rule for rule in before} != _settle(uow, before)


def find(rules: Iterable[Rule], rule_id: str) -> Rule:
    """The rule of that id. Raises Missing."""
    found = next((rule for rule in rules if rule.id == rule_id), None)
    if found is None:
        raise Missing(f"There is no rule '{rule_id}'. `scim-server rule list` shows every rule with its id.")
    return found


def _begin(uow: UnitOfWork) -> list[Rule]:
    uow.guard(exclusive=True)
    return uow.rules.all()


def _audience(rule: Rule) -> tuple[str | None, ...]:
    return rule.condition, rule.group_id, rule.group_name


def _place(uow: UnitOfWork, rules: Sequence[Rule], rule_id: str, priority: int) -> None:
    if not 1 <= priority <= len(rules):
        raise Invalid(f"A priority is a place among the tenant's rules: from 1, the first, to {len(rules)}, the last.")
    order = [rule.id for rule in rules if rule.id != rule_id]
    _number(uow, rules, [*order[: priority - 1], rule_id, *order[priority - 1 :]])


def _number(uow: UnitOfWork, rules: Sequence[Rule], order: Sequence[str]) -> None:
    if [(rule.id, rule.priority) for rule in rules] != [(each, place) for place, each in enumerate(order, 1)]:
        uow.rules.reorder(order)


def _put_back(uow: UnitOfWork, back: Mapping[str, Rule]) -> None:
    """Give the rules their priorities among the others, before whichever has the same by now.

    Priorities are compared, as there are gaps where rules were deleted: the second may be the first that is left.
    """
    now = uow.rules.all()
    places = {rule.id: (rule.priority, True) for rule in now} | {
        rule_id: (rule.priority, False) for rule_id, rule in back.items()
    }
    _number(uow, now, sorted(places, key=lambda rule_id: places[rule_id]))


def _check_given(uow: UnitOfWork, rule: Rule) -> None:
    roles, templates = uow.roles.all(kept=True), {(each.product, each.name) for each in uow.templates.all()}
    if rule.role is not None and roles.find(rule.role) is None:
        raise Missing(f"The role '{rule.role}' that the rule gave is not there any more.")
    lost = [name for product, name in rule.templates.items() if (product, name) not in templates]
    if lost:
        raise Missing(f"The template '{lost[0]}' that the rule named is not there any more.")


def _settle(uow: UnitOfWork, before: Sequence[Rule]) -> dict[str, Rule]:
    """Record which rules have changed and bring whoever they concern up to date; answers all rules as they are."""
    earlier, now = {rule.id: rule for rule in before}, {rule.id: rule for rule in uow.rules.all()}
    versions: list[Rule] = []
    for rule_id in earlier | now:
        then, new = earlier.get(rule_id), now.get(rule_id)
        if then != new:
            _check_authority(uow, then, new)
            _record(uow, then, new)
            versions += [version for version in (then, new) if version is not None and version.enabled]
            if then is not None and not then.enabled and (new is None or _audience(then) != _audience(new)):
                versions.append(then)  # it gives nothing, but who was kept out of what it gives is so no more
    people = _people(uow, versions)
    if people:
        uow.concern(len(people))
        entitling.refresh(uow, uow.users.lock(people), guarded=True)
    return now


def _check_authority(uow: UnitOfWork, then: Rule | None, new: Rule | None) -> None:
    """Raises Forbidden where the rule gives, or gave, a role above whoever changes it; a rule's place is no matter."""
    if then is not None and new is not None and replace(then, priority=new.priority) == new:
        return
    codes = {version.role for version in (then, new) if version is not None and version.role is not None}
    if codes and uow.cause.permits is not None:
        roles = uow.roles.all()
        for code in codes & roles.by_code.keys():
            check_within(roles.by_code[code], uow.cause.permits)


def _record(uow: UnitOfWork, then: Rule | None, new: Rule | None) -> None:
    rule = new or then
    if rule is not None:
        action = "rule.created" if then is None else "rule.deleted" if new is None else "rule.changed"
        before, after = (None if version is None else of_rule(version) for version in (then, new))
        uow.record(Change("rule", rule.id, action, before, after))


def _people(uow: UnitOfWork, rules: Iterable[Rule]) -> Collection[str]:
    """Everybody who meets one of those rules, the groups locked that they meet them by."""
    groups: set[str] = set()
    conditions: dict[str, str] = {}
    for rule in rules:
        if rule.condition is not None:
            conditions[str(len(conditions))] = rule.condition
        elif rule.group_id is not None:
            groups.add(rule.group_id)
    # Of so many answers more people are among them than may be, and the others need not be known.
    enough = None if uow.most_concerned is None else len(conditions) * (uow.most_concerned + 1)
    found = {user_id for user_id, _ in uow.conditions.meeting(conditions, most=enough)}
    uow.concern(len(found))
    if groups:
        if uow.most_concerned is not None:
            uow.concern(max(uow.members.sizes(groups).values(), default=0))
        uow.groups.lock_below(groups)
        found.update(uow.members.users_below(groups))
    return found
