"""Connections, as they are shown."""

from scim_server.api.fields import Flag, Moment, Text, Texts
from scim_server.api.shapes import Item


class ConnectionItem(Item):
    """An identity provider's link to a tenant."""

    id = Text()
    name = Text()
    idp = Text(about="Which identity provider it is.")
    manages_entitlements = Text(about="Whether a user sent without entitlements has none; auto: once it sent some.")
    max_role = Text(about="The highest role it may grant.")
    accepts_basic = Flag(about="Whether its tokens may come by HTTP Basic, as the password under its name.")
    accepts_raw = Flag(about="Whether its tokens may come without the word Bearer.")
    creator_only = Flag(about="Whether it changes nothing but what it created or what was linked to it.")
    networks = Texts(about="Where it takes requests from, in CIDR notation; none means anywhere.")
    created = Moment()
