"""Rules and issues."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, bindparam, delete, exists, select, tuple_, update

from scim_server.domain.instants import Instant
from scim_server.domain.rules import Rule
from scim_server.protocol.normalising import fold
from scim_server.services.issues import OUTLIVING
from scim_server.services.ports import Issue
from scim_server.store import rows
from scim_server.store.recursions import is_groups
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import issues, members, rule_products, rules, tenants, users

_TENANT: ColumnElement[Any] = bindparam("tenant")
_RULES = (
    select(rules, rule_products.c.product, rule_products.c.template)
    .join(
        rule_products,
        (rule_products.c.tenant_id == rules.c.tenant_id) & (rule_products.c.rule_id == rules.c.id),
        isouter=True,
    )
    .where(rules.c.tenant_id == _TENANT)
    .order_by(rules.c.priority)
)
"""A row per product of each rule, and one for a rule that gives none."""
_WAITING = _RULES.where(rules.c.group_id.is_(None), rules.c.group_name_key == bindparam("key")).with_for_update(
    of=rules
)
_BOUND = _RULES.where(rules.c.group_id == bindparam("group_id"))
_BIND = update(rules).where(
    rules.c.tenant_id == _TENANT, rules.c.group_id.is_(None), rules.c.group_name_key == bindparam("key")
)
_OF_GROUP = update(rules).where(rules.c.tenant_id == _TENANT, rules.c.group_id == bindparam("old_group"))
_OF_RULE = (rules.c.tenant_id == _TENANT, rules.c.id == bindparam("rule_id"))
_SAVE = (
    update(rules)
    .where(*_OF_RULE)
    .values({column.name: bindparam(column.name) for column in rules.c if column.name not in {"tenant_id", "id"}})
)
_REMOVE = delete(rules).where(*_OF_RULE)
_DROP_PRODUCTS = delete(rule_products).where(
    rule_products.c.tenant_id == _TENANT, rule_products.c.rule_id == bindparam("rule_id")
)
_ASIDE = update(rules).where(rules.c.tenant_id == _TENANT).values(priority=-rules.c.priority)
_PLACE = update(rules).where(*_OF_RULE).values(priority=bindparam("place"))
_NOTE_CONDITIONS = (
    update(tenants)
    .where(tenants.c.id == _TENANT)
    .values(attribute_rules=exists().where(rules.c.tenant_id == _TENANT, rules.c.condition.is_not(None)))
)
"""Under the exclusive guard, which is a lock on the same row."""
_ISSUES = (
    select(issues)
    .where(
        issues.c.tenant_id == _TENANT,
        tuple_(issues.c.opened, issues.c.id) > tuple_(bindparam("after_opened"), bindparam("after_id")),
    )
    .order_by(issues.c.opened, issues.c.id)
)
_ISSUE = select(issues).where(issues.c.tenant_id == _TENANT, issues.c.id == bindparam("issue_id"))
_OPEN = (issues.c.tenant_id == _TENANT, issues.c.closed.is_(None))
_ENDS_WITH_PERSON = issues.c.code.not_in(sorted(OUTLIVING))
_OF_PRODUCTS = (
    select(issues)
    .where(*_OPEN, among(issues.c.code), issues.c.product.is_not(None), issues.c.user_id.is_(None))
    .order_by(issues.c.opened, issues.c.id)
)
_OF_GONE = (
    select(issues)
    .where(
        *_OPEN,
        issues.c.user_id.is_not(None),
        _ENDS_WITH_PERSON,
        ~exists().where(users.c.tenant_id == issues.c.tenant_id, users.c.id == issues.c.user_id),
    )
    .order_by(issues.c.opened, issues.c.id)
)
_OF_USERS = select(issues).where(*_OPEN, among(issues.c.user_id)).order_by(issues.c.opened, issues.c.id)
_OF_ONE_GROUP = (*_OPEN, issues.c.group_id == bindparam("of_group"))
_OF_GROUP_NOW = select(issues).where(*_OF_ONE_GROUP).order_by(issues.c.opened, issues.c.id)
_CLOSE_OF_GROUP, _CLOSE_OF_USER, _CLOSE_THESE = (
    update(issues).where(*which).values(closed=bindparam("now")).returning(issues)
    for which in (
        _OF_ONE_GROUP,
        (*_OPEN, _ENDS_WITH_PERSON, issues.c.user_id == bindparam("of_user")),
        (*_OPEN, among(issues.c.id)),
    )
)


def _by_group() -> Select[Any]:
    """Which rules the users `ids` meet by being in a group, through any number of nested ones."""
    direct = select(members.c.member_id.label("user_id"), members.c.group_id).where(
        members.c.tenant_id == _TENANT, members.c.kind == "User", among(members.c.member_id)
    )
    within = direct.cte("within", recursive=True)
    within = within.union(
        select(within.c.user_id, members.c.group_id)
        .join(members, members.c.member_id == within.c.group_id)
        .where(is_groups(members, within.c.group_id))
    )
    return (
        select(within.c.user_id, rules.c.id.label("rule_id"))
        .distinct()
        .join(rules, rules.c.group_id == within.c.group_id)
        .where(rules.c.tenant_id == _TENANT)
    )


_BY_GROUP = _by_group()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one tenant."""

    scope: Scope
    read: list[Rule] = field(default_factory=list)

    def expect(self) -> None:
        self.scope.expect(_RULES)

    def all(self) -> list[Rule]:
        self.read[:] = _rules_of(self.scope.expected(_RULES))
        return list(self.read)

    def known(self) -> Sequence[Rule]:
        return self.read

    def add(self, rule: Rule) -> None:
        self.scope.insert(rules, rows.rule_row(rule))
        self.scope.insert(rule_products, *rows.rule_product_rows(rule))
        self.scope.run(_NOTE_CONDITIONS)

    def save(self, rule: Rule) -> None:
        values = rows.rule_row(rule)
        self.scope.run(_SAVE, rule_id=values.pop("id"), **values)
        self.scope.run(_DROP_PRODUCTS, rule_id=rule.id)
        self.scope.insert(rule_products, *rows.rule_product_rows(rule))
        self.scope.run(_NOTE_CONDITIONS)

    def reorder(self, rule_ids: Sequence[str]) -> None:
        self.scope.run(_ASIDE)
        self.scope.run_each(_PLACE, [{"rule_id": each, "place": place} for place, each in enumerate(rule_ids, 1)])

    def remove(self, rule_id: str) -> None:
        self.scope.run(_DROP_PRODUCTS, rule_id=rule_id)
        self.scope.run(_REMOVE, rule_id=rule_id)
        self.scope.run(_NOTE_CONDITIONS)

    def matches(self, user_ids: Collection[str]) -> list[tuple[str, str]]:
        if not user_ids:
            return []
        return [(row["user_id"], row["rule_id"]) for row in self.scope.rows(_BY_GROUP, ids=user_ids)]

    def bind(self, group_name: str, group_id: str) -> list[Rule]:
        waiting = self.scope.rows(_WAITING, key=fold(group_name))
        if not waiting:
            return []
        self.scope.forget(_RULES)
        self.scope.run(_BIND.values(group_id=group_id), key=fold(group_name))
        return _rules_of(waiting)

    def rename(self, group_id: str, group_name: str) -> list[Rule]:
        bound = self.scope.rows(_BOUND, group_id=group_id)
        if bound:
            named = _OF_GROUP.values(group_name=group_name, group_name_key=fold(group_name))
            self.scope.forget(_RULES)
            self.scope.run(named, old_group=group_id)
        return _rules_of(bound)

    def unbind(self, group_id: str) -> list[Rule]:
        bound = self.scope.rows(_BOUND, group_id=group_id)
        if bound:
            self.scope.forget(_RULES)
            self.scope.run(_OF_GROUP.values(group_id=None), old_group=group_id)
        return _rules_of(bound)


