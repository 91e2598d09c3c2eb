"""Events that follow from what a transaction has recorded: of groups, subscriptions, leaver receipts and issues.

Asked for at the end of every transaction that is committed, whoever opened it, so that no use case need think of them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scim_server.domain.events import GROUP, PRODUCT, TENANT, Change, Event, Subject, some_of
from scim_server.domain.receipts import Part
from scim_server.services.issues import LOW_SEATS
from scim_server.services.ports import Issue, UnitOfWork

OF_RECEIPTS = frozenset({"receipt.opened", "receipt.overdue", "receipt.closed"})
"""Of what becomes of a leaver receipt, what is told."""


def derived(uow: UnitOfWork) -> Iterator[Event]:
    """Of a group one event, whatever became of it. Costs a statement where seats run low, and else none."""
    for change in uow.changes.values():
        if change.object_type == "group":
            yield from _of_group(change)
        elif change.action in OF_RECEIPTS and change.after is not None:
            yield _of_receipt(change.action, change.object_id, change.after)
        elif change.action == "subscription.set":
            yield _of_subscription(change)
    for issue in uow.issues.turned:
        yield issue_event(uow.tenant.id, issue)
    yield from _low(uow, {str(issue.product) for issue in uow.issues.turned if _says_low(issue)})


def _of_group(change: Change) -> Iterator[Event]:
    """None where it is as it was but for who manages it."""
    before, after = change.before or {}, change.after or {}
    gone, come = ([str(each) for each in side.get("members", ())] for side in (before, after))
    subject = Subject(GROUP, change.object_id, str((after or before)["displayName"]))
    if not after:
        yield Event("group.deleted", subject, {"members": some_of(gone)})
    elif not before:
        name = "group.restored" if change.action == "group.restored" else "group.created"
        yield Event(name, subject, {"members": some_of(come)})
    elif change.attributes or gone or come:
        told = {"changed": change.attributes, "added": some_of(come), "removed": some_of(gone)}
        yield Event("group.changed", subject, told)


def _of_subscription(change: Change) -> Event:
    told = {**(change.after or {}), "was": change.before}
    return Event("subscription.changed", Subject(PRODUCT, change.object_id), told)


def _of_receipt(name: str, receipt_id: str, facts: Mapping[str, Any]) -> Event:
    missing = [part.value for part in Part if part.value not in facts["acknowledged"]]
    told = {"receipt": receipt_id, "ended": facts["ended"], "due": facts["due"], "missing": missing}
    outcome = {"outcome": facts["outcome"]} if facts["outcome"] else {}
    return Event(name, Subject.person(facts["user"]), {**told, **outcome})


def issue_event(tenant_id: str, issue: Issue) -> Event:
    """What is told of an issue that was opened or closed."""
    facts = {
        "user": issue.user_id,
        "group": issue.group_id,
        "product": issue.product,
        "connection": issue.connection_id,
        "about": issue.subject or None,
    }
    named = {name: value for name, value in facts.items() if value is not None}
    name = "issue.opened" if issue.closed is None else "issue.closed"
    return Event(name, _concerned(tenant_id, issue), {"issue": issue.id, "code": issue.code, **named})


def _concerned(tenant_id: str, issue: Issue) -> Subject:
    """Whom or what an issue is about in the first place."""
    if issue.user_id is not None:
        return Subject.person(issue.user_id)
    if issue.group_id is not None:
        return Subject(GROUP, issue.group_id)
    return Subject(TENANT, tenant_id) if issue.product is None else Subject(PRODUCT, issue.product)


def _says_low(issue: Issue) -> bool:
    return issue.code == LOW_SEATS and issue.closed is None


def _low(uow: UnitOfWork, products: set[str]) -> Iterator[Event]:
    """Once for each issue: the next follows when that is closed, as there are enough free seats again."""
    for product, found in uow.ledger.lock(sorted(products)).items() if products else ():
        seats = {"seats": found.seats, "assigned": found.assigned, "free": found.free, "waiting": found.waiting}
        yield Event("subscription.low", Subject(PRODUCT, product), seats)
