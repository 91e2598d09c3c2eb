"""What becomes of the upcoming sessions of somebody who leaves; past ones and recordings stay with the leaver's id."""

from collections.abc import Callable, Mapping, Sequence

from scim_server.domain.directory import User
from scim_server.domain.employments import manager_of
from scim_server.domain.events import Change, Event, Subject
from scim_server.domain.sessions import Session
from scim_server.domain.settings import NOTHING
from scim_server.services.ports import UnitOfWork


def settle_sessions(uow: UnitOfWork, leaver: User) -> None:
    """Keep, cancel or hand over the sessions of a locked person, as the tenant has it (`leaver_sessions`).

    Where there is nobody to get them they are kept: they stay under the id of a person who is gone.
    """
    settle = _SETTLEMENTS.get(uow.tenant.settings.text("leaver_sessions"))
    if settle is not None:
        settle(uow, leaver)


def reassign(uow: UnitOfWork, sessions: Sequence[Session], heir_id: str) -> None:
    """Make the locked heir the organiser of those sessions."""
    handed = [session.handed_to(heir_id) for session in sessions]
    uow.sessions.save(*handed)
    for before, after in zip(sessions, handed, strict=True):
        uow.record(Change("session", before.id, "session.reassigned", before.facts, after.facts))
        told = {"session": before.id, "from": before.organiser}
        uow.publish(Event("session.reassigned", Subject.person(heir_id), told))


def cancelled_event(session: Session) -> Event:
    """What its organiser is told of a session that will not be."""
    organiser = Subject.person(str(session.organiser))
    return Event("session.cancelled", organiser, {"session": session.id, "starts": session.starts})


def _cancel(uow: UnitOfWork, leaver: User) -> None:
    cancelled = uow.sessions.upcoming(leaver.id, uow.now)
    uow.sessions.remove([session.id for session in cancelled])
    for session in cancelled:
        uow.record(Change("session", session.id, "session.cancelled", session.facts, None))
        uow.publish(cancelled_event(session))


def _hand_to_manager(uow: UnitOfWork, leaver: User) -> None:
    _hand_to(uow, leaver, manager_of(leaver.profile))


def _hand_to_heir(uow: UnitOfWork, leaver: User) -> None:
    name = uow.tenant.settings.text("leaver_heir")
    heir = None if name == NOTHING else uow.users.named(name)
    _hand_to(uow, leaver, heir.id if heir else None)


def _hand_to(uow: UnitOfWork, leaver: User, heir_id: str | None) -> None:
    """Hand the sessions over where the heir is a live person; they stay that until this transaction ends."""
    if heir_id is None or heir_id == leaver.id:
        return
    heir = uow.users.get(heir_id)
    if heir is not None and heir.may_hold:
        reassign(uow, uow.sessions.upcoming(leaver.id, uow.now), heir.id)


_SETTLEMENTS: Mapping[str, Callable[[UnitOfWork, User], None]] = {
    "cancel": _cancel,
    "manager": _hand_to_manager,
    "heir": _hand_to_heir,
}
"""By setting; under `keep` there is nothing to do."""
