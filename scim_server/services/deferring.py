"""Taking in requests that are carried out after they are answered, and what is known of them (RFC 9967 section 2.5.1).

Each sender's stand in line in the order in which they came, so that none overtakes an earlier one of the same sender.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from scim_server.domain.async_requests import MOST_BYTES, MOST_WAITING, AsyncRequest, Completion
from scim_server.domain.errors import Missing, QueueFull, Taken
from scim_server.domain.events import Cause, Change
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
        has_room = queue.waiting < MOST_WAITING and queue.size < MOST_BYTES
        if queue.of_actor == 0 and (rather_now or not has_room):
            return False
        if not has_room:
            raise QueueFull(MOST_WAITING, MOST_BYTES)
        uow.async_requests.add(replace(request, number=queue.last + 1, accepted=uow.now, due=uow.now))
        uow.commit(log)
        return True


@dataclass(frozen=True, slots=True)
class Kept:
    """A request, how many of its operations are over and how many of these failed, how its sender is called where that
    is known, and what came of it so far where that was asked for."""

    request: AsyncRequest
    completed: int
    failed: int
    sender: str | None = None
    completions: Sequence[Completion] = ()

    @property
    def state(self) -> str:
        """`waiting`, `running` (some of its operations are done), `done`, or `failed` where any of them was."""
        if self.request.finished is None:
            return "running" if self.completed else "waiting"
        return "failed" if self.failed else "done"


def sent_request(units: Units, tenant: Tenant, actor: str, request_id: str) -> Kept | None:
    """A request of that sender; None where there is none, or it is somebody else's."""
    with units.read(tenant) as uow:
        found = uow.async_requests.get(request_id)
        if found is None or found.actor != actor:
            return None
        return _whole(uow, found)


def async_requests(
    units: Units, tenant: Tenant, *, waiting: bool | None = None, before: str | None = None, most: int = 100
) -> list[Kept]:
    """The newest, or those that wait or do not, older than that id, so many at most."""
    with units.browse(tenant) as uow:
        found = uow.async_requests.find(waiting=waiting, actor=None, before=before, most=most)
        counts = uow.async_requests.counts([each.id for each in found])
        names = _names(uow, {each.actor for each in found})
        return [Kept(each, *counts[each.id], names.get(each.actor)) for each in found]


def async_request(units: Units, tenant: Tenant, request_id: str) -> Kept:
    """One of them. Raises Missing."""
    with units.read(tenant) as uow:
        found = uow.async_requests.get(request_id)
        if found is None:
            raise _no_request(tenant, request_id)
        return _whole(uow, found, _names(uow, {found.actor}).get(found.actor))


@retried
def cancel(units: Units, tenant: Tenant, cause: Cause, request_id: str) -> None:
    """Have a request that waits fail, or what is left of a Bulk, when its turn comes, which is at once unless earlier
    ones wait. Raises Missing, Taken where it is over or was called off before."""
    with units.write(tenant, cause) as uow:
        if uow.async_requests.get(request_id) is None:
            raise _no_request(tenant, request_id)
        if not uow.async_requests.cancel(request_id):
            raise Taken(f"The asynchronous request '{request_id}' does not wait any more, or was called off before.")
        uow.record(Change("request", request_id, "request.cancelled", {"status": "waiting"}, {"status": "cancelled"}))
        uow.commit()


def _no_request(tenant: Tenant, request_id: str) -> Missing:
    return Missing(f"Tenant '{tenant.slug}' has no asynchronous request '{request_id}'.")


def _whole(uow: UnitOfWork, request: AsyncRequest, sender: str | None = None) -> Kept:
    completions = uow.async_requests.results([request.id])[request.id]
    return Kept(request, len(completions), sum(each.failed for each in completions), sender, completions)


def _names(uow: UnitOfWork, actors: Collection[str]) -> Mapping[str, str]:
    return Actors.among(uow, actors).names if actors else {}
