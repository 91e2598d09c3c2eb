"""Issues, as they are shown."""

from scim_server.api.fields import Moment, Number, Text
from scim_server.api.shapes import Item


class IssueItem(Item):
    """A problem that somebody can act on. It opens and closes by itself."""

    id = Text(attribute="issue.id")
    code = Text(attribute="issue.code", about="What kind of issue it is, always the same for the same kind.")
    user_name = Text(allow_none=True)
    user_id = Text(attribute="issue.user_id", allow_none=True, about="The person whom it is about.")
    group = Text(allow_none=True)
    group_id = Text(attribute="issue.group_id", allow_none=True, about="The group that it is about.")
    product = Text(attribute="issue.product", allow_none=True)
    connection = Text(allow_none=True, about="The connection that brought it up.")
    subject = Text(attribute="issue.subject", about="What else it is about: an address, a role, a rule, a member.")
    opened = Moment(attribute="issue.opened")
    closed = Moment(attribute="issue.closed", allow_none=True)
    means = Text(attribute="kind.means")
    acts = Text(attribute="kind.acts", about="Who can act on it.")
    cure = Text(attribute="kind.cure", about="What to do.")


class IssueKindItem(Item):
    """A kind of issue, what it means, and what to do about one."""

    code = Text(get=lambda pair: pair[0])
    means = Text(get=lambda pair: pair[1].means)
    acts = Text(get=lambda pair: pair[1].acts, about="Who can act on it.")
    cure = Text(get=lambda pair: pair[1].cure, about="What to do.")


class ReprocessedItem(Item):
    """What came of working out anew what people should have."""

    people = Number(about="How many people were looked at.")
    closed = Number(about="How many issues that closed.")
    opened = Number(about="How many issues that opened.")
