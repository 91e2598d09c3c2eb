"""A key per person, for their facts in the audit trail.

A key is made with the first entry about the person and outlives them: their history can be read until it is dropped.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache, partial

from sqlalchemy import Executable, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.services.audit_ciphers import new_key
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.seals import PERSON_KEY
from scim_server.store.sets import among
from scim_server.store.tables import person_keys

_KEYS = select(person_keys.c.person, person_keys.c.key).where(
    person_keys.c.tenant_id == bindparam("tenant"), among(person_keys.c.person)
)
_ADD = insert(person_keys)


@dataclass(frozen=True, slots=True)
class PersonKeys:
    """The keys of one tenant's people."""

    scope: Scope

    def of(self, people: Collection[str]) -> dict[str, str]:
        """The keys of those who have one, person to key."""
        return self._opened(self.scope.rows(_KEYS, ids=people) if people else ())

    def expect(self, person: str) -> None:
        """Have the person's key read with the next question, if nobody else's is: of more they are read at once."""
        if _KEYS not in self.scope.expectations:
            self.scope.expect(_KEYS, ids=[person])

    def made(self, people: Collection[str], is_new: Callable[[str], bool]) -> dict[str, str]:
        """The keys of all of them, made where there was none, in order, so that no two commits can cross.

        Whoever `is_new` was made in this unit of work, so that nobody else can have made them a key.
        """
        earlier = [person for person in people if not is_new(person)]
        keys = self._opened(self.scope.expected(_KEYS, ids=earlier) if earlier else ())
        absent = sorted(set(people) - keys.keys())
        fresh = {person: new_key() for person in absent if is_new(person)}
        self.scope.leave(_ADD, *(self._row(*each) for each in fresh.items()))
        others = [self._row(person, new_key()) for person in absent if not is_new(person)]
        made = self.scope.inserted_by(_make(self.scope.is_sqlite), others)
        return keys | fresh | self._opened(made)

    def _row(self, person: str, key: str) -> dict[str, str]:
        return {"person": person, "key": self.scope.vault.seal(key, PERSON_KEY.place(self.scope.tenant_id, person))}

    def _opened(self, found: Iterable[Row]) -> dict[str, str]:
        place, vault = partial(PERSON_KEY.place, self.scope.tenant_id), self.scope.vault
        return {row["person"]: vault.open(row["key"], place(row["person"])) for row in found}


@cache
def _make(is_sqlite: bool) -> Executable:
    """Insert keys and answer those that hold: somebody else may have made one meanwhile."""
    statement = sqlite.insert(person_keys) if is_sqlite else postgresql.insert(person_keys)
    held = statement.on_conflict_do_update(index_elements=["tenant_id", "person"], set_={"key": person_keys.c.key})
    return held.returning(person_keys.c.person, person_keys.c.key)
