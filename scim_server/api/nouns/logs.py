"""/tenants/{tenant}/log: what clients sent, and what came of it."""

from marshmallow.validate import Regexp

from scim_server.api.answers import Answered, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Moment, Text
from scim_server.api.items.logs import LoggedRequestItem
from scim_server.api.shapes import PageQuery
from scim_server.services import provisioning_logs
from scim_server.services.log_entries import STATUSES, Sought, statuses_of

logs = Noun("log", "The provisioning log: what clients sent, and what came of it.")


class LogQuery(PageQuery):
    """Requests that meet every condition."""

    status = Text(
        load_default=None,
        validate=Regexp(STATUSES, error="Write a status, for example 409, or a class of them, for example 4xx."),
        about="Requests answered so: 409, or 4xx for a class.",
    )
    connection = Text(load_default=None, about="Requests of the connection of that name.")
    user_name = Text(data_key="user", load_default=None, about="Requests that name, changed or meant that person.")
    object_id = Text(data_key="resource", load_default=None, about="Requests that changed or meant what has that id.")
    path = Text(load_default=None, about="Requests with that in their path, letter case ignored.")
    since = Moment(load_default=None, about="Requests from that moment on.")
    until = Moment(load_default=None, about="Requests before that moment.")


@logs.get(f"{TENANT}/log", "logs.read", shows=LoggedRequestItem, lists=True, query=LogQuery)
def list_log(call: Call) -> Answered:
    """List the requests of clients, newest first. Reads appear within a second or two."""
    conditions = {name: call.query[name] for name in ("user_name", "object_id", "path", "since", "until")}
    status = call.query["status"]
    statuses = None if status is None else statuses_of(status)
    sought = Sought(call.limit + 1, below=call.after, statuses=statuses, **conditions)
    found = provisioning_logs.requests(call.units, call.tenant, sought, call.query["connection"])
    return page_of(found[::-1], call.limit, lambda request: request.entry.id)


@logs.get(f"{TENANT}/log/{{request}}", "logs.read", shows=LoggedRequestItem)
def show_log_entry(call: Call) -> Answered:
    """Show one request of a client, by what its answer carried as X-Request-Id."""
    return provisioning_logs.request(call.units, call.tenant, call.path["request"])
