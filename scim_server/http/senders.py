"""Whoever sent a request that is kept, let in again without the credential, which is not."""

from dataclasses import replace

from scim_server.domain.tenants import Tenant
from scim_server.oauth.bearers import Bearer
from scim_server.services.actors import CONNECTION, PERSON
from scim_server.services.ports import Units


def sender(units: Units, tenant: Tenant, actor: str, token: str | None = None) -> Bearer | None:
    """The connection or person as they are now; None where they are gone, the person is suspended, or the token of that
    id was revoked."""
    with units.read(tenant) as uow:
        if token is not None and uow.async_requests.is_revoked(token):
            return None
        if actor.startswith(PERSON):
            people = uow.users.some([actor.removeprefix(PERSON)])
            found = [Bearer(tenant, person=person) for person in people if person.may_hold]
        else:
            connections = [each for each in uow.connections.all() if f"{CONNECTION}{each.id}" == actor]
            found = [Bearer(tenant, connection=each) for each in connections]
    return next(iter(found), None)


def from_within(bearer: Bearer) -> Bearer:
    """The same without the networks that a connection is held to: the request comes from none."""
    connection = None if bearer.connection is None else replace(bearer.connection, networks=())
    return replace(bearer, connection=connection)
