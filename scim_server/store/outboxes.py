"""The outbox: events on their way out, numbered per subject without a gap."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Insert, Text, bindparam, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.events import Cause, Event
from scim_server.domain.instants import Instant
from scim_server.store.databases import reaching_all
from scim_server.store.expectations import Expectations
from scim_server.store.identifiers import new_id
from scim_server.store.rows import columns_of
from scim_server.store.scopes import Scope
from scim_server.store.tables import event_numbers, outbox

NOBODY = Cause("system", "", "")
FACTS = ("id", "subject_name", "event", "payload", "at", "request_id", "scim")
_KEY = ["tenant_id", "subject"]


def fact(name: str) -> ColumnElement[Any]:
    """A fact of an event as statements take it from outside."""
    return bindparam(f"new_{name}", type_=outbox.c[name].type)


def publishing(step: int) -> Insert:
    """For PostgreSQL: the subject's counter, raised by so much, and the event, in one statement without an answer."""
    first = postgresql.insert(event_numbers).values(
        tenant_id=bindparam("tenant_id", type_=Text()), subject=bindparam("of_subject", type_=Text()), last=literal(1)
    )
    raised = first.on_conflict_do_update(index_elements=_KEY, set_={"last": event_numbers.c.last + step})
    counted = raised.returning(event_numbers.c.tenant_id, event_numbers.c.subject, event_numbers.c.last).cte("counted")
    facts = (fact(name) for name in FACTS)
    return insert(outbox).from_select(["tenant_id", "subject", "number", *FACTS], select(*counted.c, *facts))


_PUBLISH = publishing(1)
_RAISE = sqlite.insert(event_numbers)
_RAISED = _RAISE.on_conflict_do_update(
    index_elements=_KEY, set_={"last": event_numbers.c.last + _RAISE.excluded.last}
).returning(event_numbers.c.subject, event_numbers.c.last)
_ADD = insert(outbox)


def publish(scope: Scope, events: Sequence[Event], now: Instant, cause: Cause) -> None:
    """Write events, which a unit of work does last: counters are locked in one order, so no two commits can cross."""
    if scope.is_sqlite:
        facts = [_facts(event, now, cause) for event in events]
        subjects = [event.subject.key for event in events]
        following = _numbers(scope, Counter(subjects))
        numbers = [{"subject": subject, "number": next(following[subject])} for subject in subjects]
        scope.leave(_ADD, *({**number, **each} for number, each in zip(numbers, facts, strict=True)))
    else:
        in_order = sorted(events, key=lambda event: event.subject.key)
        scope.leave(_PUBLISH, *(bound(event, now, cause) for event in in_order), last=True)


def publish_elsewhere(scope: Scope, told: Mapping[str, Sequence[Event]], now: Instant) -> None:
    """Write events of other tenants, by their ids, at once and over the wall; none learns by whose request."""
    with reaching_all(scope.connection):
        for tenant_id in sorted(told):
            publish(replace(scope, tenant_id=tenant_id, expectations=Expectations()), told[tenant_id], now, NOBODY)
        scope.connection.exec_driver_sql("SELECT 1")  # has all that is left sent before the wall is back


def bound(event: Event, now: Instant, cause: Cause) -> dict[str, Any]:
    """What `of_subject` and every `fact` stand for."""
    facts = _facts(event, now, cause)
    return {"of_subject": event.subject.key, **{f"new_{name}": facts[name] for name in FACTS}}


def _facts(event: Event, now: Instant, cause: Cause) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subject_name": event.subject.name,
        "event": event.name,
        "payload": dict(event.data),
        "at": now,
        "request_id": cause.request_id,
        "scim": None if event.scim is None else columns_of(event.scim),
    }


def _numbers(scope: Scope, counts: Counter[str]) -> dict[str, Any]:
    """For each subject the numbers that its next events take."""
    asked = [{"subject": subject, "last": count} for subject, count in sorted(counts.items())]
    raised = {row["subject"]: row["last"] for row in scope.inserted_by(_RAISED, asked)}
    return {subject: iter(range(raised[subject] - count + 1, raised[subject] + 1)) for subject, count in counts.items()}
