"""What somebody may use, as the application and they themselves are shown it."""

from scim_server.api.fields import Facts, Flag, Many, Moment, Text, Texts
from scim_server.api.shapes import Item


class UsedProductItem(Item):
    """A product that the person has or waits for."""

    product = Text(about="Its code.")
    name = Text()
    state = Text(about="assigned, held, waiting, or included where it comes with another product.")
    usable = Flag(about="Whether the person may use it now.")
    since = Moment(allow_none=True)
    through = Texts(about="The products whose seats bring it along.")


class HeldRoleItem(Item):
    """A role that the person has."""

    role = Text(about="Its code.")
    name = Text()
    permissions = Texts()
    scope = Texts(about="Ids of the groups whose people it is limited to; none means everybody.")


class AccessItem(Item):
    """Who somebody is for the application, and what they may use."""

    id = Text(attribute="user.id")
    user_name = Text(attribute="user.user_name")
    display_name = Text(attribute="user.display_name", allow_none=True)
    email = Text(attribute="user.address", allow_none=True)
    status = Text()
    reason = Text(allow_none=True)
    last_seen = Moment(allow_none=True)
    language = Text(allow_none=True, about="The language that a rule gives, else the one that the person prefers.")
    products = Many(UsedProductItem)
    roles = Many(HeldRoleItem)
    settings = Facts(about="Key-value pairs by product.")
