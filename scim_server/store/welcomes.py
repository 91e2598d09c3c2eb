"""Who was welcomed by mail."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Insert, bindparam, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.instants import Instant
from scim_server.domain.notices import Welcome
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import tombstones, users, welcomes

_OF_USERS = select(welcomes).where(welcomes.c.tenant_id == bindparam("tenant"), among(welcomes.c.user_id))

_FORGET = delete(welcomes).where(
    *(
        ~exists().where(table.c.tenant_id == welcomes.c.tenant_id, table.c.id == welcomes.c.user_id)
        for table in (users, tombstones)
    )
)


@dataclass(frozen=True, slots=True)
class Welcomes:
    """The welcomes of one tenant's people."""

    scope: Scope

    def of(self, user_ids: Collection[str]) -> dict[str, Welcome]:
        found = self.scope.rows(_OF_USERS, ids=user_ids) if user_ids else ()
        return {row["user_id"]: Welcome(row["sent"], row["first"], row["last"]) for row in found}

    def note(self, user_ids: Collection[str], now: Instant) -> None:
        rows = [{"user_id": user_id, "sent": 1, "first": now, "last": now} for user_id in sorted(user_ids)]
        self.scope.insert_by(_once_more(self.scope.is_sqlite), rows)


def forget_gone(connection: Connection) -> int:
    """Remove the welcomes of people who are gone and cannot be restored any more; answers how many."""
    return connection.execute(_FORGET).rowcount


@cache
def _once_more(is_sqlite: bool) -> Insert:
    dialect = sqlite if is_sqlite else postgresql
    statement: postgresql.Insert | sqlite.Insert = dialect.insert(welcomes)
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "user_id"],
        set_={"sent": welcomes.c.sent + 1, "last": statement.excluded.last},
    )
