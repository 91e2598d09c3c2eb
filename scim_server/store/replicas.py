"""Replicas: copies of a database that PostgreSQL keeps by streaming, which answer lists and reports in its place.

Whoever was told that a change is made finds it in the next list, whichever process was asked and whichever answers:
each list first asks the primary how far the tenant is (`store/positions.py`), and a replica that is not as far, or that
cannot be asked, leaves the answer to the primary.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from scim_server.domain.cells import ReplicaState
from scim_server.domain.errors import Unavailable
from scim_server.services.surveying import replica_name
from scim_server.store.databases import LOST_RACES, Database
from scim_server.store.limits import Limits
from scim_server.store.lines import Line
from scim_server.store.positions import BEHIND, Milestones, demand, position
from scim_server.store.vaults import Vault
from scim_server.store.walls import OPERATOR
from scim_server.telemetry.catalogue import REPLICA_QUESTIONS

T = TypeVar("T")
_log = structlog.get_logger("scim_server.replicas")

PAUSE = 5.0
"""Seconds for which a replica that could not be reached is left alone, by all but one who tries."""
_GIVEN_UP = "57014"
"""SQLSTATE of a statement whose time was over: elsewhere it has none left either."""
PATIENCE = {"connect_timeout": "2", "tcp_user_timeout": "3000"}
"""Seconds for a new connection to be answered, and milliseconds for what is sent over one."""
LOCKED = 1_000
"""Milliseconds to wait for a lock that something replayed holds."""
_LAG = text(
    "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 "
    "ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())::int END"
)


@dataclass(slots=True)
class Replica:
    """One replica, and how often this process was `answered` by it, found it `behind`, or `failed` to ask it."""

    database: Database
    answered: int = 0
    behind: int = 0
    failed: int = 0
    _away: bool = False
    _again: float = 0.0
    _name: str = ""

    def __post_init__(self) -> None:
        self._name = replica_name(self.where)
        event.listen(self.database.engine, "connect", _prepare)

    @property
    def where(self) -> str:
        return self.database.engine.url.render_as_string(hide_password=True)

    def takes_questions(self) -> bool:
        """Whether to ask it: one that was away is tried by one at a time."""
        if not self._away:
            return True
        now = time.monotonic()
        if now < self._again:
            return False
        self._again = now + PAUSE
        return True

    def note_answer(self) -> None:
        self.answered += 1
        REPLICA_QUESTIONS.add(self._name, "answered")
        self._note_presence()

    def note_failure(self, error: Exception) -> None:
        """One that is only behind, or met what it replays, is asked again at once."""
        if _state(error) == BEHIND:
            self.note_behind()
            self._note_presence()
            return
        self.failed += 1
        REPLICA_QUESTIONS.add(self._name, "failed")
        if _is_lost(error):
            if not self._away:
                _log.warning("replica left alone", replica=self.where, seconds=PAUSE, reason=str(error).splitlines()[0])
            self._away, self._again = True, time.monotonic() + PAUSE

    def note_behind(self) -> None:
        self.behind += 1
        REPLICA_QUESTIONS.add(self._name, "behind")

    def _note_presence(self) -> None:
        if self._away:
            self._away = False
            _log.info("replica back", replica=self.where)

    def state(self, cell: str) -> ReplicaState:
        """As it is found now."""
        try:
            with self.database.read(OPERATOR) as connection:
                lag = connection.execute(_LAG).scalar()
        except Unavailable:
            return ReplicaState(cell, self.where, False, None, self.answered, self.behind, self.failed)
        return ReplicaState(cell, self.where, True, lag, self.answered, self.behind, self.failed)


@dataclass(slots=True)
class Replicas:
    """The replicas of one database, asked in turn."""

    all: Sequence[Replica]
    _turns: Iterator[int] = field(default_factory=count)
    _noted: Milestones = field(default_factory=Milestones)

    @contextmanager
    def browse(self, primary: Database, tenant_id: str) -> Iterator[Connection]:
        """What reads the tenant by one of them, or else by the primary."""
        with ExitStack() as lines:
            relay = Relay(primary, self._next(), tenant_id, self._noted, lines)
            yield cast(Connection, relay)

    def _next(self) -> Replica | None:
        first = next(self._turns)
        in_turn = (self.all[(first + each) % len(self.all)] for each in range(len(self.all)))
        return next((replica for replica in in_turn if replica.takes_questions()), None)

    def dispose(self) -> None:
        """Close every idle connection."""
        for replica in self.all:
            replica.database.dispose()


class Relay:
    """Reads by a replica as long as it can, then by the primary, which is never behind what was read before.

    It stands in for a connection over which nothing is sent but statements that read. `deadline` is as that of a line.
    """

    def __init__(
        self, primary: Database, replica: Replica | None, tenant_id: str, noted: Milestones, lines: ExitStack
    ) -> None:
        self.deadline: float | None = None
        self._primary, self._replica, self._tenant_id = primary, replica, tenant_id
        self._noted, self._lines = noted, lines
        self._line: Line | None = None

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        """As a line does."""
        return self._ask(lambda line: line.execute(statement, parameters))

    def together(self, *asked: Any) -> list[Any]:
        """As a line does."""
        return self._ask(lambda line: line.together(*asked))

    def ask(self, statement: Any, values: Any) -> Callable[[], Any]:
        """As a line does, but at once: where the replica cannot answer, the primary is asked."""
        answered = self.execute(statement, values)
        return lambda: answered

    def _ask(self, ask: Callable[[Line], T]) -> T:
        if self._line is None:
            self._line = self._set_out() or self._line_to(self._primary)
        if self._replica is None:
            return self._answer(self._line, ask)
        try:
            return self._answer(self._line, ask)
        except DBAPIError as error:
            if _state(error) == _GIVEN_UP:
                raise
            self._replica.note_failure(error)
        self._replica = None
        self._lines.close()
        self._line = self._line_to(self._primary)
        return self._answer(self._line, ask)

    def _set_out(self) -> Line | None:
        """A line to the replica, which says first whether it has all that the tenant has; None where it cannot."""
        if self._replica is None:
            return None
        wanted = position(self._primary, self._tenant_id, self._noted)
        if wanted is None:
            self._replica.note_behind()
        else:
            try:
                line = self._line_to(self._replica.database)
            except Unavailable as error:
                self._replica.note_failure(error)
            else:
                demand(line, wanted)
                return line
        self._replica = None
        return None

    def _line_to(self, database: Database) -> Line:
        return cast(Line, self._lines.enter_context(database.read(self._tenant_id)))

    def _answer(self, line: Line, ask: Callable[[Line], T]) -> T:
        line.deadline = self.deadline
        is_first = line.condition is not None
        answered = ask(line)
        if is_first and self._replica is not None:
            self._replica.note_answer()
        return answered


def replicas_of(urls: Sequence[str], pool_size: int, vault: Vault, limits: Limits) -> Replicas:
    """The replicas at those addresses. Raises BadDatabaseUrl."""
    return Replicas([Replica(Database(_hasty(url), pool_size, vault, limits)) for url in urls])


def _hasty(url: str) -> str:
    """The address with less patience than a primary meets, unless it says how much: there is somebody else to ask."""
    parsed = make_url(url)
    patience = {name: value for name, value in PATIENCE.items() if name not in parsed.query}
    return parsed.update_query_dict(patience).render_as_string(hide_password=False)


def _prepare(connection: Any, _record: Any) -> None:
    """A replica refuses to write by itself; what was made a primary of its own refuses so.

    What is replayed holds locks, and for long where the replica has lost its primary meanwhile.
    """
    connection.execute("SET default_transaction_read_only = on")
    connection.execute(f"SET lock_timeout = {LOCKED}")
    connection.commit()


def _state(error: Exception) -> str | None:
    """SQLSTATE of what PostgreSQL said, if it said anything."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _is_lost(error: Exception) -> bool:
    """Whether the replica cannot be asked at all, not only this."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (isinstance(error, OperationalError) and _state(error) not in LOST_RACES)
    return True
