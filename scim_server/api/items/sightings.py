"""What became of reported sign-ins, as it is shown."""

from scim_server.api.fields import Many, Number, Text
from scim_server.api.shapes import Item


class UnknownItem(Item):
    """An entry that names nobody of the tenant."""

    entry = Number(about="Its number, from 1.")
    user = Text()


class SeenItem(Item):
    """What became of reported sign-ins."""

    reported = Number(about="Entries that were noted.")
    strangers = Many(UnknownItem, attribute="unknown", data_key="unknown", about="Those that name nobody.")
