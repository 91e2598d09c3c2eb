"""The audit trail's rows: written with each commit, facts about people encrypted; sealed behind it; read by admins."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    func,
    insert,
    or_,
    select,
    text,
    union_all,
    update,
)

from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.protocol.normalising import username_key
from scim_server.services.audit_ciphers import decrypt, encrypt
from scim_server.services.audit_entries import (
    OBJECT_TYPES,
    AuditEntry,
    Chain,
    Checkpoint,
    Joining,
    SealedEntry,
    SoughtEntries,
)
from scim_server.services.log_entries import earliest_id
from scim_server.store import rows
from scim_server.store.identifiers import new_id
from scim_server.store.person_keys import PersonKeys
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.sets import TextSet, among
from scim_server.store.tables import (
    audit,
    audit_chains,
    audit_checkpoints,
    tenants,
    tombstones,
    users,
)

_TENANT: ColumnElement[Any] = bindparam("tenant")
_OF_TENANT = audit.c.tenant_id == _TENANT
_CHAIN = select(audit_chains.c.sequence, audit_chains.c.hash).where(audit_chains.c.tenant_id == _TENANT)
_LOCK_CHAIN = _CHAIN.with_for_update()
_MOVE_CHAIN = (
    update(audit_chains)
    .where(audit_chains.c.tenant_id == _TENANT)
    .values(sequence=bindparam("place"), hash=bindparam("digest"))
)
_UNSEALED = select(audit).where(_OF_TENANT, audit.c.sequence.is_(None)).order_by(audit.c.id).limit(bindparam("most"))
_SEAL = (
    update(audit)
    .where(_OF_TENANT, audit.c.id == bindparam("of_entry"))
    .values(sequence=bindparam("place"), hash=bindparam("digest"))
)
_SEAL_ALL = text(
    "UPDATE audit SET sequence = sealed.place, hash = sealed.digest "
    "FROM json_to_recordset(CAST(:sealed AS json)) AS sealed(entry text, place bigint, digest text) "
    "WHERE audit.tenant_id = :tenant AND audit.id = sealed.entry"
)
"""For PostgreSQL: a batch in one statement."""
_SEALED = (
    select(audit)
    .where(_OF_TENANT, audit.c.sequence > bindparam("above"), audit.c.sequence <= bindparam("upto"))
    .order_by(audit.c.sequence)
)
BATCH = 500
"""Entries read at once."""
_BATCH = (
    select(audit)
    .where(_OF_TENANT, audit.c.sequence > bindparam("above"))
    .order_by(audit.c.sequence)
    .limit(bindparam("most"))
)
_BEHIND = select(audit).where(_OF_TENANT, audit.c.sequence.is_(None)).order_by(audit.c.id)
_IN_ORDER = (audit.c.sequence.is_(None), audit.c.sequence, audit.c.id)
_OF_OBJECTS = (
    select(audit)
    .where(_OF_TENANT, audit.c.object_type == bindparam("of_type"), among(audit.c.object_id))
    .order_by(*_IN_ORDER)
)
_OF_TYPE = select(audit).where(_OF_TENANT, audit.c.object_type == bindparam("of_type")).order_by(*_IN_ORDER)
_BEGINS = select(audit.c.at).where(_OF_TENANT).order_by(audit.c.id).limit(1)
_ABOUT = select(audit).where(_OF_TENANT, audit.c.person == bindparam("of_person")).order_by(*_IN_ORDER)
_CHECKPOINTS = (
    select(audit_checkpoints)
    .where(
        audit_checkpoints.c.tenant_id == _TENANT,
        audit_checkpoints.c.sequence > bindparam("above"),
        audit_checkpoints.c.sequence <= bindparam("upto"),
    )
    .order_by(audit_checkpoints.c.sequence)
)
_TAKEN = union_all(
    *(
        select(func.min(table.c.sequence).label("first"), func.max(table.c.sequence).label("last")).where(
            table.c.tenant_id == _TENANT
        )
        for table in (audit, audit_checkpoints)
    )
).subquery()
_PLACES = select(func.min(_TAKEN.c.first).label("first"), func.max(_TAKEN.c.last).label("last"))
_NEWEST = select(audit).where(_OF_TENANT).order_by(audit.c.id.desc()).limit(bindparam("most"))
_OF_REQUESTS = (
    select(audit)
    .where(_OF_TENANT, among(audit.c.request_id, "requests"), among(audit.c.object_type, "types"))
    .order_by(audit.c.id)
)
_SETS = [bindparam(name, type_=TextSet()) for name in ("groups", "members")]
_JOININGS = {
    is_sqlite: text(
        "SELECT a.object_id AS group_id, came.value AS member_id, a.at, a.actor, a.request_id, a.cause "  # noqa: S608
        f"FROM audit AS a, {members} WHERE a.tenant_id = :tenant AND a.object_type = 'group' "
        f"AND a.object_id {group} AND came.value {member} ORDER BY a.id"
    ).bindparams(*_SETS)
    for is_sqlite, members, group, member in (
        (
            True,
            "json_each(a.\"after\", '$.members') AS came",
            "IN (SELECT value FROM json_each(:groups))",
            "IN (SELECT value FROM json_each(:members))",
        ),
        (
            False,
            "json_array_elements_text(a.\"after\" -> 'members') AS came(value)",
            "= ANY (:groups)",
            "= ANY (:members)",
        ),
    )
}
"""Of each entry of a group only the members asked about: there may be a hundred thousand in it."""
_NAMED = [
    select(table.c.id).where(table.c.tenant_id == _TENANT, table.c.user_name_key == bindparam("user_name"))
    for table in (users, tombstones)
]
_ADD = insert(audit)
_UNSEALED_TENANTS = select(tenants).where(
    select(audit.c.id).where(audit.c.tenant_id == tenants.c.id, audit.c.sequence.is_(None)).exists()
)


@dataclass(frozen=True, slots=True)
class Trail:
    """The audit trail of one tenant. `is_new` knows the people who are made in this unit of work."""

    scope: Scope
    is_new: Callable[[str], bool] = lambda _person: False

    def expect(self, person: str) -> None:
        """Have what an entry about the person takes read with the next question."""
        if not self.is_new(person):
            PersonKeys(self.scope).expect(person)

    def chain(self) -> Chain:
        return self._chain(self.scope.row(_CHAIN))

    def lock_chain(self) -> Chain:
        row = self.scope.row(_LOCK_CHAIN)
        if row is None:
            begun = Chain.begun(self.scope.tenant_id)
            self.scope.insert_absent(audit_chains, {"sequence": begun.sequence, "hash": begun.hash})
            row = self.scope.row(_LOCK_CHAIN)
        return self._chain(row)

    def places(self) -> tuple[int, int] | None:
        row = self.scope.row(_PLACES)
        return None if row is None or row["first"] is None else (row["first"], row["last"])

    def unsealed(self, limit: int) -> list[SealedEntry]:
        return [rows.record_of(SealedEntry, row) for row in self.scope.rows(_UNSEALED, most=limit)]

    def seal(self, places: Sequence[tuple[str, Chain]], checkpoint: Checkpoint) -> None:
        if self.scope.is_sqlite:
            self.scope.run_each(
                _SEAL, [{"of_entry": entry, "place": chain.sequence, "digest": chain.hash} for entry, chain in places]
            )
        else:
            sealed = [{"entry": entry, "place": chain.sequence, "digest": chain.hash} for entry, chain in places]
            self.scope.run(_SEAL_ALL, sealed=orjson.dumps(sealed).decode())
        self.scope.insert(audit_checkpoints, rows.columns_of(checkpoint))
        self.scope.run(_MOVE_CHAIN, place=checkpoint.sequence, digest=checkpoint.hash)

    def sealed(self, above: int, upto: int) -> list[SealedEntry]:
        return [rows.record_of(SealedEntry, row) for row in self.scope.rows(_SEALED, above=above, upto=upto)]

    def checkpoints(self, above: int, upto: int) -> list[Checkpoint]:
        found = self.scope.rows(_CHECKPOINTS, above=above, upto=upto)
        return [rows.record_of(Checkpoint, row) for row in found]

    def find(self, sought: SoughtEntries) -> list[AuditEntry]:
        try:
            values = {} if sought.user_name is None else {"user_name": username_key(sought.user_name)}
        except ValueError:  # a name that nobody can have
            return []
        found = self.scope.rows(_NEWEST.where(*_conditions(sought)), most=sought.limit, **values)
        return self._decrypted(found)

    def in_order(self) -> Iterator[AuditEntry]:
        behind = self.scope.rows(_BEHIND)
        last = 0
        while batch := self.scope.rows(_BATCH, above=last, most=BATCH):
            yield from self._decrypted(batch)
            last = batch[-1]["sequence"]
            done = {row["id"] for row in batch}
            behind = [row for row in behind if row["id"] not in done]
        yield from self._decrypted(behind)

    def of_objects(self, object_type: str, object_ids: Collection[str]) -> list[AuditEntry]:
        found = self.scope.rows(_OF_OBJECTS, of_type=object_type, ids=object_ids) if object_ids else ()
        return self._decrypted(found)

    def about(self, person: str) -> list[AuditEntry]:
        return self._decrypted(self.scope.rows(_ABOUT, of_person=person))

    def of_type(self, object_type: str, *, mentioning: str | None = None) -> list[AuditEntry]:
        statement = _OF_TYPE
        if mentioning is not None:
            sides = (cast(side, Text).contains(mentioning, autoescape=True) for side in (audit.c.before, audit.c.after))
            statement = statement.where(or_(*sides))
        return self._decrypted(self.scope.rows(statement, of_type=object_type))

    def since(self, object_type: str, moment: Instant) -> list[AuditEntry]:
        later = _OF_TYPE.where(audit.c.id >= earliest_id(moment), audit.c.at > bindparam("moment"))
        return self._decrypted(self.scope.rows(later, of_type=object_type, moment=moment))

    def begins(self) -> Instant | None:
        begun = self.scope.scalar(_BEGINS)
        return None if begun is None else str(begun)

    def joinings(self, group_ids: Collection[str], member_ids: Collection[str]) -> list[Joining]:
        if not group_ids:
            return []
        found = self.scope.rows(_JOININGS[self.scope.is_sqlite], groups=group_ids, members=member_ids)
        return [rows.record_of(Joining, row) for row in found]

    def of_requests(self, request_ids: Collection[str], object_types: Collection[str]) -> list[AuditEntry]:
        found = self.scope.rows(_OF_REQUESTS, requests=request_ids, types=object_types) if request_ids else ()
        return self._decrypted(found)

    def _decrypted(self, found: Sequence[Row]) -> list[AuditEntry]:
        keys = PersonKeys(self.scope).of({row["person"] for row in found if row["person"] is not None})
        return [_readable(row, keys.get(row["person"])) for row in found]

    def add(self, changes: Sequence[Change], now: Instant, cause: Cause) -> None:
        """Write one entry per change, those about people encrypted."""
        people = {change.person for change in changes if change.person is not None}
        keys = PersonKeys(self.scope).made(people, self.is_new)
        self.scope.leave(_ADD, *(self._row(change, now, cause, keys) for change in changes))

    def _row(self, change: Change, now: Instant, cause: Cause, keys: Mapping[str, str]) -> dict[str, Any]:
        entry_id, person = new_id(), change.person
        sides: dict[str, Mapping[str, Any] | str | None] = {"before": change.before, "after": change.after}
        for side, facts in (("before", change.before), ("after", change.after)):
            if person is not None and facts is not None:
                sides[side] = encrypt(keys[person], facts, _place(self.scope.tenant_id, entry_id, side))
        return {
            "id": entry_id,
            "at": now,
            "actor": cause.actor,
            "request_id": cause.request_id,
            "cause": cause.reason,
            "object_type": change.object_type,
            "object_id": change.object_id,
            "action": change.action,
            "person": person,
            **sides,
            "seats": change.seats,
        }

    def _chain(self, row: Row | None) -> Chain:
        return Chain.begun(self.scope.tenant_id) if row is None else Chain(row["sequence"], row["hash"])


def unsealed_tenants(connection: Connection) -> list[Tenant]:
    """The tenants whose trails have entries that are not sealed."""
    return [rows.tenant_of(row) for row in connection.execute(_UNSEALED_TENANTS).mappings()]


def _place(tenant_id: str, entry_id: str, side: str) -> str:
    """What a ciphertext is bound to."""
    return f"{tenant_id}/{entry_id}/{side}"


def _conditions(sought: SoughtEntries) -> Iterator[ColumnElement[bool]]:
    equal = (
        (audit.c.id, sought.entry_id),
        (audit.c.request_id, sought.request_id),
        (audit.c.object_type, sought.object_type),
        (audit.c.actor, sought.actor),
        (audit.c.action, sought.action),
    )
    yield from (column == value for column, value in equal if value is not None)
    if sought.user_name is not None:
        yield or_(audit.c.person == sought.user_name, *(audit.c.person.in_(named) for named in _NAMED))
    if sought.object_id is not None:
        about = and_(audit.c.object_type.in_(OBJECT_TYPES), audit.c.object_id == sought.object_id)
        yield or_(about, audit.c.person == sought.object_id)
    if sought.since is not None:
        yield audit.c.id >= earliest_id(sought.since)
    if sought.until is not None:
        yield audit.c.id < earliest_id(sought.until)
    if sought.below is not None:
        yield audit.c.id < sought.below


def _readable(row: Row, key: str | None) -> AuditEntry:
    if row["person"] is None:
        return rows.record_of(AuditEntry, row, erased=False)
    opened = {
        side: None if key is None else decrypt(key, row[side], _place(row["tenant_id"], row["id"], side))
        for side in ("before", "after")
        if row[side] is not None
    }
    sides = {"before": None, "after": None} | opened
    return rows.record_of(AuditEntry, row, **sides, erased=None in opened.values())
