"""Sessions of people: the application registers them, singly and in lists, and people look at them.

Nothing here tells anybody but their organiser of recordings (invariant 12): no answer, no refusal, and no entry of
the audit trail, which admins read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.domain.errors import Contention, Invalid, Missing
from scim_server.domain.events import Cause, Change
from scim_server.domain.session_rows import BadRows, Row, read_rows
from scim_server.domain.sessions import Session
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.bequeathing import cancelled_event
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried


@dataclass(frozen=True, slots=True)
class Load:
    """How many sessions a list had, and how many of them were not stored just so before.

    A recording counts as changed whatever is stored: else the number would tell of one.
    """

    sessions: int
    changed: int


@dataclass(frozen=True, slots=True)
class Programme:
    """Sessions by start, with the user names of the people in them who are still there, by id."""

    sessions: Sequence[Session]
    names: Mapping[str, str]

    @property
    def listed(self) -> "list[Listed]":
        """Each session with its names."""
        names = self.names
        return [
            Listed(
                each,
                names.get(str(each.organiser), each.organiser),
                [names.get(one, one) for one in each.co_organisers],
            )
            for each in self.sessions
        ]


@dataclass(frozen=True, slots=True)
class Listed:
    """A session with the user names of the people in it; an id stands for somebody who is gone."""

    session: Session
    organiser: str | None
    co_organisers: Sequence[str]


@retried
def load_sessions(units: Units, tenant: Tenant, cause: Cause, values: Sequence[Any]) -> Load:
    """Store the sessions that the rows describe, new or in place of those with their ids: all of them or none.

    Raises BadRows with every row that cannot be a session and its reason.
    """
    with units.write(tenant, cause) as uow:
        sessions, changed = _store(uow, values)
        uow.commit()
        return Load(len(sessions), changed)


@retried
def put_session(units: Units, tenant: Tenant, cause: Cause, value: Mapping[str, Any]) -> Programme:
    """Store one session, new or in place of the one with its id; answers it. Raises Invalid with the reason."""
    with units.write(tenant, cause) as uow:
        try:
            sessions, _ = _store(uow, [value])
        except BadRows as bad:
            raise Invalid(f"This can be no session: {bad.reasons[1]}.") from bad
        stored = _programme(uow, sessions)
        uow.commit()
        return stored


@retried
def cancel_session(units: Units, tenant: Tenant, cause: Cause, session_id: str) -> Session:
    """Take out a meeting, webinar or training; answers it as it was. Raises Missing where there is none."""
    with units.write(tenant, cause) as uow:
        gone = _one(uow, session_id)
        uow.users.lock([str(gone.organiser)])
        if gone != _one(uow, session_id):
            raise Contention("a session was handed over meanwhile")
        uow.sessions.remove([session_id])
        uow.record(Change("session", session_id, "session.cancelled", gone.facts, None))
        if gone.starts > uow.now:
            uow.publish(cancelled_event(gone))
        uow.commit()
        return gone


@retried
def remove_recording(units: Units, tenant: Tenant, cause: Cause, session_id: str, organiser: str) -> None:
    """Take out a recording of that person (user name or id), and say nothing of whether there was one.

    Raises Missing for an unknown person.
    """
    with units.write(tenant, cause) as uow:
        user = naming.person(uow, organiser)
        uow.users.lock([user.id])
        uow.sessions.remove_recording(user.id, session_id)
        uow.commit()


def programme(
    units: Units,
    tenant: Tenant,
    user_name: str | None = None,
    *,
    after: tuple[str, str] = ("", ""),
    most: int | None = None,
) -> Programme:
    """The sessions of the tenant, or of one person (user name or id), that stand after that start and id.

    Raises Missing. The operator sees nobody's recordings.
    """
    with units.read(tenant) as uow:
        organiser = None if user_name is None else naming.person(uow, user_name)
        return _programme(uow, uow.sessions.visible(None, organiser.id if organiser else None, after=after, most=most))


def own_programme(
    units: Units, tenant: Tenant, user_id: str, *, after: tuple[str, str] = ("", ""), most: int | None = None
) -> Programme:
    """What a person organises, as they see it themselves: recordings as well."""
    with units.read(tenant) as uow:
        return _programme(uow, uow.sessions.visible(user_id, user_id, after=after, most=most))


def _store(uow: UnitOfWork, values: Sequence[Any]) -> tuple[list[Session], int]:
    """The sessions of the rows, stored, and how many of them were not just so before. Raises BadRows."""
    rows, reasons = read_rows(values)
    sessions = _sessions(uow, rows, reasons)
    if reasons:
        raise BadRows(reasons)
    before = {each.id: each for each in uow.sessions.visible_among(None, [row.id for row in rows.values()])}
    _lock_organisers(uow, sessions.values(), before)
    _refuse_mixing_in_recordings(uow, sessions, before)
    changed = uow.sessions.differing(list(sessions.values()))
    uow.sessions.save(*changed)
    for session in changed:
        if not session.is_private:
            earlier = before.get(session.id)
            uow.record(
                Change("session", session.id, "session.loaded", earlier.facts if earlier else None, session.facts)
            )
    recordings = sum(session.is_private for session in sessions.values())
    return list(sessions.values()), recordings + sum(not session.is_private for session in changed)


def _programme(uow: UnitOfWork, sessions: Sequence[Session]) -> Programme:
    ids = {each for session in sessions for each in (session.organiser, *session.co_organisers) if each}
    return Programme(sessions, {user.id: user.user_name for user in uow.users.some(ids)})


def _one(uow: UnitOfWork, session_id: str) -> Session:
    found = uow.sessions.visible_among(None, [session_id])
    if not found:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no session '{session_id}'.")
    return found[0]


def _sessions(uow: UnitOfWork, rows: Mapping[int, Row], reasons: dict[int, str]) -> dict[int, Session]:
    """The rows as sessions; those that name somebody unknown get a reason instead."""
    known = uow.users.identified({name for row in rows.values() for name in row.people})
    sessions = {}
    for number, row in rows.items():
        strangers = [name for name in row.people if name not in known]
        if strangers:
            reasons[number] = f"'{strangers[0]}' is no user name and no id of anybody in the tenant"
            continue
        organiser = known[row.organiser]
        others = dict.fromkeys(known[name] for name in row.co_organisers)
        others.pop(organiser, None)
        sessions[number] = Session(row.id, row.kind, organiser, row.title, row.starts, row.ends, tuple(others))
    return sessions


def _lock_organisers(uow: UnitOfWork, sessions: Iterable[Session], before: Mapping[str, Session]) -> None:
    """Whoever gives or gets a session stays, and hands none over, until this transaction ends."""
    organisers = {str(session.organiser) for session in (*sessions, *before.values())}
    present = uow.users.lock(organisers)
    if any(session.organiser not in present for session in sessions):
        raise Contention("an organiser left meanwhile")
    if before != {each.id: each for each in uow.sessions.visible_among(None, before.keys())}:
        raise Contention("a session was handed over meanwhile")


def _refuse_mixing_in_recordings(
    uow: UnitOfWork, sessions: Mapping[int, Session], before: Mapping[str, Session]
) -> None:
    """A recording keeps its kind and its organiser. What stands in the way of an id is not said."""
    taken = uow.sessions.taking_recordings(sessions.values())
    taken |= {each.id for each in sessions.values() if each.is_private and each.id in before}
    if taken:
        reason = "the id is in use; give the session another one"
        raise BadRows({number: reason for number, session in sessions.items() if session.id in taken})
