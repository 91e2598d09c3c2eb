"""Sessions, as they are shown."""

from scim_server.api.fields import Moment, Number, Text, Texts
from scim_server.api.shapes import Item


class SessionItem(Item):
    """A meeting, webinar, training or, to whoever organised it, a recording."""

    id = Text(attribute="session.id", about="The application's own id.")
    kind = Text(attribute="session.kind", about="meeting, webinar, training or recording.")
    organiser = Text(about="The organiser's user name; their id where they are gone.")
    organiser_id = Text(attribute="session.organiser")
    title = Text(attribute="session.title")
    starts = Moment(attribute="session.starts")
    ends = Moment(attribute="session.ends", allow_none=True)
    co_organisers = Texts(about="User names of those who run it as well; ids of who is gone.")


class LoadItem(Item):
    """What became of a list of sessions."""

    sessions = Number(about="How many the list had.")
    changed = Number(about="How many of them were new or differed; each recording counts.")
