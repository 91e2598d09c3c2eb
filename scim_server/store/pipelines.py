"""What goes to PostgreSQL in one round trip (libpq's pipeline mode), and what comes back.

One Sync ends it, so what is sent outside a transaction is one of its own, and after an error nothing else is done.
"""

import select
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from psycopg import Connection, errors
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from scim_server.store.answers import Answered, Make
from scim_server.store.statements import Statement

Command = Callable[[], None]
"""Sends something; what it is answered with comes later."""

_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
_READ, _EITHER = select.POLLIN, select.POLLIN | select.POLLOUT


class Pipeline:
    """The commands of one round trip over a connection.

    `known` are the names of the statements prepared in it, None where none may be.
    """

    def __init__(self, connection: Connection[Any], known: set[bytes] | None) -> None:
        self._server: PGconn = connection.pgconn
        self._known = known
        self._commands: list[Command] = []
        self._preparing: dict[int, bytes] = {}
        self._answers: list[int] = []
        self.failed: int | None = None
        """Which of the added statements failed, the first being 0."""

    def add(self, statement: Statement, parameters: Sequence[bytes | None]) -> None:
        """Execute a statement, prepared before if need be."""
        if self._known is None:
            command = partial(self._server.send_query_params, statement.text, parameters)
        else:
            self._prepare(statement, self._known)
            command = partial(self._server.send_query_prepared, statement.name, parameters)
        self._answers.append(len(self._commands))
        self._commands.append(command)

    def _prepare(self, statement: Statement, known: set[bytes]) -> None:
        if statement.name not in known and statement.name not in self._preparing.values():
            self._preparing[len(self._commands)] = statement.name
            self._commands.append(partial(self._server.send_prepare, statement.name, statement.text))

    def run(self) -> list[PGresult]:
        """Send everything; answers what each added statement was answered with. Raises psycopg's errors."""
        server = self._server
        server.enter_pipeline_mode()
        for command in self._commands:
            command()
        server.pipeline_sync()
        results = _results(server)
        server.exit_pipeline_mode()
        if self._known is not None:
            self._known.update(name for at, name in self._preparing.items() if results[at].status in _GOOD)
        failed = next((at for at, result in enumerate(results) if result.status not in _GOOD), None)
        if failed is not None:
            self.failed = bisect_left(self._answers, failed)
            raise errors.error_from_result(results[failed])
        return [results[at] for at in self._answers]


def _results(server: PGconn) -> list[PGresult]:
    """One result for each command. Waits without the interpreter's lock, so that other threads work meanwhile."""
    poll = select.poll()
    poll.register(server.socket, _EITHER)
    while server.flush():
        poll.poll()
        server.consume_input()
    poll.modify(server.socket, _READ)
    found: list[PGresult] = []
    while True:
        while server.is_busy():
            poll.poll()
            server.consume_input()
        result = server.get_result()
        if result is not None:
            if result.status == ExecStatus.PIPELINE_SYNC:
                return found
            found.append(result)


def answered(driver: Any, columns: tuple[str, ...], results: Sequence[PGresult]) -> Answered:
    """What a statement was answered with; without `columns` the names are PostgreSQL's."""
    names = columns or tuple((results[0].fname(at) or b"").decode() for at in range(results[0].nfields))
    touched = sum(result.command_tuples or 0 for result in results)
    return Answered(names, partial(_loaded, driver, results), touched)


def _loaded(driver: Any, results: Sequence[PGresult], make: Make) -> list[Any]:
    loader = Transformer(driver)
    found: list[Any] = []
    for result in results:
        loader.set_pgresult(result)
        found += loader.load_rows(0, result.ntuples, make)
    return found
