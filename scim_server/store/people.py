"""Users and the addresses they own."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.domain.directory import MOVED_AWAY, Status, User
from scim_server.domain.errors import Contention, Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.protocol.normalising import LONGEST_USERNAME, address_key, username_key
from scim_server.protocol.projection import projection_mark
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.representations import plain_mark
from scim_server.services.issues import EMAIL_IN_USE
from scim_server.services.ports import Issue
from scim_server.services.sought_people import SoughtPeople
from scim_server.store import rows, uniqueness
from scim_server.store.databases import reaching_all
from scim_server.store.dossiers import Dossiers
from scim_server.store.expressions import mentions
from scim_server.store.identifiers import can_be_id
from scim_server.store.queries import Documents
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope, taken
from scim_server.store.searches import limited
from scim_server.store.sets import among
from scim_server.store.sought_people import conditions
from scim_server.store.standings import stands
from scim_server.store.tables import addresses, issues, person_tokens, sightings, tenants, user_emails, users
from scim_server.store.visits import SIGN_OUT

EVERYWHERE = "*"
"""The scope of addresses that are unique across tenants; otherwise the scope is the tenant's id."""
MOST_NAMED = 10
"""User names in a refusal."""

_OF_TENANT = users.c.tenant_id == bindparam("tenant")
_ONE = select(users).where(_OF_TENANT, users.c.id == bindparam("user_id")).with_for_update()
_NAMED = select(users).where(_OF_TENANT, users.c.user_name_key == bindparam("key"))
_WITH_EXTERNAL_ID = select(users).where(_OF_TENANT, users.c.external_id == bindparam("wanted")).limit(2)
_CALLED = (
    select(users)
    .where(_OF_TENANT, or_(users.c.user_name_key == bindparam("key"), users.c.id == bindparam("wanted")))
    .order_by(users.c.id == bindparam("wanted"))
    .limit(1)
)
_ALL = select(users).where(_OF_TENANT).order_by(users.c.id)
_EVERY_ID = select(users.c.id).where(_OF_TENANT).order_by(users.c.id)
_IDS_AFTER = (
    select(users.c.id).where(_OF_TENANT, users.c.id > bindparam("after")).order_by(users.c.id).limit(bindparam("most"))
)
_PAGE = select(users).where(_OF_TENANT).order_by(users.c.id).limit(bindparam("most"))
_RETURNING_TO_ROLES = select(users).where(
    _OF_TENANT,
    *stands(Status.SUSPENDED, None),
    users.c.origin == bindparam("of_origin"),
    mentions(users.c.document, "roles"),
)
_EMAIL = ("user_id", "position", "address_key", "type")
_ALL_EMAILS = (
    select(*(user_emails.c[name] for name in _EMAIL))
    .where(user_emails.c.tenant_id == bindparam("tenant"))
    .order_by(user_emails.c.user_id, user_emails.c.position)
)
_SOME = select(users).where(_OF_TENANT, among(users.c.id))
_LOCK = (
    select(users.c.id, users.c.active, users.c.blocked_for)
    .where(_OF_TENANT, among(users.c.id))
    .order_by(users.c.id)
    .with_for_update()
)
_NAMES = select(users.c.user_name_key, users.c.id).where(_OF_TENANT, among(users.c.user_name_key))
_IDS = select(users.c.id).where(_OF_TENANT, among(users.c.id))
_ADD = insert(users)
_KEPT = {"tenant_id", "id", "seen"}
_SAVE = (
    update(users)
    .where(_OF_TENANT, users.c.id == bindparam("user_id"))
    .values({column.name: bindparam(column.name) for column in users.c if column.name not in _KEPT})
)
_MARK = update(users).where(_OF_TENANT, users.c.id == bindparam("user_id")).values({users.c.plain: bindparam("plain")})
_REMOVE = delete(users).where(_OF_TENANT, users.c.id == bindparam("user_id"))
_ADD_EMAILS = insert(user_emails)
_REMOVE_EMAILS = delete(user_emails).where(user_emails.c.tenant_id == bindparam("tenant"), among(user_emails.c.user_id))
_REMOVE_TOKENS = (
    delete(person_tokens)
    .where(person_tokens.c.tenant_id == bindparam("tenant"), person_tokens.c.user_id == bindparam("user_id"))
    .returning(person_tokens.c.id)
)
_REMOVE_SIGHTING = delete(sightings).where(
    sightings.c.tenant_id == bindparam("tenant"), sightings.c.user_id == bindparam("user_id")
)
_FREED = (
    update(issues)
    .where(
        issues.c.code == EMAIL_IN_USE,
        issues.c.subject == bindparam("address"),
        issues.c.user_id.is_(None),
        issues.c.closed.is_(None),
    )
    .values(closed=bindparam("now"))
    .returning(issues)
)
"""The one statement that reaches beyond the tenant: it tells nobody anything but that an address is free."""

