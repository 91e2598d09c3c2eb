"""Resources that only a schema describes: taken in, changed and let go, each with its audit entry."""

from typing import Any

from scim_server.domain.events import Change
from scim_server.domain.facts import of_resource
from scim_server.domain.resources import Resource
from scim_server.services.ports import UnitOfWork


def create_resource(uow: UnitOfWork, resource: Resource) -> Resource:
    """Take in a new resource. Raises Taken where a value that must be unique is in use."""
    created = resource.begun(uow.new_id(), uow.now)
    uow.resources.add(created)
    _record(uow, "created", None, created)
    return created


def change_resource(uow: UnitOfWork, before: Resource, document: dict[str, Any]) -> Resource:
    """Bring a locked resource to `document`. Nothing changed means no new version. Raises Taken."""
    if document == before.document:
        return before
    after = before.revised(document, uow.now)
    uow.resources.save(after)
    _record(uow, "changed", before, after)
    return after


def delete_resource(uow: UnitOfWork, resource: Resource) -> None:
    """Let a locked resource go; its unique values are free at once."""
    uow.resources.remove(resource)
    _record(uow, "deleted", resource, None)


def _record(uow: UnitOfWork, action: str, before: Resource | None, after: Resource | None) -> None:
    resource = after or before
    if resource is None:
        return
    kind = resource.type[:1].lower() + resource.type[1:]
    then, now = (None if each is None else of_resource(each) for each in (before, after))
    uow.record(Change("resource", resource.id, f"{kind}.{action}", then, now))
