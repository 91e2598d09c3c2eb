"""Webhooks and streams alike: written, and switched off where they are at fault."""

from scim_server.domain.events import Change
from scim_server.domain.facts import of_stream, of_webhook
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.webhooks import Stopped
from scim_server.services.ports import UnitOfWork


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
