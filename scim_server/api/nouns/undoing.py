"""/tenants/{tenant}/undo: a change, or all of one request, taken back."""

from marshmallow import ValidationError, validates_schema

from scim_server.api.answers import Answered
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Flag, Text
from scim_server.api.items.undoing import UndoneItem
from scim_server.api.shapes import Body
from scim_server.services import undoing
from scim_server.services.undoing import Undoable

undo = Noun("undo", "A change, or all of one request, taken back.")


class UndoBody(Body):
    """What to undo: one entry of the audit trail, or all of one request."""

    request_id = Text(load_default=None, allow_none=False)
    entry_id = Text(load_default=None, allow_none=False)
    dry_run = Flag(load_default=False, about="Say what would be taken back and who would notice; change nothing.")

    @validates_schema
    def name_one(self, data: dict[str, object], **_options: object) -> None:
        if (data["request_id"] is None) == (data["entry_id"] is None):
            raise ValidationError("Name either requestId or entryId.")


@undo.post(f"{TENANT}/undo", "audit.read", shows=UndoneItem, body=UndoBody)
def undo_change(call: Call) -> Answered:
    """Undo a change, or all of one request.

    Needs the permissions for what is changed back as well. Refused (409 `later-changes`) where what was changed has
    been changed again since. Seats follow: nobody who has got one meanwhile loses it.
    """
    asked = Undoable(call.body["request_id"], call.body["entry_id"])
    act = undoing.preview if call.body["dry_run"] else undoing.undo
    return act(call.units, call.tenant, call.cause, asked)
