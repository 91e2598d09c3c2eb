"""Connections, as they are shown."""

from scim_server.api.fields import Moment, Text
from scim_server.api.shapes import Item


class ConnectionItem(Item):
    """An identity provider's link to a tenant."""

    id = Text()
    name = Text()
    idp = Text(about="Which identity provider it is.")
    manages_entitlements = Text(about="Whether a user sent without entitlements has none; auto: once it sent some.")
    max_role = Text(about="The highest role it may grant.")
    created = Moment()
