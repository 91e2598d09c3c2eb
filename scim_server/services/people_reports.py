"""Reports about people: their status and what they hold, what they organise, and what is wrong with them."""

from collections.abc import Iterable, Mapping

from scim_server.domain.seats import Seat, SeatState
from scim_server.services import issue_reports
from scim_server.services.people import Portrait, portraits
from scim_server.services.ports import UnitOfWork
from scim_server.services.reports import (
    FROM,
    GROUP,
    STATUS,
    TO,
    USER,
    Narrowing,
    Page,
    Position,
    Report,
    Row,
    cut,
    moment,
    text,
    texts,
)

_END_OF_TIME = "9999"


def _user_status(uow: UnitOfWork, wanted: Narrowing, after: Position | None, most: int) -> Page:
    (beyond,) = after or ("",)
    ids = uow.surveys.people(str(beyond), most, wanted.group)
    found = portraits(uow, sorted(uow.users.some(ids), key=lambda user: user.id))
    memberships = uow.surveys.groups_of(ids)
    names = uow.groups.names({each for groups in memberships.values() for each in groups})
    rows = [
        _person(portrait, (names[each] for each in memberships.get(portrait.user.id, ()) if each in names))
        for portrait in found
        if wanted.status in (None, portrait.status.value)
    ]
    return Page(rows, (ids[-1],) if len(ids) == most else None)


def _person(portrait: Portrait, groups: Iterable[str]) -> Row:
    user = portrait.user
    return {
        "userName": user.user_name,
        "displayName": user.display_name,
        "email": user.address,
        "status": portrait.status.value,
        "reason": portrait.reason,
        "products": _products(portrait.seats, SeatState.ASSIGNED, SeatState.HELD),
        "held": _products(portrait.seats, SeatState.HELD),
        "waiting": _products(portrait.seats, SeatState.WAITING),
        "roles": sorted({grant.role for grant in portrait.grants}),
        "groups": sorted(groups),
        "lastSeen": portrait.last_seen,
        "userId": user.id,
    }


def _products(seats: Iterable[Seat], *states: SeatState) -> list[str]:
    return sorted(seat.product for seat in seats if seat.state in states)


def _upcoming(uow: UnitOfWork, wanted: Narrowing, after: Position | None, most: int) -> Page:
    starts, session_id = after or ("", "")
    sessions = uow.surveys.upcoming(
        (str(starts), str(session_id)),
        most,
        since=wanted.since or uow.now,
        until=wanted.until or _END_OF_TIME,
        organiser=wanted.user,
        group=wanted.group,
    )
    ids = {each for session in sessions for each in (session.organiser, *session.co_organisers) if each}
    names: Mapping[str, str] = {user.id: user.user_name for user in uow.users.some(ids)}
    rows = [
        {
            "starts": session.starts,
            "ends": session.ends,
            "kind": session.kind.value,
            "title": session.title,
            "organiser": names.get(str(session.organiser)),
            "coOrganisers": [names.get(each, each) for each in session.co_organisers],
            "organiserId": session.organiser,
            "sessionId": session.id,
        }
        for session in sessions
    ]
    return cut(rows, [(session.starts, session.id) for session in sessions], most)


def _sync_issues(uow: UnitOfWork, _wanted: Narrowing, after: Position | None, most: int) -> Page:
    code, issue_id = after or ("", "")
    found = uow.surveys.open_issues((str(code), str(issue_id)), most)
    rows = [
        {
            "code": each.issue.code,
            "userName": each.user_name,
            "product": each.issue.product,
            "group": each.group,
            "connection": each.connection,
            "subject": each.issue.subject or None,
            "opened": each.issue.opened,
            "means": each.kind.means,
            "acts": each.kind.acts,
            "cure": each.kind.cure,
            "userId": each.issue.user_id,
        }
        for each in issue_reports.described(uow, found)
    ]
    return cut(rows, [(issue.code, issue.id) for issue in found], most)


USER_STATUS = Report(
    "user-status",
    "User status",
    "Everybody in the tenant with status, what they hold, and when they were last seen; oldest first.",
    (STATUS, GROUP),
    (
        text("userName", "The user name."),
        text("displayName", "What the person is called."),
        text("email", "The address that counts."),
        text("status", "suspended, waiting, unassigned, invited, inactive or active."),
        text("reason", "Why; missing where the person is active."),
        texts("products", "Products with a seat that works, held ones included."),
        texts("held", "Of those, products whose release is pending."),
        texts("waiting", "Products that the person waits for."),
        texts("roles", "Roles granted."),
        texts("groups", "Groups that the person is in directly."),
        moment("lastSeen", "When the application last saw the person."),
        text("userId", "The person's id."),
    ),
    (str,),
    _user_status,
)
UPCOMING_SESSIONS = Report(
    "upcoming-sessions",
    "Upcoming sessions",
    "Meetings, webinars and trainings by start, from now on unless a time is named.",
    (USER, GROUP, FROM, TO),
    (
        moment("starts", "When it starts."),
        moment("ends", "When it ends, if known."),
        text("kind", "meeting, webinar or training."),
        text("title", "What it is called."),
        text("organiser", "The organiser's user name; missing where the person is gone."),
        texts("coOrganisers", "User names of those who run it as well, or ids of who is gone."),
        text("organiserId", "The organiser's id."),
        text("sessionId", "The session's id, the application's own."),
    ),
    (str, str),
    _upcoming,
)
SYNC_ISSUES = Report(
    "sync-issues",
    "Sync issues",
    "Open issues by code, with whom each is about and what to do.",
    (),
    (
        text("code", "The issue's code."),
        text("userName", "Whom it is about, if anybody."),
        text("product", "Which product it is about, if any."),
        text("group", "Which group it is about, if any."),
        text("connection", "Whose request opened it, if known."),
        text("subject", "What it is about: a value, an address, a name."),
        moment("opened", "Since when it is open."),
        text("means", "What an issue of that code means."),
        text("acts", "Who can act on it."),
        text("cure", "What to do."),
        text("userId", "The person's id."),
    ),
    (str, str),
    _sync_issues,
)
