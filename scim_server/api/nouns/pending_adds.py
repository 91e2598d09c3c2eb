"""/tenants/{tenant}/pending-adds: who is added once their address is free outside the tenant."""

from scim_server.api.answers import Answered, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor
from scim_server.api.items.users import PendingAddItem
from scim_server.api.shapes import PageQuery
from scim_server.services import joining

pending_adds = Noun("pending adds", "People who are added by themselves once their address is free outside the tenant.")
PENDING = f"{TENANT}/pending-adds"


class PendingAddsQuery(PageQuery):
    """A part of the list of pending adds."""

    after = Cursor(str, str)


@pending_adds.get(PENDING, "people.read", shows=PendingAddItem, lists=True, query=PendingAddsQuery)
def list_pending_adds(call: Call) -> Answered:
    """List the adds that wait, oldest first."""
    found = joining.waiting_adds(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda pending: (pending.created, pending.id))


@pending_adds.get(f"{PENDING}/{{add}}", "people.read", shows=PendingAddItem)
def show_pending_add(call: Call) -> Answered:
    """Show an add that waits, by id or address."""
    return joining.waiting_add(call.units, call.tenant, call.path["add"])


@pending_adds.delete(f"{PENDING}/{{add}}", "people.write")
def cancel_pending_add(call: Call) -> Answered:
    """Call off an add that waits, by id or address."""
    joining.cancel_add(call.units, call.tenant, call.cause, call.path["add"])
