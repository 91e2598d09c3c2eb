"""Subscriptions, as they are shown."""

from scim_server.api.fields import Number, Text
from scim_server.api.shapes import Item


class SubscriptionItem(Item):
    """The seats that a tenant has bought of a product."""

    product = Text()
    seats = Number(about="Bought.")
    policy = Text(about="What happens when none is left.")
    overage = Number(about="How many more may be assigned under the policy overage.")
    assigned = Number(about="Held ones included.")
    waiting = Number(about="People who wait for a seat.")
    held = Number(about="Seats whose release is pending.")
    free = Number()
