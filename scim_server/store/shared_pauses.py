"""What stands in a tenant for a webhook of the operator: as that one is, and left alone while its receiver fails.

A receiver that fails at one tenant's events fails at all: how it does lies with the operator's webhook, once for all
tenants of a database. When it is due again one of them takes the turn, and all others are passed over until that has
come to something, or its lease is over.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.webhooks import Progress, Secrets, Stopped, Webhook
from scim_server.store.operator_webhooks import RESET, secrets_of, webhook_of
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.tables import operator_webhooks, webhook_cursors

_C = operator_webhooks.c
_GETS_EVENTS = and_(_C.stopped.is_(None), _C.removed.is_(False))
_RESTED = or_(_C.due.is_(None), _C.due <= bindparam("now"))
IN_TURN = or_(
    webhook_cursors.c.operator_id.is_(None),
    webhook_cursors.c.operator_id.in_(select(_C.id).where(_GETS_EVENTS, _RESTED)),
)
"""Whether what is due may be taken: not where it belongs to the operator and rests."""
_THIS = _C.id == bindparam("operator_id")
_ONE = select(operator_webhooks).where(_THIS)
_PROBE = (
    update(operator_webhooks)
    .where(_THIS, _C.failures > 0, _RESTED)
    .values(due=bindparam("until"), prober=bindparam("by"))
)
_IS_PROBER = _C.prober == bindparam("by")
_WORKS = update(operator_webhooks).where(_THIS, _IS_PROBER).values(RESET)
_RELEASE = update(operator_webhooks).where(_THIS, _IS_PROBER).values(due=bindparam("now"), prober=None)
_FAILS = (
    update(operator_webhooks)
    .where(_THIS, or_(_C.failures == 0, _IS_PROBER))
    .values({name: bindparam(f"new_{name}") for name in ("failures", "failing", "trouble", "due")})
    .values(prober=None)
)
"""Of several that failed at the same moment one counts."""
_STOP = update(operator_webhooks).where(_THIS, _C.stopped.is_(None)).values(stopped=bindparam("why"))


def lent(scope: Scope, row: Row) -> Webhook | None:
    """The webhook whose row that is, as the operator's is; None where this database knows of none, or it is removed."""
    above = scope.row(_ONE, operator_id=row["operator_id"])
    if above is None or above["removed"]:
        return None
    known = webhook_of(above)
    return Webhook(
        row["id"], known.name, known.url, known.types, row["created"], known.stopped, known.overlaps, known.id
    )


def secrets(scope: Scope, operator_id: str) -> Secrets:
    """What it is signed with."""
    return secrets_of(scope.connection, scope.vault, operator_id)


def taken(
    scope: Scope, operator_id: str, webhook_id: str, progress: Progress, until: Instant, now: Instant
) -> Progress | None:
    """How far it is and how its receiver does, where it may be tried now; None where it rests."""
    above = scope.row(_ONE, operator_id=operator_id)
    if above is None or above["removed"] or above["stopped"]:
        return None
    if above["failures"] and not scope.run(_PROBE, operator_id=operator_id, by=webhook_id, until=until, now=now):
        return None
    return _beside(progress, above)


def seen(scope: Scope, operator_id: str, progress: Progress) -> Progress:
    """How far it is and how its receiver does."""
    above = scope.row(_ONE, operator_id=operator_id)
    return progress if above is None else _beside(progress, above)


def _beside(progress: Progress, above: Row) -> Progress:
    return replace(progress, failures=above["failures"], failing=above["failing"], trouble=above["trouble"])


def settled(scope: Scope, operator_id: str, webhook_id: str, progress: Progress, now: Instant) -> Progress | None:
    """Note how its receiver does after it was tried; answers what is to be written of this tenant's instead, if
    anything: it has as much to do as before, and is passed over until the receiver works."""
    whose: dict[str, Any] = {"operator_id": operator_id, "by": webhook_id}
    if not progress.failures:
        scope.run(_WORKS, **whose)
        return None
    above = scope.row(_ONE, operator_id=operator_id)
    own = replace(progress, failures=0, failing=None, trouble=None)
    if above is None or above["failures"] >= progress.failures:
        scope.run(_RELEASE, **whose, now=now)
        return own
    news = {f"new_{name}": getattr(progress, name) for name in ("failures", "failing", "trouble", "due")}
    scope.run(_FAILS, **whose, **news)
    return replace(own, due=now)


def stop(scope: Scope, operator_id: str, why: Stopped) -> None:
    """Switch it off, for all tenants of this database; the others follow (`services/spreading.py`)."""
    scope.run(_STOP, operator_id=operator_id, why=why.value)
