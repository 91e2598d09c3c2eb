"""Taking back what one request changed."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.differences import differences
from scim_server.console.doers import doer
from scim_server.console.objects import PLACES
from scim_server.console.sections import TENANT, Section
from scim_server.console.trials import MOST_CONCERNED
from scim_server.domain.errors import ConcernsTooMany, Forbidden, LaterChanges, Missing, Refusal
from scim_server.services import audit_readings, undo_trials, undoing
from scim_server.services.actors import people_among
from scim_server.services.undoing import Undoable

changes = Section("audit")
CHANGE = f"{TENANT}/changes/<change>/undo"
MOST_SHOWN = 100
"""Changes and seats that the preview shows."""


@changes.get(CHANGE, "audit.read")
def undo_change(call: Call) -> str:
    """What would be taken back, whose seats would change with it, and what stands in the way."""
    try:
        trial = undo_trials.attempt(call.units, call.tenant, call.cause, _asked(call), MOST_CONCERNED)
    except (Missing, Forbidden):
        raise
    except ConcernsTooMany as refusal:
        return render("changes/undo.html", too_many=refusal, back=_trail(call))
    except Refusal as refusal:
        return _obstructed(call, refusal)
    shown = trial.undone.reverted[:MOST_SHOWN]
    people = {each.person for each in trial.seats[:MOST_SHOWN] if each.person}
    return render(
        "changes/undo.html",
        trial=trial,
        shown=shown,
        most=MOST_SHOWN,
        reading=audit_readings.named(call.units, call.tenant, shown, people),
        back=_trail(call),
        differences=differences,
        doer=doer,
        places=PLACES,
    )


@changes.post(CHANGE, "audit.read")
def take_change_back(call: Call) -> Response:
    """Take it back: all of it or nothing."""
    undoing.undo(call.units, call.tenant, call.cause, _asked(call))
    return go(_trail(call), gettext("It was taken back: all is as it was before that change."), undo=call)


def _obstructed(call: Call, refusal: Refusal) -> str:
    since = refusal.since[:MOST_SHOWN] if isinstance(refusal, LaterChanges) else ()
    people = people_among({actor for _, actor, _, _ in since})
    return render(
        "changes/obstructed.html",
        refusal=refusal,
        since=since,
        reading=audit_readings.named(call.units, call.tenant, (), people),
        back=_trail(call),
        differences=differences,
        doer=doer,
        places=PLACES,
    )


def _asked(call: Call) -> Undoable:
    return Undoable(request_id=call.path["change"])


def _trail(call: Call) -> str:
    return call.url("list_entries", request=call.path["change"])
