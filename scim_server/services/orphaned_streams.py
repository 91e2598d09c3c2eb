"""Streams whose receiver is let in no more: they rest until an admin says who has them next."""

from dataclasses import replace

from scim_server.domain.streams import Status
from scim_server.services.ports import UnitOfWork
from scim_server.services.stream_changes import write_change
from scim_server.services.stream_owners import RECEIVES

REASON = "owner_revoked"


def pause_streams_of(uow: UnitOfWork, owner: str, scopes: frozenset[str]) -> None:
    """Pause what is told to a program that is about to be revoked, or may receive no more; `scopes` are what it was
    permitted. Takes the tenant's guard where that let it receive.

    Who could not receive, such as an admin's program that set up a stream for others, does not take it along.
    """
    if RECEIVES not in scopes:
        return
    uow.guard(exclusive=True)
    for stream in uow.streams.all():
        if stream.owner == owner and stream.enabled:
            write_change(uow, stream, replace(stream, status=Status.PAUSED, reason=REASON, by_admin=True))
