"""/tenants/{tenant}/transfers: seats and sessions from one person to another."""

from scim_server.api.answers import Answered
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Flag, Text, Texts
from scim_server.api.items.transfers import TransferItem
from scim_server.api.shapes import Body
from scim_server.domain.transfers import Mode
from scim_server.services import transferring
from scim_server.services.taking_over import LONGEST_NAME
from scim_server.services.transferring import Wish

transfers = Noun("transfers", "A seat from one address to another, at any number of free seats.")
TRANSFERS = f"{TENANT}/transfers"


class TransferBody(Body):
    """Whose place goes to whom. `seat` moves products, `seat_and_events` upcoming sessions as well; with `take_over`
    somebody new gets the giver's place with everything in it."""

    mode = Choice(Mode, required=True)
    from_ = Text(required=True, about="A user name, an id or an address.")
    to = Text(required=True, about="Likewise; the address of whoever takes over.")
    products = Texts(load_default=(), about="Codes of the products that move; all, where it is empty.")
    add_co_organiser = Flag(load_default=False, about="Make the receiver co-organiser of webinars, so that they move.")
    first_name = Text(load_default=None, allow_none=True, most=LONGEST_NAME, about="take_over: of who takes over.")
    last_name = Text(load_default=None, allow_none=True, most=LONGEST_NAME, about="Likewise.")
    user_name = Text(load_default=None, allow_none=True, about="take_over: the new user name instead of the address.")
    keep_recordings = Flag(
        load_default=False,
        about="take_over: whoever takes over sees the recordings made so far. Else nobody sees them any more.",
    )


@transfers.post(f"{TRANSFERS}/preview", "seats.write", shows=TransferItem, body=TransferBody)
def preview_transfer(call: Call) -> Answered:
    """Say exactly what a transfer would move, and what not. Nothing is changed."""
    return transferring.preview(call.units, call.tenant, _wish(call))


@transfers.post(TRANSFERS, "seats.write", shows=TransferItem, body=TransferBody)
def run_transfer(call: Call) -> Answered:
    """Carry a transfer out; answers what it moved.

    Nobody takes over a role that permits more than the caller's token.
    """
    return transferring.run(call.units, call.tenant, call.cause, _wish(call))


def _wish(call: Call) -> Wish:
    body = call.body
    return Wish.asked(
        Mode(body["mode"]),
        body["from_"],
        body["to"],
        tuple(body["products"]),
        add_co_organiser=body["add_co_organiser"],
        first=body["first_name"],
        last=body["last_name"],
        user_name=body["user_name"],
        keep_recordings=body["keep_recordings"],
    )
