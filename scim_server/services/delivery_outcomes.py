"""What came of sending to a webhook or a stream: how far it is then, what is parked, and when it is due again."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog

from scim_server.domain.instants import Instant, later
from scim_server.domain.streams import Receiver, Stream, is_of_operator
from scim_server.domain.webhooks import (
    LONGEST_PAUSE,
    PATIENCE,
    WORRYING,
    Attempt,
    Delivery,
    Kind,
    Progress,
    Sending,
    State,
    Stopped,
    Verdict,
    Webhook,
    pause,
)
from scim_server.services.delivering import DELIVERING, Job, queues
from scim_server.services.issues import WEBHOOK_FAILING, issue
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.receivers import switch_off
from scim_server.services.retrying import retried

Attempts = Mapping[int, Attempt]
"""By the place of what was sent among the sendings of a job; what was not sent has none."""
NOTHING_TAKEN = "The receiver refuses every event."
_log = structlog.get_logger("scim_server.delivery")
_ENDS = {
    Verdict.ACCEPTED: State.DELIVERED,
    Verdict.REFUSED: State.PARKED,
    Verdict.BEHIND: State.PARKED,
    Verdict.REJECTED: State.DEAD,
}


@dataclass(slots=True)
class _Outcome:
    """What was sent, sorted by what becomes of it."""

    verdicts: set[Verdict] = field(default_factory=set)
    done: set[int] = field(default_factory=set)
    replayed: set[int] = field(default_factory=set)
    new: list[Delivery] = field(default_factory=list)
    tried: list[Delivery] = field(default_factory=list)


def settle(units: Units, job: Job, attempts: Attempts) -> bool:
    """Write down what came of a job; whether there is more to do at once.

    Where somebody else has taken the receiver meanwhile nothing is written: they send it again.
    """
    gone = any(each.verdict is Verdict.GONE for each in attempts.values())
    failed = any(each.verdict is Verdict.FAILED for each in attempts.values())
    own = not is_of_operator(job.receiver)
    return _settle(units, job, attempts, may_stop=own and (gone or failed or job.full))


@retried
def _settle(units: Units, job: Job, attempts: Attempts, *, may_stop: bool) -> bool:
    with units.write(job.tenant, DELIVERING) as uow:
        if may_stop:
            uow.guard(exclusive=True)
        last = uow.placed_events.hold()
        receiver = uow.webhooks.receiver(job.receiver.id)
        before = uow.cursors.held(job.receiver.id, job.holder)
        if receiver is None or before is None:
            return False
        outcome = _sorted(uow, job, attempts)
        _drop(uow, receiver, before, outcome)
        after = _followed(_advanced(before, job, outcome), uow.now, job, outcome, attempts)
        uow.deliveries.add(*outcome.new)
        uow.deliveries.save(*outcome.tried)
        was_stopped = job.receiver.enabled and not receiver.enabled
        receiver = _judged(uow, receiver, before, after, outcome)
        due = before.due if was_stopped else _due(uow, receiver, after, job, attempts, last)
        after = replace(after, due=due)
        uow.cursors.settle(receiver.id, after)
        uow.commit()
        return after.due is not None and after.due <= uow.now


def _sorted(uow: UnitOfWork, job: Job, attempts: Attempts) -> _Outcome:
    outcome = _Outcome(done=set(job.passed))
    for place, attempt in sorted(attempts.items()):
        sending = job.sendings[place]
        outcome.verdicts.add(attempt.verdict)
        if sending.parked is not None:
            outcome.tried += _tried(sending.parked, attempt, uow.now)
        elif sending.kind is Kind.REPLAY:
            state = State.DELIVERED if attempt.verdict is Verdict.ACCEPTED else State.FAILED
            outcome.new.append(_entry(uow, job, sending, attempt, state))
            if attempt.verdict in _ENDS:
                outcome.replayed.add(sending.event.position)
        else:
            outcome.new.append(_entry(uow, job, sending, attempt, _ENDS.get(attempt.verdict, State.FAILED)))
            if attempt.verdict in _ENDS:
                outcome.done.add(sending.event.position)
    for event in job.behind:
        waits = Attempt(Verdict.BEHIND)
        outcome.new.append(_entry(uow, job, Sending(event, Kind.NEW), waits, State.PARKED))
        outcome.done.add(event.position)
    outcome.tried += [replace(each, state=State.DEAD, at=uow.now, due=None) for each in job.lost]
    return outcome


def _tried(parked: Delivery, attempt: Attempt, now: Instant) -> Iterator[Delivery]:
    """The entry of what is parked, after one more attempt; nothing where there was none, or the receiver failed."""
    if attempt.verdict in {Verdict.BEHIND, Verdict.FAILED, Verdict.GONE}:
        return
    told = replace(
        parked,
        attempts=parked.attempts + 1,
        at=now,
        status=attempt.status,
        detail=attempt.detail,
        milliseconds=attempt.milliseconds,
    )
    if attempt.verdict is Verdict.ACCEPTED:
        yield replace(told, state=State.DELIVERED, due=None)
    elif attempt.verdict is Verdict.REJECTED or later(parked.begun, PATIENCE) <= now:
        yield replace(told, state=State.DEAD, due=None)
    else:
        yield replace(told, due=later(now, pause(told.attempts, random.random())))  # noqa: S311 jitter, no secret


def _entry(uow: UnitOfWork, job: Job, sending: Sending, attempt: Attempt, state: State) -> Delivery:
    refused = attempt.verdict is Verdict.REFUSED and state is State.PARKED
    entry = Delivery.begun_by(attempt, uow.new_id(), job.receiver.id, sending.event, sending.kind, state, uow.now)
    return replace(entry, due=later(uow.now, pause(1, random.random()))) if refused else entry  # noqa: S311 jitter, no secret


def _drop(uow: UnitOfWork, receiver: Receiver, before: Progress, outcome: _Outcome) -> None:
    """Nothing is parked of a stream that was disabled meanwhile, be it enabled again or not: what it had in hand is
    behind it."""
    if not isinstance(receiver, Stream):
        return
    goes_on = receiver.listens
    parked = {each.id for each in uow.deliveries.parked(receiver.id)} if outcome.tried else set()
    outcome.tried = [each for each in outcome.tried if each.state is not State.PARKED or each.id in parked]
    outcome.new = [
        each
        if each.state is not State.PARKED or (goes_on and (each.position or 0) > before.position)
        else replace(each, state=State.DEAD, due=None)
        for each in outcome.new
    ]


def _advanced(before: Progress, job: Job, outcome: _Outcome) -> Progress:
    """Further in the events, and in the first replay; what was asked for meanwhile stays."""
    after = before.passing([each.position for each in job.read], outcome.done)
    if job.emptied is not None:
        after = replace(after, position=max(after.position, job.emptied))
    if job.replayed and before.replays:
        sent = {each.event.position for each in job.sendings if each.kind is Kind.REPLAY}
        undone = [each for each in job.replayed if each in sent and each not in outcome.replayed]
        first, last = min(undone, default=job.replayed[-1] + 1), before.replays[0][1]
        ahead = ((first, last),) if first <= last else ()
        after = replace(after, replays=(*ahead, *before.replays[1:]))
    return after


def _followed(progress: Progress, now: Instant, job: Job, outcome: _Outcome, attempts: Attempts) -> Progress:
    """What the answers say of the receiver."""
    troubles = [each.detail for each in attempts.values() if each.verdict in {Verdict.FAILED, Verdict.GONE}]
    if troubles:
        return progress.failed(now, troubles[0] or "")
    accepted = Verdict.ACCEPTED in outcome.verdicts
    if not is_of_operator(job.receiver) and job.full and not accepted and Verdict.REFUSED in outcome.verdicts:
        return progress.failed(now, NOTHING_TAKEN)
    return progress.answered(now, accepted=accepted) if attempts else progress


def _judged(uow: UnitOfWork, receiver: Receiver, before: Progress, after: Progress, outcome: _Outcome) -> Receiver:
    """The webhook or stream, switched off where its receiver is gone or has failed for too long; admins are told."""
    why = Stopped.GONE if Verdict.GONE in outcome.verdicts else None
    if why is None and outcome.verdicts and after.fails_for(uow.now, PATIENCE):
        why = Stopped.FAILING
    if is_of_operator(receiver):
        return _judged_above(uow, receiver, why)
    if why is not None or after.fails_for(uow.now, WORRYING):
        uow.issues.open(issue(uow, WEBHOOK_FAILING, subject=receiver.name))
    elif before.failures and not after.failures:
        uow.issues.close(WEBHOOK_FAILING, subjects=[receiver.name])
    if why is None or not receiver.enabled:
        return receiver
    return switch_off(uow, receiver, why)


def _judged_above(uow: UnitOfWork, webhook: Webhook, why: Stopped | None) -> Webhook:
    """The same for one of the operator: of it a tenant's admins are told nothing, nor its trail."""
    if why is None or not webhook.enabled:
        return webhook
    stopped = webhook.switched_off(why)
    uow.webhooks.save(stopped)
    _log.error("a webhook of the operator is switched off", webhook=webhook.name, reason=why.value)
    return stopped


def _due(
    uow: UnitOfWork, receiver: Receiver, progress: Progress, job: Job, attempts: Attempts, last: int
) -> Instant | None:
    """When there is something to do next."""
    if not receiver.enabled:
        return None
    if progress.failures and (attempts or not is_of_operator(receiver)):
        asked = max((each.wait for each in attempts.values() if each.wait is not None), default=None)
        chosen = pause(progress.failures, random.random())  # noqa: S311 jitter, no secret
        return later(uow.now, chosen if asked is None else max(chosen, min(asked, LONGEST_PAUSE)))
    if progress.replays or (last > progress.position and not job.full):
        return uow.now
    return _next(uow.deliveries.parked(receiver.id), uow.now)


def _next(parked: Sequence[Delivery], now: Instant) -> Instant | None:
    """When the first of what is parked is to be sent again."""
    return min((entries[0].due or now for entries in queues(parked)), default=None)
