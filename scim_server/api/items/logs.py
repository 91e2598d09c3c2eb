"""The provisioning log, as it is shown."""

from scim_server.api.fields import Many, Moment, Number, Text, Texts
from scim_server.api.shapes import Item


class LoggedChangeItem(Item):
    """An object that a request changed."""

    type = Text(attribute="object_type")
    id = Text(attribute="object_id")
    action = Text()


class LoggedRequestItem(Item):
    """One request of a client: what came, what was understood, what changed, what was answered."""

    id = Text(attribute="entry.id", about="What the answer carried as X-Request-Id.")
    at = Moment(attribute="entry.at")
    tenant = Text()
    connection = Text(about="The name of the connection; its id where it is gone.")
    client_request_id = Text(attribute="entry.client_request_id", allow_none=True)
    method = Text(attribute="entry.method")
    path = Text(attribute="entry.path")
    body = Text(attribute="entry.body", allow_none=True, about="What came, without secrets.")
    habits = Texts(attribute="entry.habits", about="The habits of the client that were put right.")
    notes = Texts(attribute="entry.notes", about="What was left out or passed over.")
    changes = Many(LoggedChangeItem, attribute="entry.changes")
    status = Number(attribute="entry.status")
    scim_type = Text(attribute="entry.scim_type", allow_none=True)
    detail = Text(attribute="entry.detail", allow_none=True, about="Why it was refused.")
    resource_type = Text(attribute="entry.resource_type", allow_none=True)
    resource_id = Text(attribute="entry.resource_id", allow_none=True)
    milliseconds = Number(attribute="entry.milliseconds")
