"""Webhooks and streams alike: found, followed, written, and switched off where they are at fault."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.events import Change
from scim_server.domain.facts import of_stream, of_webhook
from scim_server.domain.operator_webhooks import OperatorWebhook
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.webhooks import Progress, Stopped, Webhook
from scim_server.services.ports import UnitOfWork, Unreachable, Web

R = TypeVar("R", Webhook, Stream)
W = TypeVar("W", bound=Webhook)
S = TypeVar("S", bound=Stream)
N = TypeVar("N", bound=Webhook | Stream | OperatorWebhook)


def check_address(web: Web, url: str | None, present: Callable[[], str | None] = lambda: None) -> None:
    """Raises Invalid where nothing may be sent there: only https, and no private network but as the operator allows.

    What is there already, `present`, stays: a receiver goes on to be renamed and switched off where the operator has
    thought better of a network.
    """
    try:
        if url:
            web.check(url)
    except Unreachable as error:
        if url != present():
            raise Invalid(f"Nothing can be sent to that address. {error}") from error


def called(known: Iterable[N], named: str) -> N | None:
    """Whoever of those has that name or id."""
    return next((each for each in known if named in {each.id, each.name}), None)


def webhook_among(known: Iterable[W], named: str, slug: str) -> W:
    """The webhook of that name or id, of those of the tenant. Raises Missing."""
    found = called(known, named)
    if found is None:
        raise Missing(f"Tenant '{slug}' has no webhook '{named}'. `scim-server webhook list {slug}` shows all.")
    return found


def stream_among(known: Iterable[S], named: str, slug: str) -> S:
    """The stream of that name or id, of those of the tenant. Raises Missing."""
    found = called(known, named)
    if found is None:
        raise Missing(f"Tenant '{slug}' has no stream '{named}'. `scim-server stream list {slug}` shows all.")
    return found


def webhook_called(uow: UnitOfWork, named: str) -> Webhook:
    """The same of all there are."""
    return webhook_among(uow.webhooks.all(), named, uow.tenant.slug)


def stream_called(uow: UnitOfWork, named: str) -> Stream:
    """The same of all there are."""
    return stream_among(uow.streams.all(), named, uow.tenant.slug)


def followed(uow: UnitOfWork, receivers: Iterable[R]) -> list[tuple[R, Progress, int]]:
    """Those of them that are still there, each with how far it has come, and how many events come after that."""
    progress = uow.cursors.all()
    _, last = uow.placed_events.reach()
    there = ((each, progress[each.id]) for each in receivers if each.id in progress)
    return [(each, come, max(0, last - come.position)) for each, come in there]


def save(uow: UnitOfWork, before: Receiver, after: Receiver, did: str) -> None:
    """Write what it is now, and that in the audit trail. Raises Taken where the name is in use."""
    if isinstance(after, Stream):
        uow.streams.save(after)
    else:
        uow.webhooks.save(after)
    record(uow, before, after, did)


def record(uow: UnitOfWork, before: Receiver | None, after: Receiver | None, did: str) -> None:
    """Note in the audit trail what it was and is; None where it was or is not there."""
    known = after or before
    assert known is not None, "it was or is there"
    kind = kind_of(known)
    uow.record(Change(kind, known.id, f"{kind}.{did}", _facts(before), _facts(after)))


def kind_of(receiver: Receiver) -> str:
    """The type of object that the audit trail knows it as."""
    return "stream" if isinstance(receiver, Stream) else "webhook"


def _facts(receiver: Receiver | None) -> dict[str, object] | None:
    if receiver is None:
        return None
    return of_stream(receiver) if isinstance(receiver, Stream) else of_webhook(receiver)


def switch_off(uow: UnitOfWork, receiver: Receiver, why: Stopped) -> Receiver:
    """Send nothing there until an admin says so; answers what it is then. Its events are kept."""
    stopped = receiver.switched_off(why)
    save(uow, receiver, stopped, "switched_off")
    return stopped
