"""Meetings, webinars, trainings and recordings. Whose recording may be seen is decided in the query (invariant 12)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Insert, Text, and_, bindparam, cast, delete, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.instants import Instant
from scim_server.domain.sessions import Kind, Session
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import sessions

_OF_TENANT = sessions.c.tenant_id == bindparam("tenant")
_OF_ORGANISER = sessions.c.organiser == bindparam("of_organiser")
_IS_RECORDING = sessions.c.kind == Kind.RECORDING.value
_VISIBLE = (
    select(sessions)
    .where(_OF_TENANT, or_(~_IS_RECORDING, sessions.c.organiser == bindparam("viewer")))
    .order_by(sessions.c.starts, sessions.c.id)
)
_AFTER = tuple_(sessions.c.starts, sessions.c.id) > tuple_(bindparam("start"), bindparam("of_id"))
_PAGE = _VISIBLE.where(_AFTER)
_PAGE_OF_ORGANISER = _PAGE.where(_OF_ORGANISER)
_VISIBLE_AMONG = _VISIBLE.where(among(sessions.c.id))
_UPCOMING = (
    select(sessions)
    .where(_OF_TENANT, _OF_ORGANISER, ~_IS_RECORDING, sessions.c.starts > bindparam("now"))
    .order_by(sessions.c.starts, sessions.c.id)
)
_INVOLVING = (
    select(sessions)
    .where(
        _OF_TENANT,
        ~_IS_RECORDING,
        or_(_OF_ORGANISER, cast(sessions.c.co_organisers, Text).contains(bindparam("of_organiser"))),
    )
    .order_by(sessions.c.starts, sessions.c.id)
)
_STORED = select(sessions).where(_OF_TENANT, among(sessions.c.id))
_STORED_RECORDINGS = _STORED.where(_IS_RECORDING)
_REMOVE = delete(sessions).where(_OF_TENANT, among(sessions.c.id), ~_IS_RECORDING)
_REMOVE_RECORDING = delete(sessions).where(
    _OF_TENANT, _OF_ORGANISER, _IS_RECORDING, sessions.c.id == bindparam("of_id")
)
_SEAL = update(sessions).where(_OF_TENANT, _OF_ORGANISER, _IS_RECORDING).values(organiser=None)
_COLUMNS = ("kind", "organiser", "title", "starts", "ends", "co_organisers")


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one tenant."""

    scope: Scope

    def visible(
        self,
        viewer: str | None,
        organiser: str | None = None,
        *,
        after: tuple[Instant, str] = ("", ""),
        most: int | None = None,
    ) -> list[Session]:
        statement = _PAGE if organiser is None else _PAGE_OF_ORGANISER
        bound = {"viewer": viewer, "of_organiser": organiser, "start": after[0], "of_id": after[1]}
        return list(map(session_of, self.scope.rows(statement.limit(most), **bound)))

    def visible_among(self, viewer: str | None, session_ids: Collection[str]) -> list[Session]:
        return list(map(session_of, self.scope.rows(_VISIBLE_AMONG, viewer=viewer, ids=session_ids)))

    def involving(self, user_id: str) -> list[Session]:
        return list(map(session_of, self.scope.rows(_INVOLVING, of_organiser=user_id)))

    def upcoming(self, organiser: str, now: Instant) -> list[Session]:
        return list(map(session_of, self.scope.rows(_UPCOMING, of_organiser=organiser, now=now)))

    def differing(self, wanted: Sequence[Session]) -> list[Session]:
        stored = {row["id"]: row for row in self.scope.rows(_STORED, ids=[session.id for session in wanted])}
        return [session for session in wanted if not _is_stored_as(stored.get(session.id), session)]

    def taking_recordings(self, wanted: Collection[Session]) -> set[str]:
        rows = self.scope.rows(_STORED_RECORDINGS, ids=[session.id for session in wanted])
        owners = {row["id"]: row["organiser"] for row in rows}
        return {
            session.id
            for session in wanted
            if session.id in owners and (session.kind, session.organiser) != (Kind.RECORDING, owners[session.id])
        }

    def save(self, *wanted: Session) -> None:
        self.scope.insert_by(_upsert(self.scope.is_sqlite), [_session_row(session) for session in wanted])

    def remove(self, session_ids: Collection[str]) -> None:
        self.scope.run(_REMOVE, ids=session_ids)

    def remove_recording(self, organiser: str, session_id: str) -> None:
        self.scope.run(_REMOVE_RECORDING, of_organiser=organiser, of_id=session_id)

    def seal_recordings(self, organiser: str) -> None:
        self.scope.run(_SEAL, of_organiser=organiser)


@cache
def _upsert(is_sqlite: bool) -> Insert:
    """Whatever a use case asks for, a recording keeps its kind and organiser, and nothing else becomes one."""
    dialect = sqlite if is_sqlite else postgresql
    statement = dialect.insert(sessions)
    wanted = statement.excluded
    both = and_(_IS_RECORDING, wanted.kind == Kind.RECORDING.value, sessions.c.organiser == wanted.organiser)
    neither = and_(~_IS_RECORDING, wanted.kind != Kind.RECORDING.value)
    upsert: Insert = statement.on_conflict_do_update(
        index_elements=["tenant_id", "id"], set_={name: wanted[name] for name in _COLUMNS}, where=or_(both, neither)
    )
    return upsert


def _is_stored_as(row: Row | None, session: Session) -> bool:
    return row is not None and session_of(row) == session


def _session_row(session: Session) -> dict[str, Any]:
    return columns_of(session, kind=session.kind.value, co_organisers=list(session.co_organisers))


def session_of(row: Row) -> Session:
    """The session of a row."""
    return record_of(Session, row, kind=Kind(row["kind"]), co_organisers=tuple(row["co_organisers"]))
