"""Rules on attributes: who meets a condition, asked of the database as any filter is."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, String, bindparam, func, literal, select, union_all

from scim_server.domain.errors import Invalid
from scim_server.protocol.conditions import paths_of, read_condition
from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.grammar import MAX_LENGTH
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.representations import ENTERPRISE
from scim_server.store.filtering import condition
from scim_server.store.places import USERS
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import users

MOST_AT_ONCE = 100
"""Conditions in one statement; SQLite takes 500 selects."""
_COMPUTED = USERS.computed | {(ENTERPRISE, "manager", "displayName")}
Batch = tuple[tuple[str, str], ...]
"""Rules by id, and their conditions."""
_TENANT: ColumnElement[Any] = bindparam("tenant")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions on the people of one tenant, in the words of its schemas."""

    scope: Scope
    kind: ResourceType

    def check(self, text: str) -> None:
        try:
            found = read_condition(text, self.kind)
            for path in paths_of(found):
                _refuse_computed(path)
            condition(found, self.kind, USERS)
        except InvalidFilter as refused:
            raise Invalid(refused.detail) from refused

    def meeting(
        self, conditions: Mapping[str, str], user_ids: Collection[str] | None = None, most: int | None = None
    ) -> list[tuple[str, str]]:
        if user_ids is not None and not user_ids:
            return []
        asked = {} if user_ids is None else {"ids": user_ids}
        statements = (_statement(batch, self.kind, among_some=bool(asked)) for batch in _batches(conditions))
        return [
            (row["user_id"], row["rule_id"])
            for statement in statements
            if statement is not None
            for row in self.scope.rows(statement if most is None else statement.limit(most), **asked)
        ]

    def count(self, text: str) -> int:
        statement = _statement((("", text),), self.kind, among_some=False)
        if statement is None:
            return 0
        (row,) = self.scope.rows(select(func.count().label("people")).select_from(statement.subquery()))
        return int(row["people"])


@lru_cache(maxsize=256)
def _statement(conditions: Batch, kind: ResourceType, *, among_some: bool) -> CompoundSelect[Any] | None:
    """Who meets which of the conditions; None where none of them can be read. Built once: it is asked with each change.

    One on an attribute that the tenant's schemas have lost since is left out: nobody has it now.
    """
    parts = []
    for rule_id, text in conditions:
        with suppress(InvalidFilter):
            people = select(users.c.id.label("user_id"), literal(rule_id, String()).label("rule_id")).where(
                users.c.tenant_id == _TENANT, condition(read_condition(text, kind), kind, USERS)
            )
            parts.append(people.where(among(users.c.id)) if among_some else people)
    return union_all(*parts) if parts else None


def _refuse_computed(path: AttributePath) -> None:
    keys = path.keys
    if any(keys[:length] in _COMPUTED for length in range(1, len(keys) + 1)):
        raise InvalidFilter(
            f"'{path}' is the server's own and no ground for a rule: "
            "use what the identity provider says of a person, for example department, title or userType."
        )


def _batches(conditions: Mapping[str, str]) -> Iterator[Batch]:
    """As many conditions at once as are no longer together than one filter may be: the database takes that much."""
    batch: list[tuple[str, str]] = []
    room = MAX_LENGTH
    for rule_id, text in conditions.items():
        if batch and (len(batch) == MOST_AT_ONCE or len(text) > room):
            yield tuple(batch)
            batch, room = [], MAX_LENGTH
        batch.append((rule_id, text))
        room -= len(text)
    if batch:
        yield tuple(batch)
