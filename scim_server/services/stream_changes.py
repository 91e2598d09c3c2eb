"""Streams changed: what they tell and whom, and whether they do."""

from dataclasses import dataclass, field, replace
from typing import TypeVar

from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.events import TENANT, Cause, Event, Subject
from scim_server.domain.streams import STATUS_CHANGED, Delivery, Form, Status, Stream
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Progress, State
from scim_server.services import feeds
from scim_server.services.hooking import check_sees
from scim_server.services.issues import WEBHOOK_FAILING
from scim_server.services.owner_endings import endings
from scim_server.services.ports import UnitOfWork, Units, Web
from scim_server.services.receivers import check_address, save, stream_called
from scim_server.services.retrying import retried
from scim_server.services.stream_owners import check_owner, end_owners_token
from scim_server.services.streaming import check, settle_told, stream

T = TypeVar("T")
LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class StreamWishes:
    """What of a stream is to be otherwise; None leaves it as it is. An empty text takes away the authorization, the
    filter or the description. The authorization goes with the address that it was for, where nothing is said of it."""

    name: str | None = None
    url: str | None = None
    authorization: str | None = field(default=None, repr=False)
    audience: tuple[str, ...] | None = None
    form: Form | None = None
    requested: tuple[str, ...] | None = None
    filter: str | None = None
    description: str | None = None
    owner: str | None = None
    status: Status | None = None
    reason: str | None = None


def change_stream(units: Units, web: Web, tenant: Tenant, cause: Cause, named: str, wishes: StreamWishes) -> Stream:
    """Change a stream. One that was paused goes on where it was, one that was disabled with what happens next. Its
    receiver is told of another status unless that is done quietly, as it asked for it: what an admin has paused or
    disabled it asks for in vain. One whose owner is let in no more goes on with another.

    Raises Forbidden, Invalid, Missing, Taken.
    """
    check_sees(cause)
    check_address(web, wishes.url, lambda: stream(units, tenant, named).url)
    if wishes.status is Status.ENABLED:
        _check_ending(units, tenant, named, wishes)
    return _change(units, tenant, cause, named, wishes)


def _check_ending(units: Units, tenant: Tenant, named: str, wishes: StreamWishes) -> None:
    """Raises Invalid where it would be paused again at once."""
    owner = wishes.owner or stream(units, tenant, named).owner
    if endings(units, tenant, [owner]):
        raise Invalid(
            f"The stream's owner '{owner[:100]}' is revoked or has expired: name another one who has it from now on."
        )


@retried
def _change(units: Units, tenant: Tenant, cause: Cause, named: str, wishes: StreamWishes) -> Stream:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = stream_called(uow, named)
        wishes = _readdressed(before, wishes)
        _check_status(before, wishes, by_admin=not uow.cause.quiet)
        after = _wished(before, wishes, by_admin=not uow.cause.quiet)
        check(uow, after, wishes.authorization)
        if after.owner != before.owner:
            check_owner(uow, after.owner)
            end_owners_token(uow, before)
        if after == before and wishes.authorization is None:
            return before
        write_change(uow, before, after, wishes.authorization)
        uow.commit()
        return after


def write_change(uow: UnitOfWork, before: Stream, after: Stream, authorization: str | None = None) -> None:
    """Write what a stream is now, under the tenant's guard, and have it go on as that one does."""
    if authorization is not None:
        uow.streams.replace_authorization(after.id, authorization or None)
    save(uow, before, after, "changed")
    _settle_change(uow, before, after, readdressed=authorization is not None or before.url != after.url)
    settle_told(uow)


def _readdressed(stream: Stream, wishes: StreamWishes) -> StreamWishes:
    """Whoever may choose the address may not see the header, and so does not get it sent to theirs."""
    moves = wishes.url is not None and wishes.url != stream.url
    kept = stream.authorized and wishes.authorization is None
    return replace(wishes, authorization="") if moves and kept else wishes


def _check_status(stream: Stream, wishes: StreamWishes, *, by_admin: bool) -> None:
    if wishes.status is not None and stream.by_admin and not by_admin:
        raise Forbidden(f"An admin has this stream {stream.status}: ask one to enable it.")


def _wished(stream: Stream, wishes: StreamWishes, *, by_admin: bool) -> Stream:
    status = wishes.status or stream.status
    reason = wishes.reason if wishes.reason is not None or status is not stream.status else stream.reason
    if reason is not None and len(reason) > LONGEST_REASON:
        raise Invalid(f"Why a stream has its status is said in {LONGEST_REASON} characters at most.")
    asked = wishes.authorization
    return replace(
        stream,
        name=_chosen(wishes.name, stream.name),
        url=_chosen(wishes.url, stream.url),
        authorized=stream.authorized if asked is None else bool(asked),
        audience=_chosen(wishes.audience, stream.audience),
        form=_chosen(wishes.form, stream.form),
        requested=tuple(dict.fromkeys(_chosen(wishes.requested, stream.requested))),
        filter=_chosen(wishes.filter, stream.filter) or None,
        description=_chosen(wishes.description, stream.description) or None,
        owner=_chosen(wishes.owner, stream.owner),
        status=status,
        reason=reason or None,
        by_admin=stream.by_admin if wishes.status is None else by_admin and wishes.status is not Status.ENABLED,
    )


def _chosen(wished: T | None, known: T) -> T:
    return known if wished is None else wished


def _settle_change(uow: UnitOfWork, before: Stream, after: Stream, *, readdressed: bool) -> None:
    """Where it goes on, and when: another address, or being enabled, is a reason to try at once."""
    if before.filter != after.filter:
        feeds.begin_anew(uow, before, after)
    if before.name != after.name or (after.enabled and not before.enabled):
        uow.issues.close(WEBHOOK_FAILING, subjects=[before.name])
    is_told = before.status is not after.status and not uow.cause.quiet
    if is_told:
        told = {"stream": after.id, "name": after.name, "status": after.status.value}
        reason = {} if after.reason is None else {"reason": after.reason}
        uow.publish(Event(STATUS_CHANGED, Subject(TENANT, uow.tenant.id), told | reason))
    elif before.status is after.status and not (readdressed and after.enabled):
        return
    uow.cursors.request(after.id, _resumed(uow, before, after, is_told=is_told))


def _resumed(uow: UnitOfWork, before: Stream, after: Stream, *, is_told: bool) -> Progress:
    """Where it goes on. One that was pushed to has one last thing to say where its receiver has yet to be told."""
    progress = uow.cursors.lock(after.id)
    if not after.listens:
        _drop_parked(uow, after)
    if after.listens and not before.listens:
        _, last = uow.placed_events.reach()
        progress = Progress(last, accepted=progress.accepted)
    due = uow.now if after.delivery is Delivery.PUSH else None
    if not after.enabled:
        return replace(progress, due=due if before.enabled and is_told and not progress.failures else None)
    return replace(progress, due=due, failures=0, failing=None)


def _drop_parked(uow: UnitOfWork, stream: Stream) -> None:
    parked = uow.deliveries.parked(stream.id)
    uow.deliveries.save(*(replace(each, state=State.DEAD, at=uow.now, due=None) for each in parked))
