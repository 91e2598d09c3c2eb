"""Imports of people, as they are shown."""

from scim_server.api.fields import Facts, Flag, Many, Moment, Number, Text, Texts
from scim_server.api.shapes import Item
from scim_server.domain.imports import WAITS, Verdict

COUNTED = (*(verdict.value for verdict in Verdict), WAITS)
"""What rows are counted by."""


class SupplyItem(Item):
    """What an import takes of one product."""

    product = Text()
    needed = Number(about="Seats that people of the file need and do not have.")
    free = Number(about="Seats that were free.")
    short = Number(about="People who would wait.")


class ImportItem(Item):
    """A file of people: `ready` to be carried out, `running`, or over (`done`, `refused`, `cancelled`)."""

    id = Text()
    file_name = Text()
    digest = Text(about="SHA-256 of the file; empty until it is read.")
    mode = Text(about="all_or_nothing or best_effort.")
    state = Text()
    quiet = Flag(about="Whether people get no notices.")
    actor = Text(about="Who brought the file.")
    created = Moment()
    finished = Moment(allow_none=True)
    columns = Texts(about="The columns of the file in their order.")
    rows = Number()
    done = Number(about="The last row that was carried out.")
    counts = Facts(
        get=lambda job: {name: job.counts.get(name, 0) for name in COUNTED},
        about="How many rows have which verdict, or would wait for a seat of some product.",
    )
    seats = Many(SupplyItem, about="By the dry run.")
    failure = Text(allow_none=True, about="Why it was refused.")


class ImportRowItem(Item):
    """One row, with what becomes or became of it."""

    number = Number()
    line = Number(about="Where the row begins in the file.")
    cells = Facts(about="The cells by column.")
    verdict = Text(allow_none=True, about="create, update, restore, unchanged, pending or conflict.")
    reason = Text(allow_none=True, about="Why, and what to do; or what else to know.")
    waits = Texts(about="Products that no seat is free of.")
    user = Text(attribute="user_id", allow_none=True, about="The person's id.")
