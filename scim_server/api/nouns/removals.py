"""/tenants/{tenant}/removals: seats that a mass removal would have taken, and what becomes of them."""

from scim_server.api.answers import Answered, Page, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor, Texts
from scim_server.api.items.removals import RemovalItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.services import removing

removals = Noun("removals", "Held seats: they go on working until an admin, or their time, decides.")
MOST_IDS = 1000


class RemovalsQuery(PageQuery):
    """A part of the list of held seats."""

    after = Cursor(str, str)


class Decision(Body):
    """Which held seats are decided about."""

    ids = Texts(required=True, allow_none=True, most=MOST_IDS, about="Their ids; null for all there are.")


@removals.get(f"{TENANT}/removals", "people.read", shows=RemovalItem, lists=True, query=RemovalsQuery)
def list_removals(call: Call) -> Answered:
    """List the held seats, the first due first."""
    found = removing.held(call.units, call.tenant, call.after, call.limit + 1)
    return page_of(found, call.limit, lambda removal: (removal.due, removal.id))


@removals.post(f"{TENANT}/removals/approve", "seats.write", shows=RemovalItem, lists=True, body=Decision)
def approve_removals(call: Call) -> Answered:
    """Release held seats now; whoever waits gets them. Answers those that were released, all on one page."""
    return Page(removing.approve(call.units, call.tenant, call.cause, call.body["ids"]), None)


@removals.post(f"{TENANT}/removals/restore", "seats.write", shows=RemovalItem, lists=True, body=Decision)
def restore_removals(call: Call) -> Answered:
    """Let people keep their held seats, by a claim of the admin's. Answers those that are kept, all on one page."""
    return Page(removing.restore(call.units, call.tenant, call.cause, call.body["ids"]), None)


@removals.post(f"{TENANT}/removals/{{removal}}/approve", "seats.write", shows=RemovalItem)
def approve_removal(call: Call) -> Answered:
    """Release one held seat now; whoever waits first gets it."""
    return removing.approve(call.units, call.tenant, call.cause, [call.path["removal"]])[0]


@removals.post(f"{TENANT}/removals/{{removal}}/restore", "seats.write", shows=RemovalItem)
def restore_removal(call: Call) -> Answered:
    """Let the person keep one held seat, by a claim of the admin's."""
    return removing.restore(call.units, call.tenant, call.cause, [call.path["removal"]])[0]
