"""Events and their types, as they are shown."""

from scim_server.api.fields import Facts, Many, Moment, Number, Text, Texts
from scim_server.api.shapes import Item
from scim_server.services.event_envelopes import envelope
from scim_server.services.event_schemas import event_schema
from scim_server.services.event_types import VERSION


class EventItem(Item):
    """Something that happened; its type's JSON schema says the same in full (`/event-types`)."""

    id = Text(about="The event's own: whoever gets it twice knows it by this.")
    type = Text(about="For example `seat.assigned`.")
    version = Number()
    tenant = Text()
    subject = Facts(about="Whom or what it is about: `type`, `id`, and a name where the event has it.")
    number = Number(about="Its place among the events of its subject.")
    position = Number(about="Its place among the events of the tenant.")
    at = Moment()
    request_id = Text(attribute="requestId", about="What it came of, as log and audit trail name it.")
    data = Facts()


class EventsItem(Item):
    """Events in the order of their positions, and how to go on."""

    items = Many(EventItem, get=lambda pulled: [envelope(pulled.tenant, each) for each in pulled.events])
    next = Number(about="Send it as `after` the next time, also where there is nothing new.")
    last = Number(about="The last position that there is.")


class EventTypeItem(Item):
    """A type of event."""

    name = Text(get=lambda named: named[0])
    version = Number(get=lambda _: VERSION)
    means = Text(get=lambda named: named[1].means)
    subjects = Texts(get=lambda named: named[1].subjects, about="What kinds of things it may be about.")
    schema = Facts(get=lambda named: event_schema(named[0]), about="The JSON schema (2020-12) of such an event.")
