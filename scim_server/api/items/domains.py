"""Domains of tenants as they are shown."""

from scim_server.api.fields import Moment, Text
from scim_server.api.shapes import Item


class DomainItem(Item):
    """A domain that a tenant says is its own."""

    name = Text(about="In the ASCII form of DNS.")
    state = Text(about="pending or verified.")
    record = Text(about="The name of the TXT record that proves it.")
    file = Text(about="Where a file may prove it instead: a line of it.")
    text = Text(about="What the record or the line says.")
    created = Moment()
    verified = Moment(allow_none=True, about="When the proof was found first.")
    checked = Moment(allow_none=True, about="When the proof was found last.")
