"""What is shown of secrets at rest."""

from scim_server.api.fields import Number
from scim_server.api.shapes import Item


class ResealedItem(Item):
    """Secrets that were sealed anew."""

    count = Number(about="How many.")
