"""Roles, and who has them, as they are shown."""

from scim_server.api.fields import Flag, Moment, Number, Text, Texts
from scim_server.api.shapes import Item
from scim_server.domain.access import PERMISSIONS


class PermissionItem(Item):
    """What a role or a token can permit."""

    code = Text()
    opens = Text(about="What it lets one do.")
    operators = Flag(about="Whether only a token of the operator can have it.")


class RoleItem(Item):
    """A bundle of permissions."""

    code = Text(attribute="role.code")
    name = Text(attribute="role.name")
    description = Text(attribute="role.description")
    custom = Flag(get=lambda post: post.role.created is not None, about="Whether the tenant made it itself.")
    scoped = Flag(attribute="role.scoped", about="Whether a grant can be limited to the people of some groups.")
    permissions = Texts(get=lambda post: [code for code in PERMISSIONS if code in post.role.permissions])
    people = Number(about="How many people have it by a grant; everybody is a member without any.")


class GrantEntryItem(Item):
    """The fact that a person has a role."""

    user_id = Text()
    user_name = Text()
    role = Text()
    source = Text(allow_none=True, about="Who gave it; null for member, which everybody is.")
    scope = Texts(about="The ids of the groups whose people it is limited to; none means everybody.")
    since = Moment(allow_none=True)


class RemainderItem(Item):
    """By which sources a person still has a role that was taken back."""

    user_id = Text(attribute="user.id")
    user_name = Text(attribute="user.user_name")
    role = Text()
    remaining = Texts()
