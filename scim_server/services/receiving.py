"""Streams as their receivers look after them (SSF 1.0 section 8): each has those that are its own."""

from typing import Any

from scim_server.domain.errors import Missing
from scim_server.domain.events import Cause
from scim_server.domain.streams import Stream
from scim_server.domain.tenants import Tenant
from scim_server.services import feeds
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.subject_identifiers import subjects_of


def own_streams(units: Units, tenant: Tenant, actor: str) -> list[Stream]:
    """Those of whoever acts under that name, the oldest first."""
    with units.read(tenant) as uow:
        own = [each for each in uow.streams.all() if each.owner == actor]
        return sorted(own, key=lambda each: each.id)


def own_stream(units: Units, tenant: Tenant, actor: str, stream_id: str) -> Stream:
    """The one of that id. Raises Missing, for somebody else's too."""
    with units.read(tenant) as uow:
        return _own(uow, actor, stream_id)


@retried
def choose_subject(
    units: Units, tenant: Tenant, cause: Cause, stream_id: str, issuer: str, identifier: Any, *, wanted: bool
) -> None:
    """Tell of whom the identifier means, or of whom it means no more. Raises Invalid, and Missing for the stream."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        stream = _own(uow, cause.actor, stream_id)
        for subject in subjects_of(uow, issuer, identifier):
            (feeds.take_in if wanted else feeds.leave_out)(uow, stream, subject)
        uow.commit()


def _own(uow: UnitOfWork, actor: str, stream_id: str) -> Stream:
    found = uow.streams.get(stream_id)
    if found is None or found.owner != actor:
        raise Missing(f"You have no stream '{stream_id[:100]}'. A GET without stream_id lists those that you have.")
    return found
