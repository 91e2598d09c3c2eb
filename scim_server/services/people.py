"""Looking at people: who they are, what they hold, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from scim_server.domain.access import Grant
from scim_server.domain.directory import Status, User, standing
from scim_server.domain.instants import Instant
from scim_server.domain.notices import Welcome
from scim_server.domain.seats import Claim, Seat, SeatState
from scim_server.domain.tenants import Tenant
from scim_server.domain.tombstones import Tombstone
from scim_server.services import naming
from scim_server.services.configuring import ApplicationSettings, application_settings
from scim_server.services.ports import Issue, UnitOfWork, Units
from scim_server.services.seeing import idle_before
from scim_server.services.sought_people import EVERYBODY, SoughtPeople

AT_ONCE = 1000
"""People read at once where all are asked for."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A person with status, reason, live seats, claims, open issues and grants; settings and the welcome by mail where
    they were asked for.

    `continues` are the ids of deleted people who have become this one, newest first.
    """

    user: User
    status: Status
    reason: str | None
    seats: list[Seat]
    claims: list[Claim]
    issues: list[Issue]
    grants: list[Grant]
    last_seen: Instant | None = None
    continues: Sequence[str] = ()
    settings: ApplicationSettings = field(default_factory=ApplicationSettings)
    welcome: Welcome | None = None

    def source(self, seat: Seat) -> str:
        """Where the seat comes from."""
        return source_of(seat, self.claims)


def source_of(seat: Seat, claims: Iterable[Claim]) -> str:
    """Where a seat comes from: the source of the person's best claim on its product.

    Without a claim a seat is `held` after a mass removal, or stands in as a `fallback`.
    """
    mine = [claim for claim in claims if claim.product == seat.product]
    if mine:
        return min(mine, key=lambda claim: (claim.place, claim.source)).source
    return seat.state.value if seat.state is SeatState.HELD else "fallback"


def person(units: Units, tenant: Tenant, user_name: str) -> Portrait:
    """The person of that user name; raises Missing."""
    with units.read(tenant) as uow:
        user = naming.person(uow, user_name)
        return portrait(uow, user)


def portrait(uow: UnitOfWork, user: User) -> Portrait:
    """The whole portrait of one person, as the admin sees it."""
    return drawn(uow, [user])[0]


def people(units: Units, tenant: Tenant, sought: SoughtPeople = EVERYBODY) -> list[Portrait]:
    """Everybody who is sought, oldest first."""
    found: list[Portrait] = []
    with units.browse(tenant) as uow:
        while more := _found(uow, sought, found[-1].user.id if found else "", AT_ONCE):
            found += drawn(uow, more)
    return found


def every_person(units: Units, tenant: Tenant, sought: SoughtPeople) -> Iterator[Portrait]:
    """The same, a batch at a time in bounded memory."""
    last = ""
    while True:
        found = page(units, tenant, sought, after=last, limit=AT_ONCE)
        yield from found
        if len(found) < AT_ONCE:
            return
        last = found[-1].user.id


def page(
    units: Units, tenant: Tenant, sought: SoughtPeople = EVERYBODY, *, after: str = "", limit: int
) -> list[Portrait]:
    """Those who are sought, by id: the ones beyond the id `after`, so many at most; a fixed number of statements."""
    with units.browse(tenant) as uow:
        return drawn(uow, _found(uow, sought, after, limit))


def _found(uow: UnitOfWork, sought: SoughtPeople, after: str, limit: int) -> list[User]:
    """A status is what it is at this moment, by the tenant's settings."""
    if sought.status is not None:
        sought = replace(sought, idle_before=idle_before(uow))
    return uow.users.page(sought, after, limit)


@dataclass(frozen=True, slots=True)
class Departed:
    """A deleted person. After `restorable_until` nobody can bring them back."""

    tombstone: Tombstone
    restorable_until: Instant


def departed(units: Units, tenant: Tenant, user_name: str | None = None) -> list[Departed]:
    """Who was deleted from the tenant, of that user name or id or altogether, newest first."""
    with units.browse(tenant) as uow:
        return _departed(uow, uow.tombstones.all() if user_name is None else uow.tombstones.called(user_name))


def deleted(units: Units, tenant: Tenant, text: str) -> Departed:
    """Of the deleted people of that user name or id the newest. Raises Missing."""
    found = departed(units, tenant, text)
    if not found:
        raise naming.no_user(tenant, text)
    return found[0]


def departed_page(units: Units, tenant: Tenant, *, after: tuple[Instant, str] | None, limit: int) -> list[Departed]:
    """Those deleted before that moment and id, newest first, so many at most."""
    with units.browse(tenant) as uow:
        return _departed(uow, uow.tombstones.page(after, limit))


def _departed(uow: UnitOfWork, found: list[Tombstone]) -> list[Departed]:
    days = uow.tenant.settings.number("retention_days")
    return [Departed(tombstone, tombstone.restorable_until(days)) for tombstone in found]


def portraits(uow: UnitOfWork, users: list[User]) -> list[Portrait]:
    """The portraits of those users, in their order, with a fixed number of look-ups."""
    ids = [user.id for user in users]
    seats: dict[str, list[Seat]] = {user_id: [] for user_id in ids}
    claims: dict[str, list[Claim]] = {user_id: [] for user_id in ids}
    issues: dict[str, list[Issue]] = {user_id: [] for user_id in ids}
    for seat in uow.ledger.seats(ids):
        seats[seat.user_id].append(seat)
    for claim in uow.ledger.claims(ids):
        claims[claim.user_id].append(claim)
    for issue in uow.issues.of(ids):
        issues[str(issue.user_id)].append(issue)
    grants: dict[str, list[Grant]] = {user_id: [] for user_id in ids}
    for grant in uow.grants.of(ids):
        grants[grant.user_id].append(grant)
    sightings, continued, idle = uow.sightings.of(ids), uow.tombstones.continued_by(ids), idle_before(uow)
    found = []
    for user in users:
        claimed = {claim.product for claim in claims[user.id]}
        roles, last_seen = [grant.role for grant in grants[user.id]], sightings.get(user.id)
        status, reason = standing(user, claimed, seats[user.id], roles=roles, last_seen=last_seen, idle_before=idle)
        found.append(
            Portrait(
                user,
                status,
                reason,
                seats[user.id],
                claims[user.id],
                issues[user.id],
                grants[user.id],
                last_seen,
                continued.get(user.id, []),
            )
        )
    return found


def drawn(uow: UnitOfWork, users: list[User]) -> list[Portrait]:
    """The same with settings and welcomes, as people are shown."""
    found, ids = portraits(uow, users), [user.id for user in users]
    settings, welcomes = application_settings(uow, ids), uow.welcomes.of(ids)
    return [replace(each, settings=settings[each.user.id], welcome=welcomes.get(each.user.id)) for each in found]
