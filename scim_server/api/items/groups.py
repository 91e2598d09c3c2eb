"""Groups, as they are shown."""

from scim_server.api.fields import Flag, Many, Moment, Number, One, Text, Texts
from scim_server.api.shapes import Item


class NamedGroupItem(Item):
    """A group by name."""

    id = Text()
    display_name = Text()


class GroupRuleItem(Item):
    """A rule for the group."""

    id = Text()
    priority = Number()
    enabled = Flag()
    products = Texts(get=lambda rule: sorted(rule.products))
    role = Text(allow_none=True)


class GroupItem(Item):
    """A group: how many are in it directly, and what it brings them."""

    id = Text(attribute="group.id")
    display_name = Text(attribute="group.display_name")
    external_id = Text(attribute="group.external_id", allow_none=True)
    people = Number(about="How many people are in it directly.")
    groups = Number(attribute="nested", about="How many groups are in it directly.")
    member_of = Many(NamedGroupItem, about="The groups that it is in directly.")
    rules = Many(GroupRuleItem, about="The rules for it, by priority.")
    connection = Text(
        allow_none=True,
        about="The connection whose identity provider manages it, and may overwrite what others change.",
    )
    created = Moment(attribute="group.created")
    modified = Moment(attribute="group.modified")


class MemberItem(Item):
    """A person or a group in a group."""

    id = Text()
    kind = Text(about="User or Group.")
    name = Text(about="The user name, or the name of the group.")
    display_name = Text(allow_none=True)


class RegroupedItem(Item):
    """A group after a change of its members."""

    group = One(GroupItem, attribute="view")
    changed = Flag(about="Whether that was news.")
    added = Number(about="How many joined.")
    removed = Number(about="How many left.")
