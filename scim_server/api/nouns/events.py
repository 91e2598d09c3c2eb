"""/tenants/{tenant}/events: what happened, for programs that act on it; /event-types: what there can be."""

from scim_server.api.answers import Answered, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Number, Text
from scim_server.api.items.events import EventsItem, EventTypeItem
from scim_server.api.shapes import LONGEST_PAGE, USUAL_PAGE, PageQuery, Query
from scim_server.services import pulling
from scim_server.services.event_types import EVENT_TYPES
from scim_server.services.pulling import LONGEST_WAIT, Wanted

events = Noun("events", "What happened, for programs that act on it.")


class EventsQuery(Query):
    """Which events, and how long to wait for the first."""

    after = Number(
        strict=False,
        load_default=None,
        allow_none=False,
        about="The events behind that position: the `next` of the answer before. Without it all that are kept.",
    )
    limit = Number(1, LONGEST_PAGE, strict=False, load_default=USUAL_PAGE, about="How many at most.")
    types = Text(
        load_default="",
        allow_none=False,
        about="Those types alone, with commas between; `user.*` is every type that begins so.",
    )
    wait = Number(
        0,
        LONGEST_WAIT,
        strict=False,
        load_default=0,
        about="So many seconds to wait for the first event, where `scim-server events` serves this address; any other "
        "server answers at once.",
    )


@events.get(f"{TENANT}/events", "events.read", shows=EventsItem, query=EventsQuery)
def list_events(call: Call) -> Answered:
    """List what happened, oldest first, from a position on.

    An answer may be empty and have a `next` that is less than `last`: then there may be more behind it. A position
    behind which events are not kept any more is refused (410).
    """
    types = pulling.types_of([each.strip() for each in call.query["types"].split(",") if each.strip()])
    wanted = Wanted(call.query["after"], types, call.limit)
    return pulling.await_events(call.units, call.tenant, wanted, call.service.watch, call.query["wait"])


@events.get("/event-types", "events.read", shows=EventTypeItem, lists=True, query=PageQuery)
def list_event_types(call: Call) -> Answered:
    """List every type of event, with its JSON schema."""
    return part_of(sorted(EVENT_TYPES.items()), call.after, call.limit, lambda named: named[0])


PULLED = [endpoint for endpoint in events if endpoint.run is list_events]
"""What the process serves that lets requests wait."""
