"""Statements on their way to PostgreSQL: what goes along, who waits for the answer, and what a failure means."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from psycopg.pq.abc import PGresult

from scim_server.store.answers import Answered
from scim_server.store.pipelines import answered
from scim_server.store.short_ways import Meaning
from scim_server.store.statements import Statement


class Asked:
    """What a question is answered with that goes along with something else."""

    def __init__(self, send: Callable[[], None], driver: Any, columns: tuple[str, ...]) -> None:
        self._send, self._driver, self._columns = send, driver, columns
        self.result: PGresult | None = None

    def answer(self) -> Answered:
        """The answer; what is left is sent to get it, where nothing else has been."""
        if self.result is None:
            self._send()
        assert self.result is not None, "a question is answered in its transaction"
        return answered(self._driver, self._columns, [self.result])


class Order(NamedTuple):
    """A statement on its way, with what it is sent with and who waits for its answer."""

    statement: Statement
    parameters: Sequence[bytes | None] = ()
    meaning: Meaning | None = None
    asked: Asked | None = None
