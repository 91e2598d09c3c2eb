"""A key per person, for their facts in the audit trail.

A key is made with the first entry about the person and outlives them: their history can be read until it is dropped.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Executable, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.services.audit_ciphers import new_key
from scim_server.store.rows import Row
from scim_server.store.scopes import Answer, Scope
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
        found = self.scope.rows(_KEYS, ids=people) if people else ()
        return {row["person"]: self._open(row) for row in found}

    def ask(self, person: str) -> Answer:
        """Ask for one key with the next question."""
        return self.scope.ask(_KEYS, ids=[person])

    def made(
        self, people: Collection[str], is_new: Callable[[str], bool], asked: Mapping[str, Answer]
    ) -> dict[str, str]:
        """The keys of all of them, made where there was none, in order, so that no two commits can cross.

        Whoever `is_new` was made in this unit of work, so that nobody else can have made them a key. For some keys it
        was `asked` already.
        """
        keys = {row["person"]: self._open(row) for person in people & asked.keys() for row in asked[person]()}
        keys |= self.of([person for person in people - keys.keys() if not is_new(person)])
        absent = sorted(set(people) - keys.keys())
        fresh = {person: new_key() for person in absent if is_new(person)}
        self.scope.leave(_ADD, *(self._row(*each) for each in fresh.items()))
        others = [self._row(person, new_key()) for person in absent if not is_new(person)]
        made = self.scope.inserted_by(_make(self.scope.is_sqlite), others)
        return keys | fresh | {row["person"]: self._open(row) for row in made}

    def _row(self, person: str, key: str) -> dict[str, str]:
        return {"person": person, "key": self.scope.vault.seal(key, PERSON_KEY.place(self.scope.tenant_id, person))}

    def _open(self, row: Row) -> str:
        return self.scope.vault.open(row["key"], PERSON_KEY.place(self.scope.tenant_id, row["person"]))


@cache
def _make(is_sqlite: bool) -> Executable:
    """Insert keys and answer those that hold: somebody else may have made one meanwhile."""
    statement = sqlite.insert(person_keys) if is_sqlite else postgresql.insert(person_keys)
    held = statement.on_conflict_do_update(index_elements=["tenant_id", "person"], set_={"key": person_keys.c.key})
    return held.returning(person_keys.c.person, person_keys.c.key)
