"""Chores, and their runs, as they are shown."""

from scim_server.api.fields import Moment, Number, Text
from scim_server.api.shapes import Item


class ChoreItem(Item):
    """What is done every so often for all tenants."""

    name = Text(get=lambda due: due[0].name)
    every = Number(get=lambda due: int(due[0].every.total_seconds()), about="Seconds from one run to the next.")
    next = Moment(get=lambda due: due[1], allow_none=True, about="When it is due; null where it never ran.")
    does = Text(get=lambda due: due[0].does)


class TurnItem(Item):
    """One run of a chore."""

    name = Text(attribute="chore.name")
    done = Number(allow_none=True, about="How many things it dealt with; null where it failed.")
    failure = Text(allow_none=True)
