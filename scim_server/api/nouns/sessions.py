"""/tenants/{tenant}/sessions: what people organise. Nothing here shows a recording (invariant 12)."""

from collections.abc import Mapping
from typing import Any

from marshmallow.validate import Length

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Many, Moment, Text, Texts
from scim_server.api.items.sessions import LoadItem, SessionItem
from scim_server.api.problems import FieldErrors, WrongField
from scim_server.api.shapes import Body, PageQuery, Query, camel_case
from scim_server.domain.session_rows import BadRows
from scim_server.domain.sessions import Kind
from scim_server.services import scheduling
from scim_server.services.scheduling import Listed

sessions = Noun("sessions", "Meetings, webinars, trainings and recordings that the application registers.")
MOST_SESSIONS = 10_000
MOST_CO_ORGANISERS = 1000


class Session(Body):
    """A session of the application's, past or to come."""

    kind = Choice(Kind, required=True)
    organiser = Text(required=True, about="User name or id.")
    title = Text(required=True)
    starts = Moment(required=True)
    ends = Moment(load_default=None, allow_none=True)
    co_organisers = Texts(load_default=(), most=MOST_CO_ORGANISERS, about="User names or ids.")


class NumberedSession(Session):
    """A session with its id."""

    id = Text(required=True, about="The application's own id.")


class Sessions(Body):
    """A list of sessions: all of them are stored, or none."""

    sessions = Many(NumberedSession, required=True, validate=Length(1, MOST_SESSIONS))


class SessionsQuery(PageQuery):
    """A part of the sessions."""

    after = Cursor(str, str)
    user = Text(load_default=None, allow_none=False, about="Only what that person organises: a user name or id.")


class CancelQuery(Query):
    """What is to be taken out."""

    recording_of = Text(
        load_default=None,
        allow_none=False,
        data_key="recordingOf",
        about="Take out a recording of that person. The answer is the same where there is none.",
    )


@sessions.get(f"{TENANT}/sessions", "people.read", shows=SessionItem, lists=True, query=SessionsQuery)
def list_sessions(call: Call) -> Answered:
    """List meetings, webinars and trainings by start. A recording is shown to nobody but its organiser, at /me."""
    found = scheduling.programme(
        call.units, call.tenant, call.query["user"], after=call.after or ("", ""), most=call.limit + 1
    )
    return page_of(found.listed, call.limit, place)


@sessions.post(f"{TENANT}/sessions", "sessions.write", shows=LoadItem, body=Sessions)
def load_sessions(call: Call) -> Answered:
    """Register many sessions at once, new or in place of those with their ids: all of them or none."""
    rows = [_row(each) for each in call.body["sessions"]]
    try:
        return scheduling.load_sessions(call.units, call.tenant, call.cause, rows)
    except BadRows as bad:
        raise FieldErrors(
            [
                WrongField.at_pointer(["sessions", str(number - 1)], bad.reasons[number])
                for number in sorted(bad.reasons)
            ]
        ) from bad


@sessions.put(f"{TENANT}/sessions/{{session}}", "sessions.write", shows=SessionItem, body=Session)
def put_session(call: Call) -> Answered:
    """Register one session, new or in place of the one with its id."""
    stored = scheduling.put_session(
        call.units, call.tenant, call.cause, _row({"id": call.path["session"], **call.body})
    )
    return stored.listed[0]


@sessions.delete(f"{TENANT}/sessions/{{session}}", "sessions.write", query=CancelQuery)
def cancel_session(call: Call) -> Answered:
    """Take a session out; a recording where `recordingOf` says whose it is."""
    session_id, organiser = call.path["session"], call.query["recording_of"]
    if organiser is None:
        scheduling.cancel_session(call.units, call.tenant, call.cause, session_id)
    else:
        scheduling.remove_recording(call.units, call.tenant, call.cause, session_id, organiser)


def place(listed: Listed) -> tuple[str, str]:
    """Where a session stands in a list."""
    return listed.session.starts, listed.session.id


def _row(members: Mapping[str, Any]) -> dict[str, Any]:
    """A session as a row of the application's list."""
    row = {camel_case(name): value for name, value in members.items()}
    return {**row, "coOrganisers": list(members["co_organisers"])}
