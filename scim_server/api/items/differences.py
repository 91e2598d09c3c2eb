"""What the ledger is not as it must be, as it is shown."""

from scim_server.api.fields import Text
from scim_server.api.shapes import Item


class LedgerDifferenceItem(Item):
    """Something in the ledger that is not as it must be, in words."""

    tenant = Text()
    difference = Text()
