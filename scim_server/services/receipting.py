"""Leaver receipts: opened as people leave, acknowledged by the application, void once people are back.

`settle_receipts` is called at the end of every transaction that changed anything, whoever opened it, so that no path
is left out. In a tenant that asks for no receipts it costs nothing; in one that does, an insert rides with what is sent
anyway where people leave, and one statement more is asked where people come back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from scim_server.domain.errors import Missing
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_receipt
from scim_server.domain.receipts import HOURS, SETTING, Ended, Part, Receipt, ReceiptState
from scim_server.domain.tenants import Tenant
from scim_server.services.issues import LEAVER_NOT_CONFIRMED
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.taking_over import KEPT, RECORDINGS, SEALED

Facts = Mapping[str, Any] | None


def settle_receipts(uow: UnitOfWork) -> None:
    """Open the receipts of whoever left in this transaction, which is to be committed next, and void those of whoever
    is back, or of everybody where the tenant has ceased to ask for any.

    Who is deleted while suspended left when they were suspended: that receipt stands. Whose place somebody else took
    has left whatever became of the id.
    """
    if not uow.tenant.settings.on(SETTING):
        return
    changes = list(uow.changes.values())
    people = [each for each in changes if each.object_type == "user"]
    left = [(each.object_id, ended) for each in people if (ended := _left(each)) is not None]
    _open(uow, [*left, *((each.object_id, Ended.TAKEN_OVER) for each in changes if _is_taken_over(each))])
    if any(map(_asks_no_more, changes)):
        void(uow, uow.receipts.lock_open())
    elif back := {each.object_id for each in people if _is_back(each)}:
        void(uow, [each for each in uow.receipts.lock_open(back) if each.is_over_with(may_hold=True)])


@retried
def acknowledge(units: Units, tenant: Tenant, cause: Cause, receipt_id: str, parts: Collection[Part]) -> Receipt:
    """Acknowledge that those parts have ended. One that was acknowledged before stays as it was, and so does a receipt
    that is closed. Raises Missing."""
    with units.write(tenant, cause) as uow:
        before = uow.receipts.lock(receipt_id)
        if before is None:
            raise no_receipt(tenant, receipt_id)
        after = before.acknowledging(parts, uow.now, cause.actor)
        if after != before:
            _rewrite(uow, [(before, after)], "receipt.acknowledged" if after.closed is None else "receipt.closed")
            uow.commit()
        return after


def no_receipt(tenant: Tenant, receipt_id: str) -> Missing:
    """The refusal of what concerns a receipt that is not there."""
    return Missing(
        f"Tenant '{tenant.slug}' has no receipt '{receipt_id}'. `scim-server receipt list {tenant.slug}` shows all."
    )


def void(uow: UnitOfWork, receipts: Collection[Receipt]) -> None:
    """Close locked receipts that nothing need be acknowledged of any more."""
    _rewrite(uow, [(each, each.ended_as(ReceiptState.VOID, uow.now)) for each in receipts], "receipt.closed")


def record_receipts(uow: UnitOfWork, changes: Iterable[tuple[Receipt | None, Receipt]], action: str) -> None:
    """Say in the audit trail what became of receipts."""
    for before, after in changes:
        then = None if before is None else of_receipt(before)
        uow.record(Change("receipt", after.id, action, then, of_receipt(after)))


def _open(uow: UnitOfWork, leavers: Sequence[tuple[str, Ended]]) -> None:
    hours = uow.tenant.settings.number(HOURS)
    opened = [Receipt.opened(uow.new_id(), user_id, ended, uow.now, hours) for user_id, ended in leavers]
    uow.receipts.add(*opened)
    record_receipts(uow, ((None, each) for each in opened), "receipt.opened")


def _rewrite(uow: UnitOfWork, changes: Sequence[tuple[Receipt, Receipt]], action: str) -> None:
    uow.receipts.save(*(after for _, after in changes))
    record_receipts(uow, changes, action)
    overdue = {after.user_id for _, after in changes if after.closed is not None and after.reported is not None}
    if overdue:
        overdue -= {each.user_id for each in uow.receipts.lock_open(overdue) if each.reported is not None}
    if overdue:
        uow.issues.close(LEAVER_NOT_CONFIRMED, user_ids=sorted(overdue))


def _left(change: Change) -> Ended | None:
    """How the person of the change left by it."""
    if not _may_hold(change.before):
        return None
    if change.after is None:
        return Ended.DELETED
    return None if _may_hold(change.after) or not _says_so(change.after) else Ended.SUSPENDED


def _is_taken_over(change: Change) -> bool:
    """Such an entry says what became of the recordings of the person before."""
    return change.object_type == RECORDINGS and change.action in {KEPT, SEALED}


def _is_back(change: Change) -> bool:
    is_new = change.action == "user.created"
    return _may_hold(change.after) and not is_new and not _may_hold(change.before)


def _says_so(facts: Facts) -> bool:
    """An entry that is about something else, such as an address that was lost, says nothing of it."""
    return facts is not None and "active" in facts


def _may_hold(facts: Facts) -> bool:
    return facts is not None and _says_so(facts) and bool(facts["active"]) and facts["blockedFor"] is None


def _asks_no_more(change: Change) -> bool:
    settings = (change.after or {}).get("settings")
    return change.object_type == "tenant" and settings is not None and settings.get(SETTING, "no") != "yes"
