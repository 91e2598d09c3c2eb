"""Held removals, as they are shown."""

from scim_server.api.fields import Moment, Text
from scim_server.api.shapes import Item


class RemovalItem(Item):
    """A seat that a mass removal would have taken: it goes on working until it is due, or somebody decides."""

    id = Text()
    user_id = Text()
    user_name = Text()
    product = Text()
    since = Moment()
    due = Moment(about="When it is released, unless somebody decides before.")
    cause = Text(attribute="held_for", about="The request that would have taken it; the log has it under that id.")
