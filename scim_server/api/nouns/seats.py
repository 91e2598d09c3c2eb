"""/tenants/{tenant}/seats: who holds what, who waits, and products given and taken by hand."""

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Text, Texts
from scim_server.api.items.seats import HandedItem, IntentsItem, SeatItem, WaitingItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.particulars import Edit
from scim_server.domain.seats import SeatState
from scim_server.services import editing, lifting, seats_seen

seats = Noun("seats", "Who holds which product, who waits for one, and why.")


class SeatsQuery(PageQuery):
    """Which seats, and which part of their list."""

    after = Cursor(str, str)
    product = Text(about="Code of the product.")
    state = Choice(SeatState)
    user = Text(about="Whose, by user name or id.")


class QueueQuery(PageQuery):
    """Which part of a queue."""

    after = Cursor(int, int, str, str)


class Hand(Body):
    """Products to give and to take, by code. All of it or nothing."""

    give = Texts(load_default=())
    take = Texts(load_default=())


@seats.get(f"{TENANT}/seats", "people.read", shows=SeatItem, lists=True, query=SeatsQuery)
def list_seats(call: Call) -> Answered:
    """List seats by person and product."""
    state = call.query.get("state")
    found = seats_seen.seats(
        call.units,
        call.tenant,
        product=call.query.get("product"),
        state=None if state is None else SeatState(state),
        person=call.query.get("user"),
        after=call.after,
        limit=call.limit + 1,
    )
    return page_of(found, call.limit, lambda view: (view.seat.user_id, view.seat.product))


@seats.get(
    f"{TENANT}/subscriptions/{{product}}/waiting", "people.read", shows=WaitingItem, lists=True, query=QueueQuery
)
def list_waiting(call: Call) -> Answered:
    """List who waits for a product, in the order of the queue."""
    found = seats_seen.waiting(call.units, call.tenant, call.path["product"], after=call.after, limit=call.limit + 1)
    return page_of(found, call.limit, lambda waiter: waiter.key)


@seats.get(f"{TENANT}/users/{{user}}/claims", "people.read", shows=IntentsItem)
def show_claims(call: Call) -> Answered:
    """Show what gives a person products, and what keeps them out of some."""
    return seats_seen.intents(call.units, call.tenant, call.path["user"])


@seats.post(f"{TENANT}/users/{{user}}/seats", "seats.write", shows=HandedItem, body=Hand)
def hand_products(call: Call) -> Answered:
    """Give a person products and take others, by hand.

    What is given lifts whatever kept the person out. From what is taken the person is kept out, whatever rules and
    entitlements say, until it is given by hand or the exclusion is lifted.
    """
    given, taken = call.body["give"], call.body["take"]
    return editing.edit_person(
        call.units, call.tenant, call.cause, call.path["user"], Edit(), added=given, removed=taken
    )


@seats.delete(f"{TENANT}/users/{{user}}/exclusions/{{product}}", "seats.write")
def lift_exclusion(call: Call) -> Answered:
    """Lift what keeps a person out of a product: rules and entitlements give it again."""
    lifting.lift_exclusions(call.units, call.tenant, call.cause, call.path["user"], [call.path["product"]])
