"""What the application asks when somebody signs in: products, roles, settings and language, in one call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scim_server.domain.access import Grant, Roles
from scim_server.domain.directory import Status, User, standing
from scim_server.domain.instants import Instant
from scim_server.domain.products import Catalogue
from scim_server.domain.seats import Seat
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.configuring import application_settings
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.seeing import idle_before

INCLUDED = "included"
"""How somebody has a product that comes with another one: it takes no seat of its own."""


@dataclass(frozen=True, slots=True)
class UsedProduct:
    """A product that a person has or waits for. `through` are the products whose seats bring it along."""

    product: str
    name: str
    state: str
    since: Instant | None
    through: Sequence[str] = ()

    @property
    def usable(self) -> bool:
        """Whether the person may use the product now."""
        return self.state != "waiting"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that a person has, with what it permits and for the people of which groups; none means everybody."""

    role: str
    name: str
    permissions: Sequence[str]
    scope: Sequence[str]


@dataclass(frozen=True, slots=True)
class Access:
    """A person as the application needs to know them. `settings` are key-value pairs by product."""

    user: User
    status: Status
    reason: str | None
    last_seen: Instant | None
    language: str | None
    products: Sequence[UsedProduct]
    roles: Sequence[HeldRole]
    settings: Mapping[str, Mapping[str, str]]


def access(units: Units, tenant: Tenant, name_or_id: str) -> Access:
    """The access of the person of that user name or id; raises Missing. Costs the same few statements for anybody."""
    with units.read(tenant) as uow:
        user = naming.person(uow, name_or_id)
        return _access(uow, user)


def _access(uow: UnitOfWork, user: User) -> Access:
    seats, grants = uow.ledger.seats([user.id]), uow.grants.of([user.id])
    last_seen = uow.sightings.of([user.id]).get(user.id)
    status, reason = standing(
        user,
        {claim.product for claim in uow.ledger.claims([user.id])},
        seats,
        roles=[grant.role for grant in grants],
        last_seen=last_seen,
        idle_before=idle_before(uow),
    )
    chosen = application_settings(uow, [user.id])[user.id]
    return Access(
        user,
        status,
        reason,
        last_seen,
        chosen.language or user.profile.get("preferredLanguage"),
        _products(uow.products.catalogue(), seats),
        _roles(uow.roles.all(), grants),
        chosen.products,
    )


def _products(catalogue: Catalogue, seats: Sequence[Seat]) -> list[UsedProduct]:
    through: dict[str, list[str]] = {}
    for seat in seats:
        for included in catalogue.covers(seat.product) if seat.counts else ():
            through.setdefault(included, []).append(seat.product)
    states: dict[str, tuple[str, Instant | None]] = dict.fromkeys(through, (INCLUDED, None))
    states |= {
        seat.product: (seat.state.value, seat.since) for seat in seats if seat.counts or seat.product not in through
    }
    return [
        UsedProduct(code, next(iter(catalogue.names([code])), code), *states[code], sorted(through.get(code, ())))
        for code in sorted(states)
    ]


def _roles(roles: Roles, grants: Iterable[Grant]) -> list[HeldRole]:
    """Each role once: granted for everybody by one source, it is not limited by another."""
    scopes: dict[str, set[str] | None] = {}
    for grant in grants:
        known = scopes.setdefault(grant.role, set())
        scopes[grant.role] = None if known is None or not grant.scope else known | set(grant.scope)
    return [
        HeldRole(code, role.name, sorted(role.permissions), sorted(scopes[code] or ()))
        for code, role in roles.by_code.items()
        if code in scopes
    ]
