"""Asynchronous requests, as they are shown."""

from scim_server.api.fields import Many, Moment, Number, Text
from scim_server.api.shapes import Item


class CompletionItem(Item):
    """What came of a request, or of one operation of a Bulk."""

    number = Number(about="The operation's index, from 0.")
    method = Text()
    status = Text(about="The status code it would have been answered with.")
    uri = Text(allow_none=True, about="The resource, below the tenant's SCIM base address.")
    bulk_id = Text(allow_none=True)
    detail = Text(
        get=lambda each: (each.response or {}).get("detail"), allow_none=True, about="Why it failed; null where not."
    )


class AsyncRequestItem(Item):
    """A request that was answered before it was carried out, without what it said."""

    id = Text(attribute="request.id", about="What the answer carried as Set-Txn and X-Request-Id.")
    state = Text(about="waiting, running (some operations of a Bulk are done), done or failed (any of them did).")
    sender = Text(get=lambda kept: kept.sender or kept.request.actor, about="The name of the connection or person.")
    method = Text(attribute="request.method")
    path = Text(attribute="request.path", about="Below the tenant's SCIM base address.")
    operations = Number(attribute="request.total", about="How many results there will be: one, unless it is a Bulk.")
    completed = Number(about="How many there are.")
    failed = Number(about="How many of them failed.")
    accepted = Moment(attribute="request.accepted")
    due = Moment(attribute="request.due", about="Not before then, after what was sent before.")
    attempts = Number(attribute="request.attempts")
    trouble = Text(attribute="request.trouble", allow_none=True, about="Why it was put off.")
    finished = Moment(attribute="request.finished", allow_none=True)


class WholeAsyncRequestItem(AsyncRequestItem):
    """The same with what came of it."""

    completions = Many(CompletionItem)
