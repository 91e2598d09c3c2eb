"""When the application last saw whom."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Insert, bindparam, not_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.instants import Instant
from scim_server.protocol.normalising import username_key
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import sightings, users

_OF_TENANT = sightings.c.tenant_id == bindparam("tenant")
_OF_USERS = select(sightings.c.user_id, sightings.c.last_seen).where(_OF_TENANT, among(sightings.c.user_id))
_ANY = select(sightings.c.user_id).where(_OF_TENANT).limit(1)
_MEANT = (
    select(users.c.id, users.c.user_name_key)
    .where(
        users.c.tenant_id == bindparam("tenant"),
        among(users.c.id, "texts") | among(users.c.user_name_key, "keys"),
    )
    .order_by(users.c.id)
    .with_for_update(key_share=True, read=True)
)
"""Locked against nothing but deletion: whoever changes a person meanwhile is not in the way."""
_UNSEEN = (
    select(users.c.id)
    .where(users.c.tenant_id == bindparam("tenant"), among(users.c.id), not_(users.c.seen))
    .order_by(users.c.id)
    .with_for_update(key_share=True)
)
_SEE = update(users).where(users.c.tenant_id == bindparam("tenant"), users.c.id.in_(_UNSEEN)).values(seen=True)
"""Of people seen before no row is written."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """The sightings of one tenant's people."""

    scope: Scope

    def of(self, user_ids: Collection[str]) -> dict[str, Instant]:
        found = self.scope.rows(_OF_USERS, ids=user_ids) if user_ids else ()
        return {row["user_id"]: row["last_seen"] for row in found}

    def any(self) -> bool:
        return self.scope.row(_ANY) is not None

    def meant(self, texts: Collection[str]) -> dict[str, str]:
        keys = {text: key for text in texts if (key := _key(text)) is not None}
        found = self.scope.rows(_MEANT, texts=keys.keys(), keys=keys.values())
        by_name = {row["user_name_key"]: row["id"] for row in found}
        ids = {row["id"] for row in found}
        meant = {text: text if text in ids else by_name.get(keys.get(text, "")) for text in texts}
        return {text: user_id for text, user_id in meant.items() if user_id is not None}

    def report(self, seen: Mapping[str, Instant]) -> None:
        ordered = [{"user_id": user_id, "last_seen": seen[user_id]} for user_id in sorted(seen)]
        self.scope.insert_by(_latest(self.scope.is_sqlite), ordered)
        self.scope.leave(_SEE, {"ids": [*seen]})


def _key(text: str) -> str | None:
    try:
        return username_key(text)
    except ValueError:
        return None


@cache
def _latest(is_sqlite: bool) -> Insert:
    dialect = sqlite if is_sqlite else postgresql
    statement: postgresql.Insert | sqlite.Insert = dialect.insert(sightings)
    latest = statement.excluded.last_seen
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "user_id"], set_={"last_seen": latest}, where=sightings.c.last_seen < latest
    )
