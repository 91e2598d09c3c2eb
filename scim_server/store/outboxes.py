"""The outbox: events on their way out, numbered per user without a gap."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Insert, Text, bindparam, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.events import Cause, Event
from scim_server.domain.instants import Instant
from scim_server.store.identifiers import new_id
from scim_server.store.scopes import Scope
from scim_server.store.tables import event_numbers, outbox

FACTS = ("id", "event", "payload", "at", "request_id")
_KEY = ["tenant_id", "user_id"]


def fact(name: str) -> ColumnElement[Any]:
    """A fact of an event as statements take it from outside."""
    return bindparam(f"new_{name}", type_=outbox.c[name].type)


def publishing(step: int) -> Insert:
    """For PostgreSQL: the user's counter, raised by so much, and the event, in one statement that nothing waits for."""
    first = postgresql.insert(event_numbers).values(
        tenant_id=bindparam("tenant_id", type_=Text()), user_id=bindparam("of_user", type_=Text()), last=literal(1)
    )
    raised = first.on_conflict_do_update(index_elements=_KEY, set_={"last": event_numbers.c.last + step})
    counted = raised.returning(event_numbers.c.tenant_id, event_numbers.c.user_id, event_numbers.c.last).cte("counted")
    facts = (fact(name) for name in FACTS)
    return insert(outbox).from_select(["tenant_id", "user_id", "number", *FACTS], select(*counted.c, *facts))


_PUBLISH = publishing(1)
_RAISE = sqlite.insert(event_numbers)
_RAISED = _RAISE.on_conflict_do_update(
    index_elements=_KEY, set_={"last": event_numbers.c.last + _RAISE.excluded.last}
).returning(event_numbers.c.user_id, event_numbers.c.last)
_ADD = insert(outbox)


def publish(scope: Scope, events: Sequence[Event], now: Instant, cause: Cause) -> None:
    """Write events, which a unit of work does last: counters are locked in user order, so no two commits can cross."""
    if scope.is_sqlite:
        facts = [_facts(event, now, cause) for event in events]
        following = _numbers(scope, Counter(event.user_id for event in events))
        numbers = [{"user_id": event.user_id, "number": next(following[event.user_id])} for event in events]
        scope.leave(_ADD, *({**number, **each} for number, each in zip(numbers, facts, strict=True)))
    else:
        in_order = sorted(events, key=lambda event: event.user_id)
        scope.leave(_PUBLISH, *(bound(event, now, cause) for event in in_order), last=True)


def bound(event: Event, now: Instant, cause: Cause) -> dict[str, Any]:
    """What `of_user` and every `fact` stand for."""
    facts = _facts(event, now, cause)
    return {"of_user": event.user_id, **{f"new_{name}": facts[name] for name in FACTS}}


def _facts(event: Event, now: Instant, cause: Cause) -> dict[str, Any]:
    return {
        "id": new_id(),
        "event": event.name,
        "payload": dict(event.data),
        "at": now,
        "request_id": cause.request_id,
    }


def _numbers(scope: Scope, counts: Counter[str]) -> dict[str, Any]:
    """For each user the numbers that their next events take."""
    asked = [{"user_id": user_id, "last": count} for user_id, count in sorted(counts.items())]
    raised = {row["user_id"]: row["last"] for row in scope.inserted_by(_RAISED, asked)}
    return {user_id: iter(range(raised[user_id] - count + 1, raised[user_id] + 1)) for user_id, count in counts.items()}