_OWNERS = (
    select(addresses)
    .where(addresses.c.scope == bindparam("scope"), among(addresses.c.address_key))
    .order_by(addresses.c.address_key)
)
_OWNERS_HELD = _OWNERS.with_for_update(read=True)
_OWNING_TENANT = (
    select(tenants)
    .join(addresses, addresses.c.tenant_id == tenants.c.id)
    .where(addresses.c.scope == bindparam("scope"), addresses.c.address_key == bindparam("key"))
)


@dataclass(frozen=True, slots=True)
class Users:
    """The users of one tenant."""

    scope: Scope
    kind: ResourceType
    dossiers: Dossiers
    documents: Documents

    def get(self, user_id: str) -> User | None:
        self.dossiers.locked()
        row = self.scope.row(_ONE, user_id=user_id)
        if row is None:
            return None
        user = rows.user_of(row)
        self.dossiers.emails[user_id] = user.emails
        return user

    def expect_lock(self, user_ids: Collection[str]) -> None:
        if user_ids:
            self.dossiers.locked()
            self.scope.expect(_LOCK, ids=user_ids)
            self.dossiers.expect(user_ids)

    def lock(self, user_ids: Iterable[str]) -> dict[str, bool]:
        wanted = frozenset(user_ids)
        if self.scope.expectations.find(_LOCK, {"ids": wanted}) is None:
            self.dossiers.locked()
        found = self.scope.expected(_LOCK, ids=wanted) if wanted else ()
        return {row["id"]: row["active"] and row["blocked_for"] is None for row in found if row["id"] in wanted}

    def add(self, *new: User) -> None:
        written = [_row(user, self.kind) for user in new]
        self.scope.leave(_ADD, *written, meaning=_taken(new))
        self.dossiers.begin(user.id for user in new if user.version == 1)
        self._file(new, written, {user.id for user in new})

    def save(self, *changed: User) -> None:
        written = [_row(user, self.kind) for user in changed]
        self.scope.forget(_LOCK)
        self.scope.leave(_SAVE, *({**row, "user_id": row["id"]} for row in written), meaning=_taken(changed))
        known = self.dossiers.emails
        moved = [user.id for user in changed if user.id not in known or user.emails != known[user.id]]
        if moved:
            self.scope.leave(_REMOVE_EMAILS, {"ids": moved})
        self._file(changed, written, moved)

    def _file(self, changed: Iterable[User], written: Iterable[Mapping[str, Any]], moved: Collection[str]) -> None:
        """Write what lies beside the row of each: unique values, and the e-mails of those who have others."""
        filed = [row for user in changed if user.id in moved for row in rows.email_rows(user)]
        self.scope.leave(_ADD_EMAILS, *filed)
        self.dossiers.emails.update({user.id: user.emails for user in changed})
        for row in written:
            uniqueness.hold(self.scope, self.kind, row["id"], row["search"])
            self.documents.wrote(self.kind, row, is_new=self.dossiers.is_new(row["id"]))

    def remove(self, user: User) -> list[str]:
        self.scope.run(_REMOVE_EMAILS, ids=[user.id])
        uniqueness.release(self.scope, self.kind, user.id)
        removed = [row["id"] for row in self.scope.rows(_REMOVE_TOKENS, user_id=user.id)]
        self.scope.run(_REMOVE_SIGHTING, user_id=user.id)
        self.sign_out(user.id)
        self.scope.run(_REMOVE, user_id=user.id)
        return removed

    def sign_out(self, user_id: str) -> None:
        self.scope.leave(SIGN_OUT, {"user_id": user_id})

    def ids(self) -> list[str]:
        return [row["id"] for row in self.scope.rows(_EVERY_ID)]

    def some(self, user_ids: Collection[str]) -> list[User]:
        return [rows.user_of(row) for row in self.scope.rows(_SOME, ids=user_ids)] if user_ids else []

    def all(self) -> Iterator[User]:
        return map(rows.user_of, self.scope.rows(_ALL))

    def page(self, sought: SoughtPeople, after: str, most: int) -> list[User]:
        beyond = [users.c.id > after] if after else []
        statement = _PAGE.where(*beyond, *conditions(sought))
        with limited(self.scope):
            return [rows.user_of(row) for row in self.scope.rows(statement, most=most)]

    def ids_after(self, user_id: str, most: int) -> list[str]:
        return [row["id"] for row in self.scope.rows(_IDS_AFTER, after=user_id, most=most)]

    def returning_to_roles(self, origin: str) -> list[User]:
        return [rows.user_of(row) for row in self.scope.rows(_RETURNING_TO_ROLES, of_origin=origin)]

    def misfiled(self) -> list[User]:
        emails: dict[str, list[dict[str, Any]]] = {}
        for row in self.scope.rows(_ALL_EMAILS):
            emails.setdefault(row["user_id"], []).append({name: row[name] for name in _EMAIL})
        found = []
        for row in self.scope.rows(_ALL):
            user = rows.user_of(row)
            filed = rows.user_row(user, self.kind)
            if not self._describes(user):
                del filed["search"]
            if row["plain"] != projection_mark(self.kind):
                del filed["plain"]
            if any(row[name] != filed[name] for name in filed) or emails.get(user.id, []) != rows.email_rows(user):
                found.append(user)
        return found

    def mark_plain(self) -> int:
        marks = {row["id"]: (row["plain"], plain_mark(row["document"], self.kind)) for row in self.scope.rows(_ALL)}
        stale = {user_id: mark for user_id, (before, mark) in marks.items() if mark != before}
        for user_id, mark in stale.items():
            self.scope.run(_MARK, user_id=user_id, plain=mark)
        return len(stale)

    def _describes(self, user: User) -> bool:
        """Whether every extension of the document has its schema here; files that describe them may be away."""
        known = {extension.schema.urn for extension in self.kind.extensions}
        return all(name in known for name in user.profile if name.startswith("urn:"))

    def named(self, user_name: str) -> User | None:
        try:
            key = username_key(user_name)
        except ValueError:
            return None
        row = self.scope.row(_NAMED, key=key)
        return None if row is None else rows.user_of(row)

    def with_external_id(self, text: str) -> User | None:
        found = self.scope.rows(_WITH_EXTERNAL_ID, wanted=text)
        return rows.user_of(found[0]) if len(found) == 1 else None

    def called(self, text: str) -> User | None:
        if not can_be_id(text):
            return None
        row = self.scope.row(_CALLED, key=_name_keys([text]).get(text), wanted=text)
        return None if row is None else rows.user_of(row)

    def name_key(self, user_name: str) -> str | None:
        return _name_keys([user_name]).get(user_name) if len(user_name) <= LONGEST_USERNAME else None

    def can_be_named(self, user_name: str) -> bool:
        return self.name_key(user_name) is not None

    def identified(self, texts: Collection[str]) -> dict[str, str]:
        keys = _name_keys(texts)
        by_key = {row["user_name_key"]: row["id"] for row in self.scope.rows(_NAMES, ids=set(keys.values()))}
        found = {row["id"]: row["id"] for row in self.scope.rows(_IDS, ids=set(texts))}
        return found | {text: by_key[key] for text, key in keys.items() if key in by_key}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Who owns which address. `everywhere` makes an address unique across tenants (SCIM_EMAIL_SCOPE)."""

    scope: Scope
    everywhere: bool
    now: Instant
    freed: list[tuple[str, Issue]] = field(default_factory=list)
    """Issues that this transaction has closed by giving addresses up, each with the id of its tenant."""

    def take(self, wanted: Mapping[str, str]) -> dict[str, str | None]:
        if not wanted:
            return {}
        keys = {user_id: address_key(address) for user_id, address in wanted.items()}
        ordered = sorted(keys.items(), key=lambda each: each[1])
        self.scope.insert_absent(
            addresses,
            *({"scope": self._scope_name, "address_key": key, "user_id": user_id} for user_id, key in ordered),
        )
        owners = self._owners(keys.values(), lock=True)
        if not owners.keys() >= set(keys.values()):
            raise Contention("an address was given up while it was asked for")
        return {user_id: owners[key] for user_id, key in keys.items()}

    def owners_of(self, addresses: Collection[str]) -> dict[str, str | None]:
        keys = {address: address_key(address) for address in addresses}
        owners = self._owners(keys.values(), lock=False)
        return {address: owners[key] for address, key in keys.items() if key in owners}

    def owner(self, address: str) -> str | None:
        mine = select(addresses.c.user_id).filter_by(**self._key(address), tenant_id=self.scope.tenant_id)
        owner_id = self.scope.scalar(mine)
        return None if owner_id is None else str(owner_id)

    def owned_elsewhere(self, address: str) -> bool:
        owner = self._owner(self._key(address))
        return owner is not None and owner["tenant_id"] != self.scope.tenant_id

    def owners(self) -> dict[str, str]:
        mine = select(addresses).filter_by(scope=self._scope_name, tenant_id=self.scope.tenant_id)
        return {row["address_key"]: row["user_id"] for row in self.scope.rows(mine)}

    def leave(self, address: str, user_id: str) -> bool:
        mine = {**self._key(address), "tenant_id": self.scope.tenant_id, "user_id": user_id}
        return self.scope.run(delete(addresses).filter_by(**mine)) == 1

    def pass_on(self, address: str, user_id: str) -> str | None:
        key = self._key(address)
        heir_id = self._heir(key["address_key"], user_id)
        if heir_id is None:
            with reaching_all(self.scope.connection):
                closed = self.scope.rows(_FREED, address=key["address_key"], now=self.now)
            self.freed.extend((row["tenant_id"], rows.record_of(Issue, row)) for row in closed)
            return None
        self.scope.run(insert(addresses).values(**key, tenant_id=self.scope.tenant_id, user_id=heir_id))
        return heir_id

    def key(self, address: str) -> str:
        return address_key(address)

    def same(self, first: str | None, second: str | None) -> bool:
        return (first and address_key(first)) == (second and address_key(second))

    @property
    def _scope_name(self) -> str:
        return EVERYWHERE if self.everywhere else self.scope.tenant_id

    def _key(self, address: str) -> dict[str, str]:
        return {"scope": self._scope_name, "address_key": address_key(address)}

    def _owners(self, keys: Collection[str], *, lock: bool) -> dict[str, str | None]:
        """Of those addresses as they are compared, who owns them; None for another tenant. Locked as `_owner` does."""
        found = self.scope.rows(_OWNERS_HELD if lock else _OWNERS, scope=self._scope_name, ids=keys)
        mine = self.scope.tenant_id
        return {row["address_key"]: row["user_id"] if row["tenant_id"] == mine else None for row in found}

    def _owner(self, key: Mapping[str, str]) -> Row | None:
        """The row of an address, which its owner then cannot give up before this transaction ends."""
        return self.scope.row(select(addresses).filter_by(**key).with_for_update(read=True))

    def _heir(self, address_key: str, user_id: str) -> str | None:
        """The oldest other user with the address, locked: they may be leaving or changing it at this moment."""
        oldest = (
            select(users.c.id)
            .where(
                _OF_TENANT,
                users.c.address_key == address_key,
                users.c.id != user_id,
                users.c.blocked_for.is_distinct_from(MOVED_AWAY),
            )
            .order_by(users.c.created, users.c.id)
            .limit(1)
        )
        heir_id = self.scope.scalar(oldest)
        if heir_id is None:
            return None
        if self.scope.scalar(oldest.with_for_update()) != heir_id:
            raise Contention("the heir of an address changed meanwhile")
        return str(heir_id)


def _row(user: User, kind: ResourceType) -> dict[str, Any]:
    try:
        return rows.user_row(user, kind)
    except ValueError as impossible:
        raise Invalid(f"'{user.user_name}' cannot be a user name: it is {impossible}.") from impossible


def address_owner(connection: Connection, address: str) -> Tenant | None:
    """The tenant that owns the address, where addresses are unique across tenants."""
    row = connection.execute(_OWNING_TENANT, {"scope": EVERYWHERE, "key": address_key(address)}).mappings().first()
    return None if row is None else rows.tenant_of(row)


def _name_keys(texts: Iterable[str]) -> dict[str, str]:
    """Those texts that can be user names, with their keys."""
    keys = {}
    for text in texts:
        with suppress(ValueError):
            keys[text] = username_key(text)
    return keys


def _taken(users: Sequence[User]) -> Callable[[IntegrityError], Exception]:
    """What it means that those people cannot have their names."""
    names = " or ".join(f"'{user.user_name}'" for user in users[:MOST_NAMED])
    detail = (
        f"The userName {names} is in use in this tenant (letter case does not matter). "
        "Look the existing user up by userName and update that one."
    )
    return lambda error: taken(error, "user_name_key", detail)
