"""The audit trail, as it is shown."""

from scim_server.api.fields import Facts, Flag, Moment, Number, Text
from scim_server.api.shapes import Item


class AuditEntryItem(Item):
    """One object changed by one request: how it was before, how it is since."""

    id = Text()
    sequence = Number(allow_none=True, about="Its place in the chain; null until it is sealed, within a second.")
    at = Moment()
    actor = Text(about="Who did it: `connection:ID`, `person:ID`, `api:ID`, `operator:ID`, `cli` or `system`.")
    cause = Text(about="In the course of what.")
    request_id = Text(about="The request; the log has it under that id.")
    action = Text(about="What was done, for example `user.created`.")
    object_type = Text()
    object_id = Text()
    person = Text(allow_none=True, about="The person whom it is about.")
    erased = Flag(about="Whether the facts can never be read again, as the person's key was destroyed.")
    before = Facts(allow_none=True)
    after = Facts(allow_none=True)
    seats = Facts(about="By how many the assigned seats of each product changed.")


class VerificationItem(Item):
    """What going through the whole chain found."""

    whole = Flag(get=lambda finding: finding.fault is None)
    entries = Number()
    checkpoints = Number()
    hash = Text(allow_none=True, about="The hash of the last entry.")
    unsealed = Number(about="How many entries were not sealed before; they are now.")
    fault = Text(allow_none=True, about="Where the chain is broken, and how that shows.")


class AuditKeyItem(Item):
    """What checkpoints are verified with. Keep it where this server cannot change it."""

    algorithm = Text(get=lambda _: "Ed25519")
    public_key = Text(get=lambda key: key, about="32 bytes in base64.")
