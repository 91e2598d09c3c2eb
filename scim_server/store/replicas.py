"""Replicas: copies of a database that PostgreSQL keeps by streaming, which answer lists and reports in its place.

Whoever was told that a change is made finds it in the next list, whichever process was asked and whichever answers.
Each list first asks the primary how far the tenant is, which its audit trail says: how much of it is sealed, and which
entries are not yet. A replica replays commits in their order and an entry is committed with what it tells of, so one
that has the entries has what they tell of. It is asked for them in the round trip of the list itself, and where one is
missing nothing else is done there: the primary answers. What other tenants write meanwhile keeps nobody waiting, as the
position of the whole log would.

Not everything is in the trail: when somebody was last seen, say. Of that a replica is a minute behind at most.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import ARRAY, Connection, Integer, Text, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from scim_server.domain.cells import ReplicaState
from scim_server.domain.errors import Unavailable
from scim_server.store.databases import LOST_RACES, Database
from scim_server.store.limits import Limits
from scim_server.store.lines import Line
from scim_server.store.statements import Statement, dump
from scim_server.store.vaults import Vault
from scim_server.store.walls import OPERATOR

T = TypeVar("T")
_log = structlog.get_logger("scim_server.replicas")

PAUSE = 5.0
"""Seconds for which a replica that could not be reached is left alone, by all but one who tries."""
STEP = 20.0
"""Seconds after which the position of the log is noted again. A replica has what was noted one to three steps ago."""
MOST = 200
"""Entries that are not sealed yet; with more of them the tenant writes so much that its lists are the primary's."""

_BEHIND = "22012"
"""SQLSTATE of a division by zero, which is how a statement that asks for something breaks off what comes behind it."""
_GIVEN_UP = "57014"
"""SQLSTATE of a statement whose time was over: elsewhere it has none left either."""

_POSITION = text(
    "SELECT coalesce(t.moved, '') AS moved, coalesce(c.sequence, 0) AS sealed, "
    "ARRAY(SELECT id FROM audit WHERE tenant_id = :tenant AND sequence IS NULL ORDER BY id LIMIT :most) AS entries, "
    "CAST(pg_current_wal_flush_lsn() AS text) AS log "
    "FROM tenants AS t LEFT JOIN audit_chains AS c ON c.tenant_id = t.id WHERE t.id = :tenant"
).columns(moved=Text(), sealed=Integer(), entries=ARRAY(Text()), log=Text())
_HAS = Statement(
    b"replica_has",
    b"SELECT 1 / (SELECT count(*) FROM tenants AS t LEFT JOIN audit_chains AS c ON c.tenant_id = t.id"
    b" WHERE t.id = $1 AND coalesce(t.moved, '') >= $2 AND coalesce(c.sequence, 0) >= $3"
    b" AND (SELECT count(*) FROM audit WHERE tenant_id = $1 AND id = ANY ($4::text[])) = cardinality($4::text[])"
    b" AND pg_last_wal_replay_lsn() >= $5::pg_lsn)",
    tuple((name, dump) for name in ("tenant", "moved", "sealed", "entries", "log")),
    {},
    (),
)
"""Fails where it has not. A tenant that has just come from another cell has its place there, written last of all."""
PATIENCE = {"connect_timeout": "2", "tcp_user_timeout": "3000"}
"""Seconds for a new connection to be answered, and milliseconds for what is sent over one."""
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

    def __post_init__(self) -> None:
        event.listen(self.database.engine, "connect", _keep_from_writing)

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
        if self._away:
            self._away = False
            _log.info("replica back", replica=self.where)

    def note_failure(self, error: Exception) -> None:
        """One that is only behind, or met what it replays, is asked again at once."""
        if _state(error) == _BEHIND:
            self.note_behind()
            return
        self.failed += 1
        if _is_lost(error):
            if not self._away:
                _log.warning("replica left alone", replica=self.where, seconds=PAUSE, reason=str(error).splitlines()[0])
            self._away, self._again = True, time.monotonic() + PAUSE

    def note_behind(self) -> None:
        self.behind += 1
        self._away = False

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
    _noted: "Milestones" = field(default_factory=lambda: Milestones())

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


@dataclass(slots=True)
class Milestones:
    """Positions that the primary's log had some time ago."""

    _old: str = ""
    _new: str = ""
    _at: float | None = None

    def passed(self, position: str) -> str:
        """Note where the log is now; answers where it was one to three steps ago, now if that is not known."""
        now = time.monotonic()
        if self._at is None or now - self._at >= STEP:
            self._old = position if self._at is None or now - self._at >= 2 * STEP else self._new
            self._new, self._at = position, now
        return self._old


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
        position = self._position()
        if position is None:
            self._replica.note_behind()
        else:
            try:
                line = self._line_to(self._replica.database)
            except Unavailable as error:
                self._replica.note_failure(error)
            else:
                line.condition = _HAS, _HAS.parameters(position)
                return line
        self._replica = None
        return None

    def _position(self) -> dict[str, Any] | None:
        """How far the tenant is; None where that is too much to say, or it is not there."""
        wanted = {"tenant": self._tenant_id, "most": MOST}
        with self._primary.read(self._tenant_id) as connection:
            found = connection.execute(_POSITION, wanted).mappings().first()
        if found is None or len(found["entries"]) == MOST:
            return None
        return {**found, "tenant": self._tenant_id, "log": self._noted.passed(found["log"])}

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


def _keep_from_writing(connection: Any, _record: Any) -> None:
    """A replica refuses to write by itself; what was made a primary of its own refuses so."""
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def _state(error: Exception) -> str | None:
    """SQLSTATE of what PostgreSQL said, if it said anything."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _is_lost(error: Exception) -> bool:
    """Whether the replica cannot be asked at all, not only this."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (isinstance(error, OperationalError) and _state(error) not in LOST_RACES)
    return True
