"""What an erasure removed, as it is shown: a receipt."""

from scim_server.api.fields import Many, Moment, Number, Text, Texts
from scim_server.api.shapes import Item


class RemovedItem(Item):
    """How many rows went from a table, or lost their texts."""

    table = Text()
    rows = Number()


class ErasedItem(Item):
    """What was removed of a person, or would be; it names nobody."""

    ids = Texts(about="Under which ids the person was here.")
    at = Moment()
    keys = Number(about="Keys of facts in the audit trail that were destroyed: nobody reads those again.")
    removed = Many(
        RemovedItem,
        get=lambda erased: [{"table": table, "rows": rows} for table, rows in erased.removed.items()],
    )
