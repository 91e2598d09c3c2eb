"""Who was welcomed by mail."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Insert, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.instants import Instant
from scim_server.domain.notices import Welcome
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import welcomes

_OF_USERS = select(welcomes).where(welcomes.c.tenant_id == bindparam("tenant"), among(welcomes.c.user_id))


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


@cache
def _once_more(is_sqlite: bool) -> Insert:
    dialect = sqlite if is_sqlite else postgresql
    statement: postgresql.Insert | sqlite.Insert = dialect.insert(welcomes)
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "user_id"],
        set_={"sent": welcomes.c.sent + 1, "last": statement.excluded.last},
    )
