"""What a unit of work has read of people: their claims, exclusions, grants and seats, each row once.

The first question about somebody brings all four, in one round trip. Nobody else changes them while the person is
locked, so they hold until a lock is taken: what was read before it may be old. Seats are promoted under the lock of
their subscription alone, so they are read again after that as well. Of a person who was made in this unit nothing is
stored yet, and nobody else can know them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Select, Table, bindparam, insert, select

from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import claims, exclusions, grants, seats

_OF_PEOPLE: Mapping[str, Select[Any]] = {
    table.name: select(table).where(table.c.tenant_id == bindparam("tenant"), among(table.c.user_id))
    for table in (claims, exclusions, grants, seats)
}
"""Unsorted: asked to sort seats, SQLite reads every one of the tenant in the order of an index."""
_INSERT: Mapping[str, Insert] = {table.name: insert(table) for table in (claims, exclusions, grants, seats)}


class Dossiers:
    """The rows of the people that one unit of work deals with."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[str, dict[str, list[Row]]] = {name: {} for name in _OF_PEOPLE}
        self._new: set[str] = set()
        self.emails: dict[str, Sequence[Mapping[str, Any]]] = {}
        """The e-mails that are filed of those whose own rows were read under a lock, or written."""
        self._asked: list[tuple[str, Sequence[str], Callable[[], Sequence[Row]]]] = []

    def expect(self, user_ids: Iterable[str]) -> None:
        """Have those people's rows read with the next question."""
        people = list(user_ids)
        for name, known in self._known.items():
            unread = [user_id for user_id in people if user_id not in known]
            if unread:
                self._asked.append((name, unread, self._scope.ask(_OF_PEOPLE[name], ids=unread)))

    def rows(self, table: Table, user_ids: Collection[str]) -> list[Row]:
        """Those people's rows in a table."""
        known, people = self._known[table.name], dict.fromkeys(user_ids)
        self._learn()
        unread = [user_id for user_id in people if user_id not in known]
        if unread:
            self._read(unread)
        return [row for user_id in people for row in known[user_id]]

    def begin(self, user_ids: Iterable[str]) -> None:
        """These people are made in this unit."""
        for user_id in user_ids:
            self._new.add(user_id)
            for known in self._known.values():
                known[user_id] = []

    def is_new(self, user_id: str) -> bool:
        """Whether the person is made in this unit."""
        return user_id in self._new

    def add(self, table: Table, new: Sequence[dict[str, Any]]) -> None:
        """Insert rows that nothing stands against; they are sent with what comes next."""
        self._learn()
        self._scope.leave(_INSERT[table.name], *new)
        known = self._known[table.name]
        for row in new:
            if row["user_id"] in known:
                known[row["user_id"]].append(row)

    def forget(self, table: Table, user_ids: Collection[str]) -> None:
        """Those people's rows in a table have changed."""
        self._asked.clear()
        for user_id in user_ids:
            self._known[table.name].pop(user_id, None)

    def locked(self, *tables: Table) -> None:
        """A lock was taken that rows of the tables are changed under, of all of them if none is named."""
        self._asked.clear()
        for name in [table.name for table in tables] or _OF_PEOPLE:
            known = self._known[name]
            self._known[name] = {user_id: known[user_id] for user_id in self._new if user_id in known}

    def _read(self, user_ids: Sequence[str]) -> None:
        names = [name for name, known in self._known.items() if not known.keys() >= set(user_ids)]
        asked = [(_OF_PEOPLE[name], {"ids": user_ids}) for name in names]
        for name, found in zip(names, self._scope.together(*asked), strict=True):
            self._take_in(name, user_ids, found)

    def _learn(self) -> None:
        """Take in what was asked for."""
        asked, self._asked = self._asked, []
        for name, user_ids, answer in asked:
            self._take_in(name, user_ids, answer())

    def _take_in(self, name: str, user_ids: Sequence[str], found: Iterable[Row]) -> None:
        known = self._known[name]
        known.update({user_id: [] for user_id in user_ids})
        for row in found:
            known[row["user_id"]].append(row)
