"""Leaver receipts."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, insert, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.receipts import Acknowledgement, Ended, Part, Receipt, ReceiptState
from scim_server.domain.tenants import Tenant
from scim_server.services.receipt_queries import Sought
from scim_server.store import rows
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import receipts, tenants

_TENANT: ColumnElement[bool] = receipts.c.tenant_id == bindparam("tenant")
_OPEN = (_TENANT, receipts.c.closed.is_(None))
_ALL = select(receipts).where(_TENANT).order_by(receipts.c.id)
_ONE = _ALL.where(receipts.c.id == bindparam("of_receipt"))
_LOCK_ONE = _ONE.with_for_update()
_LOCK_OF_USERS = _ALL.where(receipts.c.closed.is_(None), among(receipts.c.user_id)).with_for_update()
_LOCK_OPEN = _ALL.where(receipts.c.closed.is_(None)).with_for_update()
_LOCK_DUE = _ALL.where(receipts.c.alarm <= bindparam("now")).limit(bindparam("most")).with_for_update()
_LOCK_CLOSED = _ALL.where(receipts.c.closed < bindparam("before")).limit(bindparam("most")).with_for_update()
_REMOVE = delete(receipts).where(_TENANT, among(receipts.c.id))
_SAVED = ("acknowledged", "alarm", "reported", "escalated", "closed", "outcome")
_SAVE = (
    update(receipts)
    .where(_TENANT, receipts.c.id == bindparam("of_receipt"))
    .values({name: bindparam(f"new_{name}", type_=receipts.c[name].type) for name in _SAVED})
)
_ADD = insert(receipts)
_WITH_DUE = select(receipts.c.tenant_id).where(receipts.c.alarm <= bindparam("now"))


@dataclass(frozen=True, slots=True)
class Receipts:
    """The receipts of one tenant."""

    scope: Scope

    def add(self, *new: Receipt) -> None:
        self.scope.leave(_ADD, *map(_row, new))

    def save(self, *changed: Receipt) -> None:
        self.scope.leave(_SAVE, *map(_changes, changed))

    def get(self, receipt_id: str) -> Receipt | None:
        return next(iter(self._found(_ONE, of_receipt=receipt_id)), None)

    def lock(self, receipt_id: str) -> Receipt | None:
        return next(iter(self._found(_LOCK_ONE, of_receipt=receipt_id)), None)

    def lock_open(self, user_ids: Collection[str] | None = None) -> list[Receipt]:
        if user_ids is None:
            return self._found(_LOCK_OPEN)
        return self._found(_LOCK_OF_USERS, ids=sorted(user_ids))

    def lock_due(self, now: Instant, most: int) -> list[Receipt]:
        return self._found(_LOCK_DUE, now=now, most=most)

    def lock_closed(self, before: Instant, most: int) -> list[Receipt]:
        return self._found(_LOCK_CLOSED, before=before, most=most)

    def remove(self, receipt_ids: Collection[str]) -> None:
        self.scope.run(_REMOVE, ids=sorted(receipt_ids))

    def find(self, sought: Sought, after: str, most: int | None, now: Instant) -> list[Receipt]:
        wanted = {
            "of_user": sought.user_id,
            "since": sought.since,
            "until": sought.until,
            "now": now if sought.overdue else None,
        }
        bound = {name: value for name, value in wanted.items() if value is not None}
        statement = _finding(sought.open or sought.overdue, frozenset(bound))
        return self._found(statement.limit(most), after=after, **bound)

    def all(self) -> list[Receipt]:
        return self._found(_ALL)

    def _found(self, statement: Select[Any], **bound: Any) -> list[Receipt]:
        return [_receipt(row) for row in self.scope.rows(statement, **bound)]


@cache
def _finding(is_open: bool, bound: frozenset[str]) -> Select[Any]:
    """The statement for what is bound; built once for each choice."""
    conditions = {
        "of_user": receipts.c.user_id == bindparam("of_user"),
        "since": receipts.c.since >= bindparam("since"),
        "until": receipts.c.since <= bindparam("until"),
        "now": receipts.c.due <= bindparam("now"),
    }
    statement = _ALL.where(receipts.c.id > bindparam("after"), *(conditions[name] for name in sorted(bound)))
    return statement.where(receipts.c.closed.is_(None)) if is_open else statement


def tenants_with_due(connection: Connection, now: Instant) -> list[Tenant]:
    """Those with receipts that the clock has to look at."""
    statement = select(tenants).where(tenants.c.id.in_(_WITH_DUE)).order_by(tenants.c.slug)
    return [rows.tenant_of(row) for row in connection.execute(statement, {"now": now}).mappings()]


def _row(receipt: Receipt) -> dict[str, Any]:
    told = {name.removeprefix("new_"): value for name, value in _changes(receipt).items() if name != "of_receipt"}
    kept = {name: getattr(receipt, name) for name in ("id", "user_id", "since", "due", "escalates")}
    return {**kept, "ended": receipt.ended.value, **told}


def _changes(receipt: Receipt) -> dict[str, Any]:
    acknowledged = {part.value: {"at": each.at, "by": each.by} for part, each in receipt.acknowledged.items()}
    return {
        "of_receipt": receipt.id,
        "new_acknowledged": acknowledged,
        "new_alarm": receipt.alarm,
        "new_reported": receipt.reported,
        "new_escalated": receipt.escalated,
        "new_closed": receipt.closed,
        "new_outcome": None if receipt.outcome is None else receipt.outcome.value,
    }


def _receipt(row: rows.Row) -> Receipt:
    outcome = row["outcome"]
    return rows.record_of(
        Receipt,
        row,
        ended=Ended(row["ended"]),
        acknowledged={Part(part): Acknowledgement(**each) for part, each in row["acknowledged"].items()},
        outcome=None if outcome is None else ReceiptState(outcome),
    )
