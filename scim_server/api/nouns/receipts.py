"""/tenants/{tenant}/receipts: what the application has to end for whoever left, and that it has."""

from marshmallow.validate import Length

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Switch, Text, Texts
from scim_server.api.items.receipts import ReceiptItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.receipts import Part
from scim_server.services import receipt_lists, receipting

receipts = Noun("receipts", "Leaver receipts: that sessions, keys and access to data of whoever left have ended.")
RECEIPTS = f"{TENANT}/receipts"


class ReceiptsQuery(PageQuery):
    """A part of the receipts."""

    after = Cursor(str)
    open = Switch(load_default=False, about="Only those that are not closed, overdue ones included.")
    overdue = Switch(load_default=False, about="Only those that are overdue.")
    user = Text(load_default=None, about="Only of that person, by id or user name; they may be deleted.")


class Acknowledgements(Body):
    """What has ended."""

    parts = Texts(
        Choice(Part),
        required=True,
        validate=Length(1, len(Part)),
        about="Which parts have ended. One that was acknowledged before stays as it was.",
    )


@receipts.get(RECEIPTS, "people.read", shows=ReceiptItem, lists=True, query=ReceiptsQuery)
def list_receipts(call: Call) -> Answered:
    """List the receipts of people who left, the oldest first."""
    found = receipt_lists.receipts(
        call.units,
        call.tenant,
        is_open=call.query["open"],
        is_overdue=call.query["overdue"],
        person=call.query["user"],
        after=call.after,
        most=call.limit + 1,
    )
    return page_of(found, call.limit, lambda listed: listed.receipt.id)


@receipts.get(f"{RECEIPTS}/{{receipt}}", "people.read", shows=ReceiptItem)
def show_receipt(call: Call) -> Answered:
    """Show one receipt."""
    return receipt_lists.receipt(call.units, call.tenant, call.path["receipt"])


@receipts.post(f"{RECEIPTS}/{{receipt}}/acknowledgements", "sessions.write", shows=ReceiptItem, body=Acknowledgements)
def acknowledge_receipt(call: Call) -> Answered:
    """Acknowledge that parts have ended; the receipt closes with the last of them. A closed one stays as it is."""
    parts = {Part(part) for part in call.body["parts"]}
    receipting.acknowledge(call.units, call.tenant, call.cause, call.path["receipt"], parts)
    return receipt_lists.receipt(call.units, call.tenant, call.path["receipt"])
