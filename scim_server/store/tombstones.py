"""Who was deleted and may still come back, and who came after them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, bindparam, cast, delete, or_, select, update

from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.tombstones import Tombstone
from scim_server.protocol.normalising import address_key, username_key
from scim_server.protocol.schemas import ResourceType
from scim_server.store import rows
from scim_server.store.identifiers import can_be_id
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import sessions, tombstones

_TENANT = tombstones.c.tenant_id == bindparam("tenant")
_NEWEST_FIRST = (tombstones.c.deleted.desc(), tombstones.c.id.desc())
_ALL = select(tombstones).where(_TENANT).order_by(*_NEWEST_FIRST)
_NAMED = _ALL.where(tombstones.c.user_name_key == bindparam("key"))
_OF_ID = _ALL.where(tombstones.c.id == bindparam("of_user"))
_SOME = _ALL.where(among(tombstones.c.id))
_NAMES = select(tombstones.c.id, tombstones.c.document).where(_TENANT, among(tombstones.c.id))
_PAGE = _ALL.where(
    (tombstones.c.deleted < bindparam("deleted"))
    | (tombstones.c.deleted == bindparam("deleted")) & (tombstones.c.id < bindparam("of_user"))
).limit(bindparam("most"))
_FIRST_PAGE = _ALL.limit(bindparam("most"))
_OF_ADDRESSES = _ALL.where(among(tombstones.c.address_key), tombstones.c.deleted > bindparam("since"))
_BY_ADDRESS = (tombstones.c.address_key == bindparam("address")) & (
    tombstones.c.external_id.is_(None) | bindparam("external", type_=Text()).is_(None)
)
_PREDECESSOR = (
    select(tombstones)
    .where(
        _TENANT,
        tombstones.c.origin == bindparam("of_origin"),
        tombstones.c.deleted > bindparam("since"),
        tombstones.c.successor.is_(None),
        or_(tombstones.c.external_id == bindparam("external", type_=Text()), _BY_ADDRESS),
    )
    .order_by(tombstones.c.external_id.is_(None), *_NEWEST_FIRST)
    .limit(1)
)
_CONTINUED = (
    select(tombstones.c.id, tombstones.c.successor)
    .where(_TENANT, among(tombstones.c.successor))
    .order_by(*_NEWEST_FIRST)
)
_SUCCEED = (
    update(tombstones)
    .where(
        _TENANT,
        (tombstones.c.id == bindparam("of_user")) & tombstones.c.successor.is_(None)
        | (tombstones.c.successor == bindparam("of_user")),
    )
    .values(successor=bindparam("newcomer"))
    .returning(tombstones.c.id)
)
_REMOVE = delete(tombstones).where(
    _TENANT,
    tombstones.c.id == bindparam("of_user"),
    tombstones.c.successor.is_not_distinct_from(bindparam("known", type_=Text())),
)
_FORGET = (
    delete(tombstones)
    .where(_TENANT, tombstones.c.deleted <= bindparam("until"))
    .returning(tombstones.c.id, tombstones.c.deleted)
)
_OF_TENANT = sessions.c.tenant_id == bindparam("tenant")
_PASS_ON = (
    update(sessions).where(_OF_TENANT, sessions.c.organiser == bindparam("of_user")).values(organiser=bindparam("heir"))
)
_CO_ORGANISED = select(sessions.c.id, sessions.c.co_organisers).where(
    _OF_TENANT, cast(sessions.c.co_organisers, Text).contains(bindparam("of_user"))
)
_CO_ORGANISERS = (
    update(sessions)
    .where(_OF_TENANT, sessions.c.id == bindparam("of_session"))
    .values(co_organisers=bindparam("now_organised_by", type_=sessions.c.co_organisers.type))
)


@dataclass(frozen=True, slots=True)
class Tombstones:
    """The tombstones of one tenant."""

    scope: Scope
    kind: ResourceType

    def add(self, tombstone: Tombstone) -> None:
        row = rows.user_row(tombstone.user, self.kind)
        kept = ("id", "user_name_key", "external_id", "address_key", "document", "origin")
        snapshot = {
            **{name: row[name] for name in ("active", "blocked_for", "version", "created", "modified")},
            "claims": [list(claim) for claim in tombstone.claims],
            "exclusions": [list(exclusion) for exclusion in tombstone.exclusions],
            "held_back": [list(each) for each in tombstone.held_back],
            "last_seen": tombstone.last_seen,
        }
        self.scope.insert(
            tombstones,
            {
                **{name: row[name] for name in kept},
                "deleted": tombstone.deleted,
                "snapshot": snapshot,
                "successor": tombstone.successor,
            },
        )

    def called(self, text: str) -> list[Tombstone]:
        try:
            named = self.scope.rows(_NAMED, key=username_key(text))
        except ValueError:
            named = []
        return _tombstones(named or (self.scope.rows(_OF_ID, of_user=text) if can_be_id(text) else ()))

    def all(self) -> list[Tombstone]:
        return _tombstones(self.scope.rows(_ALL))

    def some(self, user_ids: Collection[str]) -> list[Tombstone]:
        return _tombstones(self.scope.rows(_SOME, ids=user_ids))

    def names(self, user_ids: Collection[str]) -> dict[str, str]:
        return {row["id"]: row["document"]["userName"] for row in self.scope.rows(_NAMES, ids=user_ids)}

    def page(self, after: tuple[Instant, str] | None, limit: int) -> list[Tombstone]:
        if after is None:
            return _tombstones(self.scope.rows(_FIRST_PAGE, most=limit))
        return _tombstones(self.scope.rows(_PAGE, deleted=after[0], of_user=after[1], most=limit))

    def predecessor(self, user: User, since: Instant) -> Tombstone | None:
        address = None if user.address is None else address_key(user.address)
        found = self.scope.rows(
            _PREDECESSOR, of_origin=user.origin, since=since, external=user.external_id, address=address
        )
        return next(iter(_tombstones(found)), None)

    def of_addresses(self, addresses: Collection[str], since: Instant) -> dict[str, Tombstone]:
        keys = {address: address_key(address) for address in addresses}
        found = self.scope.rows(_OF_ADDRESSES, ids=keys.values(), since=since) if keys else ()
        oldest_first = zip(reversed(found), reversed(_tombstones(found)), strict=True)
        newest = {row["address_key"]: tombstone for row, tombstone in oldest_first}
        return {address: newest[key] for address, key in keys.items() if key in newest}

    def continued_by(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        continued: dict[str, list[str]] = {}
        for row in self.scope.rows(_CONTINUED, ids=user_ids) if user_ids else ():
            continued.setdefault(row["successor"], []).append(row["id"])
        return continued

    def succeed(self, user_id: str, successor: str) -> list[str]:
        continued = [row["id"] for row in self.scope.rows(_SUCCEED, of_user=user_id, newcomer=successor)]
        if not continued:
            return []
        self.scope.run(_PASS_ON, of_user=user_id, heir=successor)
        self.scope.run_each(
            _CO_ORGANISERS,
            [
                {
                    "of_session": row["id"],
                    "now_organised_by": [successor if each == user_id else each for each in row["co_organisers"]],
                }
                for row in self.scope.rows(_CO_ORGANISED, of_user=user_id)
            ],
        )
        return continued

    def remove(self, tombstone: Tombstone) -> bool:
        return self.scope.run(_REMOVE, of_user=tombstone.user.id, known=tombstone.successor) == 1

    def forget(self, until: Instant) -> dict[str, Instant]:
        return {row["id"]: row["deleted"] for row in self.scope.rows(_FORGET, until=until)}


def _tombstones(found: Sequence[rows.Row]) -> list[Tombstone]:
    return [_tombstone_of(row) for row in found]


def _tombstone_of(row: rows.Row) -> Tombstone:
    """What an older version left has no snapshot: such a person begins anew under the old id."""
    snapshot: dict[str, Any] = {
        "active": row["document"].get("active", True),
        "blocked_for": None,
        "version": 1,
        "created": row["deleted"],
        "modified": row["deleted"],
        "claims": [],
        "exclusions": [],
        "held_back": [],
        "last_seen": None,
        **row["snapshot"],
    }
    user = rows.user_of({**row, **snapshot, "true_name": None})
    return Tombstone(
        user=user,
        deleted=row["deleted"],
        claims=tuple((product, source) for product, source in snapshot["claims"]),
        exclusions=tuple((product, reason) for product, reason in snapshot["exclusions"]),
        held_back=tuple((code, role, connection_id) for code, role, connection_id in snapshot["held_back"]),
        last_seen=snapshot["last_seen"],
        successor=row["successor"],
    )
