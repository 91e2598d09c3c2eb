"""What a unit of work has read of people: their claims, exclusions, grants and seats, each row once.

The first question about somebody brings all four, in one round trip. Nobody else changes them while the person is
locked, so they hold until a lock is taken: what was read before it may be old. Seats are promoted under the lock of
their subscription alone, so they are read again after that as well. Of a person who was made in this unit nothing is
stored yet, and nobody else can know them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import Insert, Select, Table, bindparam, insert, select

from scim_server.store.expectations import Answer
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import claims, exclusions, grants, seats

_OF_PEOPLE: Mapping[str, Select[Any]] = {
    table.name: select(table).where(table.c.tenant_id == bindparam("tenant"), among(table.c.user_id))
    for table in (claims, exclusions, grants, seats)
}
"""Unsorted: asked to sort seats, SQLite reads every one of the tenant in the order of an index."""
_Rows = Mapping[str, list[Row]]
"""Some people's rows in a table, by person."""
_INSERT: Mapping[str, Insert] = {table.name: insert(table) for table in (claims, exclusions, grants, seats)}


class Dossiers:
    """The rows of the people that one unit of work deals with."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[str, dict[str, Callable[[], _Rows]]] = {name: {} for name in _OF_PEOPLE}
        """By table and person what tells that person's rows there, among others'; it may have to wait for them."""
        self._new: set[str] = set()
        self.emails: dict[str, Sequence[Mapping[str, Any]]] = {}
        """The e-mails that are filed of those whose own rows were read under a lock, or written."""

    def expect(self, user_ids: Iterable[str]) -> None:
        """Have those people's rows read with the next question."""
        for name, unread in self._unread(user_ids).items():
            self._know(name, unread, self._scope.ask(_OF_PEOPLE[name], ids=unread))

    def rows(self, table: Table, user_ids: Collection[str]) -> list[Row]:
        """Those people's rows in a table."""
        known, people = self._known[table.name], dict.fromkeys(user_ids)
        if not known.keys() >= people.keys():
            self._read(self._unread(user_id for user_id in people if user_id not in known))
        return [row for user_id in people for row in known[user_id]()[user_id]]

    def _read(self, unread: Mapping[str, list[str]]) -> None:
        """Now, behind everything that is left to be sent: what is asked beforehand comes before what is to be last."""
        asked = [(_OF_PEOPLE[name], {"ids": ids}) for name, ids in unread.items()]
        for (name, ids), found in zip(unread.items(), self._scope.together(*asked), strict=True):
            self._know(name, ids, partial(list, found))

    def _unread(self, user_ids: Iterable[str]) -> dict[str, list[str]]:
        """By table, those of them whose rows there are not known."""
        people = list(user_ids)
        missing = {name: [each for each in people if each not in known] for name, known in self._known.items()}
        return {name: ids for name, ids in missing.items() if ids}

    def _know(self, name: str, user_ids: Sequence[str], answer: Answer) -> None:
        self._known[name].update(dict.fromkeys(user_ids, _told(user_ids, answer)))

    def begin(self, user_ids: Iterable[str]) -> None:
        """These people are made in this unit."""
        new = list(user_ids)
        self._new.update(new)
        for name in self._known:
            self._know(name, new, list)

    def is_new(self, user_id: str) -> bool:
        """Whether the person is made in this unit."""
        return user_id in self._new

    def add(self, table: Table, new: Sequence[dict[str, Any]]) -> None:
        """Insert rows that nothing stands against; they are sent with what comes next."""
        known = self._known[table.name]
        for row in new:
            if row["user_id"] in known:
                known[row["user_id"]]()[row["user_id"]].append(row)
        self._scope.leave(_INSERT[table.name], *new)

    def forget(self, table: Table, user_ids: Collection[str]) -> None:
        """Those people's rows in a table have changed."""
        for user_id in user_ids:
            self._known[table.name].pop(user_id, None)

    def locked(self, *tables: Table) -> None:
        """A lock was taken that rows of the tables are changed under, of all of them if none is named."""
        for name in [table.name for table in tables] or _OF_PEOPLE:
            known = self._known[name]
            self._known[name] = {user_id: known[user_id] for user_id in self._new if user_id in known}


def _told(user_ids: Iterable[str], answer: Answer) -> Callable[[], _Rows]:
    """What tells those people's rows once they are answered."""

    @cache
    def told() -> _Rows:
        rows: dict[str, list[Row]] = {user_id: [] for user_id in user_ids}
        for row in answer():
            rows[row["user_id"]].append(row)
        return rows

    return told
