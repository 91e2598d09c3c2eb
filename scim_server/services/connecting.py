"""Changing what a connection is called and what it may do."""

from collections.abc import Collection
from dataclasses import replace

from scim_server.domain.access import ROLES, check_within
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_connection
from scim_server.domain.networks import checked_networks
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services import granting
from scim_server.services.issues import ROLE_ABOVE_MAX
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.tenancy import check_power, check_terms, connection_called

ADMITTING = ("accepts_basic", "accepts_raw", "creator_only", "networks")
"""Terms that say who comes in through a connection, and how far what they may do there goes."""


def connection(units: Units, tenant: Tenant, name: str) -> Connection:
    """The connection of that name, or else of that id; raises Missing."""
    with units.read(tenant) as uow:
        return connection_called(uow, name)


@retried
def edit_connection(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    called: str,
    *,
    name: str | None = None,
    idp: str | None = None,
    manages_entitlements: str | None = None,
    max_role: str | None = None,
    accepts_basic: bool | None = None,
    accepts_raw: bool | None = None,
    creator_only: bool | None = None,
    networks: Collection[str] | None = None,
) -> Connection:
    """Change a connection; what is None stays.

    People whose roles were held back as beyond its highest role get them now, as far as it may grant them. Roles
    that it granted stay, whatever it may grant from now on. Raises Missing, Taken where the name is in use, Invalid
    for an unknown choice or no network, Forbidden for a highest role above whoever changes it, and for a change of who
    comes in, or how far, by whoever is not permitted all that the connection can give.
    """
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = connection_called(uow, called)
        after = replace(
            before,
            name=before.name if name is None else name,
            idp=idp or before.idp,
            manages_entitlements=manages_entitlements or before.manages_entitlements,
            max_role=max_role or before.max_role,
            accepts_basic=before.accepts_basic if accepts_basic is None else accepts_basic,
            accepts_raw=before.accepts_raw if accepts_raw is None else accepts_raw,
            creator_only=before.creator_only if creator_only is None else creator_only,
            networks=before.networks if networks is None else checked_networks(networks),
        )
        check_terms(after.name, after.idp, after.manages_entitlements, after.max_role)
        if after != before:
            keep_connection(uow, before, after)
            uow.commit()
        return after


def keep_connection(uow: UnitOfWork, before: Connection, after: Connection) -> None:
    """Bring a connection to `after` in the caller's transaction, under the tenant's guard. Raises Taken, Forbidden."""
    if after.max_role != before.max_role:
        check_within(ROLES[after.max_role], uow.cause.permits)
    if any(getattr(after, term) != getattr(before, term) for term in ADMITTING):
        check_power(uow, after)
    uow.connections.save(after)
    uow.record(_change(before, after))
    _grant_what_was_held_back(uow, after)


def _change(before: Connection, after: Connection) -> Change:
    """What differs, and nothing else: what the connection writes meanwhile is noted by whoever sees it."""
    then, now = of_connection(before), of_connection(after)
    differing = [name for name in now if then[name] != now[name]]
    old, new = ({name: facts[name] for name in differing} for facts in (then, now))
    return Change("connection", after.id, "connection.changed", old, new)


def _grant_what_was_held_back(uow: UnitOfWork, connection: Connection) -> None:
    held_back = uow.issues.find(closed=False, code=ROLE_ABOVE_MAX)
    waiting = {str(each.user_id) for each in held_back if each.connection_id == connection.id}
    if waiting:
        uow.users.lock(waiting)
        granting.reprocess(uow, uow.users.some(waiting))
