"""What metrics say of a database, over all tenants that live in it, by a fixed number of statements.

None reads people, events or entries one by one: what is counted elsewhere is summed, and what waits is read by the
index of what waits.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)

from scim_server.domain.expiries import REMEMBERED
from scim_server.domain.instants import Instant, later
from scim_server.store import leases
from scim_server.store.tables import (
    api_tokens,
    async_requests,
    audit,
    client_secrets,
    oauth_clients,
    operator_tokens,
    operator_visits,
    outbox,
    reservations,
    resource_counts,
    seats,
    subscriptions,
    tenants,
    tokens,
    visits,
)
from scim_server.telemetry import catalogue
from scim_server.telemetry.metrics import Figure

MOST_UNSEALED = 10_000
MOST_PENDING = 10_000
"""Entries that are looked at: a trail that is far behind is no more news for being further."""
_CELL: BindParameter[str] = bindparam("cell")
_LEFT = subscriptions.c.seats - subscriptions.c.assigned
_FREE = func.sum(case((_LEFT > 0, _LEFT), else_=0))

Ask = Callable[[Connection, Instant, str], Iterator[Figure]]


def figures(connection: Connection, now: Instant, cell: str, tenants_told: int) -> list[Figure]:
    """All of them, with the seats of so many tenants."""
    found = [figure for ask in _ASKED for figure in ask(connection, now, cell)]
    return [*found, *(_of_tenants(connection, cell, tenants_told) if tenants_told else ())]


def _living(table: Table, *columns: Any) -> Select[Any]:
    """What a table has of tenants that live here: it may have copies of others."""
    joined = table.join(tenants, (tenants.c.id == table.c.tenant_id) & (tenants.c.cell == _CELL))
    return select(*columns).select_from(joined)


_USE = _living(
    subscriptions,
    subscriptions.c.product,
    *(func.sum(subscriptions.c[name]).label(name) for name in ("seats", "assigned", "waiting")),
    _FREE.label("free"),
).group_by(subscriptions.c.product)
_PLACES = union_all(
    _living(seats, literal("held").label("state"), seats.c.product, func.count().label("number"))
    .where(seats.c.due.is_not(None))
    .group_by(seats.c.product),
    _living(reservations, literal("reserved").label("state"), reservations.c.product, func.count()).group_by(
        reservations.c.product
    ),
)


def _seats(connection: Connection, _now: Instant, cell: str) -> Iterator[Figure]:
    kept = {(row.product, row.state): row.number for row in connection.execute(_PLACES, {"cell": cell})}
    for row in connection.execute(_USE, {"cell": cell}):
        held, reserved = (kept.get((row.product, state), 0) for state in ("held", "reserved"))
        states = {
            "assigned": row.assigned - held - reserved,
            "held": held,
            "reserved": reserved,
            "free": row.free,
            "waiting": row.waiting,
        }
        yield Figure(catalogue.BOUGHT.name, (cell, row.product), row.seats)
        for state, number in states.items():
            yield Figure(catalogue.SEATS.name, (cell, row.product, state), number)


_LARGEST = (
    _living(subscriptions, subscriptions.c.tenant_id)
    .group_by(subscriptions.c.tenant_id)
    .order_by(func.sum(subscriptions.c.seats).desc(), subscriptions.c.tenant_id)
    .limit(bindparam("most"))
)
_OF_LARGEST = (
    select(tenants.c.slug, subscriptions)
    .join(tenants, tenants.c.id == subscriptions.c.tenant_id)
    .where(subscriptions.c.tenant_id.in_(_LARGEST))
)


def _of_tenants(connection: Connection, cell: str, most: int) -> Iterator[Figure]:
    for row in connection.execute(_OF_LARGEST, {"cell": cell, "most": most}):
        states = {"taken": row.assigned, "free": max(0, row.seats - row.assigned), "waiting": row.waiting}
        for state, number in states.items():
            yield Figure(catalogue.TENANT_SEATS.name, (cell, row.slug, row.product, state), number)


_TENANTS = select(func.count()).select_from(tenants).where(tenants.c.cell == _CELL)
_KINDS = _living(resource_counts, resource_counts.c.type, func.sum(resource_counts.c.total).label("total"))
_RESOURCES = _KINDS.group_by(resource_counts.c.type)


def _sizes(connection: Connection, _now: Instant, cell: str) -> Iterator[Figure]:
    yield Figure(catalogue.TENANTS.name, (cell,), connection.execute(_TENANTS, {"cell": cell}).scalar() or 0)
    for row in connection.execute(_RESOURCES, {"cell": cell}):
        yield Figure(catalogue.RESOURCES.name, (cell, row.type), int(row.total))


_NEW = _living(outbox, outbox.c.at).where(outbox.c.position.is_(None)).limit(MOST_PENDING).subquery()
_PENDING = select(func.min(_NEW.c.at))


def _outbox(connection: Connection, now: Instant, cell: str) -> Iterator[Figure]:
    oldest = connection.execute(_PENDING, {"cell": cell}).scalar()
    yield Figure(catalogue.OUTBOX_AGE.name, (cell,), _seconds_since(oldest, now))


_WAITING = (
    _living(async_requests, async_requests.c.accepted)
    .where(async_requests.c.finished.is_(None))
    .limit(MOST_PENDING)
    .subquery()
)
_QUEUES = select(func.count().label("number"), func.min(_WAITING.c.accepted).label("oldest"))


def _queues(connection: Connection, now: Instant, cell: str) -> Iterator[Figure]:
    row = connection.execute(_QUEUES, {"cell": cell}).one()
    yield Figure(catalogue.ASYNC_WAITING.name, (cell,), row.number)
    yield Figure(catalogue.ASYNC_AGE.name, (cell,), _seconds_since(row.oldest, now))


_LATE = _living(audit, audit.c.at).where(audit.c.sequence.is_(None)).limit(MOST_UNSEALED).subquery()
_UNSEALED = select(func.count().label("number"), func.min(_LATE.c.at).label("oldest"))


def _trails(connection: Connection, now: Instant, cell: str) -> Iterator[Figure]:
    row = connection.execute(_UNSEALED, {"cell": cell}).one()
    yield Figure(catalogue.UNSEALED.name, (cell,), row.number)
    yield Figure(catalogue.UNSEALED_AGE.name, (cell,), _seconds_since(row.oldest, now))


_SPANS = ("expired", "7d", "30d", "later")


def _last(kind: str, found: Select[Any], table: Table, *owner: ColumnElement[Any]) -> Select[Any]:
    """When the last credential of each owner expires that is not revoked, by the span in which that is."""
    last = found.where(table.c.revoked.is_(None)).group_by(*owner).subquery()
    span = case(
        (last.c.end <= bindparam("now"), "expired"),
        (last.c.end <= bindparam("week"), "7d"),
        (last.c.end <= bindparam("month"), "30d"),
        else_="later",
    )
    remembered = select(span.label("span")).where(last.c.end > bindparam("forgotten")).subquery()
    return select(literal(kind).label("kind"), remembered.c.span, func.count().label("number")).group_by(
        remembered.c.span
    )


def _end(table: Table) -> ColumnElement[Any]:
    return func.max(table.c.expires).label("end")


_SECRETS = _living(client_secrets, _end(client_secrets)).join(
    oauth_clients,
    (oauth_clients.c.tenant_id == client_secrets.c.tenant_id)
    & (oauth_clients.c.id == client_secrets.c.client_id)
    & oauth_clients.c.revoked.is_(None),
)
_EXPIRIES = union_all(
    _last("connection", _living(tokens, _end(tokens)), tokens, tokens.c.tenant_id, tokens.c.connection_id),
    _last("program", _living(api_tokens, _end(api_tokens)), api_tokens, api_tokens.c.tenant_id, api_tokens.c.name),
    _last("client", _SECRETS, client_secrets, client_secrets.c.tenant_id, client_secrets.c.client_id),
    _last("operator", select(_end(operator_tokens)), operator_tokens, operator_tokens.c.name),
)


def _credentials(connection: Connection, now: Instant, cell: str) -> Iterator[Figure]:
    moments = {
        "week": later(now, timedelta(days=7)),
        "month": later(now, timedelta(days=30)),
        "forgotten": later(now, -REMEMBERED),
    }
    found = connection.execute(_EXPIRIES, {"cell": cell, "now": now, **moments})
    numbers = {(row.kind, row.span): row.number for row in found}
    for kind in ("connection", "program", "client", "operator"):
        for span in _SPANS:
            yield Figure(catalogue.CREDENTIALS.name, (cell, kind, span), numbers.get((kind, span), 0))


def _chores(connection: Connection, _now: Instant, cell: str) -> Iterator[Figure]:
    for name, until in leases.all_leases(connection).items():
        due = datetime.fromisoformat(until).timestamp()
        yield Figure(catalogue.CHORE_DUE.name, (cell, name), due)


def _open(visitor: str, found: Select[Any], table: Table) -> Select[str, int]:
    """Which of those visits have begun and are not over."""
    still = found.where(table.c.begun.is_not(None), table.c.expires > bindparam("now")).subquery()
    return select(literal(visitor).label("visitor"), func.count().label("number")).select_from(still)


_VISITS = union_all(
    _open("person", _living(visits, visits.c.id), visits),
    _open("operator", select(operator_visits.c.id), operator_visits),
)


def _visits(connection: Connection, now: Instant, cell: str) -> Iterator[Figure]:
    for row in connection.execute(_VISITS, {"cell": cell, "now": now}):
        yield Figure(catalogue.VISITS.name, (cell, row.visitor), row.number)


_ASKED: tuple[Ask, ...] = (_seats, _sizes, _outbox, _queues, _trails, _credentials, _chores, _visits)


def _seconds_since(earlier: Instant | None, now: Instant) -> float:
    if earlier is None:
        return 0.0
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(earlier)).total_seconds())
