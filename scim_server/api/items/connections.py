"""Connections, as they are shown."""

from operator import attrgetter

from scim_server.api.fields import Flag, Moment, Number, Text, Texts
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


class ConnectionRemovalItem(Item):
    """A connection that was removed, or would be."""

    id = Text(get=attrgetter("connection.id"))
    name = Text(get=attrgetter("connection.name"), about="What it was called; the name is free for another one.")
    removed = Moment(get=attrgetter("connection.removed"))
    to = Text(allow_none=True, about="Which connection has what it managed, by name; null: it is managed by hand.")
    people = Number(about="People whom it managed; they stay as they are.")
    groups = Number(about="Groups that it managed; they stay as they are.")
    resources = Number(about="Other resources that it managed.")
    tokens = Number(about="Live tokens that ended with it.")
    clients = Number(about="OAuth clients that ended with it.")
    issuers = Number(about="Trusted issuers that ended with it.")
