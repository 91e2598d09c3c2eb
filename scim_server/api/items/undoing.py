"""What an undo takes back, as it is shown."""

from scim_server.api.fields import Many, Moment, Text
from scim_server.api.items.rules import ShiftItem
from scim_server.api.shapes import Item
from scim_server.services.undoing import Undone, name_of


class RevertedItem(Item):
    """A change that is taken back: an entry of the audit trail."""

    id = Text()
    at = Moment()
    actor = Text()
    request_id = Text()
    action = Text()
    object_type = Text()
    object_id = Text()
    name = Text(get=name_of, about="What the object is called.")


class StayingItem(Item):
    """A change of the same request that stays as it is."""

    id = Text(attribute="entry.id")
    action = Text(attribute="entry.action")
    object_type = Text(attribute="entry.object_type")
    object_id = Text(attribute="entry.object_id")
    reason = Text()


class UndoOutlookItem(Item):
    """Somebody who would gain or lose products."""

    id = Text(attribute="user_id")
    user_name = Text()
    gains = Many(ShiftItem)
    loses = Many(ShiftItem)


class UndoneItem(Item):
    """What was undone, or would be; the people are named in a preview alone."""

    request_id = Text(about="The undo's own request: undone in turn, all is as it was.")
    reverted = Many(RevertedItem)
    staying = Many(StayingItem)
    people = Many(UndoOutlookItem, get=lambda undone: _people(undone))


def _people(undone: Undone) -> list[object]:
    if undone.forecast is None:
        return []
    return [outlook for outlook in undone.forecast.people if outlook.gains or outlook.loses]
