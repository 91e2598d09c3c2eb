"""Webhooks of the operator, as the operator sets them up. Tenants neither see nor change them.

What is decided here holds at home at once, and in every cell and tenant when it was spread (`spreading.py`).
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from typing import TypeVar

import orjson
import structlog

from scim_server.domain.errors import Invalid, Missing, Unavailable
from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant, later
from scim_server.domain.operator_webhooks import MOST_TENANTS, Condition, OperatorWebhook
from scim_server.domain.streams import Receiver
from scim_server.domain.webhooks import WORRYING, Attempt, Secrets, Stopped, check_webhook
from scim_server.services.event_types import VERSION
from scim_server.services.hooking import USUAL_OVERLAP, Wishes, check_overlap, check_sees, give_secret, wished
from scim_server.services.ports import Operator, Units, Web
from scim_server.services.receivers import called, check_address
from scim_server.services.redelivering import TEST
from scim_server.services.retrying import retried
from scim_server.services.webhook_attempts import post
from scim_server.services.webhook_signatures import new_secret

W = TypeVar("W", bound=OperatorWebhook)
MOST = 20
"""Webhooks of the operator."""

_log = structlog.get_logger("scim_server.operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overseen(OperatorWebhook):
    """A webhook of the operator and how it does, in all cells that can be reached. It is `spread` where every tenant is
    set up for it as it is."""

    condition: Condition
    spread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealedAbove(OperatorWebhook):
    """One with its secret, which is shown this once."""

    secret: str


@dataclass(frozen=True, slots=True)
class WishesAbove(Wishes):
    """What of one is to be otherwise; None leaves it as it is."""

    tenants: tuple[str, ...] | None = None


def create_operator_webhook(
    units: Units,
    web: Web,
    cause: Cause,
    name: str,
    url: str,
    types: tuple[str, ...] = (),
    tenants: tuple[str, ...] = (),
) -> RevealedAbove:
    """Have the events of all tenants from now on, or of those named, sent somewhere.

    Raises Forbidden, Invalid, Missing for an unknown tenant, Taken.
    """
    check_sees(cause)
    check_address(web, url)
    check_webhook(name, url, types)
    return _create_operator_webhook(units, cause, name, url, types, tenants)


@retried
def _create_operator_webhook(
    units: Units, cause: Cause, name: str, url: str, types: tuple[str, ...], tenants: tuple[str, ...]
) -> RevealedAbove:
    with units.operator() as operator:
        _check_tenants(operator, tenants)
        if len(_live(operator)) >= MOST:
            raise Invalid(f"The operator has {MOST} webhooks at most. Remove one that is not needed.")
        webhook = OperatorWebhook(operator.new_id(), name, url, types, tenants, operator.now)
        secret = new_secret()
        operator.webhooks.add(webhook, Secrets(secret))
        operator.commit()
    note(cause, "created", webhook)
    return RevealedAbove(*astuple(webhook), secret=secret)


def operator_webhooks(units: Units) -> list[Overseen]:
    """Every webhook of the operator by name, and how it does."""
    conditions: dict[str, Condition] = {}
    for part in units.parts():
        for webhook_id, found in _conditions(part).items():
            before = conditions.get(webhook_id)
            conditions[webhook_id] = found if before is None else before.beside(found)
    with units.overview() as operator:
        settled = operator.webhooks.settled()
        return [
            Overseen(
                *astuple(each),
                condition=conditions.get(each.id) or Condition(each.id),
                spread=each.id in settled,
            )
            for each in _live(operator)
        ]


def failing_operator_webhooks(units: Units) -> list[tuple[OperatorWebhook, Condition]]:
    """Those whose receivers fail for so long that somebody should look, or that were switched off for it, in any cell
    that can be reached."""
    found = []
    for part in units.parts():
        try:
            with part.overview() as operator:
                known, states, now = _live(operator), operator.webhooks.states(), operator.now
        except Unavailable:
            continue
        found += [(each, states[each.id]) for each in known if _worries(states[each.id], now)]
    return list({each.id: (each, state) for each, state in found}.values())


def _worries(state: Condition, now: Instant) -> bool:
    long = state.failing is not None and later(state.failing, WORRYING) <= now
    return state.stopped in {Stopped.FAILING, Stopped.GONE} or (state.stopped is None and long)


def _conditions(part: Units) -> Mapping[str, Condition]:
    """How they do in a cell; one that cannot be reached says nothing."""
    try:
        with part.overview() as operator:
            return operator.webhooks.conditions()
    except Unavailable:
        return {}


def operator_webhook(units: Units, named: str) -> Overseen:
    """The one of that name or id. Raises Missing."""
    return _called(operator_webhooks(units), named)


def change_operator_webhook(units: Units, web: Web, cause: Cause, named: str, wishes: WishesAbove) -> OperatorWebhook:
    """Change one. One that is switched on again goes on where it was. Raises Forbidden, Invalid, Missing, Taken."""
    check_sees(cause)
    check_address(web, wishes.url, lambda: operator_webhook(units, named).url)
    return _change_operator_webhook(units, cause, named, wishes)


@retried
def _change_operator_webhook(units: Units, cause: Cause, named: str, wishes: WishesAbove) -> OperatorWebhook:
    with units.operator() as operator:
        before = operator_webhook_called(operator, named)
        after = wished(before, wishes)
        check_webhook(after.name, after.url, after.types)
        if after == before:
            return before
        if after.tenants != before.tenants:
            _check_tenants(operator, after.tenants)
        operator.webhooks.save(after)
        operator.commit()
    note(cause, "changed", after)
    return after


def rotate_operator_secret(units: Units, cause: Cause, named: str, overlap: timedelta = USUAL_OVERLAP) -> RevealedAbove:
    """Sign with a new secret, and for the overlap with the one there is as well. Raises Forbidden, Invalid, Missing."""
    check_sees(cause)
    check_overlap(overlap)
    return _rotate(units, cause, named, overlap)


@retried
def _rotate(units: Units, cause: Cause, named: str, overlap: timedelta) -> RevealedAbove:
    with units.operator() as operator:
        before = operator_webhook_called(operator, named)
        after, secret = give_secret(operator.webhooks, before, overlap, operator.now)
        operator.webhooks.save(after)
        operator.commit()
    note(cause, "given a new secret", after)
    return RevealedAbove(*astuple(after), secret=secret)


@retried
def remove_operator_webhook(units: Units, cause: Cause, named: str) -> OperatorWebhook:
    """Send nothing there any more, from now on at home and in a moment elsewhere. Its name is free. Raises Missing."""
    with units.operator() as operator:
        removed = operator_webhook_called(operator, named)
        operator.webhooks.save(replace(removed, name=f" {removed.id}", removed=True))
        operator.commit()
    note(cause, "removed", removed)
    return removed


def try_operator_webhook(units: Units, web: Web, cause: Cause, named: str) -> Attempt:
    """Send an event that says nothing and is of no tenant, now, and answer what came of it. Raises Missing."""
    with units.overview() as operator:
        webhook = operator_webhook_called(operator, named)
        secrets = operator.webhooks.secrets(webhook.id).good_at(operator.now, webhook.overlaps)
        event_id, now = operator.new_id(), operator.now
    body = {
        "id": event_id,
        "type": TEST,
        "version": VERSION,
        "tenant": None,
        "subject": None,
        "number": 0,
        "position": None,
        "at": now,
        "requestId": cause.request_id,
        "data": {"webhook": webhook.name},
    }
    with closing(web.session(webhook.url)) as session:
        return post(session, secrets, event_id, orjson.dumps(body))


def operator_webhook_called(operator: Operator, named: str) -> OperatorWebhook:
    """The one of that name or id. Raises Missing."""
    return _called(_live(operator), named)


def _live(operator: Operator) -> list[OperatorWebhook]:
    return [each for each in operator.webhooks.all() if not each.removed]


def _called(known: Iterable[W], named: str) -> W:
    found = called(known, named)
    if found is None:
        raise Missing(f"The operator has no webhook '{named}'. `scim-server operator-webhook list` shows all.")
    return found


def _check_tenants(operator: Operator, slugs: Collection[str]) -> None:
    if len(slugs) > MOST_TENANTS:
        raise Invalid(f"A webhook names {MOST_TENANTS} tenants at most: leave them out for all.")
    unknown = next((slug for slug in slugs if operator.tenant(slug) is None), None)
    if unknown is not None:
        raise Missing(f"There is no tenant '{unknown[:100]}'. `scim-server tenant list` shows all.")


def note(cause: Cause, done: str, webhook: OperatorWebhook | Receiver, **facts: object) -> None:
    """Who did it goes to the log: the operator stands above the tenants, whose trails tell of tenants alone."""
    _log.info(
        f"a webhook of the operator is {done}",
        webhook=webhook.name,
        url=webhook.url,
        actor=cause.actor,
        request=cause.request_id,
        **facts,
    )
