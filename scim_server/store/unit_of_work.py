"""One transaction of one tenant over SQLAlchemy, with its audit and log entries and events written as it commits."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, bindparam, select, update

from scim_server.domain.cells import HOME
from scim_server.domain.errors import ConcernsTooMany
from scim_server.domain.events import Cause, Change, Event
from scim_server.domain.instants import Instant, instant
from scim_server.domain.seats import Move
from scim_server.domain.tenants import Tenant
from scim_server.protocol.profiles import profile_of
from scim_server.protocol.registry import Registries
from scim_server.services.deriving import derived, issue_event
from scim_server.services.ports import RequestLog
from scim_server.store import uniqueness
from scim_server.store.bearers import Bearers
from scim_server.store.cells import Cells
from scim_server.store.crossings import Crossing
from scim_server.store.databases import Database
from scim_server.store.identifiers import new_id
from scim_server.store.operators import Operator
from scim_server.store.outboxes import bound, publish, publish_elsewhere
from scim_server.store.repositories import Repositories
from scim_server.store.scim_changes import told
from scim_server.store.scopes import Scope
from scim_server.store.seat_moves import move_now, move_publishing
from scim_server.store.short_ways import ShortWay
from scim_server.store.stamps import raise_stamps
from scim_server.store.tables import seats, tenants
from scim_server.store.walls import OPERATOR

_GUARD = select(tenants.c.attribute_rules, tenants.c.tells).where(tenants.c.id == bindparam("tenant"))
_GUARDS = {exclusive: _GUARD.with_for_update(key_share=exclusive, read=not exclusive) for exclusive in (True, False)}
_SAVE_TENANT = (
    update(tenants)
    .where(tenants.c.id == bindparam("tenant"))
    .values({name: bindparam(name) for name in ("name", "profile", "switched", "settings")})
)
_TELL_SCIM = (
    update(tenants)
    .where(tenants.c.id == bindparam("tenant"))
    .values(tells=bindparam("form"), told=bindparam("uris", type_=tenants.c.told.type))
)
Recorded = Callable[[Tenant, Collection[str]], None]
"""Told whose trail has changes of objects of those types."""
Opened = Callable[[Database, str], AbstractContextManager[Connection]]
"""How a database is opened to be read."""
READING = Cause("system", "", "read")


@dataclass
class UnitOfWork(Repositories):
    """The transaction. Nothing is written to audit trail and outbox but by `commit`."""

    cause: Cause
    recorded: Recorded
    before_commit: Callable[["UnitOfWork"], None]
    public_url: str
    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    last_events: list[Event] = field(default_factory=list)
    published: int = 0
    """How many of the events are on their way to the outbox."""
    written: set[str] = field(default_factory=set)
    """The types of the objects whose changes are in the trail."""
    guarding: bool | None = None
    """Whether the guard is held exclusively; None where it is not held."""
    most_concerned: int | None = None
    replaced: set[str] = field(default_factory=set)
    """The ids of the resources of which a client sent all there is."""

    def new_id(self) -> str:
        return new_id()

    def save_tenant(self, tenant: Tenant) -> None:
        held, wanted = _holds_external_ids(self.tenant), _holds_external_ids(tenant)
        if wanted and not held:
            uniqueness.hold_external_ids(self.scope)
        elif held and not wanted:
            uniqueness.release_external_ids(self.scope)
        self.scope.run(
            _SAVE_TENANT,
            name=tenant.name,
            profile=tenant.profile,
            switched=dict(tenant.switched),
            settings=dict(tenant.settings.chosen),
        )

    def tell_scim(self, form: str | None, told: Collection[str] = ()) -> None:
        self.scope.run(_TELL_SCIM, form=form, uris=list(told))

    @property
    def tells(self) -> str | None:
        """As the tenant has it at this moment, where the guard is held; a credential may remember what was before."""
        if self.guarding is None:
            return self.tenant.tells
        form: str | None = self.scope.known(_GUARDS[self.guarding])[0]["tells"]
        return form

    def mark_replaced(self, resource_id: str) -> None:
        self.replaced.add(resource_id)

    def guard(self, *, exclusive: bool) -> None:
        if self.guarding is None or (exclusive and not self.guarding):
            self.guarding = exclusive
            self.scope.expect(_GUARDS[exclusive])

    @property
    def has_attribute_rules(self) -> bool:
        assert self.guarding is not None, "without the guard such a rule may come at any moment"
        return any(row["attribute_rules"] for row in self.scope.known(_GUARDS[self.guarding]))

    def concern(self, people: int) -> None:
        if self.most_concerned is not None and people > self.most_concerned:
            raise ConcernsTooMany(self.most_concerned)

    def record(self, change: Change) -> None:
        if change.person is not None:
            self.trail.expect(change.person)
        key = (change.object_type, change.object_id)
        earlier = self.changes.get(key)
        merged = change if earlier is None else earlier.followed_by(change)
        if merged is None:
            del self.changes[key]
        else:
            self.changes[key] = merged

    def publish(self, event: Event) -> None:
        self.events.append(event)

    def publish_last(self, event: Event) -> None:
        self.last_events.append(event)

    def move_seat(self, move: Move, event: Event) -> None:
        """In one statement where nothing was to be published but of the same person: their numbers are theirs alone
        until the commit, since somebody who waits for nothing is promoted by nobody. What SCIM makes of a change is
        known at the end alone: whoever wants that to be told has events written then."""
        self.dossiers.forget(seats, [move.seat.user_id])
        alone = all(each.subject == event.subject for each in self.events)
        if alone and not self.scope.is_sqlite and self.tells is None:
            self._publish()
            move_publishing(self.scope, move, bound(event, self.now, self.cause))
            self.published += 1
        else:
            move_now(self.scope, move)
        self.publish(event)

    def _publish(self) -> None:
        publish(self.scope, self.events[self.published :], self.now, self.cause)
        self.published = len(self.events)

    def write_out(self) -> None:
        """Write what was recorded and published; the end of every commit but the commit itself."""
        if self.changes:
            self.before_commit(self)
        self.events += derived(self)
        self.events[self.published :] = told(self)
        self.events += self.last_events
        self.last_events.clear()
        self.trail.add(list(self.changes.values()), self.now, self.cause)
        self.written.update(object_type for object_type, _ in self.changes)
        self._publish()
        self._tell_elsewhere()
        raise_stamps(self.scope, self.changes.values())

    def _tell_elsewhere(self) -> None:
        """Other tenants may have waited for an address that is free now."""
        told: dict[str, list[Event]] = {}
        for tenant_id, issue in self.addresses.freed:
            told.setdefault(tenant_id, []).append(issue_event(tenant_id, issue))
        if told:
            publish_elsewhere(self.scope, told, self.now)

    def unload(self) -> None:
        self.write_out()
        self.changes.clear()
        self.events.clear()
        self.issues.turned.clear()
        self.addresses.freed.clear()
        self.published = 0
        self.replaced.clear()
        if not self.scope.is_sqlite:
            # Plans were made when the tables were smaller, and nobody analyses what is not committed.
            self.scope.connection.exec_driver_sql("DISCARD PLANS")

    def tell(self) -> None:
        """After the commit: say what is in the trail now, if anything is."""
        if self.written:
            self.recorded(self.tenant, self.written)

    def commit(self, request: RequestLog | None = None) -> None:
        self.write_out()
        if request is not None:
            entry = request.entry(list(self.changes.values()))
            self.log.add([] if entry is None else [entry])
        self.scope.connection.commit()
        self.tell()
        if request is not None:
            request.committed(list(self.changes.values()))


@dataclass(frozen=True, slots=True)
class Units:
    """Opens the transactions of one database, or of several cells. `clock` gives the moment each takes as now.

    `recorded` is told what each commit left in the tenant's audit trail; `before_commit` is asked, inside each
    transaction that is about to leave something, for what else belongs to it. With `cells` each transaction of a tenant
    goes where the tenant lives, and `database` is where those of no tenant go: home, or the cell it `is_part` for.
    `public_url` is where clients find this server.
    """

    database: Database
    clock: Callable[[], datetime]
    registries: Registries
    unique_addresses: bool = True
    recorded: Recorded = lambda _tenant, _object_types: None
    before_commit: Callable[[UnitOfWork], None] = lambda _uow: None
    cells: Cells | None = None
    is_part: bool = False
    public_url: str = ""

    @property
    def cell(self) -> str:
        return self.database.cell or HOME

    @contextmanager
    def write(self, tenant: Tenant, cause: Cause) -> Iterator[UnitOfWork]:
        with self._writing(tenant.id, tenant.id, tenant.cell) as (database, connection):
            yield self._unit(self._scope(database, connection, tenant), tenant, cause)

    @contextmanager
    def write_both(self, here: Tenant, there: Tenant, cause: Cause) -> Iterator[Crossing]:
        with self._together(f"{here.id},{there.id}", (here.id, there.id)) as (database, connection):
            units = [self._unit(self._scope(database, connection, tenant), tenant, cause) for tenant in (here, there)]
            crossing = Crossing(*units)
            crossing.guard()
            yield crossing

    @contextmanager
    def read(self, tenant: Tenant) -> Iterator[UnitOfWork]:
        with self._reading(tenant.id, tenant.id, tenant.cell) as (database, connection):
            yield self._unit(self._scope(database, connection, tenant), tenant, READING)

    @contextmanager
    def browse(self, tenant: Tenant) -> Iterator[UnitOfWork]:
        with self._reading(tenant.id, tenant.id, tenant.cell, Database.browse) as (database, connection):
            yield self._unit(self._scope(database, connection, tenant), tenant, READING)

    @contextmanager
    def snapshot(self, tenant: Tenant) -> Iterator[UnitOfWork]:
        with self._reading(tenant.id, tenant.id, tenant.cell, Database.snapshot) as (database, connection):
            yield self._unit(self._scope(database, connection, tenant), tenant, READING)

    def _scope(self, database: Database, connection: Connection, tenant: Tenant) -> Scope:
        unique = _holds_external_ids(tenant)
        return Scope(cast(ShortWay, connection), tenant.id, database.is_sqlite, database.vault, unique, database.limits)

    def _unit(self, scope: Scope, tenant: Tenant, cause: Cause) -> UnitOfWork:
        registry = self.registries.of(tenant.slug)
        return UnitOfWork(
            scope,
            tenant,
            self.now(),
            registry,
            self.unique_addresses,
            cause,
            self.recorded,
            self.before_commit,
            self.public_url,
        )

    def now(self) -> Instant:
        return instant(self.clock())

    @contextmanager
    def bearers(self, tenant_id: str) -> Iterator[Bearers]:
        with self._reading(tenant_id, tenant_id) as (database, connection):
            away = None if database is self.database else self.database
            yield Bearers(connection, tenant_id, self.now(), database.vault, away)

    @contextmanager
    def overview(self, tenant_id: str | None = None) -> Iterator[Operator]:
        with self._reading(tenant_id, OPERATOR) as (database, connection):
            yield self._operator(database, connection)

    @contextmanager
    def operator(self, *tenant_ids: str) -> Iterator[Operator]:
        if len(tenant_ids) > 1:
            opened = self._together(OPERATOR, tenant_ids)
        else:
            opened = self._writing(next(iter(tenant_ids), None), OPERATOR)
        with opened as (database, connection):
            yield self._operator(database, connection)

    def _operator(self, database: Database, connection: Connection) -> Operator:
        return Operator(connection, self.now(), database.vault, database.cell or HOME)

    @contextmanager
    def _reading(
        self, tenant_id: str | None, reach: str, guess: str | None = None, opened: Opened = Database.read
    ) -> Iterator[tuple[Database, Connection]]:
        if self.cells is None or tenant_id is None:
            with opened(self.database, reach) as connection:
                yield self.database, connection
        else:
            with self.cells.found(tenant_id, guess) as database, opened(database, reach) as connection:
                yield database, connection

    @contextmanager
    def _writing(
        self, tenant_id: str | None, reach: str, guess: str | None = None
    ) -> Iterator[tuple[Database, Connection]]:
        if self.cells is not None and tenant_id is not None:
            with self.cells.write(tenant_id, reach, guess) as opened:
                yield opened
        else:
            with self.database.write(reach, ()) as connection:
                yield self.database, connection

    def alone(self, tenant: Tenant) -> AbstractContextManager[tuple[Database, Connection]]:
        """The transaction that a tenant's writes are made in, for who commits none of them."""
        return self._writing(tenant.id, tenant.id, tenant.cell)

    @contextmanager
    def _together(self, reach: str, tenant_ids: Collection[str]) -> Iterator[tuple[Database, Connection]]:
        if self.cells is None:
            with self.database.write(reach) as connection:
                yield self.database, connection
        else:
            with self.cells.write_all(tenant_ids, reach) as opened:
                yield opened

    def parts(self) -> Sequence["Units"]:
        if self.cells is None or self.is_part:
            return [self]
        return [replace(self, database=database, is_part=True) for database in self.cells.databases.values()]

    def together(self, tenant_ids: Collection[str]) -> list[set[str]]:
        if self.cells is None:
            return [set(tenant_ids)] if tenant_ids else []
        return self.cells.together(tenant_ids)

    def scrub(self) -> None:
        for part in self.parts():
            part.database.scrub()


def _holds_external_ids(tenant: Tenant) -> bool:
    return profile_of(tenant.profile, tenant.switched).unique_external_ids
