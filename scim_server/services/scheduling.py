"""Sessions of people: loading them from the application's list, and looking at them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.domain.errors import Contention
from scim_server.domain.events import Cause, Change
from scim_server.domain.session_rows import BadRows, Row, read_rows
from scim_server.domain.sessions import Session
from scim_server.domain.tenants import Tenant
from scim_server.services.people import no_user
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried


@dataclass(frozen=True, slots=True)
class Load:
    """How many sessions a list had, and how many of them were not stored just so before."""

    sessions: int
    changed: int


@dataclass(frozen=True, slots=True)
class Programme:
    """Sessions by start, with the user names of the people in them who are still there, by id."""

    sessions: Sequence[Session]
    names: Mapping[str, str]


@retried
def load_sessions(units: Units, tenant: Tenant, cause: Cause, values: Sequence[Any]) -> Load:
    """Store the sessions that the rows describe, new or in place of those with their ids: all of them or none.

    Raises BadRows with every row that cannot be a session and its reason.
    """
    rows, reasons = read_rows(values)
    with units.write(tenant, cause) as uow:
        sessions = _sessions(uow, rows, reasons)
        if reasons:
            raise BadRows(reasons)
        before = {each.id: each for each in uow.sessions.visible_among(None, [row.id for row in rows.values()])}
        _lock_organisers(uow, sessions.values(), before)
        _refuse_taking_recordings(uow, sessions)
        changed = uow.sessions.differing(list(sessions.values()))
        uow.sessions.save(*changed)
        for session in changed:
            earlier = before.get(session.id)
            uow.record(
                Change("session", session.id, "session.loaded", earlier.facts if earlier else None, session.facts)
            )
        uow.commit()
        return Load(len(sessions), len(changed))


def programme(units: Units, tenant: Tenant, user_name: str | None = None) -> Programme:
    """The sessions of the tenant, or of one person; raises Missing. The operator sees nobody's recordings."""
    with units.read(tenant) as uow:
        organiser = None if user_name is None else uow.users.called(user_name)
        if user_name is not None and organiser is None:
            raise no_user(tenant, user_name)
        sessions = uow.sessions.visible(None, organiser.id if organiser else None)
        ids = {each for session in sessions for each in (session.organiser, *session.co_organisers) if each}
        return Programme(sessions, {user.id: user.user_name for user in uow.users.some(ids)})


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


def _refuse_taking_recordings(uow: UnitOfWork, sessions: Mapping[int, Session]) -> None:
    taken = uow.sessions.taking_recordings(sessions.values())
    if taken:
        reason = "a recording stays a recording, and its organiser's; give the session another id"
        raise BadRows({number: reason for number, session in sessions.items() if session.id in taken})
