"""A connection that executes the statements it knows without detours.

SQLAlchemy works out each statement and keeps the pool. Between the two its execution costs a multiple of what the
statement does, so a statement that is built once goes from here straight to the driver. Everything else takes
SQLAlchemy's way, over the same connection and in the same transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.exc import DBAPIError, IntegrityError

from scim_server.store.answers import Answered
from scim_server.store.repertoires import Batch, Repertoire, Values

Meaning = Callable[[IntegrityError], Exception]
"""What a constraint that a statement breaks means."""
Known = tuple[Any, Batch]
"""A statement as the driver takes it, and the values with which it is executed, once each."""


class ShortWay(Connection, ABC):
    """A connection that reaches certain tenants, to read with or to write in one transaction."""

    repertoire: ClassVar[Repertoire[Any]]
    deadline: float | None
    """When what is read is given up, by the monotonic clock."""

    def __init__(self, engine: Engine, reach: str, *, writes: bool) -> None:
        super().__init__(engine, _has_events=True)
        self.dispatch = engine.dispatch  # what listens to connections is known to the engine: nothing is to be joined
        self.reach, self.writes = reach, writes
        fairy: Any = self._dbapi_connection
        self._driver: Any = fairy.driver_connection

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """As SQLAlchemy does, by the short way where there is one."""
        batch = parameters if isinstance(parameters, list) else [parameters or {}]
        found = None if execution_options else self.repertoire.find(statement, batch)
        if found is not None:
            return self._sent([found], many=isinstance(parameters, list))[0]
        self._detour()
        return super().execute(statement, parameters, execution_options=execution_options)

    def scalar(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """The first value of the first row, None where there is none."""
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def scalars(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """The first value of each row."""
        return self.execute(statement, parameters, execution_options=execution_options).scalars()

    def exec_driver_sql(self, statement: str, parameters: Any = None, execution_options: Any = None) -> Any:
        """As SQLAlchemy does."""
        self._detour()
        return super().exec_driver_sql(statement, parameters, execution_options)

    def together(self, *asked: tuple[Executable, Values]) -> list[Any]:
        """What several statements are answered with, at once if all are known."""
        known = [found for statement, values in asked if (found := self.repertoire.find(statement, [values]))]
        if len(known) < len(asked):
            return [self.execute(*each) for each in asked]
        return self._sent(known)

    @abstractmethod
    def leave(self, statement: Executable, batch: Batch, meaning: Meaning | None = None, *, last: bool = False) -> None:
        """Execute with whatever comes next at the latest, where it fails if it does: with what that means.

        One to come `last` comes behind what is left after it, but before what is asked.
        """

    @abstractmethod
    def ask(self, statement: Executable, values: Values) -> Callable[[], Any]:
        """Execute with whatever comes next at the latest; what it is answered with, when somebody wants to know."""

    @abstractmethod
    def _sent(self, asked: Sequence[Known], *, many: bool = False) -> list[Answered]:
        """What known statements are answered with."""

    @abstractmethod
    def _detour(self) -> None:
        """Before SQLAlchemy executes something: a transaction that writes begins, what is left comes first."""

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        if not self.closed:
            self.rollback()
        super().close()

    def _tell_before(self, statement: Any, parameters: Any, *, many: bool, cursor: Any = None) -> None:
        for listen in self.dispatch.before_cursor_execute:
            listen(self, cursor, str(statement), parameters, None, many)

    def _tell_after(self, touched: Any, statement: Any, parameters: Any, *, many: bool) -> None:
        for listen in self.dispatch.after_cursor_execute:
            listen(self, touched, str(statement), parameters, None, many)


def of_sqlalchemy(error: Exception, kind: type[Exception], *, invalidated: bool) -> Any:
    """A driver's error, one of a `kind`, as SQLAlchemy raises it; what was sent stays out of the message."""
    return DBAPIError.instance(None, None, error, kind, hide_parameters=True, connection_invalidated=invalidated)


@dataclass(frozen=True, slots=True)
class Touched:
    """What listeners are told of statements whose answer nobody waits for."""

    rowcount: int
