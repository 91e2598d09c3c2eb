"""The short way to a SQLite file.

A statement that is known goes to the driver at once: nothing would be saved by sending it together with others.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine, Executable
from sqlalchemy.exc import IntegrityError

from scim_server.store.answers import Answered
from scim_server.store.file_statements import FileStatement, repertoire
from scim_server.store.repertoires import Batch, Values
from scim_server.store.short_ways import Known, Meaning, ShortWay, of_sqlalchemy

STEPS = 10_000
"""Instructions of SQLite's machine between two looks at the clock: less than a millisecond."""

_WRITE, _READ, _COMMIT, _ROLLBACK = "BEGIN IMMEDIATE", "BEGIN", "COMMIT", "ROLLBACK"


class FileLine(ShortWay):
    """A connection to a SQLite file, to write or, with `as_of_one_moment`, to read in one transaction.

    Else each read is one of its own, as it is on PostgreSQL: a transaction costs as much as what is read in it.
    """

    repertoire = repertoire()

    def __init__(self, engine: Engine, reach: str, *, writes: bool, as_of_one_moment: bool = False) -> None:
        super().__init__(engine, reach, writes=writes)
        self._begin = _WRITE if writes else _READ if as_of_one_moment else None
        self._open = False
        self._deadline: float | None = None

    @property
    def deadline(self) -> float | None:
        """When what is read is given up, by the monotonic clock."""
        return self._deadline

    @deadline.setter
    def deadline(self, moment: float | None) -> None:
        self._deadline = moment
        is_over = None if moment is None else lambda: time.monotonic() > moment
        self._driver.set_progress_handler(is_over, STEPS)

    def together(self, *asked: tuple[Executable, Values]) -> list[Any]:
        """What several statements are answered with, as of one moment."""
        if self._begin is not None or len(asked) == 1:
            return super().together(*asked)
        self._do(_READ)
        try:
            return super().together(*asked)
        finally:
            self._do(_ROLLBACK)

    def leave(
        self,
        statement: Executable,
        batch: Batch,
        meaning: Meaning | None = None,
        *,
        last: bool = False,  # noqa: ARG002 nothing waits for another
    ) -> None:
        """Execute at once. Where a constraint is broken it fails with what that means."""
        try:
            self.execute(statement, list(batch))
        except IntegrityError as error:
            if meaning is None:
                raise
            raise meaning(error) from error

    def ask(self, statement: Executable, values: Values) -> Callable[[], Any]:
        """Execute at once; what it is answered with, when somebody wants to know."""
        told = self.execute(statement, values)
        return lambda: told

    def commit(self) -> None:
        """End the transaction."""
        if self.in_transaction():
            super().commit()
        elif self._open:
            self._do(_COMMIT)
            self.dispatch.commit(self)
        self._open = False

    def rollback(self) -> None:
        """Undo what was not committed."""
        if self.in_transaction():
            super().rollback()
        elif self._open:
            self.dispatch.rollback(self)
            try:
                self._driver.rollback()  # does nothing where SQLite has ended the transaction with what failed
            except sqlite3.Error as error:
                self.invalidate(error)
        self._open = False

    def _sent(self, asked: Sequence[Known], *, many: bool = False) -> list[Answered]:  # noqa: ARG002 it is told how many
        return [self._answered(statement, batch) for statement, batch in asked]

    def _answered(self, statement: FileStatement, batch: Batch) -> Answered:
        self._detour()
        parameters = [statement.parameters(each) for each in batch]
        many = len(parameters) > 1
        told = parameters if many else parameters[0]
        if self.dispatch.before_cursor_execute:
            self._tell_before(statement, told, many=many, cursor=self._driver.cursor())
        try:
            found = statement.executed(self._driver, parameters)
        except sqlite3.Error as error:
            raise _of_sqlalchemy(error) from error
        self._tell_after(found, statement, told, many=many)
        return found

    def _detour(self) -> None:
        if self._begin is not None and not self._open:
            self._do(self._begin)
            self._open = True

    def _do(self, command: str) -> None:
        try:
            self._driver.execute(command)
        except sqlite3.Error as error:
            raise _of_sqlalchemy(error) from error


def _of_sqlalchemy(error: sqlite3.Error) -> Any:
    return of_sqlalchemy(error, sqlite3.Error, invalidated=False)
