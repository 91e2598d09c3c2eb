"""Webhooks and streams alike: found, followed, written, and switched off where they are at fault."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from scim_server.domain.errors import Missing
from scim_server.domain.events import Change
from scim_server.domain.facts import of_stream, of_webhook
from scim_server.domain.streams import Receiver, Stream
from scim_server.domain.webhooks import Progress, Stopped, Webhook
from scim_server.services.ports import UnitOfWork

R = TypeVar("R", Webhook, Stream)


class Named(Protocol):
    """What people call by its name, and programs by its id."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


def called(known: Iterable[N], named: str) -> N | None:
    """Whoever of those has that name or id."""
    return next((each for each in known if named in {each.id, each.name}), None)


def webhook_called(uow: UnitOfWork, named: str) -> Webhook:
    """The webhook of that name or id. Raises Missing."""
    found = called(uow.webhooks.all(), named)
    if found is None:
        slug = uow.tenant.slug
        raise Missing(f"Tenant '{slug}' has no webhook '{named}'. `scim-server webhook list {slug}` shows all.")
    return found


def stream_called(uow: UnitOfWork, named: str) -> Stream:
    """The stream of that name or id. Raises Missing."""
    found = called(uow.streams.all(), named)
    if found is None:
        slug = uow.tenant.slug
        raise Missing(f"Tenant '{slug}' has no stream '{named}'. `scim-server stream list {slug}` shows all.")
    return found


def followed(uow: UnitOfWork, receivers: Iterable[R]) -> list[tuple[R, Progress, int]]:
    """Those of them that are still there, each with how far it has come, and how many events come after that."""
    progress = uow.cursors.all()
    _, last = uow.placed_events.reach()
    there = ((each, progress[each.id]) for each in receivers if each.id in progress)
    return [(each, come, _behind(each, come.position, last)) for each, come in there]


def _behind(receiver: Receiver, position: int, last: int) -> int:
    listens = not isinstance(receiver, Stream) or receiver.listens
    return max(0, last - position) if listens else 0


def followed_alone(uow: UnitOfWork, receiver: R) -> tuple[R, Progress, int]:
    """The same of one. Raises Missing where it was removed since it was found."""
    found = followed(uow, [receiver])
    if found:
        return found[0]
    if isinstance(receiver, Stream):
        raise Missing(f"The stream '{receiver.name}' was removed meanwhile.")
    raise Missing(f"The webhook '{receiver.name}' was removed meanwhile.")


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
