"""The short way to PostgreSQL.

A statement that is known goes to libpq: prepared, in one round trip with whatever has to be said before it.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Engine, Executable
from sqlalchemy.exc import IntegrityError

from scim_server.store.answers import Answered
from scim_server.store.databases import CUT, REACH, REACH_IN_ROLE, TIMEOUT, milliseconds_until
from scim_server.store.orders import Asked, Order
from scim_server.store.pipelines import Pipeline, answered
from scim_server.store.poolers import PREPARED, TAKES_ROLE
from scim_server.store.repertoires import Batch, Values
from scim_server.store.short_ways import Known, Meaning, ShortWay, Touched, of_sqlalchemy
from scim_server.store.statements import Statement, dump, repertoire

BEGIN = Statement(b"begin", b"BEGIN", (), {}, ())
SNAPSHOT = Statement(b"snapshot", b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", (), {}, ())
"""Begins a transaction that sees one moment, however many statements it takes."""
_COMMIT = Statement(b"commit", b"COMMIT", (), {}, ())
_REACH, _REACH_IN_ROLE, _TIMEOUT = (
    Statement(name, text.replace("%s", "$1").encode(), (("value", dump),), {}, ())
    for name, text in ((b"reach", REACH), (b"role", REACH_IN_ROLE), (b"timeout", TIMEOUT))
)
_FOR_ANY_VALUES = Statement(b"any", b"SELECT set_config('plan_cache_mode', 'force_generic_plan', true)", (), {}, ())
"""Has prepared statements planned once. PostgreSQL takes a plan for any values to read every partition, although it
reads one, and would plan anew each time, which costs three times what the statement does."""
_FORGET = Statement(b"forget", b"DEALLOCATE ALL", (), {}, ())
_MOST_PREPARED = 1_000
"""Statements that a connection keeps prepared; then it begins anew."""
_BATCH = 500
"""Rows sent before the server is heard."""


class Line(ShortWay):
    """A connection to PostgreSQL."""

    repertoire = repertoire()

    def __init__(self, engine: Engine, reach: str, *, writes: bool, begin: Statement = BEGIN) -> None:
        super().__init__(engine, reach, writes=writes)
        self._begin = begin
        fairy: Any = self._dbapi_connection
        self._known: set[bytes] | None = fairy.info[PREPARED]
        self._plans_once: bool = self._known is not None and fairy.info.get(CUT, False)
        self.takes_role: bool = fairy.info[TAKES_ROLE]
        """Whether each transaction takes the role of the application, as the connection does not keep it."""
        self.deadline: float | None = None
        """When what is read is given up, by the monotonic clock."""
        self.condition: Order | None = None
        """What is asked once, before anything else is read; where it fails, nothing is."""
        self._left: list[Order] = []
        self._last: list[Order] = []
        """What is left to come behind everything else that is left."""
        self._open = False

    def leave(self, statement: Executable, batch: Batch, meaning: Meaning | None = None, *, last: bool = False) -> None:
        """Execute with whatever comes next, `commit` at the latest, where it fails if it does: with what that means.

        One to come `last` is sent behind what is left after it, but before what is asked.
        """
        found = self.repertoire.find(statement, batch)
        if found is None:
            self.execute(statement, list(batch))
            return
        known, batch = found
        self._tell_before(known, batch, many=True)
        orders = self._last if last else self._left
        orders.extend(Order(known, _parameters(known, values), meaning) for values in batch)
        self._tell_after(Touched(len(batch)), known, batch, many=True)

    def ask(self, statement: Executable, values: Values) -> Callable[[], Answered]:
        """Execute with whatever comes next; what it is answered with, as soon as somebody wants to know."""
        found = self.repertoire.find(statement, [values])
        if found is None:
            told = self.execute(statement, values)
            return lambda: told
        known, batch = found
        self._tell_before(known, batch, many=False)
        asked = Asked(self.send, self._driver, known.columns)
        self._left = [*self._taken(), Order(known, _parameters(known, batch[0]), asked=asked)]
        self._tell_after(Touched(0), known, batch, many=False)
        return asked.answer

    def send(self) -> None:
        """Send what is left."""
        self._run(self._taken())

    def forget(self) -> None:
        """Send nothing of what is left: what it belongs to is undone."""
        self._taken()

    def driver(self) -> Any:
        """The driver's own connection, in the transaction that has begun: SQLAlchemy knows nothing of COPY."""
        self._detour()
        return self._driver

    def commit(self) -> None:
        """Send what is left and end the transaction."""
        if self._left or self._last or self._is_open():
            ended = self._run([*self._taken(), Order(_COMMIT)])[-1]
            assert ended.command_status == b"COMMIT", "what failed is not committed"
        if self.in_transaction():
            super().commit()
        elif self._open:
            self.dispatch.commit(self)
        self._open = False

    def rollback(self) -> None:
        """Undo what was not committed, what is left to be sent included."""
        self._taken()
        if self.in_transaction():
            super().rollback()
        elif self._open:
            self.dispatch.rollback(self)
        self._open = False
        if not self.invalidated and not self._driver.closed and self._is_open():
            try:
                self._driver.rollback()
            except psycopg.Error as error:
                self.invalidate(error)

    def _sent(self, asked: Sequence[Known], *, many: bool = False) -> list[Answered]:
        for statement, batch in asked:
            self._tell_before(statement, batch, many=many)
        rows = [Order(statement, _parameters(statement, values)) for statement, batch in asked for values in batch]
        results: list[PGresult] = []
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            results += self._run([*self._taken(), *part])[-len(part) :]
        answers, remaining = [], iter(results)
        for statement, batch in asked:
            answers.append(answered(self._driver, statement.columns, list(islice(remaining, len(batch)))))
            self._tell_after(answers[-1], statement, batch, many=many)
        return answers

    def _run(self, orders: Sequence[Order]) -> list[PGresult]:
        forgetting = [Order(_FORGET)] if self._known is not None and len(self._known) > _MOST_PREPARED else []
        if self._known is not None and forgetting:
            self._known.clear()
        pipeline = Pipeline(self._driver, self._known)
        opening = self._opening() if self._driver.pgconn.transaction_status == TransactionStatus.IDLE else ()
        self._open = self.writes
        sent = [*forgetting, *opening, *orders]
        for order in sent:
            pipeline.add(order.statement, order.parameters)
        try:
            results = pipeline.run()
        except psycopg.Error as error:
            if self._driver.closed:
                self.invalidate(error)
            failed = of_sqlalchemy(error, psycopg.Error, invalidated=self.invalidated)
            meaning = None if pipeline.failed is None else sent[pipeline.failed].meaning
            if meaning is not None and isinstance(failed, IntegrityError):
                raise meaning(failed) from failed
            raise failed from error
        except BaseException:
            self.invalidate()
            raise
        self.condition = None
        for order, result in zip(sent, results, strict=True):
            if order.asked is not None:
                order.asked.result = result
        return results

    def _opening(self) -> Iterator[Order]:
        """What is said before the first statement of a transaction."""
        if self.writes:
            yield Order(self._begin)
        yield Order(_REACH_IN_ROLE if self.takes_role else _REACH, [dump(self.reach)])
        if self._plans_once:
            yield Order(_FOR_ANY_VALUES)
        if self.deadline is not None and not self.writes:
            yield Order(_TIMEOUT, [dump(milliseconds_until(self.deadline))])
        if self.condition is not None:
            yield self.condition

    def _is_open(self) -> bool:
        return bool(self._driver.pgconn.transaction_status != TransactionStatus.IDLE)

    def _taken(self) -> list[Order]:
        taken = self._left + self._last
        self._left, self._last = [], []
        return taken

    def _detour(self) -> None:
        """Before SQLAlchemy executes something: what is left comes first, writes begin, each read ends with itself."""
        if self._left or self._last or self.condition is not None or (self.writes and not self._is_open()):
            self._run(self._taken())
        if not self.writes and not self.in_transaction():
            self.execution_options(isolation_level="AUTOCOMMIT")


def _parameters(statement: Statement, values: Values) -> list[bytes | None]:
    try:
        return statement.parameters(values)
    except psycopg.Error as error:
        raise of_sqlalchemy(error, psycopg.Error, invalidated=False) from error
