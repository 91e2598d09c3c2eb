"""A seat that somebody takes or gives back, counted on the condition that the subscription is as it was seen.

On PostgreSQL one statement raises the counter, writes the seat and publishes the event. Where the counter does not
move, nothing does, and the event has no number: the column refuses that, and the transaction with it. So the statement
can go with the commit, and the subscription is locked no longer than that takes.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Delete,
    Select,
    Text,
    bindparam,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from scim_server.domain.errors import Contention
from scim_server.domain.seats import Move, SeatState
from scim_server.store import rows
from scim_server.store.outboxes import FACTS, fact
from scim_server.store.scopes import Scope
from scim_server.store.tables import event_numbers, outbox, seats, subscriptions

_TENANT: ColumnElement[Any] = bindparam("tenant", type_=Text())
_USER: ColumnElement[Any] = bindparam("of_user", type_=Text())
_SUBJECT: ColumnElement[Any] = bindparam("of_subject", type_=Text())
_COUNT = (
    update(subscriptions)
    .where(
        subscriptions.c.tenant_id == _TENANT,
        subscriptions.c.product == bindparam("of_product"),
        subscriptions.c.waiting == 0,
        subscriptions.c.seats == bindparam("bought"),
        subscriptions.c.overage == bindparam("allowance"),
        subscriptions.c.policy == bindparam("seen_policy"),
        subscriptions.c.assigned.between(bindparam("fewest"), bindparam("most")),
    )
    .values(assigned=subscriptions.c.assigned + bindparam("more"))
)
_COUNTED = _COUNT.returning(subscriptions.c.tenant_id, subscriptions.c.product).cte("counted")
_OF_SEAT = ("id", "state", "since", "rank", "claimed", "policy", "bond")
_SEAT = [bindparam(f"seat_{name}", type_=seats.c[name].type) for name in _OF_SEAT]
_TAKE = insert(seats)
_TAKEN = _TAKE.from_select(
    ["tenant_id", "user_id", "product", *_OF_SEAT], select(_COUNTED.c.tenant_id, _USER, _COUNTED.c.product, *_SEAT)
)


def _giving_back(tenant: ColumnElement[Any], product: ColumnElement[Any]) -> Delete:
    return delete(seats).where(
        seats.c.tenant_id == tenant,
        seats.c.product == product,
        seats.c.user_id == _USER,
        seats.c.id == bindparam("seat_id"),
        seats.c.state == SeatState.ASSIGNED.value,
    )


_GIVE_BACK = _giving_back(_TENANT, bindparam("of_product"))
_GIVEN_BACK = _giving_back(_COUNTED.c.tenant_id, _COUNTED.c.product)


def _published(moved: CTE) -> Select[Any]:
    """Numbers and publishes the event of a seat that has moved."""
    first = postgresql.insert(event_numbers).from_select(
        ["tenant_id", "subject", "last"], select(moved.c.tenant_id, _SUBJECT, literal(1))
    )
    raised = first.on_conflict_do_update(
        index_elements=["tenant_id", "subject"], set_={"last": event_numbers.c.last + 1}
    )
    number = select(raised.returning(event_numbers.c.last).cte("numbered")).scalar_subquery()
    event = insert(outbox).from_select(
        ["tenant_id", "subject", "number", *FACTS], select(_TENANT, _SUBJECT, number, *map(fact, FACTS))
    )
    return select(event.returning(outbox.c.number).cte("published"))


_MOVE = {
    more: _published(moved.returning(seats.c.tenant_id).cte("moved"))
    for more, moved in ((1, _TAKEN), (-1, _GIVEN_BACK))
}
"""By how many more seats are assigned."""


def move_publishing(scope: Scope, move: Move, event: Mapping[str, Any]) -> None:
    """Move the seat and publish the event, last of what is sent next; PostgreSQL alone."""
    of_seat = {f"seat_{name}": value for name, value in rows.seat_row(move.seat).items() if name in _OF_SEAT}
    if move.more < 0:
        of_seat = {"seat_id": move.seat.id}
    scope.leave(_MOVE[move.more], {**_bound(move), **of_seat, **event}, meaning=_overtaken, last=True)


def move_now(scope: Scope, move: Move) -> None:
    """Move the seat at once; the event is to follow."""
    bound = _bound(move)
    user_id = bound.pop("of_user")
    moved = scope.run(_COUNT, **bound)
    if moved and move.more > 0:
        scope.insert_by(_TAKE, [rows.seat_row(move.seat)])
    elif moved:
        moved = scope.run(_GIVE_BACK, of_user=user_id, of_product=move.seat.product, seat_id=move.seat.id)
    if not moved:
        raise Contention(f"the seats of '{move.seat.product}' changed meanwhile")


def _bound(move: Move) -> dict[str, Any]:
    return {
        "of_user": move.seat.user_id,
        "of_product": move.seat.product,
        "bought": move.seen.seats,
        "allowance": move.seen.overage,
        "seen_policy": move.seen.policy.value,
        "fewest": move.counts.start,
        "most": move.counts.stop - 1,
        "more": move.more,
    }


def _overtaken(error: IntegrityError) -> Exception:
    """What a number that is missing means; any other broken constraint as it is."""
    if "number" in str(error.orig):
        return Contention("the seats of a product changed meanwhile")
    return error
