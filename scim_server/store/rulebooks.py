"""Rules and issues."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.rules import Rule
from scim_server.protocol.normalising import fold
from scim_server.services.ports import Issue
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import issues, rule_products, rules

_TENANT: ColumnElement[Any] = bindparam("tenant")
_RULES = select(rules).where(rules.c.tenant_id == _TENANT).order_by(rules.c.priority)
_RULE_PRODUCTS = select(rule_products).where(rule_products.c.tenant_id == _TENANT)
_WAITING = _RULES.where(rules.c.group_id.is_(None), rules.c.group_name_key == bindparam("key"))
_BOUND = _RULES.where(rules.c.group_id == bindparam("group_id"))
_BIND = update(rules).where(
    rules.c.tenant_id == _TENANT, rules.c.group_id.is_(None), rules.c.group_name_key == bindparam("key")
)
_OF_GROUP = update(rules).where(rules.c.tenant_id == _TENANT, rules.c.group_id == bindparam("old_group"))
_COLUMNS = ("id", "code", "subject", "opened", "user_id", "product", "connection_id")
_OPEN = (issues.c.tenant_id == _TENANT, issues.c.closed.is_(None))
_OF_USERS = select(issues).where(*_OPEN, among(issues.c.user_id)).order_by(issues.c.opened, issues.c.id)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one tenant."""

    scope: Scope

    def all(self) -> list[Rule]:
        return self._with_products(self.scope.rows(_RULES))

    def add(self, rule: Rule) -> None:
        self.scope.insert(
            rules,
            {
                "id": rule.id,
                "priority": rule.priority,
                "group_id": rule.group_id,
                "group_name": rule.group_name,
                "group_name_key": fold(rule.group_name),
                "enabled": rule.enabled,
                "created": rule.created,
            },
        )
        self.scope.insert(rule_products, *({"rule_id": rule.id, "product": product} for product in rule.products))

    def bind(self, group_name: str, group_id: str) -> list[Rule]:
        waiting = self.scope.rows(_WAITING, key=fold(group_name))
        if not waiting:
            return []
        self.scope.run(_BIND.values(group_id=group_id), key=fold(group_name))
        return self._with_products(waiting)

    def rename(self, group_id: str, group_name: str) -> None:
        self.scope.run(_OF_GROUP.values(group_name=group_name, group_name_key=fold(group_name)), old_group=group_id)

    def unbind(self, group_id: str) -> list[Rule]:
        bound = self.scope.rows(_BOUND, group_id=group_id)
        if bound:
            self.scope.run(_OF_GROUP.values(group_id=None), old_group=group_id)
        return self._with_products(bound)

    def _with_products(self, found: Collection[rows.Row]) -> list[Rule]:
        by_rule: dict[str, set[str]] = {}
        for row in self.scope.rows(_RULE_PRODUCTS) if found else ():
            by_rule.setdefault(row["rule_id"], set()).add(row["product"])
        return [rows.rule_of(row, frozenset(by_rule.get(row["id"], ()))) for row in found]


@dataclass(frozen=True, slots=True)
class Issues:
    """The issues of one tenant."""

    scope: Scope
    now: Instant

    def open(self, *new: Issue) -> None:
        self.scope.insert_absent(issues, *({name: getattr(issue, name) for name in _COLUMNS} for issue in new))

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
        self.scope.run(statement.values(closed=self.now), **bound)

    def close_all_of(self, user_id: str) -> None:
        self.scope.run(update(issues).where(*_OPEN, issues.c.user_id == user_id).values(closed=self.now))

    def of(self, user_ids: Collection[str]) -> list[Issue]:
        found = self.scope.rows(_OF_USERS, ids=user_ids) if user_ids else ()
        return [Issue(**{name: row[name] for name in _COLUMNS}) for row in found]
