"""How something was, and what has changed since, as it is shown."""

from scim_server.api.fields import Anything, Facts, Flag, Many, Moment, Text
from scim_server.api.shapes import Item


class HistoryDifferenceItem(Item):
    """One thing that is otherwise at the later moment: a member, or an element of a list that went or came."""

    member = Text()
    before = Anything(allow_none=True)
    after = Anything(allow_none=True)


class HistoryEntryItem(Item):
    """An entry of the audit trail between the two moments."""

    id = Text()
    at = Moment()
    actor = Text()
    cause = Text()
    request_id = Text()
    action = Text()
    object_type = Text()
    object_id = Text()
    erased = Flag()


class HistoryItem(Item):
    """Something as it was at two moments. A state is null where there was no such thing."""

    kind = Text()
    id = Text()
    at = Moment()
    until = Moment()
    state = Facts(allow_none=True, about="How it was at `at`, in the words of the audit trail.")
    later = Facts(allow_none=True, about="How it was at `until`.")
    differences = Many(HistoryDifferenceItem)
    entries = Many(HistoryEntryItem, about="What happened between the two, oldest first.")
    erased = Flag(about="Whether a part of what happened went with a person's key.")
