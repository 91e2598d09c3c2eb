"""Cells, and what came of moving a tenant to one, as they are shown."""

from scim_server.api.fields import Flag, Many, Number, Text
from scim_server.api.shapes import Item


class CellItem(Item):
    """A database that tenants live in."""

    name = Text()
    database = Text(about="Where it is, without its password.")
    reachable = Flag()
    revision = Text(allow_none=True, about="The revision of its schema; null where it cannot be reached.")
    current = Flag(about="Whether that is the schema of this version.")
    tenants = Number(allow_none=True, about="How many tenants live there; null where that is not known.")


class ReplicaItem(Item):
    """A replica of a cell, which answers lists and reports. The counts are those of one process since it began."""

    cell = Text()
    database = Text(about="Where it is, without its password.")
    reachable = Flag()
    seconds = Number(allow_none=True, about="How far it is behind; null where that is not known.")
    answered = Number(about="How many lists and reports it answered.")
    behind = Number(about="How many the primary answered, because something of the tenant was not there yet.")
    failed = Number(about="How many the primary answered, because it could not.")


class TableCheckItem(Item):
    """A table of a tenant, as both cells had it before the tenant went over."""

    table = Text()
    rows = Number()
    rows_there = Number()
    digest = Text(about="Adds up the SHA-256 of every row.")
    same = Flag()


class TenantMoveItem(Item):
    """What came of moving a tenant to a cell. Without tables it lived there already."""

    tenant = Text(about="Its slug.")
    source = Text(about="The cell where it lived.")
    target = Text(about="The cell where it lives.")
    rows = Number(about="How many rows went over.")
    rounds = Number(about="How often what had changed meanwhile was brought after.")
    milliseconds = Number(about="For how long those waited who wrote for it.")
    entries = Number(about="Entries of its audit trail whose chain was verified there.")
    tables = Many(TableCheckItem)
