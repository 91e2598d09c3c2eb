"""/tenants/{tenant}/async-requests: what SCIM clients had answered before it was carried out."""

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Switch
from scim_server.api.items.async_requests import AsyncRequestItem, WholeAsyncRequestItem
from scim_server.api.shapes import PageQuery
from scim_server.services import deferring

async_requests = Noun(
    "async-requests", "Asynchronous requests of SCIM clients: those that wait, and what came of them."
)
SCOPE = "logs.read"
ONE = f"{TENANT}/async-requests/{{async_request}}"


class AsyncRequestsQuery(PageQuery):
    """A part of the requests."""

    waiting = Switch(load_default=None, about="Only those that are not finished; with false, those that are.")


@async_requests.get(f"{TENANT}/async-requests", SCOPE, shows=AsyncRequestItem, lists=True, query=AsyncRequestsQuery)
def list_async_requests(call: Call) -> Answered:
    """List asynchronous requests, newest first. What came of them is kept for a week."""
    found = deferring.async_requests(
        call.units, call.tenant, waiting=call.query["waiting"], before=call.after, most=call.limit + 1
    )
    return page_of(found, call.limit, lambda kept: kept.request.id)


@async_requests.get(ONE, SCOPE, shows=WholeAsyncRequestItem)
def show_async_request(call: Call) -> Answered:
    """Show one asynchronous request, with what came of it."""
    return deferring.async_request(call.units, call.tenant, call.path["async_request"])


@async_requests.post(f"{ONE}/cancel", "connections.write", shows=WholeAsyncRequestItem)
def cancel_async_request(call: Call) -> Answered:
    """Call off an asynchronous request that waits, or what is left of a Bulk: it fails when its turn comes."""
    request_id = call.path["async_request"]
    deferring.cancel(call.units, call.tenant, call.cause, request_id)
    return deferring.async_request(call.units, call.tenant, request_id)
