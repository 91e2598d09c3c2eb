"""Leaver receipts, as they are shown."""

from scim_server.api.fields import Many, Moment, Text, Texts
from scim_server.api.shapes import Item


class AcknowledgementItem(Item):
    """A part that has ended."""

    part = Text(get=lambda pair: pair[0].value, about="sessions, keys or data_access.")
    at = Moment(get=lambda pair: pair[1].at)
    by = Text(get=lambda pair: pair[1].by, about="Who acknowledged it: `api:ID` with the id of a token, or `cli`.")


class ReceiptItem(Item):
    """What the application has to end for somebody who left, and what it has acknowledged."""

    id = Text(attribute="receipt.id")
    user_id = Text(attribute="receipt.user_id")
    user_name = Text(allow_none=True, about="Null once a deleted person is forgotten.")
    ended = Text(
        get=lambda listed: listed.receipt.ended.value,
        about="suspended, deleted, or taken_over (somebody else has their place and id).",
    )
    state = Text(get=lambda listed: listed.state.value, about="open, overdue, confirmed or void.")
    since = Moment(attribute="receipt.since")
    due = Moment(attribute="receipt.due")
    missing = Texts(get=lambda listed: [part.value for part in listed.receipt.missing], about="What has yet to end.")
    acknowledged = Many(AcknowledgementItem)
    reported = Moment(attribute="receipt.reported", allow_none=True, about="When admins were told it is overdue.")
    escalated = Moment(attribute="receipt.escalated", allow_none=True, about="When they were told again, by mail.")
    closed = Moment(attribute="receipt.closed", allow_none=True)
