"""One transaction of two tenants: the only place where anything goes from one to the other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from scim_server.domain.sessions import Kind
from scim_server.store.identifiers import new_id
from scim_server.store.sets import among
from scim_server.store.tables import sessions

if TYPE_CHECKING:
    from scim_server.store.unit_of_work import UnitOfWork

_OF_ORGANISER = (sessions.c.tenant_id == bindparam("tenant"), sessions.c.organiser == bindparam("leaver"))
_IDS = select(sessions.c.id, sessions.c.kind).where(*_OF_ORGANISER)
_PRESENT = select(sessions.c.id).where(sessions.c.tenant_id == bindparam("tenant"), among(sessions.c.id))
_RENUMBER = (
    update(sessions)
    .where(sessions.c.tenant_id == bindparam("tenant"), sessions.c.id == bindparam("old"))
    .values(id=bindparam("new"))
)
_MOVE = (
    update(sessions)
    .where(*_OF_ORGANISER)
    .values(tenant_id=bindparam("receiver"), organiser=bindparam("newcomer"), co_organisers=bindparam("nobody"))
)


@dataclass(frozen=True, slots=True)
class Crossing:
    """Both units of work, over one connection. `here` takes in, `there` lets go."""

    here: "UnitOfWork"
    there: "UnitOfWork"

    def guard(self) -> None:
        """Take both guards, in the order of the tenants' ids, so that no two crossings wait for each other."""
        for unit in sorted((self.here, self.there), key=lambda unit: unit.tenant.id):
            unit.guard(exclusive=True)

    def move_sessions(self, leaver_id: str, newcomer_id: str) -> dict[str, str]:
        moved = self._renumber(leaver_id)
        destination = {"receiver": self.here.tenant.id, "newcomer": newcomer_id, "nobody": []}
        self.there.scope.run(_MOVE, leaver=leaver_id, **destination)
        return moved

    def commit(self) -> None:
        self.there.write_out()
        self.here.write_out()
        self.here.scope.connection.commit()
        for unit in (self.there, self.here):
            unit.tell()

    def _renumber(self, leaver_id: str) -> dict[str, str]:
        """Ids are unique in a tenant only: where the receiving one uses one already, the session gets another.

        What is answered goes into the trails of both tenants, so it has no recordings (invariant 12).
        """
        kinds = {row["id"]: row["kind"] for row in self.there.scope.rows(_IDS, leaver=leaver_id)}
        ids = list(kinds)
        present = {row["id"] for row in self.here.scope.rows(_PRESENT, ids=ids)} if ids else set()
        numbers = {each: new_id() if each in present else each for each in ids}
        self.there.scope.run_each(_RENUMBER, [{"old": each, "new": numbers[each]} for each in sorted(present)])
        return {old: new for old, new in numbers.items() if kinds[old] != Kind.RECORDING.value}
