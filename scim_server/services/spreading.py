"""Webhooks of the operator in all tenants: each has a row in every tenant whose events it gets, which is made and
removed step by step, and every cell knows of each what home says of it.

A tenant that is made later has its rows from the beginning (`tenancy.create_tenant`). Home knows for which version of a
webhook all tenants are set up: as long as a cell cannot be reached that is an older one, and whoever comes next tries
again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import structlog

from scim_server.domain.errors import Unavailable
from scim_server.domain.operator_webhooks import Condition, OperatorWebhook
from scim_server.services.ports import OperatorWebhooks, Units
from scim_server.services.ports.operator_webhooks import Copy
from scim_server.services.retrying import retried

CHORE = "spread-webhooks"
BATCH = 100
"""Tenants that are set up in one transaction."""

_log = structlog.get_logger("scim_server.delivery")
Sought = Callable[[OperatorWebhooks], list[str]]
Done = Callable[[OperatorWebhooks, Collection[str]], None]


def spread_new(units: Units) -> Iterator[int]:
    """Set up tenants for what has changed since they were; answers how many, batch by batch. It takes one statement
    where nothing has."""
    with units.overview() as operator:
        wanted = operator.webhooks.unsettled()
    if wanted:
        yield from spread(units)


def spread(units: Units) -> Iterator[int]:
    """The chore: the same for all there are, whatever has changed: a cell may be back that could not be reached, or a
    tenant have been made at the same moment as a webhook."""
    home, *others = units.parts()
    if others:
        _agree(home, others)
    with home.overview() as operator:
        wanted, copies = operator.webhooks.all(), operator.webhooks.copies()
    reached = True
    for part in (home, *others):
        try:
            if part is not home:
                _share(part, copies)
            for webhook in wanted:
                yield from _spread(part, webhook)
        except Unavailable as error:
            if part is home:
                raise
            reached = False
            _log.warning("a cell is yet to be told of the operator's webhooks", reason=str(error))
    if reached and wanted:
        _settle(home, wanted)


def _spread(part: Units, webhook: OperatorWebhook) -> Iterator[int]:
    yield from _in_steps(part, lambda here: here.lacking(webhook, BATCH), lambda here, ids: here.hook(webhook, ids))
    yield from _in_steps(
        part, lambda here: here.surplus(webhook, BATCH), lambda here, ids: here.unhook(webhook.id, ids)
    )


def _in_steps(part: Units, sought: Sought, do: Done) -> Iterator[int]:
    """Do it to the tenants that are sought, some at a time, until none is left."""
    found = None
    while found is None or len(found) == BATCH:
        with part.overview() as operator:
            found = sought(operator.webhooks)
        for group in part.together(found):
            _do(part, sorted(group), do)
            yield len(group)


@retried
def _do(part: Units, tenant_ids: Sequence[str], do: Done) -> None:
    with part.operator(*tenant_ids) as operator:
        do(operator.webhooks, tenant_ids)
        operator.commit()


@retried
def _share(part: Units, copies: Sequence[Copy]) -> None:
    with part.operator() as operator:
        operator.webhooks.take_over(copies)
        operator.commit()


@retried
def _settle(home: Units, wanted: Sequence[OperatorWebhook]) -> None:
    """Note that it is done; of what is removed nothing is left now. Cells forget it with the next round."""
    with home.operator() as operator:
        for each in wanted:
            if each.removed:
                operator.webhooks.drop(each.id)
            else:
                operator.webhooks.settle(each)
        operator.commit()


def _agree(home: Units, others: Sequence[Units]) -> None:
    """What one cell has switched off, because its receiver failed for a day or wants no more, is off in all."""
    states = [found for part in (home, *others) if (found := _states(part)) is not None]
    with home.overview() as operator:
        known = operator.webhooks.all()
    for webhook in known:
        alike = [each for found in states if (each := found.get(webhook.id)) and each.version == webhook.version]
        why = next((each.stopped for each in alike if each.stopped), None)
        if why is not None and not all(each.stopped for each in alike):
            _save(home, replace(webhook, stopped=why))


def _states(part: Units) -> dict[str, Condition] | None:
    try:
        with part.overview() as operator:
            return dict(operator.webhooks.states())
    except Unavailable:
        return None


@retried
def _save(home: Units, webhook: OperatorWebhook) -> None:
    with home.operator() as operator:
        operator.webhooks.save(webhook)
        operator.commit()
