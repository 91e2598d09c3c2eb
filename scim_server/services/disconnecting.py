"""Removing a connection: whoever came in through it is out at once, and what it managed is another's, or nobody's.

The connection is gone in one transaction. What belonged to it follows in batches (`handing_over.py`), without any seat,
role or attribute changing: only whose it is. The trail and the log go on naming the connection.
"""

from dataclasses import dataclass, replace

from scim_server.domain.access import ROLES, check_within
from scim_server.domain.errors import Invalid, StillManages
from scim_server.domain.events import TENANT, Cause, Change, Event, Subject
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services.actors import CONNECTION
from scim_server.services.expiring import settle_expiries
from scim_server.services.handing_over import hand_over
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.registering import end_client
from scim_server.services.retrying import retried
from scim_server.services.tenancy import connection_called
from scim_server.services.trusting import end_trust


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to become of what a connection manages: it is that of the connection `to`, by name or id, or with
    `release` it is managed by hand. Neither is good where it manages nothing."""

    to: str | None = None
    release: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """A connection that was removed, or would be.

    `people`, `groups` and `resources` are how many it managed, and `to` is the name of the connection that has them
    from then on, None where none has. `tokens`, `clients` and `issuers` are how many ended with it.
    """

    fate: Fate
    connection: Connection
    to: str | None
    people: int
    groups: int
    resources: int
    tokens: int
    clients: int
    issuers: int

    @property
    def manages(self) -> bool:
        """Whether anything belongs to it."""
        return bool(self.people or self.groups or self.resources)

    @property
    def is_undecided(self) -> bool:
        """Whether nobody said what becomes of that, which has to be said."""
        return self.manages and self.fate == Fate()


def preview(units: Units, tenant: Tenant, cause: Cause, called: str, fate: Fate) -> Removal:
    """What `remove_connection` would do at this moment; nothing is changed. Raises the same, but for StillManages."""
    with units.write(tenant, cause) as uow:
        return _remove(uow, called, fate)


def remove_connection(units: Units, tenant: Tenant, cause: Cause, called: str, fate: Fate) -> Removal:
    """Remove a connection for good; its name is free for another one.

    Raises Missing, Invalid for a fate that is none, StillManages where it manages something and nothing is said of
    what becomes of that, Forbidden where it is handed to a connection that may grant a role, or people with a role are
    among it, above whoever asks.
    """
    removal = _close(units, tenant, cause, called, fate)
    for _ in hand_over(units, tenant, cause, removal.connection):
        pass
    return removal


@retried
def _close(units: Units, tenant: Tenant, cause: Cause, called: str, fate: Fate) -> Removal:
    with units.write(tenant, cause) as uow:
        removal = _remove(uow, called, fate)
        if removal.is_undecided:
            raise _undecided(uow.tenant.slug, removal)
        uow.commit()
        return removal


def _undecided(slug: str, removal: Removal) -> StillManages:
    name = removal.connection.name
    return StillManages(
        f"Connection '{name}' manages people ({removal.people}), groups ({removal.groups}) or other resources "
        f"({removal.resources}). Say whose they are then: `scim-server connection remove {slug} {name} --to OTHER` "
        "hands them to another connection, with `--release` they are managed by hand. Either way they stay as they "
        "are, seats included."
    )


def _remove(uow: UnitOfWork, called: str, fate: Fate) -> Removal:
    uow.guard(exclusive=True)
    before = connection_called(uow, called)
    uow.connections.lock(before.id)
    to = _successor(uow, before, fate)
    people, groups, resources = uow.connections.managed(f"{CONNECTION}{before.id}")
    ended = _revoke_tokens(uow, before), _end_clients(uow, before), _end_trusts(uow, before)
    after = replace(before, removed=uow.now, successor=None if to is None else to.id)
    uow.connections.remove(after)
    then, now = ({"removed": each.removed, "successor": each.successor} for each in (before, after))
    uow.record(Change("connection", after.id, "connection.removed", then, now))
    _close_issues(uow, after)
    settle_expiries(uow)
    told = {"connection": after.id, "name": after.name, "people": people, "groups": groups}
    named = {} if to is None else {"successor": to.id}
    uow.publish(Event("connection.removed", Subject(TENANT, uow.tenant.id), told | named))
    return Removal(fate, after, None if to is None else to.name, people, groups, resources, *ended)


def _successor(uow: UnitOfWork, leaving: Connection, fate: Fate) -> Connection | None:
    if fate.to is None:
        return None
    if fate.release:
        raise Invalid("What a connection manages is either handed to another one or released, not both.")
    to = connection_called(uow, fate.to)
    if to.id == leaving.id:
        raise Invalid(f"'{to.name}' is the connection that is to be removed: name another one.")
    _check_reach(uow, leaving, to)
    return to


def _check_reach(uow: UnitOfWork, leaving: Connection, to: Connection) -> None:
    """Raises Forbidden, as linking people one by one to that connection would."""
    permits = uow.cause.permits
    if permits is None:
        return
    check_within(ROLES[to.max_role], permits)
    for code, role in uow.roles.all().by_code.items():
        if not role.permissions <= permits:
            holders = uow.users.some({grant.user_id for grant in uow.grants.with_role(code)})
            if any(each.origin == f"{CONNECTION}{leaving.id}" for each in holders):
                check_within(role, permits)


def _revoke_tokens(uow: UnitOfWork, connection: Connection) -> int:
    mine = [token for token in uow.connections.unrevoked_tokens() if token.connection_id == connection.id]
    for token in mine:
        uow.connections.revoke_token(token.id, uow.now)
        uow.record(Change("token", token.id, "token.revoked", {"revoked": None}, {"revoked": uow.now}))
    return sum(token.is_live(uow.now) for token in mine)


def _end_clients(uow: UnitOfWork, connection: Connection) -> int:
    mine = [each for each in uow.oauth_clients.all() if each.connection_id == connection.id and each.revoked is None]
    for client in mine:
        end_client(uow, client)
    return len(mine)


def _end_trusts(uow: UnitOfWork, connection: Connection) -> int:
    mine = [each for each in uow.trusted_issuers.all() if each.connection_id == connection.id]
    for issuer in mine:
        end_trust(uow, issuer)
    return len(mine)


def _close_issues(uow: UnitOfWork, connection: Connection) -> None:
    """Those about nothing but what it sent: nobody sends it again. Roles that people were denied stay denied."""
    about = [each for each in uow.issues.find(closed=False) if each.connection_id == connection.id]
    uow.issues.close_these([each for each in about if each.user_id is None and each.group_id is None])
