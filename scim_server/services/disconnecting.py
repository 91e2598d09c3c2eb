"""Removing a connection: whoever came in through it is out at once, and what it managed is another's, or nobody's.

The connection is gone in one transaction. What belonged to it follows in batches (`handing_over.py`), without any seat,
role or attribute changing: only whose it is. The trail and the log go on naming the connection.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from scim_server.domain.access import ROLES, check_within
from scim_server.domain.errors import Invalid, StillManages
from scim_server.domain.events import TENANT, Cause, Change, Event, Subject
from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import OAuthClient, TrustedIssuer
from scim_server.domain.tenants import Connection, Tenant, Token
from scim_server.services.actors import CONNECTION
from scim_server.services.connections_seen import Managed
from scim_server.services.expiring import settle_expiries
from scim_server.services.handing_over import hand_over
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.registering import end_client
from scim_server.services.retrying import retried
from scim_server.services.rotating import end_token
from scim_server.services.tenancy import connection_called
from scim_server.services.trusting import end_trust

Permits = Collection[str] | None


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


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A connection before it is removed: what opens it, what it manages, and who has that from then on."""

    connection: Connection
    to: Connection | None
    managed: Managed
    tokens: Sequence[Token]
    clients: Sequence[OAuthClient]
    issuers: Sequence[TrustedIssuer]

    @classmethod
    def of(cls, uow: UnitOfWork, called: str, fate: Fate, permits: Permits) -> Self:
        """With a fixed number of statements. Raises as `remove_connection` does, but for StillManages."""
        connection = connection_called(uow, called)
        mine = connection.id
        return cls(
            connection,
            _successor(uow, connection, fate, permits),
            Managed(*uow.connections.managed(f"{CONNECTION}{mine}")),
            [each for each in uow.connections.unrevoked_tokens() if each.connection_id == mine],
            [each for each in uow.oauth_clients.all() if each.connection_id == mine and each.revoked is None],
            [each for each in uow.trusted_issuers.all() if each.connection_id == mine],
        )

    def removal(self, fate: Fate, now: Instant) -> Removal:
        """What comes of it at that moment."""
        return Removal(
            fate,
            replace(self.connection, removed=now, successor=None if self.to is None else self.to.id),
            None if self.to is None else self.to.name,
            self.managed.people,
            self.managed.groups,
            self.managed.resources,
            sum(token.is_live(now) for token in self.tokens),
            len(self.clients),
            len(self.issuers),
        )


def preview(units: Units, tenant: Tenant, cause: Cause, called: str, fate: Fate) -> Removal:
    """What `remove_connection` would do at this moment; nothing is changed. Raises the same, but for StillManages."""
    with units.read(tenant) as uow:
        return _Leaving.of(uow, called, fate, cause.permits).removal(fate, uow.now)


def remove_connection(units: Units, tenant: Tenant, cause: Cause, called: str, fate: Fate) -> Removal:
    """Remove a connection for good; its name is free for another one.

    Raises Missing, Invalid for a fate that is none, StillManages where it manages something and nothing is said of
    what becomes of that, Forbidden where it is handed to a connection that may grant a role, or people with a role are
    among it, above whoever asks.
    """
    removal = _remove(units, tenant, cause, called, fate)
    for _ in hand_over(units, tenant, cause, removal.connection):
        pass
    return removal


@retried
def _remove(units: Units, tenant: Tenant, cause: Cause, called: str, fate: Fate) -> Removal:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        uow.connections.lock(connection_called(uow, called).id)
        leaving = _Leaving.of(uow, called, fate, cause.permits)
        removal = leaving.removal(fate, uow.now)
        if removal.is_undecided:
            raise _undecided(tenant.slug, removal)
        _shut(uow, leaving)
        uow.connections.remove(removal.connection)
        _tell(uow, removal)
        settle_expiries(uow)
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


def _successor(uow: UnitOfWork, leaving: Connection, fate: Fate, permits: Permits) -> Connection | None:
    if fate.to is None:
        return None
    if fate.release:
        raise Invalid("What a connection manages is either handed to another one or released, not both.")
    to = connection_called(uow, fate.to)
    if to.id == leaving.id:
        raise Invalid(f"'{to.name}' is the connection that is to be removed: name another one.")
    if permits is not None:
        _check_reach(uow, leaving, to, permits)
    return to


def _check_reach(uow: UnitOfWork, leaving: Connection, to: Connection, permits: Collection[str]) -> None:
    """Raises Forbidden, as linking people one by one to that connection would."""
    check_within(ROLES[to.max_role], permits)
    origin, roles = f"{CONNECTION}{leaving.id}", uow.roles.all()
    named = {roles.find(value) for user in uow.users.returning_to_roles(origin) for value in user.role_values}
    for code, role in roles.by_code.items():
        if not role.permissions <= set(permits):
            holders = uow.users.some({grant.user_id for grant in uow.grants.with_role(code)})
            if code in named or any(each.origin == origin for each in holders):
                check_within(role, permits)


def _shut(uow: UnitOfWork, leaving: _Leaving) -> None:
    """End all that opens the connection, and what nobody sends again."""
    for token in leaving.tokens:
        end_token(uow, token)
    for client in leaving.clients:
        end_client(uow, client)
    for issuer in leaving.issuers:
        end_trust(uow, issuer)
    about = [each for each in uow.issues.find(closed=False) if each.connection_id == leaving.connection.id]
    # roles that people were denied stay denied
    uow.issues.close_these([each for each in about if each.user_id is None and each.group_id is None])


def _tell(uow: UnitOfWork, removal: Removal) -> None:
    """In the trail, and to the application."""
    connection = removal.connection
    then: dict[str, Any] = {"removed": None, "successor": None}
    now = {"removed": connection.removed, "successor": connection.successor}
    uow.record(Change("connection", connection.id, "connection.removed", then, now))
    facts = {"connection": connection.id, "name": connection.name, "people": removal.people, "groups": removal.groups}
    named = {} if connection.successor is None else {"successor": connection.successor}
    uow.publish(Event("connection.removed", Subject(TENANT, uow.tenant.id), facts | named))
