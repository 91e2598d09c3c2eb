"""Taking in requests that are carried out after they are answered, and what is known of them (RFC 9967 section 2.5.1).

Each sender's stand in line in the order in which they came, so that none overtakes an earlier one of the same sender.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from scim_server.domain.async_requests import MOST_WAITING, AsyncRequest, Completion
from scim_server.domain.errors import Missing, QueueFull
from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services.actors import Actors
from scim_server.services.ports import RequestLog, UnitOfWork, Units
from scim_server.services.retrying import retried


@retried
def accept(
    units: Units, tenant: Tenant, cause: Cause, request: AsyncRequest, log: RequestLog, *, rather_now: bool
) -> bool:
    """Whether the request is kept, with its log entry; if not, it is to be carried out at once.

    It is where the sender would `rather` have it so, or where as many wait as may, but never before earlier ones of the
    same sender. Raises QueueFull where those wait and there is no room.
    """
    with units.write(tenant, cause) as uow:
        queue = uow.async_requests.queue(request.actor)
        has_room = queue.waiting < MOST_WAITING
        if queue.of_actor == 0 and (rather_now or not has_room):
            return False
        if not has_room:
            raise QueueFull(MOST_WAITING)
        uow.async_requests.add(replace(request, number=queue.last + 1, accepted=uow.now, due=uow.now))
        uow.commit(log)
        return True


@dataclass(frozen=True, slots=True)
class Kept:
    """A request with what came of it so far, and how its sender is called where that is known."""

    request: AsyncRequest
    completions: Sequence[Completion]
    sender: str | None = None

    @property
    def state(self) -> str:
        """`waiting`, `running` (some of its operations are done), `done`, or `failed` where any of them was."""
        if self.request.finished is None:
            return "running" if self.completions else "waiting"
        return "failed" if self.failed else "done"

    @property
    def failed(self) -> int:
        return sum(each.failed for each in self.completions)


def sent_request(units: Units, tenant: Tenant, actor: str, request_id: str) -> Kept | None:
    """A request of that sender; None where there is none, or it is somebody else's."""
    with units.read(tenant) as uow:
        found = uow.async_requests.get(request_id)
        if found is None or found.actor != actor:
            return None
        return Kept(found, uow.async_requests.results([found.id])[found.id])


def async_requests(
    units: Units, tenant: Tenant, *, waiting: bool | None = None, before: str | None = None, most: int = 100
) -> list[Kept]:
    """The newest, or those that wait or do not, older than that id, so many at most."""
    with units.browse(tenant) as uow:
        found = uow.async_requests.find(waiting=waiting, actor=None, before=before, most=most)
        results = uow.async_requests.results([each.id for each in found])
        names = _names(uow, {each.actor for each in found})
        return [Kept(each, results[each.id], names.get(each.actor)) for each in found]


def async_request(units: Units, tenant: Tenant, request_id: str) -> Kept:
    """One of them, without what it said. Raises Missing."""
    with units.read(tenant) as uow:
        found = uow.async_requests.get(request_id)
        if found is None:
            raise Missing(f"Tenant '{tenant.slug}' has no asynchronous request '{request_id}'.")
        names = _names(uow, {found.actor})
        return Kept(replace(found, body=None), uow.async_requests.results([found.id])[found.id], names.get(found.actor))


def _names(uow: UnitOfWork, actors: Collection[str]) -> Mapping[str, str]:
    return Actors.among(uow, actors).names if actors else {}