def _rules_of(found: Collection[rows.Row]) -> list[Rule]:
    first: dict[str, rows.Row] = {}
    products: dict[str, dict[str, str | None]] = {}
    for row in found:
        first.setdefault(row["id"], row)
        if row["product"] is not None:
            products.setdefault(row["id"], {})[row["product"]] = row["template"]
    return [rows.rule_of(row, products.get(rule_id, {})) for rule_id, row in first.items()]


@dataclass(frozen=True, slots=True)
class Issues:
    """The issues of one tenant."""

    scope: Scope
    now: Instant
    turned: list[Issue] = field(default_factory=list)

    def open(self, *new: Issue) -> None:
        if new:
            opened = self.scope.inserted(issues, issues.c.id, *map(rows.columns_of, new))
            ids = {row["id"] for row in opened}
            self.turned.extend(each for each in new if each.id in ids)

    def close(
        self,
        code: str,
        *,
        user_ids: Collection[str] = (),
        product: str | None = None,
        subjects: Collection[str] = (),
    ) -> None:
        statement = update(issues).where(*_OPEN, issues.c.code == code)
        if user_ids:
            statement = statement.where(among(issues.c.user_id))
        if product is not None:
            statement = statement.where(issues.c.product == product)
        if subjects:
            statement = statement.where(among(issues.c.subject, "subjects"))
        bound = {name: texts for name, texts in (("ids", user_ids), ("subjects", subjects)) if texts}
        self._close(statement.values(closed=bindparam("now")).returning(issues), **bound)

    def _close(self, statement: Executable, **bound: Any) -> None:
        self.turned.extend(issues_of(self.scope.rows(statement, now=self.now, **bound)))

    def close_all_of(self, user_id: str) -> None:
        self._close(_CLOSE_OF_USER, of_user=user_id)

    def close_these(self, settled: Collection[Issue]) -> None:
        if settled:
            self._close(_CLOSE_THESE, ids=[issue.id for issue in settled])

    def close_all_of_group(self, group_id: str) -> None:
        self._close(_CLOSE_OF_GROUP, of_group=group_id)

    def of(self, user_ids: Collection[str]) -> list[Issue]:
        return issues_of(self.scope.rows(_OF_USERS, ids=user_ids)) if user_ids else []

    def expect_of_group(self, group_id: str) -> None:
        self.scope.expect(_OF_GROUP_NOW, of_group=group_id)

    def of_group(self, group_id: str) -> list[Issue]:
        return issues_of(self.scope.expected(_OF_GROUP_NOW, of_group=group_id))

    def get(self, issue_id: str) -> Issue | None:
        return next(iter(issues_of(self.scope.rows(_ISSUE, issue_id=issue_id))), None)

    def find(
        self,
        *,
        closed: bool,
        code: str | None = None,
        user_id: str | None = None,
        after: tuple[Instant, str] = ("", ""),
        most: int | None = None,
    ) -> list[Issue]:
        statement = _ISSUES.limit(most)
        if not closed:
            statement = statement.where(issues.c.closed.is_(None))
        if code is not None:
            statement = statement.where(issues.c.code == code)
        if user_id is not None:
            statement = statement.where(issues.c.user_id == user_id)
        return issues_of(self.scope.rows(statement, after_opened=after[0], after_id=after[1]))

    def of_gone(self) -> list[Issue]:
        return issues_of(self.scope.rows(_OF_GONE))

    def of_products(self, codes: Collection[str]) -> list[Issue]:
        return issues_of(self.scope.rows(_OF_PRODUCTS, ids=codes))


def issues_of(found: Iterable[rows.Row]) -> list[Issue]:
    """The issues of rows."""
    return [rows.record_of(Issue, row) for row in found]
